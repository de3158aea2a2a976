"""Decisions that take effect after a delay."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.delayed_1 import Delayed, DelayedOptions
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote


def delayed(votes: Mapping[str, int], **options: Any) -> Process:
    wanted = {"inner": {"rule": "majority", "version": 1}, **options}
    rule = Delayed(DelayedOptions.model_validate(wanted), {"inner": Majority(MajorityOptions())})
    process = Process(rule, electors(people(5)), "m01")
    vote(process, **votes)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "adopted, in effect a week later": lambda: delayed({"for_": 3, "against": 1}),
    "not adopted, at once": lambda: delayed({"for_": 1, "against": 3}, delay="P3D"),
}
