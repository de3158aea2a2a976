"""ABIF, the aggregated ballot information format of electorama: one line for all ballots that say the same.

``27:a>b=c`` is a ranking, ``27:a/5,b/3`` gives points (also along a ranking), ``27:a,b`` approves, ``27:a`` names one;
``=a:[Name in full]`` says what an option is called, ``[Name in full]`` may stand on a ballot itself,
``{"title": "Fruit"}`` tells about the vote, ``#`` begins a comment.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from app.formats.ballots import Ballots, distinct, require_plain
from app.formats.gathering import MOST_SEATS, Gathering, decimal, named, number_of, twice, weight_of
from app.formats.malformed import Fault, Unfit
from app.formats.source import Source
from app.rules.papers import ALONE, Kind, approved, points, ranking, ranks

_BARE: Final = r"[^\s\[\]{}<>=,:;/*#\"]+"
_OPTION: Final = rf"(?:\[(?P<name>[^\[\]]*)\]|(?P<bare>{_BARE}))"
_VOTES: Final = re.compile(r"\s*(?P<count>[^\s:*]+)\s*[:*]")
_MARK: Final = re.compile(rf"\s*{_OPTION}\s*(?:/\s*(?P<points>-?[0-9]{{1,6}})(?![0-9.])\s*)?(?P<sign>[>=,]?)\s*")
_NOT_PLAIN: Final = re.compile(r"[\[\]{}<=,:;/*#\"]")
_CALLED: Final = re.compile(rf"\s*=\s*{_OPTION}\s*:\s*\[(?P<full>[^\[\]]*)\]\s*(#.*)?")
_ABOUT: Final = re.compile(r"\s*\{\s*\"?(?P<key>\w+)\"?\s*:(?P<value>.*)\}\s*(#.*)?")
_FURTHER: Final = re.compile(r":\s*\{.*\}\s*")
_ROUND: Final = str.maketrans("[]", "()")
_TITLE: Final = re.compile(r"ABIF\b[^:]*")


class _Mark(NamedTuple):
    option: str
    points: int | None
    sign: str
    column: int


def read(source: Source, wanted: Kind | None = None) -> Ballots:
    """The ballots of a file; of one that has ranks and points the ranks, if rankings are wanted. Raises
    :class:`Fault`."""
    found = Gathering(wanted)

    @lru_cache(4_096)
    def ballot(marks: str, at: int) -> str:
        plain = None if _NOT_PLAIN.search(marks) else found.strict([one.strip() for one in marks.split(">")])
        return plain or _ballot(found, marks, at, wanted)

    for line in source:
        said = line.strip()
        if not said or said.startswith("#") or _TITLE.fullmatch(said):
            continue
        if said.startswith("="):
            _call(found, line)
        elif said.startswith("{"):
            _about(found, line)
        else:
            votes = _VOTES.match(line)
            if votes is None:
                raise Fault("abif_line", len(line) - len(line.lstrip()) + 1)
            weight = weight_of(votes["count"], votes.start("count") + 1)
            found.add(ballot(line[votes.end() :], votes.end()), weight)
    return found.done()


def write(ballots: Ballots) -> Iterator[str]:
    """The lines of a file. What stands alone is written as a ballot that marks nothing, and brackets in a name as
    parentheses. Raises :class:`Unfit`: only decimal weights have a place, and nobody is told apart."""
    require_plain(ballots)
    if ballots.title:
        yield f"{json.dumps({'title': ballots.title}, ensure_ascii=False)}\n"
    if ballots.seats:
        yield f'{{"seats": {ballots.seats}}}\n'
    names = distinct({one: name.translate(_ROUND) for one, name in ballots.options.items()})
    for option, name in names.items():
        yield f"={option}:[{name}]\n"
    for ballot, weight in sorted(ballots.rows.items()):
        count = decimal(weight)
        if count is None:
            raise Unfit("weight_not_decimal", weight=str(weight))
        yield f"{count}:{'' if ballot in ALONE else _marks(ballot, ballots.kind)}\n"


def _marks(ballot: str, kind: Kind) -> str:
    match kind:
        case "rating":
            return ",".join(f"{option}/{given}" for option, given in points(ballot).items())
        case "ranking":
            return ">".join("=".join(rank) for rank in ranks(ballot))
        case "approval":
            return ",".join(approved(ballot))
        case "one":
            return ballot


def _ballot(found: Gathering, line: str, at: int, wanted: Kind | None) -> str:
    """What the marks of a line say; ``at`` is where they begin in it."""
    marks = [_Mark(found.option(one.option, one.column), *one[1:]) for one in _read_marks(line, at)]
    if not marks:
        return "blank"
    again = twice(mark.option for mark in marks)
    if again is not None:
        column = [mark.column for mark in marks if mark.option == again][1]
        raise Fault("ballot_option_twice", column, option=found.name(again))
    signs = {mark.sign for mark in marks[:-1]}
    if "," in signs and len(signs) > 1:
        raise Fault("abif_signs_mixed", marks[0].column)
    rated = [mark.points is not None for mark in marks]
    if any(rated):
        if not all(rated):
            raise Fault("abif_points_missing", marks[rated.index(False)].column)
        _agree(marks)
        if wanted != "ranking" or signs <= {","}:
            return found.rated({mark.option: mark.points or 0 for mark in marks}, marks[0].column)
    if signs == {","}:
        found.of_kind("approval", marks[0].column)
        return ",".join(sorted(mark.option for mark in marks))
    found.of_kind("ranking" if signs else "one", marks[0].column)
    return _ranking(marks)


def _read_marks(line: str, at: int) -> Iterator[_Mark]:
    place, sign, begun = len(line) - len(line.lstrip()), "", False
    while place < len(line) and line[place] != "#" and not _FURTHER.fullmatch(line, place):
        match = _MARK.match(line, place)
        if match is None or (begun and not sign):
            raise Fault("abif_mark", at + place + 1, at=line[place : place + 40].strip())
        name = match["bare"] if match["name"] is None else match["name"]
        start = at + match.start("bare" if match["name"] is None else "name") + 1
        sign, place, begun = match["sign"], match.end(), True
        yield _Mark(name, None if match["points"] is None else int(match["points"]), sign, start)
    if sign:
        raise Fault("abif_sign_last", at + place + 1, sign=sign)


def _agree(marks: list[_Mark]) -> None:
    """Points that are given along a ranking must not be against it."""
    for one, other in pairwise(marks):
        first, then = one.points or 0, other.points or 0
        if (one.sign == ">" and first < then) or (one.sign == "=" and first != then):
            raise Fault("abif_points_against_ranks", other.column)


def _ranking(marks: list[_Mark]) -> str:
    rows: list[list[str]] = [[]]
    for mark in marks:
        rows[-1].append(mark.option)
        if mark.sign == ">":
            rows.append([])
    return ranking(rows)


def _call(found: Gathering, line: str) -> None:
    match = _CALLED.fullmatch(line)
    if match is None:
        raise Fault("abif_call", line.index("=") + 1)
    token = match["bare"] if match["name"] is None else match["name"]
    option = found.option(token, line.index("=") + 2)
    found.call(option, match["full"], match.start("full") + 1)


def _about(found: Gathering, line: str) -> None:
    """What a line tells about the vote, in JSON or as one name without quotes; only what is known here is taken."""
    start = line.index("{")
    loose = _ABOUT.fullmatch(line)
    told = _json(line) or (loose and {loose["key"]: _json(loose["value"])})
    if not isinstance(told, dict):
        raise Fault("abif_about", start + 1)
    if told.get("seats") is not None:
        found.seats = number_of(str(told["seats"]), start + 1, MOST_SEATS)
    if told.get("title") is not None:
        found.title = named(str(told["title"]), start + 1)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
