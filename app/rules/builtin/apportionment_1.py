"""Apportionment: each ballot is for one list, and the seats are shared in proportion to the votes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from heapq import heapify, heappop, heappush
from math import ceil
from typing import Annotated, Final, Literal

from pydantic import Field

from app.rules.case import Figure, Outcome, Reason
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed, parted
from app.rules.figures import Share, plain
from app.rules.margins import reaching, settling
from app.rules.papers import Paper

Method = Literal["dhondt", "sainte_lague", "largest_remainder"]
MOST_SEATS: Final = 1_000


class ApportionmentOptions(ChoosingOptions):
    """How many seats, shared how."""

    seats: Annotated[int, Field(ge=1, le=MOST_SEATS, strict=True)] = 1
    method: Method = "dhondt"
    threshold: Share = Fraction(0)


@dataclass(frozen=True, slots=True)
class Shared:
    """How the seats fall. ``left`` of them remain between the ``tied``; ``last`` had the weakest claim that was served,
    which is ``claim``; ``next`` are the claims of the seat that each would have had next."""

    seats: Mapping[str, int]
    next: Mapping[str, Fraction]
    last: tuple[str, ...] = ()
    claim: Fraction = Fraction(0)
    tied: tuple[str, ...] = ()
    left: int = 0


def shared(votes: Mapping[str, Fraction], seats: int, method: Method, order: Sequence[str] = ()) -> Shared:
    """Seats by votes, the strongest claims served first and equal ones together.

    Where equal claims outnumber the seats that are left they are tied, unless the ``order`` parts them.
    A claim is a quotient of votes; or, for the largest remainders, the part of a quota that no seat stands for.
    """
    total = sum(votes.values(), Fraction(0))
    got = {one: votes[one] * seats // total if method == "largest_remainder" else 0 for one in sorted(votes)}
    claim = _claims(votes, got, seats, method)
    waiting = [(-claim(one), one) for one in got]
    heapify(waiting)
    left, served, best = seats - sum(got.values()), list[str](), Fraction(0)
    while left:
        best = -waiting[0][0]
        first = [heappop(waiting)[1]]
        while waiting and -waiting[0][0] == best:
            first.append(heappop(waiting)[1])
        served = parted(first, order, left) if len(first) > left else first
        if not served:
            claims = {one: -rest for rest, one in waiting}
            return Shared(got, {**claims, **dict.fromkeys(first, best)}, tied=tuple(first), left=left)
        for one in served:
            got[one] += 1
        for one in first:
            heappush(waiting, (-claim(one), one))
        left -= min(left, len(first))
    return Shared(got, {one: -rest for rest, one in waiting}, tuple(sorted(served)), best)


class Apportionment(ChoosingRule):
    """Seats of lists or colleges in proportion to their votes.

    The highest-averages methods are those of D'Hondt (divisors 1, 2, 3...) and of Sainte-Laguë (1, 3, 5...), the third
    is that of Hare and Hamilton. Equal claims to the last seats are a tie. The winners are the lists that have a seat,
    most seats first; how many each has stands in the table ``seats``. The threshold is a share of the votes, or of what
    a rule around this one calls 100 %.
    """

    slug = "apportionment"
    version = 1
    Options = ApportionmentOptions
    claims = frozenset({"anonymous", "neutral"})

    options: ApportionmentOptions

    def paper(self, _on_ballot: tuple[str, ...]) -> Paper:
        """A vote for one list."""
        return Paper("one")

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The seats of each list, who had the last one, and with how many more votes it would have gone elsewhere."""
        total = sum(ballots.values(), Fraction(0))
        bar = self.options.threshold * ballots.whole
        counted = _reaching(ballots, bar)
        if not counted:
            votes = {one: ballots.get(one, Fraction(0)) for one in on_ballot}
            reasons = self._nobody(votes, bar, total, by_heads=ballots.by_heads)
            return Outcome("not_elected", reasons=reasons, tables=_table(ballots, on_ballot, {}))
        result = shared(counted, self.options.seats, self.options.method, order)
        seated = sorted(
            (one for one in counted if result.seats[one]), key=lambda one: (-result.seats[one], -counted[one], one)
        )
        tables = _table(ballots, on_ballot, result.seats)
        figures: dict[str, Figure] = {"seats": self.options.seats, "votes": plain(total), "method": self.options.method}
        excluded = _excluded(ballots, counted, bar)
        if result.tied:
            tie = Reason("tie", {"options": listed(result.tied), "left": result.left, **figures})
            settled = self._settling(ballots, result, is_at_bar=bar > 0 and bar in counted.values())
            return Outcome("tied", tuple(seated), (tie, *settled, *excluded), tables)
        shares = Reason("seats_shared", {**figures, "lists": len(seated)})
        return Outcome("elected", tuple(seated), (shares, *self._last(ballots, result), *excluded), tables)

    def _last(self, ballots: Cast, result: Shared) -> tuple[Reason, ...]:
        """Who had the last seat, and what would have given one more to the list that was next."""
        by = "remainder" if self.options.method == "largest_remainder" else "quotient"
        claim = Reason(f"last_by_{by}", {"options": listed(result.last), "claim": plain(result.claim)})
        said = (claim,) if result.last else ()
        others = {
            one: claim
            for one, claim in result.next.items()
            if result.last != (one,) and result.seats[one] < self.options.seats
        }
        if not others:
            return said
        best = max((claim, ballots[one]) for one, claim in others.items())
        runners = tuple(one for one in sorted(others) if (others[one], ballots[one]) == best)
        if not ballots.by_heads:
            return (*said, Reason("next_in_line", {"options": listed(runners), "claim": plain(best[0])}))
        needed = self._needed(ballots, runners[0], result.seats)
        return (*said, Reason("ahead_by", {"options": listed(runners), "votes": needed}))

    def _settling(self, ballots: Cast, result: Shared, *, is_at_bar: bool) -> tuple[Reason, ...]:
        """Whether the least more for any one of the tied gives it a seat that is left. It also raises the bar: a list
        that stands right at it falls out, and its votes no longer count in the shares of the others."""
        if not ballots.by_heads:
            return () if is_at_bar else (settling(1),)
        if not all(self._has_more(ballots, option, result.seats, 1) for option in result.tied):
            return ()
        return (Reason("would_have_settled", {"votes": 1}),)

    def _has_more(self, ballots: Mapping[str, Fraction], option: str, seats: Mapping[str, int], votes: int) -> bool:
        """Whether with so many more votes a list is sure of more seats than these."""
        more = {**ballots, option: ballots[option] + votes}
        more = _reaching(more, self.options.threshold * sum(more.values(), Fraction(0)))
        return shared(more, self.options.seats, self.options.method).seats[option] > seats[option]

    def _needed(self, ballots: Mapping[str, Fraction], option: str, seats: Mapping[str, int]) -> int:
        """With how many more votes, all others staying what they are, a list is sure of one more seat.

        With more votes a list never has fewer seats by any of these methods, so the number is found by halving.
        """

        has_more = partial(self._has_more, ballots, option, seats)
        low, high = 0, 1
        while not has_more(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if has_more(middle) else (middle, high)
        return high

    def _nobody(
        self, votes: Mapping[str, Fraction], bar: Fraction, total: Fraction, *, by_heads: bool
    ) -> tuple[Reason, ...]:
        """No list reaches the threshold: what the strongest lacks, every further vote raising the bar as well
        where each of the ``total`` votes counts for one."""
        share, most = self.options.threshold, max(votes.values())
        strongest = listed([one for one in sorted(votes) if votes[one] == most])
        said = Reason("none_reached", {"options": strongest, "votes": plain(most), "bar": plain(bar)})
        if not by_heads:
            return (said, reaching(strongest.split(","), bar - most, "gte"))
        if share == 1 or not total:
            return (said,)
        lacking = ceil(Fraction(share * total - most, 1 - share))
        return (said, Reason("would_have_reached", {"options": strongest, "votes": lacking}))


def _reaching(votes: Mapping[str, Fraction], bar: Fraction) -> dict[str, Fraction]:
    return {one: got for one, got in votes.items() if got >= bar}


def _excluded(votes: Mapping[str, Fraction], counted: Mapping[str, Fraction], bar: Fraction) -> tuple[Reason, ...]:
    small = sorted(votes.keys() - counted.keys())
    return (Reason("below_threshold", {"options": listed(small), "bar": plain(bar)}),) if small else ()


def _claims(
    votes: Mapping[str, Fraction], got: Mapping[str, int], seats: int, method: Method
) -> Callable[[str], Fraction]:
    """The claim of a list to one more seat when it has those that it has ``got``."""
    if method != "largest_remainder":
        step = 1 if method == "dhondt" else 2
        return lambda one: Fraction(votes[one], 1 + step * got[one])
    total = sum(votes.values(), Fraction(0))
    quotas = {one: Fraction(votes[one] * seats, total) for one in votes}
    return lambda one: quotas[one] - got[one]


def _table(
    ballots: Mapping[str, Fraction], on_ballot: Sequence[str], seats: Mapping[str, int]
) -> dict[str, tuple[tuple[Figure, ...], ...]]:
    """Votes and seats of every list, most seats first."""
    rows = [(one, ballots.get(one, Fraction(0)), seats.get(one, 0)) for one in sorted(on_ballot)]
    rows.sort(key=lambda row: (-row[2], -row[1]))
    return {"seats": (("option", "votes", "seats"), *((one, plain(votes), got) for one, votes, got in rows))}
