"""The reference from which a vote is counted again: ballots in JSON, written and read exactly, one row a line.

``{"ballots": [["apple>pear", 3], ["pear", "1/2"]], "format": "cercle-ballots", "kind": "ranking", "options": {"apple":
"Apple", "pear": "Pear"}, "seats": 1, "title": "Fruit", "version": 1}``: weights are integers, or as texts fractions in
lowest terms; ballots stand in their canonical form, in its order. Where voters are told apart a row goes on with
``{"college": "workers", "unit": "lyon", "weights": {"votes": 7}}``, and ``electors`` are those who could vote. The same
ballots are always the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple, get_args

from app.formats.apart import HEADS, Electors, Part, by_ballot, told_apart
from app.formats.ballots import LONGEST_NAME, Author, Ballots, widest
from app.formats.gathering import MOST_SEATS, named
from app.formats.malformed import Fault
from app.formats.pairwise import FORMAT as PAIRWISE
from app.formats.pairwise import Pairwise, gathered, pair
from app.formats.pieces import Pieces
from app.formats.roll import college_names, electors_of, electors_told, part_of, part_told
from app.formats.source import Source
from app.rules.canonical import json_bytes, to_json
from app.rules.figures import plain
from app.rules.papers import ALONE, MOST_OPTIONS, OPTION, BadBallot, Kind, canonical
from app.rules.profile import Cell

NAME: Final = "cercle-ballots"
VERSION: Final = 1
_MOST_WEIGHT: Final = 10**15
_LISTS: Final = frozenset({"ballots", "electors"})
_NOBODY: Final = Part()


class _Shape(NamedTuple):
    """What a file of a format holds: the names that it needs, and those that it may have."""

    format: str
    needed: tuple[str, ...]
    more: tuple[str, ...]


_SHAPES: Final[Mapping[str, _Shape]] = {
    "ballots": _Shape(
        NAME,
        ("format", "version", "kind", "options", "ballots"),
        ("seats", "title", "author", "colleges", "electors"),
    ),
    "pairs": _Shape(PAIRWISE, ("format", "version", "options", "pairs"), ("title",)),
}


class _Row(NamedTuple):
    """A ballot, how often it was cast, and by whom as far as that is told."""

    ballot: str
    weight: Fraction
    part: Part


def read(source: Source, _wanted: Kind | None = None) -> Ballots | Pairwise:
    """The ballots of a reference, or preferences that were counted elsewhere. Raises :class:`Fault`."""
    pieces = Pieces(source.whole())
    told: dict[str, Any] = {}
    at: dict[str, int] = {}
    for key in pieces.members():
        if key in told or key not in {*_ROWS, *_CHECKS}:
            raise pieces.fault("json_name_twice" if key in told else "json_name_unknown", name=key[:40])
        at[key] = pieces.at
        if key in _ROWS:
            told[key] = [(pieces.at, _ROWS[key](pieces, one)) for one in pieces.items()]
        else:
            told[key] = _CHECKS[key](pieces, pieces.value())
    pieces.end()
    _require_shape(pieces, _SHAPES["pairs" if "pairs" in told else "ballots"], told, at)
    if "pairs" in told:
        return gathered(pieces, told["options"], told["pairs"], told.get("title"))
    return _ballots(pieces, told)


def write(ballots: Ballots) -> Iterator[str]:
    """The lines of a reference."""
    electors = sorted(ballots.electors or (), key=lambda one: one.kind)
    said: dict[str, Any] = {
        "author": ballots.author,
        "ballots": _rows_told(ballots),
        "colleges": dict(ballots.colleges) or None,
        "electors": map(electors_told, electors) if electors else None,
        "format": NAME,
        "kind": ballots.kind,
        "options": dict(ballots.options),
        "seats": ballots.seats,
        "title": ballots.title,
        "version": VERSION,
    }
    before = "{"
    for name in sorted(said):
        if said[name] is not None:
            yield f"{before}{_json(name)}:"
            yield from _lines(said[name]) if name in _LISTS else (_json(said[name]),)
            before = ",\n"
    yield "}\n"


def _rows_told(ballots: Ballots) -> Iterator[list[Any]]:
    if ballots.apart is None:
        return ([ballot, to_json(plain(weight))] for ballot, weight in sorted(ballots.rows.items()))
    cells = sorted(ballots.apart.items())
    return ([cell[0], to_json(plain(sums[HEADS])), *part_told(cell, sums)] for cell, sums in cells)


def _lines(rows: Iterable[Any]) -> Iterator[str]:
    before = "[\n"
    yield before
    before = ""
    for one in rows:
        yield f"{before}{_json(one)}"
        before = ",\n"
    yield "\n]"


def _require_shape(pieces: Pieces, shape: _Shape, told: Mapping[str, Any], at: Mapping[str, int]) -> None:
    """Everything that is needed is there, and nothing that belongs into a file of another format."""
    missing = next((name for name in shape.needed if name not in told), None)
    if missing is not None:
        raise pieces.fault("json_name_missing", name=missing)
    if told["format"] != shape.format:
        raise pieces.fault("json_format", at["format"], name=shape.format, version=VERSION)
    foreign = next((name for name in told if name not in shape.needed + shape.more), None)
    if foreign is not None:
        raise pieces.fault("json_name_unknown", at[foreign], name=foreign)


def _row(pieces: Pieces, row: Any) -> _Row:
    match row:
        case [str(ballot), weight]:
            return _Row(ballot, _weight(pieces, weight), _NOBODY)
        case [str(ballot), weight, part]:
            found = _Row(ballot, _weight(pieces, weight), part_of(pieces, part))
            if found.part.weights and found.weight.denominator != 1:
                raise pieces.fault("count_not_whole", at=str(weight))
            return found
    raise pieces.fault("json_row")


def _weight(pieces: Pieces, written: Any) -> Fraction:
    """How often a ballot was cast, in the bounds of all formats."""
    try:
        weight = pieces.exact(written)
    except Fault:
        weight = Fraction(0)
    if not 0 < weight.numerator < _MOST_WEIGHT or weight.denominator >= 10**9:
        raise pieces.fault("weight_unreadable", at=str(written)[:40])
    return weight


def _ballots(pieces: Pieces, told: Mapping[str, Any]) -> Ballots:
    cells = _cells(pieces, told)
    apart = cells if told_apart(cells) else None
    rows = {ballot: sums[HEADS] for (ballot, _, _), sums in cells.items()} if apart is None else by_ballot(cells)
    said = {name: told[name] for name in ("options", "kind", "seats", "title", "colleges", "author") if name in told}
    return Ballots(rows=rows, apart=apart, electors=_electors(pieces, told.get("electors", ())), **said)


def _cells(pieces: Pieces, told: Mapping[str, Any]) -> dict[Cell, dict[str, Fraction]]:
    """The rows, each of them a canonical ballot on these options, and none of them twice."""
    cells: dict[Cell, dict[str, Fraction]] = {}
    options = tuple(told["options"])
    paper = widest(told["kind"], options)
    for at, (ballot, weight, part) in told["ballots"]:
        try:
            fine = canonical(paper, options, ballot) == ballot
        except BadBallot as bad:
            raise pieces.fault(bad.code, at, **bad.facts) from None
        cell = (ballot, part.college, part.unit)
        if not fine or cell in cells:
            raise pieces.fault("json_ballot_twice" if fine else "json_not_canonical", at)
        cells[cell] = {HEADS: weight, **dict(part.weights)}
    return cells


def _electors(pieces: Pieces, rows: Iterable[tuple[int, Electors]]) -> tuple[Electors, ...] | None:
    found: dict[Any, Electors] = {}
    for at, electors in rows:
        if electors.kind in found:
            raise pieces.fault("json_electors_twice", at)
        found[electors.kind] = electors
    return tuple(found[kind] for kind in sorted(found)) or None


def _is(*expected: object) -> Callable[[Pieces, Any], Any]:
    def check(pieces: Pieces, value: Any) -> Any:
        if not any(type(value) is type(one) and value == one for one in expected):
            raise pieces.fault("json_format", name=NAME, version=VERSION)
        return value

    return check


def _one_of(code: str, kind: Any) -> Callable[[Pieces, Any], Any]:
    def check(pieces: Pieces, value: Any) -> Any:
        for one in get_args(kind):
            if value == one:
                return one
        raise pieces.fault(code, kinds=", ".join(get_args(kind)))

    return check


def _options(pieces: Pieces, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_OPTIONS:
        raise pieces.fault("json_options", most=MOST_OPTIONS)
    for option, name in value.items():
        fits = (
            OPTION.fullmatch(option) and option not in ALONE and isinstance(name, str) and _name(pieces, name) == name
        )
        if not fits:
            raise pieces.fault("json_option", option=option[:40], most=LONGEST_NAME)
    if len(set(value.values())) < len(value):
        raise pieces.fault("json_names_twice")
    return value


def _name(pieces: Pieces, name: str) -> str:
    try:
        return named(name)
    except Fault as fault:
        raise pieces.fault(fault.code, **fault.facts) from None


def _seats(pieces: Pieces, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_SEATS:
        raise pieces.fault("number_unreadable", at=str(value)[:40], most=MOST_SEATS)
    return value


def _title(pieces: Pieces, value: Any) -> str:
    if not isinstance(value, str) or _name(pieces, value) != value:
        raise pieces.fault("json_title")
    return value


def _json(value: Any) -> str:
    return json_bytes(value).decode()


_ROWS: Final[Mapping[str, Callable[[Pieces, Any], Any]]] = {"ballots": _row, "electors": electors_of, "pairs": pair}
_CHECKS: Final[Mapping[str, Callable[[Pieces, Any], Any]]] = {
    "author": _one_of("json_author", Author),
    "colleges": college_names,
    "format": _is(NAME, PAIRWISE),
    "version": _is(VERSION),
    "kind": _one_of("json_kind", Kind),
    "options": _options,
    "seats": _seats,
    "title": _title,
}
