"""The one written form of a case, a phase and an outcome, so that two machines years apart agree byte for byte.

Canonical JSON here is UTF-8 without spaces, keys sorted, ``ensure_ascii`` off. A field that stands at its default is
left out, so that the contract can grow without changing what was recorded before. A fraction is written as the string
``"n"`` or ``"n/d"`` in lowest terms; floats are refused. Reading back what was written gives an equal value.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from fractions import Fraction
from typing import Any, TypeVar

from app.rules.case import Case, Figure, Floor, Held, Outcome, Phase, Reason, Word
from app.rules.electorate import Electorate, Voter
from app.rules.papers import Paper
from app.rules.profile import Cell, Heads, Profile
from app.rules.speakers import Who

T = TypeVar("T")

FIGURE = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,4000})?")

Json = Any
"""What ``json.loads`` gives, without floats."""


def canonical_bytes(value: object) -> bytes:
    """The canonical JSON of a value of the contract, or of anything that already is JSON."""
    return json_bytes(to_json(value))


def json_bytes(shape: Json) -> bytes:
    """The canonical JSON of what is known to be JSON without floats, such as the answer of :func:`to_json`."""
    return json.dumps(shape, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON, in lowercase hexadecimal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def to_json(value: object) -> Json:
    """The JSON shape of a value of the contract.

    Raises ``ValueError`` when a text stands among figures but reads as one (``"12"``): it could not be told apart.
    Raises ``TypeError`` for anything that has no exact shape, floats first of all.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if type(value) in _WRITERS:
        return _WRITERS[type(value)](value)
    if isinstance(value, Reason | Outcome):
        _refuse_texts_that_read_as_figures(value)
    if is_dataclass(value):
        return _fields_to_json(value)
    if isinstance(value, Mapping):
        return {_key(key): to_json(value[key]) for key in sorted(value)}
    return _items_to_json(value)


def phase_from_json(shape: Json) -> Phase:
    """The phase that was written."""
    return _read(Phase, shape, floors=_each(floor_from_json), reasons=_each(reason_from_json), path=tuple)


def outcome_from_json(shape: Json) -> Outcome:
    """The outcome that was written."""
    return _read(Outcome, shape, winners=tuple, reasons=_each(reason_from_json), tables=_tables)


def reason_from_json(shape: Json) -> Reason:
    """The reason that was written."""
    return _read(Reason, shape, facts=_figures)


def floor_from_json(shape: Json) -> Floor:
    """The floor that was written."""
    return _read(Floor, shape, who=who_from_json, among=tuple, about_among=tuple, subjects=tuple, paper=paper_from_json)


def paper_from_json(shape: Json) -> Paper:
    """The ballot paper that was written."""
    return _read(Paper, shape, alone=tuple)


def who_from_json(shape: Json) -> Who:
    """The expression of who may speak that was written."""
    return _read(Who, shape, ids=tuple, barring=tuple)


def word_from_json(shape: Json) -> Word:
    """The word that was written."""
    return _read(Word, shape, facts=lambda facts: {name: _frozen(fact) for name, fact in facts.items()})


def electorate_from_json(shape: Json) -> Electorate:
    """The electorate that was written, in the order in which it was frozen."""
    return _read(Electorate, shape, voters=_each(lambda voter: _read(Voter, voter, measures=_measures)))


def profile_from_json(shape: Json) -> Profile:
    """The ballots that were written: ``[college, unit, {measure: {ballot: figure}}]`` for each group of voters."""
    groups = shape.get("groups", ())
    rows = _of_heads(*groups[0]) if len(groups) == 1 and _are_heads(groups[0][2]) else _rows(groups)
    whole = shape.get("whole")
    return Profile(rows, None if whole is None else Fraction(whole), shape.get("measure", "heads"))


def held_from_json(shape: Json) -> Held:
    """The phase as it was held."""
    return _read(
        Held,
        shape,
        phase=phase_from_json,
        electorate=electorate_from_json,
        words=_each(word_from_json),
        profile=profile_from_json,
        present=frozenset,
        by_proposer=tuple,
    )


def case_from_json(shape: Json) -> Case:
    """The whole case that was written."""
    return _read(Case, shape, electorate=electorate_from_json, held=_each(held_from_json), on_ballot=tuple)


def _are_heads(sums: Json) -> bool:
    return sums.keys() == {"heads"} and all(map(str.isdecimal, sums["heads"].values()))


def _of_heads(college: str, unit: str, sums: Json) -> Mapping[Cell, Mapping[str, Fraction]]:
    return Heads({ballot: int(number) for ballot, number in sums["heads"].items()}, college, unit)


def _rows(groups: Json) -> Mapping[Cell, Mapping[str, Fraction]]:
    rows: dict[Cell, dict[str, Fraction]] = {}
    for college, unit, sums in groups:
        for measure, figures in sums.items():
            for ballot, figure in figures.items():
                rows.setdefault((ballot, college, unit), {})[measure] = Fraction(figure)
    return rows


def _fields_to_json(value: Any) -> Json:
    shape = {}
    for one in fields(value):
        content = getattr(value, one.name)
        empty = one.default_factory() if one.default_factory is not MISSING else one.default
        if content != empty:
            shape[one.name] = to_json(content)
    return shape


def _profile_to_json(profile: Profile) -> Json:
    groups: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    if isinstance(profile.rows, Heads) and profile.rows:
        numbers = profile.rows.numbers
        groups[profile.rows.place] = {"heads": dict(zip(numbers, map(str, numbers.values()), strict=True))}
    else:
        for (ballot, college, unit), measures in profile.rows.items():
            group = groups.setdefault((college, unit), {})
            for measure, figure in measures.items():
                group.setdefault(measure, {})[ballot] = str(figure)
    shape: dict[str, Json] = {"groups": [[*place, group] for place, group in sorted(groups.items())]} if groups else {}
    if profile.measure != "heads":
        shape["measure"] = profile.measure
    return shape if profile.whole is None else {**shape, "whole": str(profile.whole)}


def _electorate_to_json(electorate: Electorate) -> Json:
    return {"voters": to_json(electorate.voters)} if electorate else {}


_WRITERS: Mapping[type, Callable[[Any], Json]] = {
    Fraction: str,
    Profile: _profile_to_json,
    Electorate: _electorate_to_json,
}


def _items_to_json(value: object) -> Json:
    if isinstance(value, frozenset):
        return sorted(to_json(item) for item in value)
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no exact written form")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is a string, not {type(key).__name__}")
    return key


def _refuse_texts_that_read_as_figures(value: Reason | Outcome) -> None:
    said: Iterable[Figure] = (
        value.facts.values()
        if isinstance(value, Reason)
        else (figure for rows in value.tables.values() for row in rows for figure in row)
    )
    for figure in said:
        if isinstance(figure, str) and isinstance(_figure(figure), Fraction):
            raise ValueError(f"the text {figure!r} among figures reads as a figure: name it with a letter")


def _read(kind: Callable[..., T], shape: Mapping[str, Json], **readers: Callable[[Json], Any]) -> T:
    return kind(**{name: readers.get(name, _same)(content) for name, content in shape.items()})


def _same(content: Json) -> Json:
    return content


def _each(reader: Callable[[Json], T]) -> Callable[[Json], tuple[T, ...]]:
    return lambda shapes: tuple(reader(shape) for shape in shapes)


def _frozen(content: Json) -> Any:
    if isinstance(content, list):
        return tuple(_frozen(item) for item in content)
    return content


def _measures(shape: Json) -> dict[str, Fraction]:
    return {name: Fraction(sum_) for name, sum_ in shape.items()}


def _figures(shape: Json) -> dict[str, Figure]:
    return {name: _figure(content) for name, content in shape.items()}


def _tables(shape: Json) -> dict[str, tuple[tuple[Figure, ...], ...]]:
    return {name: tuple(tuple(_figure(cell) for cell in row) for row in rows) for name, rows in shape.items()}


def _figure(content: Json) -> Figure:
    if not isinstance(content, str):
        figure: int = content
        return figure
    if FIGURE.fullmatch(content) is None:
        return content
    read = Fraction(content)
    return read if str(read) == content else content
