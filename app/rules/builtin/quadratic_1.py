"""Quadratic voting: everybody has the same credits, and a vote that is twice as strong costs four times as many."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor, isqrt
from typing import Annotated

from pydantic import Field

from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed, parted
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.margins import reaching, settling, trailing
from app.rules.papers import points

Sums = Mapping[str, int | Fraction]


class QuadraticOptions(ChoosingOptions):
    """How much everybody may spend, and whether also against an option."""

    credits: Annotated[int, Field(ge=1, le=10_000)] = 100
    negative_ok: bool = False


class Quadratic(ChoosingRule):
    """The option with the highest sum of points, which must be above zero.

    The squares of the points on a ballot add up to no more than the credits; an option that is not named gets none.
    This breaks *one member, one vote*: it shows how much people care, and must not decide a vote that the law
    gives to members. Nobody is elected whom the circle as a whole does not support.
    """

    slug = "quadratic"
    version = 1
    Options = QuadraticOptions
    claims = frozenset({"anonymous", "neutral"})

    options: QuadraticOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """A rating as far as the credits reach for a single option."""
        most = isqrt(self.options.credits)
        low = -most if self.options.negative_ok else 0
        return Paper("rating", low=low, high=most, budget=self.options.credits)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The sums, and how far the next option is behind where each ballot counts for one."""
        given, against = _given(ballots, sorted(on_ballot))
        sums = {option: given[option] - against[option] for option in given}
        best = max(sums.values())
        top = [option for option, total in sums.items() if total == best]
        tables = {"points": self._table(sums, given, against)}
        if best <= 0:
            short = Reason("short_by", {"points": floor(-best) + 1, "count": len(top)})
            reasons = (_reason("none_above_zero", top, best), short if ballots.by_heads else reaching(top, -best, "gt"))
            return Outcome("not_elected", reasons=reasons, tables=tables)
        if len(top) == 1:
            reasons = (_reason("elected", top, best), _behind(sums, top, by_heads=ballots.by_heads))
            return Outcome("elected", (top[0],), reasons, tables)
        tie = _reason("tie", top, best)
        first = parted(top, order)
        if not first:
            more = Reason("one_more_ballot", {"number": 1}) if ballots.by_heads else settling(1)
            return Outcome("tied", reasons=(tie, more), tables=tables)
        return Outcome("elected", tuple(first), (_reason("elected", first, best), tie), tables)

    def _table(self, sums: Sums, given: Sums, against: Sums) -> tuple[tuple[Figure, ...], ...]:
        """The sums, the highest first; with points for and against where both may be given."""
        ranked = sorted(sums, key=lambda option: (-sums[option], option))
        if not self.options.negative_ok:
            return (("option", "total"), *((one, _plain(sums[one])) for one in ranked))
        rows = ((one, _plain(sums[one]), _plain(given[one]), _plain(against[one])) for one in ranked)
        return (("option", "total", "points_for", "points_against"), *rows)


def _given(ballots: Mapping[str, Fraction], options: Iterable[str]) -> tuple[Sums, Sums]:
    """The points for and against each option. Whole weights are counted as integers: as exact, and faster."""
    given: dict[str, int | Fraction] = dict.fromkeys(options, 0)
    against = dict(given)
    for ballot, weight in ballots.items():
        times = plain(weight)
        for option, mark in points(ballot).items():
            if mark > 0:
                given[option] += mark * times
            elif mark < 0:
                against[option] -= mark * times
    return given, against


def _reason(code: str, options: Sequence[str], total: int | Fraction) -> Reason:
    return Reason(code, {"options": listed(options), "points": _plain(total)})


def _behind(sums: Sums, top: Sequence[str], *, by_heads: bool) -> Reason:
    """The next options, how far they are behind, and how many more points would have elected one of them."""
    best = sums[top[0]]
    second = max(total for total in sums.values() if total != best)
    next_ = [option for option, total in sums.items() if total == second]
    if not by_heads:
        return trailing(top, next_, best - second)
    figures: dict[str, Figure] = {"points": _plain(second), "margin": _plain(best - second), "count": len(next_)}
    return Reason("ahead_by", {"options": listed(next_), **figures, "missing": floor(best - second) + 1})


def _plain(figure: int | Fraction) -> int | Fraction:
    return figure if isinstance(figure, int) else plain(figure)
