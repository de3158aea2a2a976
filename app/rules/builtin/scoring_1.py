"""What rules that add up approvals or points share: places filled from the best down, ties that stay, the middle mark.

First version: it stays as it is for as long as a version 1 of such a rule does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, groupby

from app.rules.choosing import parted
from app.rules.contract import Figure, Reason, Verdict
from app.rules.figures import plain
from app.rules.margins import settling

Number = int | Fraction
Key = tuple[Number, ...]
"""What places an option: the higher the better; options with equal keys are level."""
Table = tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """How places were filled. Shapes: options, the best first, those that are level in the order of their ids.

    ``last`` are the least of those elected without a tie-break and ``next`` the best of those who were not. ``tied``
    are level for the ``left`` places that remain, also when a tie-break has ``broken`` the tie.
    """

    winners: tuple[str, ...]
    last: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    left: int = 0
    broken: bool = False

    @property
    def verdict(self) -> Verdict:
        """``tied`` as long as nothing has broken a tie."""
        if self.tied and not self.broken:
            return "tied"
        return "elected" if self.winners else "not_elected"

    def because(
        self, elected: Reason, tie: Reason, *change: Reason, settles: bool, by_heads: bool
    ) -> tuple[Reason, ...]:
        """What decided comes first, then what would have changed it; ``settles``: one more ballot for each of so many
        of the tied as there are places left would have elected these, or any weight where not everybody weighs one."""
        if not self.tied:
            return (elected, *change)
        if self.broken:
            return (elected, tie)
        if not settles:
            return (tie, elected) if self.winners else (tie,)
        more = Reason("one_more_ballot", {"number": self.left}) if by_heads else settling(self.left)
        return (tie, more, elected) if self.winners else (tie, more)

    def status(self, option: str) -> str:
        """The code of how an option ended."""
        if option in self.winners:
            return "elected"
        return "tied" if option in self.tied and not self.broken else "out"

    def table(self, columns: Sequence[str], rows: Mapping[str, tuple[Figure, ...]]) -> Table:
        """Each option with its figures and how it ended."""
        return (("option", *columns, "status"), *((one, *figures, self.status(one)) for one, figures in rows.items()))


def fill(keys: Mapping[str, Key], places: int, order: Sequence[str]) -> Filled:
    """Fills places from the highest key down; level options share their fate, unless the order parts them."""
    winners: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    for level in levels(keys):
        left = places - len(winners)
        if left == 0:
            return Filled(winners, last, level)
        if len(level) > left:
            first = parted(level, order, left)
            return Filled((*winners, *first), last, tied=level, left=left, broken=bool(first))
        winners, last = (*winners, *level), level
    return Filled(winners, last)


def levels(keys: Mapping[str, Key]) -> list[tuple[str, ...]]:
    """The options by key, the highest first; those that are level by id."""
    best_first = sorted(sorted(keys), key=keys.__getitem__, reverse=True)
    return [tuple(level) for _, level in groupby(best_first, key=keys.__getitem__)]


def lower_median(marks: Mapping[int, Number]) -> int:
    """The mark in the middle, the lower one when two stand there. Shape: the weight of each mark, not empty."""
    ordered = sorted(marks.items())
    half = Fraction(total(marks.values()), 2)
    return next(
        mark
        for (mark, _), up_to in zip(ordered, accumulate(weight for _, weight in ordered), strict=True)
        if up_to >= half
    )


def total(numbers: Iterable[Number]) -> Number:
    """The exact sum."""
    return sum(numbers, 0)


def shown(number: Number) -> Number:
    """A number as people read it."""
    return plain(Fraction(number))
