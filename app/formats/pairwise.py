"""Preferences that were counted elsewhere: for every two options, how many put the first above the second.

As a table the first cell is ``pairwise``, then come the options; each row names one and says how many prefer it to each
of the others, in their columns; on the diagonal nothing stands. In JSON they are rows of two options and a figure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from app.formats.cells import require_width
from app.formats.gathering import Gathering, Weight, weight_of
from app.formats.malformed import Fault
from app.formats.pieces import Pieces
from app.rules.figures import plain

FORMAT: Final = "cercle-pairwise"
_CORNER: Final = "pairwise"
_EMPTY: Final = frozenset({"", "-", "0"})


@dataclass(frozen=True, slots=True)
class Pairwise:
    """Shapes: ``options`` gives the name of each option by its id; ``pairs[a][b]`` the weight of those who prefer ``a``
    to ``b``, for every two options."""

    options: Mapping[str, str]
    pairs: Mapping[str, Mapping[str, Weight]]
    title: str | None = None

    @property
    def voters(self) -> Weight:
        """The fewest who can have said this: for two options, those who prefer one to the other."""
        both = (self.pairs[one][other] + self.pairs[other][one] for one in self.pairs for other in self.pairs[one])
        return max(both, default=0)


def is_pairwise(header: Sequence[str]) -> bool:
    """Whether a table with this header holds preferences instead of ballots."""
    return header[0].lower() == _CORNER if header else False


def read_rows(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> Pairwise:
    """The preferences of a table. Raises :class:`Fault`, whose column is that of the table."""
    found = Gathering()
    options = [found.new_option(name, place) for place, name in enumerate(header[1:], start=2)]
    pairs: dict[str, dict[str, Weight]] = {}
    last = 1
    for last, cells in rows:
        try:
            require_width(cells, len(header))
            one = _row_of(found, options, cells[0])
            if one in pairs:
                raise Fault("pairs_twice", 1, option=found.name(one))
            pairs[one] = dict(_figures(one, options, cells))
        except Fault as fault:
            raise Fault(fault.code, fault.column, last, **fault.facts) from None
    missing = next((one for one in options if one not in pairs), None)
    if missing is not None:
        raise Fault("pairs_missing", 1, last, option=found.name(missing))
    return Pairwise(found.done().options, pairs)


def gathered(
    pieces: Pieces, options: Mapping[str, str], rows: Iterable[tuple[int, tuple[str, str, Weight]]], title: str | None
) -> Pairwise:
    """The preferences of a file in JSON, once its options are known. Raises :class:`Fault`."""
    pairs: dict[str, dict[str, Weight]] = {one: {} for one in options}
    for at, (one, other, weight) in rows:
        unknown = next((option for option in (one, other) if option not in options), None)
        if unknown is not None:
            raise pieces.fault("ballot_unknown_option", at, option=unknown[:40])
        if one == other or other in pairs[one]:
            raise pieces.fault("pairs_twice", at, option=options[one])
        pairs[one][other] = weight
    missing = next((one for one in options if len(pairs[one]) < len(options) - 1), None)
    if missing is not None:
        raise pieces.fault("pairs_missing", option=options[missing])
    return Pairwise(options, pairs, title)


def pair(pieces: Pieces, row: Any) -> tuple[str, str, Weight]:
    """Two options and a figure, as they are written. Raises :class:`Fault`."""
    match row:
        case [str(one), str(other), figure]:
            return one, other, plain(pieces.exact(figure))
    raise pieces.fault("json_pair")


def _row_of(found: Gathering, options: Sequence[str], name: str) -> str:
    known = {found.name(one): one for one in options}
    called = " ".join(name.split())
    if called not in known:
        raise Fault("pairs_unknown", 1, option=called[:40])
    return known[called]


def _figures(one: str, options: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, Weight]]:
    for place, (other, cell) in enumerate(zip(options, cells[1:], strict=True), start=2):
        if other != one:
            yield other, plain(Fraction(weight_of(cell, place)))
        elif cell not in _EMPTY:
            raise Fault("pairs_diagonal", place)
