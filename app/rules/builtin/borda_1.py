"""Borda: everybody ranks options, each place is worth points, and the options with the most points are elected."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field

from app.rules.builtin.scoring_1 import Filled, Number, fill, levels, lower_median, total
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.papers import MOST_OPTIONS, ranks

Halves = Mapping[str, Mapping[int, Number]]
"""The weight of ballots by option and by what they give it, counted in half points: averages of places need no more."""


class BordaOptions(ChoosingOptions):
    """What options are worth that a ballot ranks equally, or not at all."""

    unranked: Annotated[
        Literal["average", "zero"],
        Field(description="average: options left out share the average of the places left; zero: they get no points."),
    ] = "average"
    equal: Annotated[
        Literal["average", "refused"],
        Field(description="average: equal options share the average of their places; refused: ranks hold one option."),
    ] = "average"
    seats: Annotated[int, Field(ge=1, le=MOST_OPTIONS, description="How many options are elected.")] = 1


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

    def choose(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The highest sums of points, then the higher medians."""
        halves = self._halves(ballots, on_ballot)
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
        change = self._change(filled, keys) if filled.next else ()
        reasons = filled.because(Reason("elected", {**elected, "points": plain(least)}), Reason("tie", tie), *change)
        return Outcome(filled.verdict, filled.winners, reasons, {"points": filled.table(("points", "median"), rows)})

    def _halves(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...]) -> Halves:
        halves: dict[str, dict[int, Number]] = {option: {} for option in sorted(on_ballot)}
        for ballot, weight in ballots.items():
            number, best = plain(weight), 2 * (len(halves) - 1)
            ranked = ranks(ballot)
            named = frozenset(option for rank in ranked for option in rank)
            for rank in ranked:
                # Places that follow each other are worth on average what the first and the last of them are.
                each = best - (len(rank) - 1)
                best -= 2 * len(rank)
                for option in rank:
                    halves[option][each] = halves[option].get(each, 0) + number
            each = best // 2 if self.options.unranked == "average" else 0
            for option, row in halves.items():
                if option not in named:
                    row[each] = row.get(each, 0) + number
        return halves

    def _change(self, filled: Filled, keys: Mapping[str, tuple[Fraction, Fraction]]) -> tuple[Reason, ...]:
        """How many more ballots that rank the next option alone were enough."""
        ahead, behind = keys[filled.last[0]], keys[filled.next[0]]
        by = ahead[0] - behind[0]
        others = len(keys) - 1
        # On such a ballot the one named gets the most, and each other option the average of what is left, or nothing.
        gained = others - Fraction(others - 1, 2) if self.options.unranked == "average" else others
        between: dict[str, Figure] = {"behind": listed(filled.next), "ahead": listed(filled.last)}
        medians: dict[str, Figure] = {"median": plain(ahead[1]), "other": plain(behind[1])}
        level = (Reason("median_decides", {**between, **medians}),) if by == 0 else ()
        enough = floor(Fraction(by, gained)) + 1
        return (*level, Reason("ahead_by", {**between, "by": plain(by), "number": len(filled.next), "ballots": enough}))
