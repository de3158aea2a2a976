"""Instant runoff: whoever comes last goes out and their ballots go on, until one option has more than half."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal

from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed, parted
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.margins import settling
from app.rules.rankings import Rankings, Stretch
from app.rules.weights import whole

LAST_TWO: Final = 2

Votes = dict[str, int]


class IrvOptions(ChoosingOptions):
    """When the count stops, and what decides who goes out when several come last."""

    stop: Literal["majority", "last_two"] = "majority"
    look_back: bool = True


class InstantRunoff(ChoosingRule):
    """The alternative vote: ballots rank options, strictly, as many as each voter likes.

    A ballot counts whole for the first of its options that is still standing; one that names no such option no longer
    counts. While nobody has more than half of what counts, whoever has fewest goes out, one at a time. Two options in
    one rank are refused by the paper, so that no ballot is ever split on behalf of its voter. Several that come last
    are parted by earlier rounds if the options say so, then by the tie-break that they name; otherwise the tie is the
    outcome. They go out together only where each of them would go whatever the order: when all of them have fewer
    votes than any other option. The rule is not monotone: raising an option can make it lose. It is the method of
    W. R. Ware (1871), by which the president of Ireland is elected.
    """

    slug = "irv"
    version = 1
    Options = IrvOptions
    claims = frozenset({"anonymous", "neutral"})

    options: IrvOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """A strict ranking of one option or more."""
        return Paper("ranking", equal=False)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """One winner, or the tie for going out that nothing parts; the table ``rounds`` tells every round."""
        return _Count(self.options, ballots, on_ballot, order).outcome()


class _Count:
    """One count. Votes are integers: every weight times ``unit``."""

    def __init__(self, options: IrvOptions, ballots: Cast, on_ballot: Sequence[str], order: Sequence[str]) -> None:
        self.options, self.order, self.by_heads = options, order, ballots.by_heads
        self.unit, weights = whole(ballots.weights)
        self.rankings = Rankings(weights)
        self.piles: dict[str, list[Stretch]] = {option: [] for option in sorted(on_ballot)}
        self.votes: Votes = dict.fromkeys(self.piles, 0)
        self.spent = 0
        self.rounds: list[tuple[Votes, int]] = []
        self.fate = dict.fromkeys(self.piles, "standing")
        self.notes: list[Reason] = []
        self._hand_on(self.rankings.all())

    def outcome(self) -> Outcome:
        """Round after round, until one is elected or a tie remains that could still change who is."""
        while True:
            self.rounds.append((dict(self.votes), self.spent))
            first = max(self.votes, key=self.votes.__getitem__)
            has_majority = 2 * self.votes[first] > sum(self.votes.values())
            may_stop = self.options.stop == "majority" or len(self.votes) <= LAST_TWO
            out = () if has_majority and may_stop else self._out()
            if not out:
                return self._elected(first) if has_majority else self._tied()
            for option in out:
                self.fate[option] = f"out_in_{len(self.rounds)}"
                del self.votes[option]
            self._hand_on([stretch for option in out for stretch in self.piles.pop(option)])

    def _hand_on(self, ballots: Iterable[Stretch]) -> None:
        """Each ballot goes to the next of its options that is still standing."""
        for option, stretch in self.rankings.onward(ballots, self.votes):
            if option:
                self.piles[option].append(stretch)
                self.votes[option] += self.rankings.weight(stretch)
            else:
                self.spent += self.rankings.weight(stretch)

    def _out(self) -> Sequence[str]:
        """Who goes out now; nobody where a tie remains."""
        fewest = min(self.votes.values())
        last = [option for option, votes in self.votes.items() if votes == fewest]
        if len(last) == 1:
            return last
        rest = min((votes for votes in self.votes.values() if votes > fewest), default=0)
        facts: dict[str, Figure] = {"options": listed(last), "round": len(self.rounds), "votes": self._said(fewest)}
        tied, earlier = self._looked_back(last)
        if len(tied) == 1:
            self.notes.append(Reason("looked_back", {**facts, "out": tied[0], "earlier": earlier}))
            return tied
        if len(last) * fewest < rest:  # nobody of them can ever catch up with the rest
            self.notes.append(Reason("out_together", {**facts, "next": self._said(rest)}))
            return last
        facts["options"] = listed(tied)
        stay = parted(tied, self.order, len(tied) - 1)
        if stay:
            [out] = [option for option in tied if option not in stay]
            self.notes.append(Reason("out_by_tie_break", {**facts, "out": out}))
            return [out]
        self.notes.append(Reason("tie", facts))
        return ()

    def _looked_back(self, tied: list[str]) -> tuple[list[str], int]:
        """Those of the tied who had fewest in earlier rounds, the latest first, and the round that parted them."""
        number = len(self.rounds)
        while self.options.look_back and len(tied) > 1 and number > 1:
            number -= 1
            earlier, _ = self.rounds[number - 1]
            fewest = min(earlier[option] for option in tied)
            tied = [option for option in tied if earlier[option] == fewest]
        return tied, number

    def _elected(self, winner: str) -> Outcome:
        self.fate[winner] = f"elected_in_{len(self.rounds)}"
        total, votes = sum(self.votes.values()), self.votes[winner]
        facts: dict[str, Figure] = {"option": winner, "round": len(self.rounds)}
        why = Reason("elected", {**facts, "votes": self._said(votes), "counting": self._said(total)})
        change = self._change(facts, {option: got for option, got in self.votes.items() if option != winner}, total)
        return Outcome("elected", (winner,), (why, *change, *self.notes), {"rounds": self._table()})

    def _change(self, facts: Mapping[str, Figure], beaten: Votes, total: int) -> tuple[Reason, ...]:
        """How many votes of the last round would have been enough to change it, had they named another in its place.

        They leave the earlier rounds as they were but for these two options: either the winner goes out before, or the
        other then has more than half in the last round.
        """
        if not beaten:
            return ()
        second = max(beaten.values())
        others = listed([option for option, votes in beaten.items() if votes == second])
        if not self.by_heads:
            more = {"votes": self._said(second), "moved": plain(Fraction(total - 2 * second, 2 * self.unit))}
            return (Reason("weight_would_lose", {**facts, "others": others, **more}),)
        moved = total // 2 + 1 - second
        return (Reason("would_have_lost", {**facts, "others": others, "votes": second, "moved": moved}),)

    def _tied(self) -> Outcome:
        """The tie, and how few ballots more had kept it from arising.

        Each of them counts for its option from the first round to this one, where all the tied stand: the rounds before
        stay as they were, unless the option is elected in one, and here the tied that has none of them goes out.
        """
        *before, tie = self.notes
        tied = str(tie.facts["options"]).split(",")
        self.fate |= dict.fromkeys(tied, "tied")
        one_less = len(tied) - 1
        change = Reason("would_not_have_tied", {"ballots": one_less}) if self.by_heads else settling(one_less)
        return Outcome("tied", (), (tie, change, *before), {"rounds": self._table()})

    def _table(self) -> tuple[tuple[Figure, ...], ...]:
        """Each option in each round, with what became of it; then what no longer counts and what does."""
        head = ("option", *(f"round_{number}" for number, _ in enumerate(self.rounds, start=1)), "result")
        rows = [
            (option, *(self._said(votes[option]) if option in votes else "out" for votes, _ in self.rounds), fate)
            for option, fate in self.fate.items()
        ]
        spent = ("not_transferable", *(self._said(spent) for _, spent in self.rounds), "none")
        counting = ("counting", *(self._said(sum(votes.values())) for votes, _ in self.rounds), "none")
        return (head, *rows, spent, counting)

    def _said(self, votes: int) -> int | Fraction:
        return plain(Fraction(votes, self.unit))
