"""Ballots as they are in a file, whatever its format: what stands on them and how often each was cast."""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Final, Literal

from app.formats.apart import Electors
from app.formats.malformed import Unfit
from app.rules.papers import ALONE, NONE, OPTION, Kind, Paper, ranks
from app.rules.profile import Cell

LONGEST_NAME: Final = 200
Author = Literal["alone", "perhaps_alone"]
"""How it is said that nobody but the author of a proposal expressed a choice."""

_LONGEST_STEM: Final = 34
"""Characters of an id before a number that tells it from another."""
_SCALE: Final = 999_999
_RESERVED: Final = (*ALONE, NONE)


@dataclass(frozen=True, slots=True)
class Ballots:
    """The ballots of a vote, aggregated.

    Shapes: ``options`` gives the name of each option by its id; ``rows`` the exact weight of each distinct ballot, in
    the canonical notation of a paper of this ``kind``; answers that stand alone may be among them. ``seats`` and
    ``title`` are what the file says of the vote, if it does.

    ``apart``, where voters are told apart: the sum of each measure per distinct ballot, college and unit, ``heads``
    being how many ballots there are; ``colleges`` what colleges are called, by id; ``electors`` who could vote, in
    groups of those who are alike; ``author`` whether nobody but the author of the proposal expressed a choice.
    """

    options: Mapping[str, str]
    rows: Mapping[str, Fraction]
    kind: Kind
    seats: int | None = None
    title: str | None = None
    apart: Mapping[Cell, Mapping[str, Fraction]] | None = None
    colleges: Mapping[str, str] = field(default_factory=dict)
    electors: tuple[Electors, ...] | None = None
    author: Author | None = None

    @property
    def alone(self) -> tuple[str, ...]:
        """The answers that mark nothing: ``none`` is one of them unless an option goes by that id."""
        return alone(self.options)

    @property
    def total(self) -> Fraction:
        """The weight of all ballots together."""
        return sum(self.rows.values(), Fraction(0))


def alone(options: Container[str]) -> tuple[str, ...]:
    """The answers that mark none of these options."""
    return ALONE if NONE in options else (*ALONE, NONE)


def widest(kind: Kind, options: Container[str]) -> Paper:
    """The paper that takes every ballot of a kind on these options."""
    return Paper(kind, low=-_SCALE, high=_SCALE, alone=alone(options))


def fitted(ballots: Ballots, kind: Kind) -> Ballots:
    """The same ballots as another kind where they say the same: one option is an approval or a ranking, a single rank
    is an approval. Raises :class:`Unfit`, code ``other_kind``."""
    if ballots.kind == kind:
        return ballots
    marked = [ballot for ballot in ballots.rows if ballot not in ballots.alone]
    plain = not any(sign in ballot for ballot in marked for sign in ",:=>")
    if not marked or (plain and "rating" not in (kind, ballots.kind)):
        return replace(ballots, kind=kind)
    if (ballots.kind, kind) == ("ranking", "approval") and not any(">" in ballot for ballot in marked):
        said = {ballot: ballot if ballot in ballots.alone else ",".join(ranks(ballot)[0]) for ballot in ballots.rows}
        rows = {said[ballot]: number for ballot, number in ballots.rows.items()}
        apart = ballots.apart and {(said[cell[0]], *cell[1:]): sums for cell, sums in ballots.apart.items()}
        return replace(ballots, rows=rows, kind=kind, apart=apart)
    raise Unfit("other_kind", has=ballots.kind, needs=kind)


def id_of(name: str, taken: Container[str]) -> str:
    """The id of an option by its name: the name itself if it can be, else its letters without accents."""
    if OPTION.fullmatch(name) and name not in _RESERVED and name not in taken:
        return name
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    if not stem[:1].isalpha() or stem in _RESERVED:
        stem = f"option_{stem}"
    stem = stem[:_LONGEST_STEM].strip("_")
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found


def require_plain(ballots: Ballots) -> None:
    """Nobody is told apart, and nobody says that they want none of the options, in a format without a place for it.
    Raises :class:`Unfit`."""
    if ballots.apart is not None:
        raise Unfit("told_apart")
    if NONE in ballots.alone and NONE in ballots.rows:
        raise Unfit("none_of_these")


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Names by id, as a file takes them: each is one line, and no two are alike; a number tells the later one apart."""
    given: dict[str, str] = {}
    for one, name in names.items():
        called = plain = " ".join(name.split())[:LONGEST_NAME].rstrip()
        for number in count(2):
            if called not in given.values():
                break
            sign = f" ({number})"
            called = plain[: LONGEST_NAME - len(sign)].rstrip() + sign
        given[one] = called
    return given
