"""What people should know before they vote: whether a ballot can be replaced, and what secrecy cannot hide."""

from collections.abc import Collection, Iterator

from app.proposals.deliberation.cover import FEWEST_LISTED, SMALLEST_CELL
from app.rules.contract import Phase, Reason


def notices(plan: Phase, electors: int, reads: Collection[str]) -> Iterator[Reason]:
    """The notices of an open phase: none unless it is a vote.

    ``electors``: how many were listed at the admission; ``reads``: by what the count tells votes apart.
    """
    if plan.yields != "profile":
        return
    in_secret = plan.sight == "secret"
    if all(floor.once for floor in plan.floors):
        yield Reason("cast_once")
    else:
        yield Reason("replaced_by_tracker" if in_secret else "last_one_counts")
    if not in_secret:
        return
    if reads:
        yield Reason("told_apart", {"needed": SMALLEST_CELL})
    if electors < FEWEST_LISTED:
        yield Reason("few_voters", {"electors": electors, "listed": FEWEST_LISTED})
    yield Reason("unanimity")
