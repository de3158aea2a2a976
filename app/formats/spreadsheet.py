"""Ballots as a table that a spreadsheet opens: CSV with a header, one row for each ballot or for equal ones together.

The header names what a column holds: ``count`` the weight (else 1), ``ballot`` a ballot in the notation of the papers
(``pear > apple = fig``, ``apple:5,pear:0``, ``apple,pear``, ``blank``), ``rank:NAME`` the rank of an option (1 is the
best), ``points:NAME`` its points, ``mark:NAME`` an ``x`` if it is approved of. Cells are set apart by what comes first
in the header: comma, semicolon or tab.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from itertools import chain
from typing import Final

from app.formats.ballots import Ballots
from app.formats.gathering import Gathering, twice, weight_of
from app.formats.malformed import Fault
from app.formats.source import Source
from app.rules.papers import ALONE, Kind, approved, points, ranking, ranks

_RANKS: Final = frozenset(map(str, range(1, 1_000)))
_POINTS: Final = re.compile("[+-]?[0-9]{1,6}")
_MARKED: Final = {"": False, "0": False, "1": True, "x": True, "X": True}
_QUOTED: Final = re.compile(r'"[^"]*("|$)')
_START: Final = re.compile(r"(^|[,;])(?='*[=+\-@\t\r])")
_GUARDED: Final = re.compile(r"(^|[,;])'(?='*[=+\-@\t\r])")
_PREFIXES: Final[Mapping[Kind, str]] = {"ranking": "rank", "rating": "points", "approval": "mark", "one": "mark"}


@dataclass(slots=True)
class _Header:
    """Which column holds what, counted from 0: ``options`` gives that of each option by its id."""

    width: int
    count: int | None = None
    ballot: int | None = None
    prefix: str = ""
    options: dict[str, int] = field(default_factory=dict)


def read(source: Source, wanted: Kind | None = None) -> Ballots:
    """The ballots of a table. Raises :class:`Fault`, whose column is that of the table."""
    found = Gathering(wanted)
    rows = _rows(source)
    header = _header(found, next(rows)[1])
    ballot = lru_cache(4_096)(lambda cells: _ballot(found, header, cells))
    for line, cells in rows:
        try:
            if len(cells) != header.width:
                raise Fault("csv_cells", min(len(cells), header.width) + 1, found=len(cells), expected=header.width)
            weight = "1"
            if header.count is not None:
                weight, cells[header.count] = cells[header.count], ""
            if weight or any(cells):
                found.add(ballot(tuple(cells)), weight_of(weight, (header.count or 0) + 1))
        except Fault as fault:
            raise Fault(fault.code, fault.column, line, **fault.facts) from None
    return found.done()


def write(ballots: Ballots) -> Iterator[str]:
    """The rows of a table, a column for each option; no cell begins as a formula does."""
    prefix, options = _PREFIXES[ballots.kind], tuple(ballots.options)
    alone = ["ballot"] if any(ballot in ALONE for ballot in ballots.rows) else []
    yield _written(["count", *alone, *(f"{prefix}:{name}" for name in ballots.options.values())])
    for ballot, weight in sorted(ballots.rows.items()):
        marked = {} if ballot in ALONE else _cells(ballot, ballots.kind)
        answer = [ballot if ballot in ALONE else ""] if alone else []
        yield _written([str(weight), *answer, *(marked.get(option, "") for option in options)])


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before each ``=``, ``+``, ``-``, ``@``, tab or
    carriage return that it, or what follows a comma or semicolon in it, begins with."""
    return _START.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    """The cell that was guarded."""
    return _GUARDED.sub(r"\1", cell)


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, without blanks around their cells, and the lines in which they begin."""
    lines = iter(source)
    first = next(lines, "")
    delimiter = next((sign for sign in _QUOTED.sub("", first) if sign in ",;\t"), ",")
    reader = csv.reader((f"{line}\n" for line in chain([first], lines)), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells or line == 1:
                yield line, [unguarded(cell).strip() if "'" in cell else cell.strip() for cell in cells]
            line = source.number + 1
    except csv.Error:
        raise Fault("csv_quotes", 1, line) from None


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
        elif said.lower() in ("count", "ballot"):
            if getattr(header, said.lower()) is not None:
                raise Fault("csv_column_twice", place + 1, name=said.lower())
            setattr(header, said.lower(), place)
        else:
            raise Fault("csv_column_unknown", place + 1, name=said[:40])
    if header.ballot is None and not header.options:
        raise Fault("csv_no_ballots")
    return header


def _ballot(found: Gathering, header: _Header, cells: Sequence[str]) -> str:
    """What a row besides its count says."""
    said = "" if header.ballot is None else cells[header.ballot]
    marked = {option: (cells[place], place + 1) for option, place in header.options.items() if cells[place]}
    if said and header.ballot is not None:
        if marked:
            raise Fault("csv_said_twice", header.ballot + 1)
        return _notation(found, said, header.ballot + 1)
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
    if said.lower() in ALONE:
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


def _written(cells: Sequence[str]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow([guarded(cell) for cell in cells])
    return line.getvalue()
