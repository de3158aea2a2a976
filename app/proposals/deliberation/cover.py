"""Whether a secret vote is secret: those whom its count tells apart must be enough to hide among, and what is told must
not be the ballots of a few."""

from collections import Counter
from collections.abc import Collection, Container
from typing import Final

from app.rules.contract import Electorate, Floor, Outcome, Phase, Reason, Voter

SMALLEST_CELL: Final = 5
"""In a secret vote no group of fewer people is told apart: neither of those who may vote, when it opens, nor of those
who have voted, when it closes."""
FEWEST_LISTED: Final = 20
"""Of a secret vote with fewer ballots only totals are told, and no list."""
TOO_FEW_TO_HIDE: Final = "too_few_to_hide"


def uncovered(electorate: Electorate, reads: Collection[str]) -> int | None:
    """How many may vote in the smallest group that the count tells apart by ``reads``, if too few to hide among."""
    groups = _groups(electorate.voting, reads, electorate.ids)
    smallest = min(groups.values(), default=0)
    return smallest if len(groups) > 1 and smallest < SMALLEST_CELL else None


def exposed(electorate: Electorate, reads: Collection[str], roll: Collection[str]) -> Outcome | None:
    """The outcome of a secret vote that would tell too few apart: somebody of a group that its count tells apart has
    voted, and too few of them to hide in. Nothing is counted then, for whatever was told of one group, what is told of
    the others and of all would tell it too.

    It follows from the frozen ``electorate`` and the ``roll`` of those who took part, and from nothing that was marked.
    """
    groups = _groups(electorate, reads, frozenset(roll))
    if len(groups) > 1 and any(0 < voters < SMALLEST_CELL for voters in groups.values()):
        reason = Reason(TOO_FEW_TO_HIDE, {"voters": len(roll), "needed": SMALLEST_CELL})
        return Outcome("invalid", reasons=(reason,))
    return None


def may_be_told(phase: Phase, ballots: int) -> bool:
    """Whether the profile of a vote is for everybody: of few secret ballots, only where each has one mark of those that
    all could make, so that the profile is made of totals. Where several options are marked or ranked, hardly two
    ballots are alike, and their profile is their list."""
    return phase.sight != "secret" or ballots >= FEWEST_LISTED or all(map(_has_one_mark, phase.floors))


def _has_one_mark(floor: Floor) -> bool:
    return bool(floor.among) if floor.paper is None else floor.paper.kind == "one"


def _groups(electorate: Electorate, reads: Collection[str], counted: Container[str]) -> Counter[tuple[object, ...]]:
    """How many of those who are ``counted`` are in each group that the count tells apart, none included."""
    groups = Counter[tuple[object, ...]]()
    for group in electorate.groups:
        told = _told(group.like)
        groups[tuple(told[name] for name in sorted(reads))] += sum(id in counted for id in group.members)
    return groups


def _told(voter: Voter) -> dict[str, object]:
    return {"college": voter.college, "unit": voter.unit, "weights": tuple(sorted(voter.measures.items()))}
