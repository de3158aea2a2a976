"""Votes by colleges that fix what they mean."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.contract import Electorate, Voter
from app.rules.driver import Process
from tests.rules.stories import Story
from tests.rules.wrapping import Votes, bound, in_colleges, process, rule_within, vote_by

HALVES: Final = {"S": "1/2", "B": "3/10", "P": "1/5"}
FOUR: Final = {"S": "2/5", "B": "3/10", "P": "1/5", "V": "1/10"}
W09: Final = {
    "S": {"for": 12, "against": 6, "blank": 2},
    "B": {"for": 2, "against": 5},
    "P": {"for": 3, "against": 1},
}
W12: Final = {"S": {"for": 13, "against": 7}, "P": {"for": 3, "against": 1}}
P06: Final = {"S": "1/10", "B": "1/5", "P": "1/5", "V": "1/2"}


def by_colleges(
    weights: Mapping[str, str],
    said: Mapping[str, Votes],
    voters: Electorate | None = None,
    on_ballot: tuple[str, ...] = (),
    **options: Any,
) -> Process:
    """As many members of each college as cast a ballot, unless others are named; S01 proposes."""
    there = voters or in_colleges(**{college: sum(votes.values()) for college, votes in said.items()})
    told = process(bound("colleges", weights=weights, **options), there, "S01", on_ballot=on_ballot)
    vote_by(told, said)
    told.run_out()
    return told


def with_an_empty_ballot_box(policy: str) -> Process:
    return by_colleges(HALVES, W12, in_colleges(S=20, B=7, P=4), empty_college=policy)


def outside() -> Process:
    there = in_colleges(S=2, B=2, P=2)
    return by_colleges(HALVES, {}, Electorate((*there.voters, Voter("x01"))))


STORIES: Final[Mapping[str, Story]] = {
    "12-6-2, 2-5, 3-1 by 50/30/20, in proportion": lambda: by_colleges(HALVES, W09),
    "12-6-2, 2-5, 3-1 by 50/30/20, the winner takes all": lambda: by_colleges(HALVES, W09, method="winner_takes_all"),
    "18-2, 1-6, 1-4 by 40/35/25": lambda: by_colleges(
        {"S": "2/5", "B": "7/20", "P": "1/4"},
        {"S": {"for": 18, "against": 2}, "B": {"for": 1, "against": 6}, "P": {"for": 1, "against": 4}},
    ),
    "a silent college stays in the whole": lambda: with_an_empty_ballot_box("total_weight"),
    "a silent college is left out": lambda: with_an_empty_ballot_box("expressed_weight"),
    "a silent college makes the vote invalid": lambda: with_an_empty_ballot_box("fail"),
    "a silent college approves of nothing": lambda: by_colleges(
        HALVES,
        {"S": {"lilas": 13, "quai": 7}, "P": {"lilas": 3, "quai": 1}},
        in_colleges(S=20, B=7, P=4),
        ("lilas", "quai"),
        inner=rule_within("approval", threshold="1/2"),
    ),
    "two against, one person is tolerated": lambda: by_colleges(
        HALVES,
        {"S": {"for": 3, "against": 2}, "B": {"for": 2}, "P": {"for": 2}},
        inner=rule_within("consensus_minus"),
    ),
    "a college without members leaves its weight to the others": lambda: by_colleges(
        FOUR, {"S": {"for": 2, "against": 1}, "B": {"for": 1, "against": 2}, "P": {"for": 3}}
    ),
    "one of three colleges is empty: heads count": lambda: by_colleges(HALVES, {"S": {"against": 4}, "P": {"for": 5}}),
    "exactly 3/10 where more is needed": lambda: by_colleges(
        P06,
        {"S": {"for": 2, "against": 1}, "B": {"for": 3, "against": 2}, "P": {"against": 1}, "V": {"against": 4}},
        method="winner_takes_all",
        inner=rule_within("majority", threshold="3/10"),
    ),
    "a tie in a college splits its weight": lambda: by_colleges(
        HALVES,
        {"S": {"for": 2, "against": 2}, "B": {"for": 2, "against": 1}, "P": {"against": 3}},
        method="winner_takes_all",
    ),
    "a tie in a college is an abstention": lambda: by_colleges(
        HALVES,
        {"S": {"for": 2, "against": 2}, "B": {"for": 2, "against": 1}, "P": {"against": 3}},
        method="winner_takes_all",
        inner_tie="abstain",
        empty_college="expressed_weight",
    ),
    "colleges that tie ask the chair": lambda: by_colleges(
        HALVES,
        {"S": {"for": 3}, "B": {"against": 2}, "P": {"against": 3}},
        inner=rule_within("majority", tie_break="chair_casting"),
    ),
    "the author alone": lambda: by_colleges(HALVES, {"S": {"for": 1}}, in_colleges(S=3, B=2, P=2)),
    "somebody is in no college": outside,
}
