"""What a file tells of the people behind ballots, for rules that count by it: college, unit, and what they weigh."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from app.formats.malformed import Fault
from app.rules.electorate import Voter
from app.rules.profile import Cell

HEADS: Final = "heads"
_COLLEGE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_UNIT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MEASURE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIGURE: Final = re.compile(r"[0-9]{1,4000}(\.[0-9]{1,9}|/[1-9][0-9]{0,3999})?")


class Part(NamedTuple):
    """Whose ballots stand together: their college, their unit, and by name what they weigh together."""

    college: str = ""
    unit: str = ""
    weights: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Electors:
    """Electors who are alike: what each of them is, without an id; how many there are; how many of these had left
    before the vote closed, without having voted."""

    like: Voter
    number: int
    left: int = 0

    @property
    def kind(self) -> tuple[str, str, str, tuple[tuple[str, Fraction], ...]]:
        """What tells them apart from others."""
        return self.like.college, self.like.unit, self.like.recused or "", tuple(sorted(self.like.measures.items()))


def college(text: str, column: int = 1) -> str:
    """The id of a college, or nothing. One that reads as a number could be taken for a figure. Raises
    :class:`Fault`."""
    if text and (not _COLLEGE.fullmatch(text) or text.lstrip("-").isdecimal()):
        raise Fault("college_unreadable", column, at=text[:40])
    return text


def unit(text: str, column: int = 1) -> str:
    """The name of a unit, or nothing. Raises :class:`Fault`."""
    if text and not _UNIT.fullmatch(text):
        raise Fault("unit_unreadable", column, at=text[:40])
    return text


def measure(text: str, column: int = 1) -> str:
    """What a weight is called. Raises :class:`Fault`."""
    if not _MEASURE.fullmatch(text) or text == HEADS:
        raise Fault("measure_unreadable", column, at=text[:40])
    return text


def figure(text: str, column: int = 1) -> Fraction:
    """What electors weigh, exactly: ``12``, ``0.5`` or ``1/3``. Raises :class:`Fault`."""
    if not _FIGURE.fullmatch(text):
        raise Fault("figure_unreadable", column, at=text[:40])
    return Fraction(text)


def told_apart(cells: Mapping[Cell, Mapping[str, Fraction]]) -> bool:
    """Whether anything but what was marked stands in these cells."""
    return any(college or unit or len(measures) > 1 for (_, college, unit), measures in cells.items())


def by_ballot(cells: Mapping[Cell, Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """How often each distinct ballot was cast."""
    sums: dict[str, Fraction] = {}
    for (ballot, _, _), measures in cells.items():
        before = sums.get(ballot)
        sums[ballot] = measures[HEADS] if before is None else before + measures[HEADS]
    return sums


def measures_of(cells: Iterable[Mapping[str, Fraction]]) -> list[str]:
    """The names of everything that is weighed besides heads, in order."""
    return sorted({name for measures in cells for name in measures} - {HEADS})
