"""Who could vote, as a file tells it: in groups of those who are alike, without a name or a place for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any, Final

from app.formats.apart import HEADS
from app.formats.ballots import Ballots
from app.formats.malformed import Unfit
from app.formats.roll import MOST_ELECTORS
from app.rules.electorate import Electorate, Group, Voter

AUTHOR: Final = "author"
"""The author of a proposal, where it matters that they are one of the electors."""
WEIGHT: Final = "weight"
"""What ballots weigh whose number is not whole."""

_Kind = tuple[str, str, tuple[tuple[str, Fraction], ...]]


class _Nameless(Sequence[str]):
    """So many without a name, any of whom may be the author: a million cost what one costs."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __contains__(self, name: object) -> bool:
        return name == AUTHOR

    def __getitem__(self, place: Any) -> Any:
        there = range(self._number)[place]
        return [""] * len(there) if isinstance(there, range) else ""


def is_whole(ballots: Ballots) -> bool:
    """Whether every ballot was cast a whole number of times."""
    return all(weight.denominator == 1 for weight in ballots.rows.values())


def electorates(ballots: Ballots, electors: int | None, *, told_apart: bool) -> tuple[Electorate, Electorate]:
    """Everybody who could vote, and who of them was still there when the vote closed.

    They are those of the file; where it does not tell, those who voted, and ``electors`` in all. ``told_apart``: the
    rule counts by college, unit or weight. Raises :class:`~app.formats.malformed.Unfit`.
    """
    if ballots.electors is None:
        everybody = _who_voted(ballots, electors, told_apart=told_apart)
        return everybody, everybody
    if electors is not None:
        raise Unfit("electors_told")
    everybody, there = (
        Electorate.of(Group(one.like, _Nameless(one.number - gone * one.left)) for one in ballots.electors)
        for gone in (0, 1)
    )
    _require_bounded(len(everybody))
    _require_voters(ballots, there)
    return everybody, there


def _who_voted(ballots: Ballots, electors: int | None, *, told_apart: bool) -> Electorate:
    """As many as voted, those whose ballots stand together weighing the same; the others are not told apart."""
    whole = is_whole(ballots)
    voted = sum(map(ceil, ballots.rows.values()))
    number = voted if electors is None else electors
    _require_enough(number, voted)
    _require_bounded(number)
    if ballots.apart is None:
        each = {} if whole else {WEIGHT: ballots.total / max(number, 1)}
        return Electorate.of([Group(Voter("", measures=each), _Nameless(number))])
    if number > voted and told_apart:
        raise Unfit("electors_unknown")
    numbers = Counter({_kind("", "", {}): number - voted})
    for (_, college, unit), sums in ballots.apart.items():
        heads = ceil(sums[HEADS])
        weights = sums if whole else {**sums, WEIGHT: sums[HEADS]}
        numbers[_kind(college, unit, {name: one / heads for name, one in weights.items() if name != HEADS})] += heads
    return Electorate.of(
        Group(Voter("", college, unit, dict(measures)), _Nameless(alike))
        for (college, unit, measures), alike in numbers.items()
    )


def _kind(college: str, unit: str, measures: Mapping[str, Fraction]) -> _Kind:
    return college, unit, tuple(sorted(measures.items()))


def _require_voters(ballots: Ballots, there: Electorate) -> None:
    """Nowhere are there more ballots than electors who may vote."""
    cast = Counter[tuple[str, str]]()
    if ballots.apart is None:
        _require_enough(len(there.voting), sum(map(ceil, ballots.rows.values())))
        return
    for (_, college, unit), sums in ballots.apart.items():
        cast[college, unit] += ceil(sums[HEADS])
    may = Counter[tuple[str, str]]()
    for group in there.voting.groups:
        may[group.like.college, group.like.unit] += len(group.members)
    for place, number in sorted(cast.items()):
        _require_enough(may[place], number)


def _require_enough(electors: int, ballots: int) -> None:
    if electors < ballots:
        raise Unfit("too_few_electors", electors=electors, ballots=ballots)


def _require_bounded(electors: int) -> None:
    if electors > MOST_ELECTORS:
        raise Unfit("too_many_voters", most=MOST_ELECTORS)
