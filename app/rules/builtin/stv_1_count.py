"""The count of the single transferable vote, round by round."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from app.rules.builtin.stv_1_options import StvOptions
from app.rules.cast import Cast
from app.rules.choosing import listed, parted
from app.rules.contract import Figure, Outcome, Reason
from app.rules.figures import plain
from app.rules.rankings import Rankings, Stretch
from app.rules.weights import whole

FINE: Final = 100_000
"""Five decimals."""
MOST_TRIED: Final = 4
"""Of so many tied options it is tried what more ballots would do: each trial is another count."""

Votes = dict[str, Fraction]
Pile = dict[Fraction, list[Stretch]]
"""Ballots by the value that each of their votes still has."""


class _Round(NamedTuple):
    """What a round shows: the votes of all who are not out, those that nobody has any more, and the quota."""

    votes: Votes
    spent: Fraction
    lost: Fraction
    quota: Fraction


class Count:
    """One count. Votes are in units of ``1 / unit``, the smallest step between weights: one ballot for heads."""

    def __init__(self, options: StvOptions, ballots: Cast, on_ballot: Sequence[str], order: Sequence[str]) -> None:
        self.options, self.ballots, self.on_ballot, self.order = options, ballots, on_ballot, order
        self.by_heads, self.tries = ballots.by_heads, True
        self.exceeds = options.quota != "hare" and not self.by_heads
        self.unit, weights = whole(ballots.weights)
        self.rankings = Rankings(weights)
        self.standing = dict.fromkeys(sorted(on_ballot))
        self.votes: Votes = dict.fromkeys(self.standing, Fraction(0))
        self.piles: dict[str, Pile] = {option: {} for option in self.standing}
        self.spent = self.lost = Fraction(0)
        self.elected: list[str] = []
        self.waiting: list[str] = []
        self.rounds: list[_Round] = []
        self.fate = dict.fromkeys(self.standing, "standing")
        self.seated: list[Reason] = []
        self.notes: list[Reason] = []
        self.last_out: tuple[Reason, ...] = ()
        self._hand_on({Fraction(1): list(self.rankings.all())})
        self.total = sum(self.votes.values(), Fraction(0))

    def outcome(self) -> Outcome:
        """Round after round, until all seats are filled or a tie remains."""
        while True:
            quota = self._quota(self.spent + self.lost)
            self.rounds.append(_Round(dict(self.votes), self.spent, self.lost, quota))
            self._elect()
            if not self._left() or not self.standing:
                return self._filled()
            if self.waiting:
                self._share_surplus()
            elif out := self._out():
                self._exclude(out)
            else:
                return self._tied()

    def _left(self) -> int:
        return self.options.seats - len(self.elected)

    def _quota(self, gone: Fraction) -> Fraction:
        """What a seat takes when so many votes no longer count. Weights have no next whole vote: of them a seat takes
        more than Droop's share, and nothing is rounded, so that no unit of theirs decides."""
        seats = self.options.seats
        if self.options.quota != "hare":
            counting = self.total - gone if self.options.quota == "droop_recomputed" else self.total
            exact = Fraction(counting, seats + 1)
            return Fraction(exact // 1 + 1) if self.by_heads else exact
        # Rounded up where there are decimals: no more may reach it than there are seats.
        exact = Fraction(self.total, seats)
        return -self._cut(-exact) if self.by_heads else exact

    def _reaches(self, votes: Fraction, quota: Fraction) -> bool:
        """Whether so many votes take a seat."""
        return votes > quota if self.exceeds else votes >= quota

    def _cut(self, figure: Fraction) -> Fraction:
        return figure if self.options.arithmetic == "exact" else Fraction(figure * FINE // 1, FINE)

    def _elect(self) -> None:
        """Those who reach the quota; or all who stand, when they are no more than the seats left."""
        are_last = len(self.standing) <= self._left()
        quota = self.rounds[-1].quota
        now = [option for option in self.standing if are_last or self._reaches(self.votes[option], quota)]
        for option in sorted(now, key=lambda one: [-earlier.votes[one] for earlier in self.rounds[::-1]]):
            del self.standing[option]
            self.elected.append(option)
            self.fate[option] = f"elected_in_{len(self.rounds)}"
            votes = self._said(self.votes[option])
            facts: dict[str, Figure] = {"option": option, "round": len(self.rounds), "votes": votes}
            code = "exceeded_quota" if self.exceeds else "reached_quota"
            reached = Reason(code, {**facts, "quota": self._said(quota)})
            self.seated.append(Reason("last_standing", facts) if are_last else reached)
            if self.votes[option] > quota:
                self.waiting.append(option)

    def _share_surplus(self) -> None:
        """The largest surplus goes on; equal ones together, so that nothing hangs on which is first."""
        quota, most = self.rounds[-1].quota, max(self.votes[option] for option in self.waiting)
        sharing = [option for option in self.waiting if self.votes[option] == most]
        self.waiting = [option for option in self.waiting if option not in sharing]
        for option in sharing:
            handed = self._hand_on(self.piles.pop(option), Fraction(most - quota, most))
            self.lost += most - quota - handed
            self.votes[option] = quota
        if len(sharing) > 1:
            facts: dict[str, Figure] = {"options": listed(sorted(sharing)), "round": len(self.rounds)}
            self.notes.append(Reason("surpluses_together", {**facts, "surplus": self._said(most - quota)}))

    def _exclude(self, out: Sequence[str]) -> None:
        votes = self.votes[out[0]]
        for option in out:
            self.fate[option] = f"out_in_{len(self.rounds)}"
            del self.standing[option], self.votes[option]
        next_ = min(self.votes[option] for option in self.standing)
        facts: dict[str, Figure] = {
            "options": listed(out),
            "round": len(self.rounds),
            "votes": self._said(votes),
            "behind": self._said(next_ - votes),
            "ahead": listed([option for option in self.standing if self.votes[option] == next_]),
        }
        self.last_out = (Reason("last_out", facts),) if next_ > votes else ()
        for option in out:
            self._hand_on(self.piles.pop(option))

    def _hand_on(self, pile: Pile, factor: Fraction = Fraction(1)) -> Fraction:
        """Each ballot goes to its next option that still stands, at its value times ``factor``; the votes that went."""
        handed, rankings = Fraction(0), self.rankings
        for value, ballots in pile.items():
            now, going = self._cut(value * factor), defaultdict[str, int](int)
            for option, stretch in rankings.onward(ballots, self.standing):
                going[option] += rankings.weight(stretch)
                if option:
                    self.piles[option].setdefault(now, []).append(stretch)
            for option, weight in going.items():
                handed += now * weight
                if option:
                    self.votes[option] += now * weight
                else:
                    self.spent += now * weight
        return handed

    def _out(self) -> Sequence[str]:
        """Who goes out now; nobody where a tie remains."""
        fewest = min(self.votes[option] for option in self.standing)
        last = [option for option in self.standing if self.votes[option] == fewest]
        if len(last) == 1:
            return last
        facts: dict[str, Figure] = {"options": listed(last), "round": len(self.rounds), "votes": self._said(fewest)}
        tied, earlier = self._looked_back(last)
        if len(tied) == 1:
            self.notes.append(Reason("looked_back", {**facts, "out": tied[0], "earlier": earlier}))
            return tied
        if self._all_go(last, len(last) * fewest):
            self.notes.append(Reason("out_together", facts))
            return last
        facts["options"] = listed(tied)
        stay = parted(tied, self.order, len(tied) - 1)
        if stay:
            [out] = [option for option in tied if option not in stay]
            self.notes.append(Reason("out_by_tie_break", {**facts, "out": out}))
            return [out]
        self.notes.append(Reason("tie", facts))
        return ()

    def _all_go(self, last: Sequence[str], together: Fraction) -> bool:
        """Whether all of these go out whatever the order: even all their votes save none of them and elect nobody."""
        rest = [self.votes[option] for option in self.standing if option not in last]
        quota = self._quota(self.spent + self.lost + together)
        return len(rest) >= self._left() and together < min(rest) and not self._reaches(max(rest) + together, quota)

    def _looked_back(self, tied: list[str]) -> tuple[list[str], int]:
        """Those of the tied who had fewest in earlier rounds, the latest first, and the round that parted them."""
        number = len(self.rounds)
        while self.options.look_back and len(tied) > 1 and number > 1:
            number -= 1
            earlier = self.rounds[number - 1].votes
            fewest = min(earlier[option] for option in tied)
            tied = [option for option in tied if earlier[option] == fewest]
        return tied, number

    def _filled(self) -> Outcome:
        facts: dict[str, Figure] = {
            "options": listed(self.elected),
            "seats": self.options.seats,
            "of": self._said(self.total),
            "quota": self._said(self.rounds[0].quota),
            "quota_is": f"above_{self.options.quota}" if self.exceeds else self.options.quota,
        }
        reasons = (Reason("elected", facts), *self.seated, *self._nearest(), *self.notes)
        return Outcome("elected", tuple(self.elected), reasons, {"rounds": self._table()})

    def _nearest(self) -> tuple[Reason, ...]:
        """Who came nearest to a seat, and what was missing."""
        if not self.standing:
            return self.last_out
        most = max(self.votes[option] for option in self.standing)
        nearest = listed([option for option in self.standing if self.votes[option] == most])
        missing = self._said(self.rounds[-1].quota - most)
        return (Reason("fell_short", {"options": nearest, "votes": self._said(most), "missing": missing}),)

    def _tied(self) -> Outcome:
        *before, tie = self.notes
        tied = str(tie.facts["options"]).split(",")
        self.fate |= dict.fromkeys(tied, "tied")
        reasons = (tie, *self._settling(tied), *self.seated, *before)
        return Outcome("tied", tuple(self.elected), reasons, {"rounds": self._table()})

    def _settling(self, tied: Sequence[str]) -> tuple[Reason, ...]:
        """Whether one more ballot for each of the tied but one fills all seats, whichever that one is: tried, for more
        ballots also move the quota and every surplus."""
        if not (self.by_heads and self.tries and len(tied) <= MOST_TRIED):
            return ()
        for left_out in tied:
            more = {option: self.ballots.get(option, Fraction(0)) + 1 for option in tied if option != left_out}
            cast = Cast({**self.ballots, **more}, electors=self.ballots.electors + len(more))
            other = Count(self.options, cast, self.on_ballot, self.order)
            other.tries = False
            if other.outcome().verdict != "elected":
                return ()
        return (Reason("would_have_filled", {"ballots": len(tied) - 1}),)

    def _table(self) -> tuple[tuple[Figure, ...], ...]:
        """Each option in each round, with what became of it; then votes that nobody has any more, and the quota."""
        head = ("option", *(f"round_{number}" for number, _ in enumerate(self.rounds, start=1)), "result")
        rows = [
            (option, *(self._said(one.votes[option]) if option in one.votes else "out" for one in self.rounds), fate)
            for option, fate in self.fate.items()
        ]
        spent = ("not_transferable", *(self._said(one.spent) for one in self.rounds), "none")
        lost = ("lost", *(self._said(one.lost) for one in self.rounds), "none")
        quota = ("quota", *(self._said(one.quota) for one in self.rounds), "none")
        return (head, *rows, spent, lost, quota)

    def _said(self, votes: Fraction) -> int | Fraction:
        return plain(Fraction(votes, self.unit))
