"""The ballots of a vote, aggregated: every count starts here, and who cast what is not in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from app.rules.weights import Whole, weight

Cell = tuple[str, str, str]  # ballot in canonical form, college, unit


class Heads(Mapping[Cell, Mapping[str, Fraction]]):
    """The rows of voters whom nothing tells apart, each of whom counts for one: how many cast each ballot, one or
    more."""

    __slots__ = ("numbers", "place")

    def __init__(self, numbers: Mapping[str, int], college: str = "", unit: str = "") -> None:
        ballots = sorted(numbers)  # as a database gives them already: then there is nothing to look up again
        is_sorted = ballots == list(numbers)
        self.numbers = dict(numbers) if is_sorted else {ballot: numbers[ballot] for ballot in ballots}
        self.place = (college, unit)

    def __getitem__(self, cell: Cell) -> Mapping[str, Fraction]:
        ballot, *place = cell
        if tuple(place) != self.place:
            raise KeyError(cell)
        return heads(self.numbers[ballot])

    def __iter__(self) -> Iterator[Cell]:
        return ((ballot, *self.place) for ballot in self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Profile:
    """The ballots of a vote, aggregated.

    ``rows`` gives the sum of each measure per distinct ballot, college and unit. ``measure`` is the one that counts:
    heads, unless a rule weighs voters or colleges. ``whole`` is what 100 % is when that is not what was expressed.
    """

    rows: Mapping[Cell, Mapping[str, Fraction]] = field(default_factory=dict)
    whole: Fraction | None = None
    measure: str = "heads"
    _sums: dict[str, Mapping[str, Fraction]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _heads: list[int] = field(default_factory=list, init=False, compare=False, repr=False)

    def total(self, measure: str | None = None) -> Mapping[str, Fraction]:
        """Sum of a measure, else of the one that counts, per distinct ballot, in the order of their canonical form."""
        counted = measure or self.measure
        found = self._sums.get(counted)
        if found is None:
            found = self._sums[counted] = self._summed(counted)
        return found

    @property
    def by_heads(self) -> bool:
        """Whether everybody counts for one, so that people can be told how many of them would have changed it."""
        return self.measure == "heads" and self.whole is None

    @property
    def heads(self) -> int:
        """How many people cast these ballots."""
        if not self._heads:
            rows = self.rows
            counted = sum(rows.numbers.values()) if isinstance(rows, Heads) else weight(self.total("heads"))
            self._heads.append(int(counted))
        return self._heads[0]

    def _summed(self, measure: str) -> Mapping[str, Fraction]:
        if isinstance(self.rows, Heads) and measure == "heads":
            return Whole(self.rows.numbers)
        sums: dict[str, Fraction] = {}
        for (ballot, _, _), measures in self.rows.items():
            figure = measures.get(measure, _NOTHING)
            before = sums.get(ballot)
            sums[ballot] = figure if before is None else before + figure
        return {ballot: sums[ballot] for ballot in sorted(sums)}


@lru_cache(maxsize=1_000)
def heads(number: int) -> Mapping[str, Fraction]:
    """What so many ballots weigh where nothing but heads counts: one and the same for all who ask."""
    return MappingProxyType({"heads": Fraction(number)})


_NOTHING = Fraction(0)
