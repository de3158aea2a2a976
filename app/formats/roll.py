"""How the people behind ballots stand in JSON: their colleges, their units, what they weigh, and who could vote."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final, NoReturn

from app.formats import apart
from app.formats.apart import HEADS, Electors, Part
from app.formats.gathering import named
from app.formats.malformed import Fault
from app.formats.pieces import Pieces
from app.rules.canonical import to_json
from app.rules.electorate import Voter
from app.rules.figures import plain
from app.rules.profile import Cell

MOST_ELECTORS: Final = 100_000_000
_RECUSED: Final = ("vote", "vote_and_quorum")


def part_told(cell: Cell, sums: Mapping[str, Fraction]) -> list[dict[str, Any]]:
    """What follows a ballot and its number in a row; nothing where voters are not told apart."""
    weights = {name: to_json(plain(figure)) for name, figure in sums.items() if name != HEADS}
    told = _filled({"college": cell[1], "unit": cell[2], "weights": weights})
    return [told] if told else []


def part_of(pieces: Pieces, shape: Any) -> Part:
    """What was written behind a ballot. Raises :class:`Fault`."""
    told = _members(pieces, shape, {"college", "unit", "weights"})
    return Part(_college(pieces, told), _unit(pieces, told), tuple(sorted(_weights(pieces, told).items())))


def electors_told(electors: Electors) -> dict[str, Any]:
    """Electors who are alike, as they are written."""
    like = electors.like
    weights = {name: to_json(plain(figure)) for name, figure in like.measures.items() if name != HEADS}
    said = {"college": like.college, "unit": like.unit, "recused": like.recused, "weights": weights}
    return _filled({**said, "number": electors.number, "left": electors.left})


def electors_of(pieces: Pieces, shape: Any) -> Electors:
    """Electors who were written. Raises :class:`Fault`."""
    told = _members(pieces, shape, {"college", "unit", "recused", "weights", "number", "left"})
    number, left = told.get("number", 0), told.get("left", 0)
    if not _is_number(number, MOST_ELECTORS) or ("left" in told and not _is_number(left, number)):
        _wrong(pieces)
    recused = told.get("recused")
    if "recused" in told and recused not in _RECUSED:
        _wrong(pieces)
    like = Voter("", _college(pieces, told), _unit(pieces, told), _weights(pieces, told), recused)
    return Electors(like, number, left)


def college_names(pieces: Pieces, shape: Any) -> dict[str, str]:
    """What colleges are called. Raises :class:`Fault`."""
    if not isinstance(shape, dict) or not shape:
        raise pieces.fault("json_colleges")
    for college, name in shape.items():
        _placed(pieces, apart.college, college)
        if not college or not isinstance(name, str) or _placed(pieces, named, name) != name:
            raise pieces.fault("json_colleges")
    found: dict[str, str] = shape
    return found


def _members(pieces: Pieces, shape: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(shape, dict) or not shape:
        _wrong(pieces)
    for name in shape:
        if name not in known:
            raise pieces.fault("json_name_unknown", name=name[:40])
    found: dict[str, Any] = shape
    return found


def _college(pieces: Pieces, told: Mapping[str, Any]) -> str:
    return _text(pieces, told, "college", apart.college)


def _unit(pieces: Pieces, told: Mapping[str, Any]) -> str:
    return _text(pieces, told, "unit", apart.unit)


def _text(pieces: Pieces, told: Mapping[str, Any], name: str, read: Callable[[str], str]) -> str:
    if name not in told:
        return ""
    if not isinstance(told[name], str) or not told[name]:
        _wrong(pieces)
    return _placed(pieces, read, told[name])


def _weights(pieces: Pieces, told: Mapping[str, Any]) -> dict[str, Fraction]:
    weights = told.get("weights", {})
    if not isinstance(weights, dict) or (not weights and "weights" in told):
        _wrong(pieces)
    return {_placed(pieces, apart.measure, name): pieces.exact(figure) for name, figure in weights.items()}


def _is_number(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most


def _placed(pieces: Pieces, read: Callable[[str], str], text: str) -> str:
    """What was read, or its fault with the place of the piece."""
    try:
        return read(text)
    except Fault as fault:
        raise pieces.fault(fault.code, **fault.facts) from None


def _filled(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content for name, content in shape.items() if content}


def _wrong(pieces: Pieces) -> NoReturn:
    raise pieces.fault("json_people")
