"""Weighted votes that fix what they mean."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.driver import Process
from tests.rules.stories import Story, vote
from tests.rules.wrapping import bound, process, rule_within, with_measures

SIZES: Final = (
    (3, {"votes": 1, "members": 30}),
    (3, {"votes": 2, "members": 120}),
    (2, {"votes": 3, "members": 400}),
)


def weighted(groups: Any, cast: Mapping[str, int], **options: Any) -> Process:
    told = process(bound("weighted", **{"measure": "votes", **options}), with_measures(*groups))
    vote(told, **cast)
    told.run_out()
    return told


STORIES: Final[Mapping[str, Story]] = {
    "5 of 8 federated cooperatives have 7 of 15 votes": lambda: weighted(SIZES, {"for_": 5, "against": 3}),
    "6 of them have 9": lambda: weighted(SIZES, {"for_": 5, "against": 2, "blank": 1}, proportional_to="members"),
    "more than half of all entitled votes": lambda: weighted(
        SIZES, {"against": 3, "for_": 4}, inner=rule_within("majority", base="entitled")
    ),
    "one of three has more than half": lambda: weighted(((1, {"votes": 3}), (2, {"votes": 1})), {}),
    "exactly the cap": lambda: weighted(((1, {"votes": 2}), (2, {"votes": 1})), {"for_": 1, "against": 2}),
    "weights outgrow what they stand for": lambda: weighted(
        ((2, {"votes": 1, "members": 10}), (2, {"votes": 3, "members": 20})), {}, proportional_to="members"
    ),
    "nobody has a weight": lambda: weighted(((3, {"members": 9}),), {}),
    "a quorum stays about people": lambda: weighted(
        ((3, {"votes": 2}), (3, {"votes": 1})), {"for_": 2}, inner=rule_within("majority", quorum="1/2")
    ),
    "one heavy member stands aside, one person may": lambda: weighted(
        ((1, {"votes": 2}), (3, {"votes": 1})),
        {"stand_aside": 1, "agree": 3},
        inner=rule_within("consensus_block", max_stand_aside=1),
    ),
    "the author alone, however heavy": lambda: weighted(((1, {"votes": 2}), (2, {"votes": 1})), {"for_": 1}),
    "consent holds no ballot": lambda: weighted(
        ((4, {"votes": 1}),), {}, inner=rule_within("consent", begins_with="objecting", on_deadlock=())
    ),
}
