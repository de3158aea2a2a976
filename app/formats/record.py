"""The reference from which a vote is counted again: ballots in JSON, written and read exactly, one row a line.

``{"ballots": [["apple>pear", 3], ["pear", "1/2"]], "format": "cercle-ballots", "kind": "ranking", "options": {"apple":
"Apple", "pear": "Pear"}, "seats": 1, "title": "Fruit", "version": 1}``: weights are integers, or as texts fractions in
lowest terms; ballots stand in their canonical form, in its order. The same ballots are always the same bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from json import JSONDecoder
from typing import Any, Final, get_args

from app.formats.ballots import Ballots, widest
from app.formats.gathering import LONGEST_NAME, MOST_SEATS, named
from app.formats.malformed import Fault
from app.formats.source import Source
from app.rules.canonical import json_bytes, to_json
from app.rules.figures import plain
from app.rules.papers import ALONE, MOST_OPTIONS, OPTION, BadBallot, Kind, canonical

NAME: Final = "cercle-ballots"
VERSION: Final = 1
_MOST_WEIGHT: Final = 10**15
_FRACTION: Final = re.compile(r"[1-9][0-9]{0,14}/[1-9][0-9]{0,8}")
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_NEEDED: Final = ("format", "version", "kind", "options", "ballots")


def read(source: Source, _wanted: Kind | None = None) -> Ballots:
    """The ballots of a reference. Raises :class:`Fault`."""
    reader = _Reader(source.whole())
    told: dict[str, Any] = {}
    for key in reader.members():
        if key in told or key not in (*_NEEDED, "seats", "title"):
            raise reader.fault("json_name_twice" if key in told else "json_name_unknown", name=key[:40])
        if key == "ballots":
            told[key] = [(reader.at, *_row(reader, row)) for row in reader.items()]
        else:
            told[key] = _CHECKS[key](reader, reader.value())
    reader.end()
    missing = next((name for name in _NEEDED if name not in told), None)
    if missing is not None:
        raise reader.fault("json_name_missing", name=missing)
    return Ballots(told["options"], _rows(reader, told), told["kind"], told.get("seats"), told.get("title"))


def write(ballots: Ballots) -> Iterator[str]:
    """The lines of a reference."""
    rows = (_json([ballot, to_json(plain(weight))]) for ballot, weight in sorted(ballots.rows.items()))
    yield '{"ballots":[\n'
    before = ""
    for row in rows:
        yield f"{before}{row}"
        before = ",\n"
    said: dict[str, Any] = {"format": NAME, "kind": ballots.kind, "options": dict(ballots.options), "version": VERSION}
    said |= {name: one for name, one in (("seats", ballots.seats), ("title", ballots.title)) if one is not None}
    yield "\n],\n" + ",\n".join(f"{_json(name)}:{_json(said[name])}" for name in sorted(said)) + "}\n"


class _Reader:
    """JSON read piece by piece, so that what is wrong in it has a place. ``at``: where the last piece began."""

    def __init__(self, text: str) -> None:
        self.at = 0
        self._text = text
        self._next = 0
        self._decoder = JSONDecoder()

    def fault(self, code: str, where: int | None = None, /, **facts: str | int) -> Fault:
        """What is wrong with the last piece, or with the one that began there."""
        at = self.at if where is None else where
        line = self._text.count("\n", 0, at) + 1
        return Fault(code, at - self._text.rfind("\n", 0, at), line, **facts)

    def value(self) -> Any:
        """The next value, whole."""
        self._skip()
        try:
            value, self._next = self._decoder.raw_decode(self._text, self._next)
        except (ValueError, RecursionError) as error:
            raise self.fault("json_unreadable", getattr(error, "pos", None)) from None
        return value

    def members(self) -> Iterator[str]:
        """The names of an object; whoever asks reads the value of each before the next."""
        self._sign("{")
        while not self._is("}"):
            name = self.value()
            if not isinstance(name, str):
                raise self.fault("json_unreadable")
            at = self.at
            self._sign(":")
            self.at = at
            yield name
            self._between("}")

    def items(self) -> Iterator[Any]:
        """The values of a list."""
        self._sign("[")
        while not self._is("]"):
            yield self.value()
            self._between("]")

    def end(self) -> None:
        """Nothing follows."""
        self._skip()
        if self._next < len(self._text):
            raise self.fault("json_unreadable")

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._next)
        self._next = self.at = match.end() if match else self._next

    def _is(self, sign: str) -> bool:
        self._skip()
        there = self._text.startswith(sign, self._next)
        self._next += there
        return there

    def _sign(self, sign: str) -> None:
        if not self._is(sign):
            raise self.fault("json_unreadable")

    def _between(self, end: str) -> None:
        """A comma with something after it, or the end that comes next."""
        comma = self._is(",")
        self._skip()
        if self._text.startswith(end, self._next) == comma:
            raise self.fault("json_unreadable")


def _row(reader: _Reader, row: Any) -> tuple[str, Fraction]:
    if not (isinstance(row, list) and len(row) == len(("ballot", "weight")) and isinstance(row[0], str)):
        raise reader.fault("json_row")
    ballot, weight = row
    if isinstance(weight, int) and not isinstance(weight, bool) and 0 < weight < _MOST_WEIGHT:
        return ballot, Fraction(weight)
    if isinstance(weight, str) and _FRACTION.fullmatch(weight) and str(Fraction(weight)) == weight:
        return ballot, Fraction(weight)
    raise reader.fault("weight_unreadable", at=str(weight)[:40])


def _rows(reader: _Reader, told: Mapping[str, Any]) -> dict[str, Fraction]:
    """The rows, each of them a canonical ballot on these options, and none of them twice."""
    rows: dict[str, Fraction] = {}
    paper, options = widest(told["kind"]), tuple(told["options"])
    for at, ballot, weight in told["ballots"]:
        try:
            fine = ballot in ALONE or canonical(paper, options, ballot) == ballot
        except BadBallot as bad:
            raise reader.fault(bad.code, at, **bad.facts) from None
        if not fine or ballot in rows:
            raise reader.fault("json_ballot_twice" if fine else "json_not_canonical", at)
        rows[ballot] = weight
    return rows


def _is(expected: object) -> Callable[[_Reader, Any], Any]:
    def check(reader: _Reader, value: Any) -> Any:
        if type(value) is not type(expected) or value != expected:
            raise reader.fault("json_format", name=NAME, version=VERSION)
        return value

    return check


def _kind(reader: _Reader, value: Any) -> Kind:
    for kind in get_args(Kind):
        if value == kind:
            found: Kind = kind
            return found
    raise reader.fault("json_kind", kinds=", ".join(get_args(Kind)))


def _options(reader: _Reader, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_OPTIONS:
        raise reader.fault("json_options", most=MOST_OPTIONS)
    for option, name in value.items():
        fits = (
            OPTION.fullmatch(option) and option not in ALONE and isinstance(name, str) and _name(reader, name) == name
        )
        if not fits:
            raise reader.fault("json_option", option=option[:40], most=LONGEST_NAME)
    if len(set(value.values())) < len(value):
        raise reader.fault("json_names_twice")
    return value


def _name(reader: _Reader, name: str) -> str:
    try:
        return named(name)
    except Fault as fault:
        raise reader.fault(fault.code, **fault.facts) from None


def _seats(reader: _Reader, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_SEATS:
        raise reader.fault("number_unreadable", at=str(value)[:40], most=MOST_SEATS)
    return value


def _title(reader: _Reader, value: Any) -> str:
    if not isinstance(value, str) or _name(reader, value) != value:
        raise reader.fault("json_title")
    return value


def _json(value: Any) -> str:
    return json_bytes(value).decode()


_CHECKS: Final[Mapping[str, Callable[[_Reader, Any], Any]]] = {
    "format": _is(NAME),
    "version": _is(VERSION),
    "kind": _kind,
    "options": _options,
    "seats": _seats,
    "title": _title,
}
