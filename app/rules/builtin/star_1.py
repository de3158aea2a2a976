"""STAR: everybody scores options, two go on with the most points, and more people's preference decides between them.

Score, then automatic runoff, as described by the Equal Vote Coalition.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Annotated

from pydantic import Field

from app.rules.builtin.scoring_1 import Filled, Number, Table, fill, levels, shown
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed, parted
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import plain
from app.rules.margins import Op, settling, trailing
from app.rules.papers import points
from app.rules.weights import marks, whole

Scores = tuple[int, Mapping[str, int]]
"""The unit of weights, as parts of one, and the weight of each distinct ballot in it."""
Points = Mapping[str, Number]


class StarOptions(ChoosingOptions):
    """The scale."""

    high: Annotated[int, Field(ge=1, le=100)] = 5


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

    @property
    def in_weight(self) -> tuple[Number, Op]:
        """The same where votes weigh: what such ballots had to reach, or to exceed."""
        gap = self.prefer_first - self.prefer_second
        return gap, "gt" if gap <= self.lead else "gte"


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

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The winner of the runoff between the two with the most points."""
        scores, runoff = whole(ballots.weights), partial(self._runoff, by_heads=ballots.by_heads)
        sums = _sums(scores, on_ballot)
        going_on = fill({option: (number,) for option, number in sums.items()}, 2, ())
        if not going_on.tied:
            return runoff(going_on, sums, [_duel(scores, sums, *going_on.winners)], order)
        duels = [_duel(scores, sums, one, other) for one in going_on.winners for other in going_on.tied]
        if duels and all(duel.first == going_on.winners[0] for duel in duels):
            return runoff(going_on, sums, duels, order)
        tie = Reason("tie", _tie(going_on.tied, "finalists", sums))
        first = parted(going_on.tied, order, going_on.left)
        if not first:
            left = going_on.left
            more = Reason("would_have_gone_on", {"number": left}) if ballots.by_heads else settling(left)
            return Outcome("tied", reasons=(tie, more), tables=_tables(sums, (), going_on.tied, duels))
        two = (*going_on.winners, *first)
        outcome = runoff(Filled(two, broken=True), sums, [_duel(scores, sums, *two)], order)
        return Outcome(outcome.verdict, outcome.winners, (*outcome.reasons, tie), outcome.tables)

    def _runoff(
        self, going_on: Filled, sums: Points, duels: Sequence[_Duel], order: Sequence[str], *, by_heads: bool
    ) -> Outcome:
        """The outcome once it is settled who goes on, or that it does not matter."""
        closest = min(duels, key=lambda duel: (duel.needed, *duel.figures, duel.second))
        pair = (closest.first, closest.second)
        finalists = self._finalists(going_on, sums)
        if closest.is_tied:
            tie = Reason("tie", _tie(sorted(pair), "runoff", sums))
            winner = tuple(parted(pair, order))
            if not winner:
                more = Reason("one_more_ballot", {"number": 1}) if by_heads else settling(1)
                return Outcome("tied", reasons=(tie, more, *finalists), tables=_tables(sums, (), pair, duels))
            elected = Reason("elected_by_tie_break", {"option": winner[0]})
            return Outcome("elected", winner, (elected, tie, *finalists), _tables(sums, winner, (), duels))
        change: tuple[Reason, ...] = ()
        if not by_heads and not going_on.broken:
            behind = [duel.second for duel in duels if duel.in_weight == closest.in_weight]
            change = (trailing((closest.first,), behind, *closest.in_weight),)
        elif not going_on.broken:
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


def _sums(scores: Scores, on_ballot: Sequence[str]) -> dict[str, Number]:
    """The points of each option."""
    unit, weights = scores
    sums = dict.fromkeys(sorted(on_ballot), 0)
    for mark, number in marks(weights).items():
        [(option, given)] = points(mark).items()
        sums[option] += given * number
    return {option: plain(Fraction(number, unit)) for option, number in sums.items()}


def _duel(scores: Scores, sums: Points, one: str, other: str) -> _Duel:
    unit, weights = scores
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    first, second = f",{one}:", f",{other}:"
    for ballot, weight in weights.items():  # only the two marks are read, and each pair of them judged once
        marked = f",{ballot}"
        pair = marked.partition(first)[2].partition(",")[0], marked.partition(second)[2].partition(",")[0]
        seen[pair] += weight
    votes = {1: 0, 0: 0, -1: 0}
    for (mark, other_mark), number in seen.items():
        lead = int(mark or 0) - int(other_mark or 0)
        votes[(lead > 0) - (lead < 0)] += number
    prefer_one, neither, prefer_other = (plain(Fraction(votes[side], unit)) for side in (1, 0, -1))
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
