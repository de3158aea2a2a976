"""Blocks by a minority that fix what they mean."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote
from tests.rules.wrapping import bound, process, rule_within


def blockable(voters: int, cast: Mapping[str, int], **options: Any) -> Process:
    told = process(bound("minority_block", **options), electors(people(voters)))
    vote(told, **cast)
    told.run_out()
    return told


def consented() -> Process:
    consent = rule_within("consent", begins_with="objecting")
    inner = rule_within("fallback", first=consent, second=rule_within("majority"), on=("rounds_spent",))
    rule = bound("minority_block", inner=inner)
    told = process(rule, electors(people(3)))
    for name in people(3)[1:]:
        told.say(name, "position", "consent")
    return told


STORIES: Final[Mapping[str, Story]] = {
    "8-4 of 12 is blocked by a third": lambda: blockable(12, {"for_": 8, "against": 4}),
    "9-3 of 12 goes on": lambda: blockable(12, {"for_": 9, "against": 3}),
    "6-3 of 12: silence blocks nothing": lambda: blockable(12, {"for_": 6, "against": 3}),
    "5-2 is blocked by two": lambda: blockable(12, {"for_": 5, "against": 2}, block=2),
    "what is not adopted needs no block": lambda: blockable(6, {"for_": 2, "against": 4}),
    "what misses its quorum blocks nothing": lambda: blockable(
        9, {"against": 3}, inner=rule_within("majority", quorum="1/2")
    ),
    "a tie that is blocked does not go to the chair": lambda: blockable(
        6, {"for_": 3, "against": 3}, inner=rule_within("majority", tie_break="chair_casting")
    ),
    "what is adopted by consent holds no ballot": consented,
    "as many as all who may vote": lambda: blockable(3, {"for_": 2, "against": 1}, block=3),
    "more than all who may vote": lambda: blockable(12, {}, block=20),
}
