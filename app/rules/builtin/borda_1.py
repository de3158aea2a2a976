"""Borda: everybody ranks options, each place is worth points, and the options with the most points are elected."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field

from app.rules.builtin.scoring_1 import Filled, Number, fill, levels, lower_median, total
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.margins import trailing
from app.rules.papers import MOST_OPTIONS
from app.rules.weights import places, whole

Halves = Mapping[str, Mapping[int, Number]]
"""The weight of ballots by option and by what they give it, counted in half points: averages of places need no more."""


class BordaOptions(ChoosingOptions):
    """What options are worth that a ballot ranks equally, or not at all."""

    unranked: Literal["average", "zero"] = "average"
    equal: Literal["average", "refused"] = "average"
    seats: Annotated[int, Field(ge=1, le=MOST_OPTIONS)] = 1


class Borda(ChoosingRule):
    """Of ``n`` options the first place is worth ``n - 1`` points, each next place one less, the last one nothing.

    The most points are elected (J.-C. de Borda, 1784); level options by the higher median of what ballots gave them,
    the lower one when two stand in the middle. So many options, so many points: one more option may change who is
    elected.
    """

    slug = "borda"
    version = 1
    Options = BordaOptions
    claims = frozenset({"anonymous", "neutral"})

    options: BordaOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """A ranking of one option at least."""
        return Paper("ranking", equal=self.options.equal == "average")

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The highest sums of points, then the higher medians."""
        halves = self._halves(ballots.weights, on_ballot)
        keys = {
            option: (
                Fraction(total(given * weight for given, weight in row.items()), 2),
                Fraction(lower_median(row), 2),
            )
            for option, row in halves.items()
        }
        filled = fill(keys, self.options.seats, order)
        rows: dict[str, tuple[Figure, ...]] = {
            option: tuple(map(plain, keys[option])) for level in levels(keys) for option in level
        }
        least = min((keys[option][0] for option in filled.winners), default=Fraction(0))
        elected: dict[str, Figure] = {"options": listed(filled.winners), "number": len(filled.winners)}
        tie: dict[str, Figure] = {"options": listed(filled.tied), "seats": filled.left}
        if filled.tied:
            tie |= dict(zip(("points", "median"), map(plain, keys[filled.tied[0]]), strict=True))
        change = self._change(filled, keys, by_heads=ballots.by_heads) if filled.next else ()
        won = Reason("elected", {**elected, "points": plain(least)})
        reasons = filled.because(won, Reason("tie", tie), *change, settles=True, by_heads=ballots.by_heads)
        return Outcome(filled.verdict, filled.winners, reasons, {"points": filled.table(("points", "median"), rows)})

    def _halves(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...]) -> Halves:
        unit, weights = whole(ballots)
        top = 2 * (len(on_ballot) - 1)
        halves: dict[str, defaultdict[int, int]] = {option: defaultdict(int) for option in sorted(on_ballot)}
        named: dict[str, defaultdict[int, int]] = {option: defaultdict(int) for option in halves}  # by length
        for length, before, level, option, weight in places(weights):
            # Places that follow each other are worth on average what the first and the last of them are.
            halves[option][top - 2 * before - (level - 1)] += weight
            named[option][length] += weight
        lengths = sorted({length for row in named.values() for length in row})
        cast = {length: sum(row[length] for row in named.values()) // length for length in lengths}
        for option, row in halves.items():
            for length, weight in cast.items():
                if weight > named[option][length]:
                    each = (top - 2 * length) // 2 if self.options.unranked == "average" else 0
                    row[each] += weight - named[option][length]
        return {
            option: {each: plain(Fraction(number, unit)) for each, number in row.items()}
            for option, row in halves.items()
        }

    def _change(
        self, filled: Filled, keys: Mapping[str, tuple[Fraction, Fraction]], *, by_heads: bool
    ) -> tuple[Reason, ...]:
        """How many more ballots that rank the next option alone were enough, where each ballot counts for one."""
        ahead, behind = keys[filled.last[0]], keys[filled.next[0]]
        by = ahead[0] - behind[0]
        others = len(keys) - 1
        # On such a ballot the one named gets the most, and each other option the average of what is left, or nothing.
        gained = others - Fraction(others - 1, 2) if self.options.unranked == "average" else others
        between: dict[str, Figure] = {"behind": listed(filled.next), "ahead": listed(filled.last)}
        medians: dict[str, Figure] = {"median": plain(ahead[1]), "other": plain(behind[1])}
        level = (Reason("median_decides", {**between, **medians}),) if by == 0 else ()
        if not by_heads:
            return (*level, trailing(filled.last, filled.next, by))
        enough = floor(Fraction(by, gained)) + 1
        return (*level, Reason("ahead_by", {**between, "by": plain(by), "number": len(filled.next), "ballots": enough}))
