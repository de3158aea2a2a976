"""Whether a secret vote can be secret: those whom the count tells apart must be enough to hide among."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from app.rules.contract import Voter

SMALLEST_CELL: Final = 5
"""In a secret vote no group of fewer people is told apart."""


def uncovered(voters: Iterable[Voter], reads: Collection[str]) -> int | None:
    """How many are in the smallest group that the count tells apart by ``reads``, if it is too small to hide in."""
    groups = Counter(tuple(_told(voter)[name] for name in sorted(reads)) for voter in voters)
    smallest = min(groups.values(), default=0)
    return smallest if len(groups) > 1 and smallest < SMALLEST_CELL else None


def _told(voter: Voter) -> dict[str, object]:
    return {"college": voter.college, "unit": voter.unit, "weights": tuple(sorted(voter.measures.items()))}
