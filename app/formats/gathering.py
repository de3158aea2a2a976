"""What a reader has understood so far: options by name, and the weight of each distinct ballot."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final, cast

from pydantic_core import PydanticCustomError

from app.formats.apart import HEADS, Part, told_apart
from app.formats.ballots import LONGEST_NAME, Ballots, id_of
from app.formats.malformed import Fault
from app.foundation import written
from app.rules.papers import ALONE, MOST_OPTIONS, Kind, ranking, rating
from app.rules.profile import Cell

MOST_SEATS: Final = 10_000
_WEIGHT: Final = re.compile(r"([0-9]{1,15})(?:\.[0-9]{1,9}|/[1-9][0-9]{0,8})?")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")

Weight = int | Fraction


class Gathering:
    """Ballots as they are read; each is kept once. ``wanted``: rankings are made of points if they are wanted."""

    def __init__(self, wanted: Kind | None = None) -> None:
        self.seats: int | None = None
        self.title: str | None = None
        self._wanted = wanted
        self._kind: Kind | None = None
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._rows: dict[str, Weight] = {}
        self._apart: dict[Cell, dict[str, Fraction]] = {}
        self._colleges: dict[str, str] = {}

    def option(self, name: str, column: int = 1, line: int | None = None) -> str:
        """The id of the option of that name, which may be new. Raises :class:`Fault`."""
        known = self._ids.get(name)
        if known is not None:
            return known
        name = named(name, column, line)
        if name in self._ids:
            return self._ids[name]
        if len(self._ids) == MOST_OPTIONS:
            raise Fault("too_many_options", column, line, most=MOST_OPTIONS)
        found = id_of(name, self._names)
        self._ids[name], self._names[found] = found, name
        return found

    def knows(self, name: str) -> bool:
        """Whether an option has been called so."""
        return name in self._ids

    def strict(self, names: Sequence[str]) -> str | None:
        """The ranking of options that are all known, each once, best first; ``None`` where they are not: what nearly
        every ballot says, and quickly."""
        ids = list(map(self._ids.get, names))
        if None in ids or len(set(ids)) < len(ids) or len(ids) == 1:
            return None
        self.of_kind("ranking")
        return ">".join(cast("list[str]", ids))

    def new_option(self, name: str, column: int = 1, line: int | None = None) -> str:
        """The id of an option that must not be known yet. Raises :class:`Fault`."""
        before = len(self._ids)
        found = self.option(name, column, line)
        if len(self._ids) == before:
            raise Fault("option_twice", column, line, option=name)
        return found

    def name(self, option: str) -> str:
        """What an option is called."""
        return self._names[option]

    def call(self, option: str, name: str, column: int) -> None:
        """Gives an option its name in full. Raises :class:`Fault`."""
        name = named(name, column)
        if any(other == name for one, other in self._names.items() if one != option):
            raise Fault("option_twice", column, option=name)
        self._names[option] = name

    def of_kind(self, kind: Kind, column: int = 1) -> None:
        """A ballot of this kind was read; one option alone may be any of them. Raises :class:`Fault`."""
        if kind == self._kind or (kind == "one" and self._kind in {"approval", "ranking"}):
            return
        if self._kind is not None and (self._kind != "one" or kind == "rating"):
            raise Fault("kinds_mixed", column, first=self._kind, then=kind)
        self._kind = kind

    def rated(self, points: Mapping[str, int], column: int = 1) -> str:
        """The ballot that gives these points, as it is wanted. Raises :class:`Fault`."""
        if self._wanted != "ranking":
            self.of_kind("rating", column)
            return rating(points)
        self.of_kind("ranking", column)
        best_first = sorted(points, key=lambda option: -points[option])
        return ranking(list(rank) for _, rank in groupby(best_first, key=points.__getitem__))

    def add(self, ballot: str, weight: Weight) -> None:
        """So many ballots more; none are not a ballot."""
        if weight:
            self._rows[ballot] = self._rows.get(ballot, 0) + weight

    def add_apart(self, ballot: str, weight: Weight, part: Part) -> None:
        """The same where voters are told apart."""
        if not weight:
            return
        self.add(ballot, weight)
        sums = self._apart.setdefault((ballot, part.college, part.unit), {})
        for name, figure in ((HEADS, Fraction(weight)), *part.weights):
            sums[name] = sums.get(name, Fraction(0)) + figure

    def call_college(self, college: str, name: str, column: int) -> None:
        """Gives a college its name in full, which stays the same. Raises :class:`Fault`."""
        name = named(name, column)
        if not college or self._colleges.setdefault(college, name) != name:
            raise Fault("college_misnamed", column, college=college, name=name)

    def rename(self, ids: Mapping[str, str]) -> None:
        """Gives the options on ballots that were read as rankings the ids that they have in the end."""
        read, self._rows, ids = self._rows, {}, {**ids, **{one: one for one in ALONE}}
        while read:
            ballot, weight = read.popitem()
            if "=" in ballot:
                renamed = ranking([ids[one] for one in rank.split("=")] for rank in ballot.split(">"))
            else:
                renamed = ">".join(map(ids.__getitem__, ballot.split(">")))
            self.add(renamed, weight)

    def done(self, kind: Kind = "one") -> Ballots:
        """What was read. ``kind``: what the ballots are when none tells."""
        exact: dict[Weight, Fraction] = {}
        for ballot, weight in self._rows.items():
            self._rows[ballot] = exact.setdefault(weight, Fraction(weight))
        rows = cast("dict[str, Fraction]", self._rows)
        apart = self._apart if told_apart(self._apart) else None
        return Ballots(self._names, rows, self._kind or kind, self.seats, self.title, apart, self._colleges)


def named(name: str, column: int = 1, line: int | None = None) -> str:
    """A name as one line that says something. Raises :class:`Fault`."""
    said = " ".join(name.split())
    if not said:
        raise Fault("name_empty", column, line)
    if len(said) > LONGEST_NAME:
        raise Fault("name_too_long", column, line, most=LONGEST_NAME)
    try:
        said.encode()
        return written.line(said)
    except (PydanticCustomError, UnicodeEncodeError):
        raise Fault("name_unprintable", column, line) from None


def weight_of(text: str, column: int = 1) -> Weight:
    """An exact weight that is not negative: ``12``, ``0.5`` or ``1/3``. Raises :class:`Fault`."""
    if not _WEIGHT.fullmatch(text):
        raise Fault("weight_unreadable", column, at=text[:40])
    return int(text) if text.isdigit() else Fraction(text)


def number_of(text: str, column: int, most: int, line: int | None = None) -> int:
    """A whole number from 1 to ``most``. Raises :class:`Fault`."""
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
        raise Fault("number_unreadable", column, line, at=text[:40], most=most)
    return int(text)


def decimal(weight: Fraction) -> str | None:
    """The weight as an exact decimal number of at most nine places, if it is one."""
    for places in range(10):
        shifted = weight * 10**places
        if shifted.denominator == 1:
            digits = str(shifted.numerator).rjust(places + 1, "0")
            return digits if not places else f"{digits[:-places]}.{digits[-places:]}"
    return None


def twice(options: Iterable[str]) -> str | None:
    """The first option that comes a second time."""
    seen: set[str] = set()
    for one in options:
        if one in seen:
            return one
        seen.add(one)
    return None
