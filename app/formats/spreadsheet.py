"""Ballots as a table that a spreadsheet opens: CSV with a header, one row for each ballot or for equal ones together.

The header names what a column holds: ``count`` the weight (else 1), ``ballot`` a ballot in the notation of the papers
(``pear > apple = fig``, ``apple:5,pear:0``, ``apple,pear``, ``blank``), ``rank:NAME`` the rank of an option (1 is the
best), ``points:NAME`` its points, ``mark:NAME`` an ``x`` if it is approved of; and, where voters are told apart,
``college``, ``unit`` and ``weight:NAME`` what those who cast these ballots weigh together. Cells are set apart by what
comes first in the header: comma, semicolon or tab.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

from app.formats import apart
from app.formats.apart import HEADS, Part
from app.formats.ballots import Ballots
from app.formats.cells import require_width, rows, written
from app.formats.gathering import Gathering, twice, weight_of
from app.formats.malformed import Fault
from app.formats.pairwise import Pairwise, is_pairwise, read_rows
from app.formats.source import Source
from app.rules.papers import ALONE, NONE, Kind, approved, points, ranking, ranks

_RANKS: Final = frozenset(map(str, range(1, 1_000)))
_POINTS: Final = re.compile("[+-]?[0-9]{1,6}")
_MARKED: Final = {"": False, "0": False, "1": True, "x": True, "X": True}
_PREFIXES: Final[Mapping[Kind, str]] = {"ranking": "rank", "rating": "points", "approval": "mark", "one": "mark"}


_APART: Final = ("college", "college_name", "unit")
_ONCE: Final = ("count", "ballot", *_APART)
_WEIGHT: Final = "weight"


@dataclass(slots=True)
class _Header:
    """Which column holds what, counted from 0: ``columns`` by their own names, ``options`` and ``weights`` by theirs;
    ``apart`` those that tell voters apart."""

    width: int
    columns: dict[str, int] = field(default_factory=dict)
    prefix: str = ""
    options: dict[str, int] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    apart: tuple[int, ...] = ()


def read(source: Source, wanted: Kind | None = None) -> Ballots | Pairwise:
    """The ballots of a table. Raises :class:`Fault`, whose column is that of the table."""
    found = Gathering(wanted)
    lines = rows(source)
    first = next(lines)[1]
    if is_pairwise(first):
        return read_rows(first, lines)
    header = _header(found, first)
    add = _adding(found, header)
    for line, cells in lines:
        try:
            require_width(cells, header.width)
            add(cells)
        except Fault as fault:
            raise Fault(fault.code, fault.column, line, **fault.facts) from None
    return found.done()


def write(ballots: Ballots) -> Iterator[str]:
    """The rows of a table, a column for each option; no cell begins as a formula does."""
    prefix, options = _PREFIXES[ballots.kind], tuple(ballots.options)
    cells = ballots.apart or {(ballot, "", ""): {HEADS: weight} for ballot, weight in ballots.rows.items()}
    standing = frozenset(ballots.alone)
    alone = ["ballot"] if any(ballot in standing for ballot in ballots.rows) else []
    weights = apart.measures_of(ballots.apart.values() if ballots.apart else ())
    told = _told(ballots)
    yield written(
        ["count", *told, *(f"{_WEIGHT}:{name}" for name in weights), *alone]
        + [f"{prefix}:{name}" for name in ballots.options.values()]
    )
    for (ballot, college, unit), measures in sorted(cells.items()):
        said = {"college": college, "college_name": ballots.colleges.get(college, ""), "unit": unit}
        marked = {} if ballot in standing else _cells(ballot, ballots.kind)
        answer = [ballot if ballot in standing else ""] if alone else []
        weigh = (str(measures.get(name, Fraction(0))) for name in weights)
        yield written(
            [str(measures[HEADS]), *(said[name] for name in told), *weigh, *answer]
            + [marked.get(option, "") for option in options]
        )


def _told(ballots: Ballots) -> list[str]:
    """The columns that tell voters apart, as far as anything stands in them."""
    places = ballots.apart or ()
    colleges = {college for _, college, _ in places if college}
    units = any(unit for _, _, unit in places)
    names = {"college": bool(colleges), "college_name": bool(colleges & ballots.colleges.keys()), "unit": units}
    return [name for name, there in names.items() if there]


def _header(found: Gathering, cells: Sequence[str]) -> _Header:
    header = _Header(len(cells))
    for place, cell in enumerate(cells):
        said = " ".join(cell.split())
        prefix, colon, name = said.partition(":")
        if colon and prefix.lower() in _PREFIXES.values():
            if header.prefix not in ("", prefix.lower()):
                raise Fault("csv_columns_mixed", place + 1, first=header.prefix, then=prefix.lower())
            header.prefix = prefix.lower()
            header.options[found.new_option(name, place + 1)] = place
        elif colon and prefix.lower() == _WEIGHT:
            _once_only(header.weights, apart.measure(name.strip(), place + 1), place)
        elif said.lower() in _ONCE:
            _once_only(header.columns, said.lower(), place)
        else:
            raise Fault("csv_column_unknown", place + 1, name=said[:40])
    if "ballot" not in header.columns and not header.options:
        raise Fault("csv_no_ballots")
    header.apart = (*(place for name, place in header.columns.items() if name in _APART), *header.weights.values())
    return header


def _once_only(columns: dict[str, int], name: str, place: int) -> None:
    if columns.setdefault(name, place) != place:
        raise Fault("csv_column_twice", place + 1, name=name)


def _adding(found: Gathering, header: _Header) -> Callable[[list[str]], None]:
    """What takes down one row; whatever comes again is read only once."""
    ballot = lru_cache(4_096)(lambda cells: _ballot(found, header, cells))
    part = lru_cache(4_096)(lambda cells: _part(found, header, cells))
    place = header.columns.get("count")

    def add(cells: list[str]) -> None:
        weight, number = "1", 1 if place is None else place + 1
        if place is not None:
            weight, cells[place] = cells[place], ""
        if not weight and not any(cells):
            return
        exact = weight_of(weight, number)
        if not header.apart:
            found.add(ballot(tuple(cells)), exact)
            return
        if header.weights and exact.denominator != 1:
            raise Fault("count_not_whole", number, at=weight)
        told = tuple(cells)
        for one in header.apart:
            cells[one] = ""
        found.add_apart(ballot(tuple(cells)), exact, part(tuple(told[one] for one in header.apart)))

    return add


def _part(found: Gathering, header: _Header, cells: Sequence[str]) -> Part:
    """Whose ballots a row holds, from the columns that tell voters apart."""
    said = dict(zip(header.apart, cells, strict=True))
    at = {name: header.columns.get(name, -1) for name in _APART}
    college = apart.college(said.get(at["college"], ""), at["college"] + 1)
    if said.get(at["college_name"]):
        found.call_college(college, said[at["college_name"]], at["college_name"] + 1)
    weights = ((name, apart.figure(said[place], place + 1)) for name, place in sorted(header.weights.items()))
    return Part(college, apart.unit(said.get(at["unit"], ""), at["unit"] + 1), tuple(weights))


def _ballot(found: Gathering, header: _Header, cells: Sequence[str]) -> str:
    """What a row besides its count says."""
    place = header.columns.get("ballot", -1)
    said = cells[place] if place >= 0 else ""
    marked = {option: (cells[at], at + 1) for option, at in header.options.items() if cells[at]}
    if said:
        if marked:
            raise Fault("csv_said_twice", place + 1)
        return _notation(found, said, place + 1)
    match header.prefix if marked else "":
        case "rank":
            return _ranked(found, marked)
        case "points":
            return found.rated({option: _points(*given) for option, given in marked.items()})
        case "mark":
            return _marked(found, marked)
    return "blank"


def _ranked(found: Gathering, marked: Mapping[str, tuple[str, int]]) -> str:
    places: dict[int, list[str]] = {}
    for option, (given, column) in marked.items():
        if given not in _RANKS:
            raise Fault("csv_rank", column, at=given[:40])
        places.setdefault(int(given), []).append(option)
    found.of_kind("ranking")
    return ranking(places[place] for place in sorted(places))


def _points(given: str, column: int) -> int:
    if not _POINTS.fullmatch(given):
        raise Fault("points_unreadable", column, at=given[:40])
    return int(given)


def _marked(found: Gathering, marked: Mapping[str, tuple[str, int]]) -> str:
    for given, column in marked.values():
        if given not in _MARKED:
            raise Fault("csv_mark", column, at=given[:40])
    chosen = sorted(option for option, (given, _) in marked.items() if _MARKED[given])
    if chosen:
        found.of_kind("approval" if len(chosen) > 1 else "one")
    return ",".join(chosen) or "blank"


def _notation(found: Gathering, said: str, column: int) -> str:
    """A ballot in the notation of the papers, with names for its options."""
    if said.lower() in ALONE or (said.lower() == NONE and not found.knows(said)):
        return said.lower()
    if ":" in said:
        given = [one.rpartition(":") for one in said.split(",")]
        named = [(found.option(name, column), _points(mark.strip(), column)) for name, _, mark in given]
        _once([option for option, _ in named], found, column)
        return found.rated(dict(named), column)
    sign = ">" if ">" in said or "=" in said else ","
    rows = [[found.option(name, column) for name in part.split("=")] for part in said.split(sign)]
    _once([option for row in rows for option in row], found, column)
    if sign == ">":
        found.of_kind("ranking", column)
        return ranking(rows)
    found.of_kind("approval" if len(rows) > 1 else "one", column)
    return ",".join(sorted(option for row in rows for option in row))


def _once(options: Sequence[str], found: Gathering, column: int) -> None:
    again = twice(options)
    if again is not None:
        raise Fault("ballot_option_twice", column, option=found.name(again))


def _cells(ballot: str, kind: Kind) -> dict[str, str]:
    """What stands in the column of each option that a ballot marks."""
    match kind:
        case "rating":
            return {option: str(given) for option, given in points(ballot).items()}
        case "ranking":
            return {option: str(place) for place, rank in enumerate(ranks(ballot), 1) for option in rank}
        case "approval" | "one":
            return dict.fromkeys(approved(ballot), "x")
