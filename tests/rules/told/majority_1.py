"""Votes by majority that fix what it means."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.driver import Process
from tests.rules.stories import Story, majority, vote


def ballot(
    electors: int,
    *,
    chair: str | None = None,
    options: Mapping[str, Any] | None = None,
    forums: Mapping[str, str] | None = None,
    **cast: int,
) -> Process:
    process = majority(electors, **(options or {}))
    process.forums = forums or {}
    vote(process, **cast)
    if not process.is_over and process.now.phase.kind == "ballot":
        process.deadline()
    if chair is not None:
        process.say("m02", "casting_vote", chair)
    process.run_out()
    return process


def again(first: Mapping[str, int], second: Mapping[str, int]) -> Process:
    """A tie, then another ballot among the same people."""
    process = majority(sum(first.values()), tie_break="revote")
    for cast in (first, second):
        vote(process, **cast)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "18-14-8 of 60, more than half of those cast": lambda: ballot(60, for_=18, against=14, abstain=8),
    "18-14-8 of 60, more than half of those present": lambda: ballot(
        60, options={"base": "present"}, for_=18, against=14, abstain=8
    ),
    "18-14-8 of 60, more than half of those entitled": lambda: ballot(
        60, options={"base": "entitled"}, for_=18, against=14, abstain=8
    ),
    "20-10, at least two thirds": lambda: ballot(30, options={"threshold": "2/3", "op": "gte"}, for_=20, against=10),
    "20-10, more than two thirds": lambda: ballot(30, options={"threshold": "2/3"}, for_=20, against=10),
    "12-6-2, at least two thirds of those cast": lambda: ballot(
        20, options={"threshold": "2/3", "op": "gte"}, for_=12, against=6, abstain=2
    ),
    "12-6-2, at least two thirds of those expressed": lambda: ballot(
        20, options={"threshold": "2/3", "op": "gte", "base": "expressed"}, for_=12, against=6, abstain=2
    ),
    "nobody for or against": lambda: ballot(9, blank=9),
    "15-15 is rejected": lambda: ballot(30, for_=15, against=15),
    "15-15, the chair is for": lambda: ballot(
        30, options={"tie_break": "chair_casting"}, chair="for", for_=15, against=15
    ),
    "15-15, the chair is against": lambda: ballot(
        30, options={"tie_break": "chair_casting"}, chair="against", for_=15, against=15
    ),
    "15-15, the chair is silent": lambda: ballot(30, options={"tie_break": "chair_casting"}, for_=15, against=15),
    "15-15, then 16-14": lambda: again({"for_": 15, "against": 15}, {"for_": 16, "against": 14}),
    "15-15 twice": lambda: again({"for_": 15, "against": 15}, {"for_": 15, "against": 15}),
    "15-15, then nobody": lambda: again({"for_": 15, "against": 15}, {"blank": 4}),
    "15-15, a lot": lambda: ballot(
        30, options={"tie_break": "lot"}, forums={"lots": "2027-01-15/assembly-7"}, for_=15, against=15
    ),
    "15-15, no lot to draw": lambda: ballot(30, options={"tie_break": "lot"}, for_=15, against=15),
    "the author alone": lambda: ballot(5, for_=1),
    "a quorum is missed by one": lambda: ballot(10, options={"quorum": "1/2"}, for_=4),
    "a quorum is met": lambda: ballot(10, options={"quorum": "1/2"}, for_=3, abstain=2),
}
