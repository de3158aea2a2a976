"""Ballots as they are in a file, whatever its format: what stands on them and how often each was cast."""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from app.formats.malformed import Unfit
from app.rules.papers import ALONE, OPTION, Kind, Paper, ranks

_LONGEST_STEM: Final = 34
"""Characters of an id before a number that tells it from another."""
_SCALE: Final = 999_999


@dataclass(frozen=True, slots=True)
class Ballots:
    """The ballots of a vote, aggregated.

    Shapes: ``options`` gives the name of each option by its id; ``rows`` the exact weight of each distinct ballot, in
    the canonical notation of a paper of this ``kind``; what stands alone (``abstain``, ``blank``) may be among them.
    ``seats`` and ``title`` are what the file says of the vote, if it does.
    """

    options: Mapping[str, str]
    rows: Mapping[str, Fraction]
    kind: Kind
    seats: int | None = None
    title: str | None = None

    @property
    def total(self) -> Fraction:
        """The weight of all ballots together."""
        return sum(self.rows.values(), Fraction(0))


def widest(kind: Kind) -> Paper:
    """The paper that takes every ballot of a kind."""
    return Paper(kind, low=-_SCALE, high=_SCALE)


def fitted(ballots: Ballots, kind: Kind) -> Ballots:
    """The same ballots as another kind where they say the same: one option is an approval or a ranking, a single rank
    is an approval. Raises :class:`Unfit`, code ``other_kind``."""
    if ballots.kind == kind:
        return ballots
    marked = [ballot for ballot in ballots.rows if ballot not in ALONE]
    plain = not any(sign in ballot for ballot in marked for sign in ",:=>")
    if not marked or (plain and "rating" not in (kind, ballots.kind)):
        return replace(ballots, kind=kind)
    if (ballots.kind, kind) == ("ranking", "approval") and not any(">" in ballot for ballot in marked):
        rows = {ballot if ballot in ALONE else ",".join(ranks(ballot)[0]): n for ballot, n in ballots.rows.items()}
        return replace(ballots, rows=rows, kind=kind)
    raise Unfit("other_kind", has=ballots.kind, needs=kind)


def id_of(name: str, taken: Container[str]) -> str:
    """The id of an option by its name: the name itself if it can be, else its letters without accents."""
    if OPTION.fullmatch(name) and name not in ALONE and name not in taken:
        return name
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    if not stem[:1].isalpha() or stem in ALONE:
        stem = f"option_{stem}"
    stem = stem[:_LONGEST_STEM].strip("_")
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found
