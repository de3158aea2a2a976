"""BLT, the format of programs that count transferable votes: numbered candidates, rankings with their weights.

It was first described by Hill, Wichmann and Woodall in "Algorithm 123: Single transferable vote by Meek's method", The
Computer Journal 30, 1987; read here with what is in use since: comments after ``#``, candidates of equal rank joined by
``=``, a skipped rank ``-``, decimal weights.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from app.formats.ballots import Ballots, distinct, fitted, require_plain
from app.formats.gathering import MOST_SEATS, Gathering, Weight, decimal, named, number_of, twice, weight_of
from app.formats.malformed import Fault, Unfit
from app.formats.source import Source
from app.rules.papers import ALONE, MOST_OPTIONS, Kind, ranking, ranks

_WITHDRAWN: Final = re.compile(r"-[1-9][0-9]{0,2}(\s+-[1-9][0-9]{0,2})*(\s+0)?")
_STRING: Final = re.compile(r'\s*"([^"]*)"')
_MORE_TEXTS: Final = 3
"""The title and two remarks may follow the names."""


def read(source: Source, _wanted: Kind | None = None) -> Ballots:
    """The rankings of a file. Candidates who withdrew do not stand, and are passed over. Raises :class:`Fault`."""
    lines = _numbers(source)
    candidates, seats = _head(lines)
    found = Gathering()
    found.seats = seats
    withdrawn = _ballots(lines, candidates, found)
    texts = list(islice(_texts(source), candidates + _MORE_TEXTS + 1))
    if len(texts) < candidates:
        raise Fault("blt_names_missing", found=len(texts), needed=candidates)
    names = {}
    for number, (line, column, name) in enumerate(texts[:candidates], start=1):
        if number not in withdrawn:
            names[str(number)] = found.new_option(name, column, line)
    found.rename(names)
    _remarks(found, texts[candidates:])
    return found.done("ranking")


def write(ballots: Ballots) -> Iterator[str]:
    """The lines of a file. What stands alone is written as a ballot without preferences, and a double quote in a name
    as a single one. Raises :class:`Unfit`: only rankings with decimal weights have a place, and nobody is told
    apart."""
    require_plain(ballots)
    rankings = fitted(ballots, "ranking").rows
    numbers = {option: str(number) for number, option in enumerate(ballots.options, start=1)}
    yield f"{len(numbers)} {ballots.seats or 1}\n"
    for ballot, weight in sorted(rankings.items()):
        written = decimal(weight)
        if written is None:
            raise Unfit("weight_not_decimal", weight=str(weight))
        marked = () if ballot in ALONE else ranks(ballot)
        yield " ".join([written, *("=".join(numbers[one] for one in rank) for rank in marked), "0\n"])
    yield "0\n"
    names = distinct({one: name.replace('"', "'") for one, name in ballots.options.items()})
    for text in (*names.values(), (ballots.title or "").replace('"', "'")):
        yield f'"{text}"\n'


def _numbers(source: Source) -> Iterator[str]:
    """Lines that hold something besides a comment."""
    for line in source:
        said = line.partition("#")[0].rstrip()
        if said:
            yield said
    raise Fault("blt_ends_early", 1, source.number + 1)


def _head(lines: Iterator[str]) -> tuple[int, int]:
    line = next(lines)
    words = line.split()
    if len(words) != len(("candidates", "seats")):
        raise Fault("blt_head")
    return number_of(words[0], _column(line, 0), MOST_OPTIONS), number_of(words[1], _column(line, 1), MOST_SEATS)


def _ballots(lines: Iterator[str], candidates: int, found: Gathering) -> frozenset[int]:
    """Reads the ballots up to the line ``0``, as rankings of numbers. Gives the numbers of those who withdrew."""
    withdrawn: frozenset[int] = frozenset()
    standing = frozenset(map(str, range(1, candidates + 1)))
    begun = False

    @lru_cache(4_096)
    def ranked(preferences: str) -> str:
        words = preferences.split()
        if len(standing.intersection(words)) == len(words) > 0:  # nearly all: each of them once
            return ">".join(words)
        marked = [_rank(word, place, candidates) for place, word in enumerate(words, start=1)]
        again = twice(one for rank in marked for one in rank)
        if again is not None:
            raise _Word("candidate_twice", max(n for n, rank in enumerate(marked, 1) if again in rank), number=again)
        there = [[one for one in rank if int(one) not in withdrawn] for rank in marked]
        return ranking([rank for rank in there if rank]) or "blank"

    while (line := next(lines)).strip() != "0":
        if not begun and _WITHDRAWN.fullmatch(line.strip()):
            gone = (_withdrawn(line, place, candidates) for place in range(len(line.split())))
            withdrawn |= frozenset(gone) - {0}
            standing -= frozenset(map(str, withdrawn))
            continue
        begun = True
        weight, *preferences = line.split(None, 1)
        try:
            given = _weight(line, weight)
            found.add(ranked(_ended(line, preferences)), given)
        except _Word as fault:
            raise Fault(fault.code, _column(line, fault.place), **fault.facts) from None
    return withdrawn


def _weight(line: str, weight: str) -> Weight:
    given = weight_of(weight, _column(line, 0))
    if not given:
        raise _Word("blt_no_weight", 0)
    return given


def _ended(line: str, preferences: list[str]) -> str:
    """The preferences without the 0 that must end them: a line that lost it would be taken for a longer one."""
    if not preferences or preferences[0].split()[-1] != "0":
        raise _Word("blt_unended", len(line.split()))
    return preferences[0].rstrip().removesuffix("0")


def _withdrawn(line: str, place: int, candidates: int) -> int:
    number = -int(line.split()[place])
    if number > candidates:
        raise Fault("blt_no_candidate", _column(line, place), number=number, candidates=candidates)
    return number


class _Word(ValueError):
    """What is wrong with one word of a line, ``place`` counting from 0."""

    def __init__(self, code: str, place: int, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.place = place
        self.facts = facts


def _rank(word: str, place: int, candidates: int) -> list[str]:
    """The candidates of one rank; none if it was skipped."""
    if word == "-":
        return []
    numbers = word.split("=")
    for one in numbers:
        if one == "0":
            raise _Word("blt_after_end", place)
        if not re.fullmatch("[1-9][0-9]{0,9}", one):
            raise _Word("blt_word", place, at=word[:40])
        if int(one) > candidates:
            raise _Word("blt_no_candidate", place, number=int(one), candidates=candidates)
    return numbers


def _texts(source: Source) -> Iterator[tuple[int, int, str]]:
    """The texts after the ballots with their places: quoted ones, or a line as it stands."""
    for line in source:
        at = 0
        if not line.lstrip().startswith('"'):
            said = line.partition("#")[0]
            if said.strip():
                yield source.number, len(said) - len(said.lstrip()) + 1, said
            continue
        while rest := line[at:].strip():
            match = _STRING.match(line, at)
            if match is None:
                if rest.startswith("#"):
                    break
                raise Fault("blt_quotes", len(line) - len(line[at:].lstrip()) + 1)
            yield source.number, match.start(1) + 1, match[1]
            at = match.end()


def _remarks(found: Gathering, texts: list[tuple[int, int, str]]) -> None:
    if len(texts) > _MORE_TEXTS:
        line, column, _ = texts[_MORE_TEXTS]
        raise Fault("blt_too_much", column, line)
    for line, column, title in texts[:1]:
        found.title = named(title, column, line) if title.strip() else None


def _column(line: str, place: int) -> int:
    """Where a word of a line begins; behind its end when there is none."""
    starts = [match.start() + 1 for match in re.finditer(r"\S+", line)]
    return starts[place] if place < len(starts) else len(line) + 1
