"""Double majorities that fix what they mean."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.contract import Electorate
from app.rules.driver import Process
from tests.rules.stories import Story, vote
from tests.rules.wrapping import MAJORITY, Votes, bound, in_colleges, process, rule_within, vote_by, with_measures

FEDERATION: Final = tuple({"measure": measure, "threshold": "1/2"} for measure in ("units", "votes", "members"))
SMALL: Final = {"votes": 1, "members": 30}
MIDDLE: Final = {"votes": 2, "members": 120}
LARGE: Final = {"votes": 3, "members": 400}


def federation(small: int, middle: int, large: int) -> Process:
    """Twelve small, twelve middle and six large cooperatives: so many of each are for, the others against."""
    groups = ((small, SMALL), (middle, MIDDLE), (large, LARGE), (12 - small, SMALL), (12 - middle, MIDDLE))
    told = process(bound("double_majority", conditions=FEDERATION), with_measures(*groups, (6 - large, LARGE)))
    vote(told, for_=small + middle + large, against=30 - small - middle - large)
    told.run_out()
    return told


def colleges(
    said: Mapping[str, Votes],
    *conditions: Mapping[str, Any],
    there: Electorate | None = None,
    proposer: str = "S01",
    **options: Any,
) -> Process:
    voters = there or in_colleges(**{college: sum(votes.values()) for college, votes in said.items()})
    told = process(bound("double_majority", conditions=conditions, **options), voters, proposer)
    vote_by(told, said)
    told.run_out()
    return told


HEADS: Final = {"measure": "heads", "threshold": "2/3", "op": "gte"}
TWO_COLLEGES: Final = {"measure": "colleges", "at_least": 2}
ALL_HEADS: Final = {"measure": "heads", "threshold": "1/2", "base": "entitled"}
MOST_HEADS: Final = {"measure": "heads", "threshold": "1/2"}
WEIGHED: Final = rule_within("colleges", inner=MAJORITY, weights={"S": "2/5", "B": "7/20", "P": "1/4"})

STORIES: Final[Mapping[str, Story]] = {
    "15 of 30 cooperatives, 30 of 54 votes, 2750 of 4200 members": lambda: federation(5, 5, 5),
    "16 of 30 cooperatives, 31 of 54 votes, 2780 of 4200 members": lambda: federation(6, 5, 5),
    "two thirds of heads and two colleges": lambda: colleges(
        {"S": {"for": 5, "against": 1}, "B": {"for": 2, "against": 1}, "P": {"for": 1, "against": 2}},
        HEADS,
        TWO_COLLEGES,
    ),
    "two thirds of heads and one college": lambda: colleges(
        {"S": {"for": 6}, "B": {"for": 2, "against": 2}, "P": {"against": 1, "abstain": 1}}, HEADS, TWO_COLLEGES
    ),
    "half of those entitled is not more than half": lambda: colleges(
        {"S": {"for": 3}, "B": {"for": 1}},
        ALL_HEADS,
        {"measure": "colleges", "threshold": "1", "op": "gte", "base": "entitled"},
        there=in_colleges(S=5, B=3),
    ),
    "a majority of colleges by weight and one of heads": lambda: colleges(
        {"S": {"for": 12, "against": 6}, "B": {"for": 2, "against": 5}, "P": {"for": 3, "against": 1}},
        MOST_HEADS,
        inner=WEIGHED,
    ),
    "a majority of colleges by weight without one of heads": lambda: colleges(
        {"S": {"for": 2, "against": 14}, "B": {"for": 6}, "P": {"for": 4}}, MOST_HEADS, inner=WEIGHED
    ),
    "a majority of heads without one of colleges by weight": lambda: colleges(
        {"S": {"for": 18, "against": 2}, "B": {"for": 1, "against": 6}, "P": {"for": 1, "against": 4}},
        MOST_HEADS,
        inner=WEIGHED,
    ),
    "neither": lambda: colleges(
        {"S": {"for": 2, "against": 14}, "B": {"for": 1, "against": 5}, "P": {"for": 4}}, MOST_HEADS, inner=WEIGHED
    ),
    "nobody has the measure": lambda: colleges(
        {"S": {"for": 3}}, ALL_HEADS, {"measure": "shares", "threshold": "1/2", "op": "gte"}
    ),
}
