"""STAR: everybody scores options, two go on with the most points, and more people's preference decides between them.

Score, then automatic runoff, as described by the Equal Vote Coalition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Annotated

from pydantic import Field

from app.rules.builtin.scoring_1 import Filled, Number, Table, fill, levels, shown
from app.rules.choosing import ChoosingOptions, ChoosingRule, by_lot, listed
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.papers import points

Scores = Sequence[tuple[Mapping[str, int], Number]]
"""Each distinct ballot as the points that it gives, with its weight."""
Points = Mapping[str, Number]


class StarOptions(ChoosingOptions):
    """The scale."""

    high: Annotated[int, Field(ge=1, le=100, description="The highest score that may be given; the lowest is 0.")] = 5


@dataclass(frozen=True, slots=True)
class _Duel:
    """Two options compared on every ballot; whoever is preferred by more, else has more points, stands first."""

    first: str
    second: str
    prefer_first: Number
    prefer_second: Number
    neither: Number
    lead: Number

    @property
    def figures(self) -> tuple[Number, Number, Number]:
        return self.prefer_first, self.prefer_second, self.neither

    @property
    def is_tied(self) -> bool:
        return self.prefer_first == self.prefer_second and self.lead == 0

    @property
    def needed(self) -> int:
        """How many more ballots with one point for the second alone were needed for it to win."""
        gap = self.prefer_first - self.prefer_second
        level = ceil(gap)
        return level + (level == gap and level <= self.lead)


class Star(ChoosingRule):
    """The two options with the most points are finalists; the one that more ballots score higher is elected.

    An option that a ballot leaves out has 0 points on it. A tied runoff goes to the finalist with more points, and is
    a tie if these are equal too. When several options are level for the second place in the runoff, the one with the
    most points is elected if none of them would beat it, and otherwise they are tied.
    """

    slug = "star"
    version = 1
    Options = StarOptions
    claims = frozenset({"anonymous", "neutral"})

    options: StarOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """A score for one option at least, from 0."""
        return Paper("rating", low=0, high=self.options.high)

    def choose(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The winner of the runoff between the two with the most points."""
        scores = [(points(ballot), plain(weight)) for ballot, weight in ballots.items()]
        sums: dict[str, Number] = dict.fromkeys(sorted(on_ballot), 0)
        for given, weight in scores:
            for option, mark in given.items():
                sums[option] += mark * weight
        going_on = fill({option: (number,) for option, number in sums.items()}, 2, ())
        if not going_on.tied:
            return self._runoff(going_on, sums, [_duel(scores, sums, *going_on.winners)], order)
        duels = [_duel(scores, sums, one, other) for one in going_on.winners for other in going_on.tied]
        if duels and all(duel.first == going_on.winners[0] for duel in duels):
            return self._runoff(going_on, sums, duels, order)
        tie = Reason("tie", _tie(going_on.tied, "finalists", sums))
        if not order:
            return Outcome("tied", reasons=(tie,), tables=_tables(sums, (), going_on.tied, duels))
        two = (*going_on.winners, *by_lot(going_on.tied, order))[:2]
        outcome = self._runoff(Filled(two, drawn=True), sums, [_duel(scores, sums, *two)], order)
        return Outcome(outcome.verdict, outcome.winners, (*outcome.reasons, tie), outcome.tables)

    def _runoff(self, going_on: Filled, sums: Points, duels: Sequence[_Duel], order: Sequence[str]) -> Outcome:
        """The outcome once it is settled who goes on, or that it does not matter."""
        closest = min(duels, key=lambda duel: (duel.needed, *duel.figures, duel.second))
        pair = (closest.first, closest.second)
        finalists = self._finalists(going_on, sums)
        if closest.is_tied:
            tie = Reason("tie", _tie(sorted(pair), "runoff", sums))
            if not order:
                return Outcome("tied", reasons=(tie, *finalists), tables=_tables(sums, (), pair, duels))
            winner = by_lot(pair, order)[0]
            elected = Reason("elected_by_lot", {"option": winner})
            return Outcome("elected", (winner,), (elected, tie, *finalists), _tables(sums, (winner,), (), duels))
        change: tuple[Reason, ...] = ()
        if not going_on.drawn:
            behind = [duel.second for duel in duels if duel.needed == closest.needed]
            facts: dict[str, Figure] = {"behind": listed(behind), "number": len(behind), "needed": closest.needed}
            change = (Reason("ahead_by", facts),)
        reasons = (_won(closest, sums), *change, *finalists)
        return Outcome("elected", (closest.first,), reasons, _tables(sums, (closest.first,), (), duels))

    def _finalists(self, going_on: Filled, sums: Points) -> tuple[Reason, ...]:
        """Who went on with how many points, and how far the next one was from it."""
        if going_on.tied:
            first, level = going_on.winners[0], going_on.tied
            facts: dict[str, Figure] = {"option": first, "points": shown(sums[first]), "options": listed(level)}
            return (Reason("whoever_goes_on", {**facts, "others": shown(sums[level[0]])}),)
        one, other = going_on.winners
        went_on = Reason(
            "finalists", {"option": one, "points": shown(sums[one]), "other": other, "others": shown(sums[other])}
        )
        if not going_on.next:
            return (went_on,)
        by = sums[other] - sums[going_on.next[0]]
        return went_on, Reason("missed_the_runoff", {"options": listed(going_on.next), "by": shown(by)})


def _duel(scores: Scores, sums: Points, one: str, other: str) -> _Duel:
    prefer_one: Number = 0
    prefer_other: Number = 0
    neither: Number = 0
    for given, weight in scores:
        mark, other_mark = given.get(one, 0), given.get(other, 0)
        if mark > other_mark:
            prefer_one += weight
        elif mark < other_mark:
            prefer_other += weight
        else:
            neither += weight
    if (prefer_other, sums[other]) > (prefer_one, sums[one]):
        return _Duel(other, one, prefer_other, prefer_one, neither, sums[other] - sums[one])
    return _Duel(one, other, prefer_one, prefer_other, neither, sums[one] - sums[other])


def _won(duel: _Duel, sums: Points) -> Reason:
    """Why the first of two is elected."""
    facts: dict[str, Figure] = {"option": duel.first, "other": duel.second, "neither": shown(duel.neither)}
    votes = {"votes": shown(duel.prefer_first)}
    if duel.prefer_first == duel.prefer_second:
        totals = {"points": shown(sums[duel.first]), "others": shown(sums[duel.second])}
        return Reason("elected_on_points", {**facts, **votes, **totals})
    return Reason("elected", {**facts, **votes, "against": shown(duel.prefer_second)})


def _tie(options: Sequence[str], where: str, sums: Points) -> dict[str, Figure]:
    return {"options": listed(options), "where": where, "points": shown(sums[options[0]])}


def _tables(sums: Points, winners: tuple[str, ...], tied: tuple[str, ...], duels: Sequence[_Duel]) -> dict[str, Table]:
    level = levels({option: (number,) for option, number in sums.items()})
    rows: dict[str, tuple[Figure, ...]] = {option: (shown(sums[option]),) for one in level for option in one}
    pairs: Table = tuple((one.first, one.second, *map(shown, one.figures)) for one in duels)
    columns = ("option", "opponent", "prefer_it", "prefer_opponent", "neither")
    scores = Filled(winners, tied=tied).table(("points",), rows)
    return {"scores": scores, "runoff": (columns, *pairs)} if pairs else {"scores": scores}
