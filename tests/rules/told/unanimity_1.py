"""Unanimous votes, and votes that are not, that fix what unanimity means."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.unanimity_1 import Unanimity, UnanimityOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote


def ballot(count: int, options: Mapping[str, object] | None = None, **cast: int) -> Process:
    process = Process(Unanimity(UnanimityOptions.model_validate(options or {})), electors(people(count)), "m01")
    vote(process, **cast)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "7 for, 1 abstains, which is allowed": lambda: ballot(8, {"abstain_ok": True}, for_=7, abstain=1),
    "7 for, 1 abstains, which is not": lambda: ballot(8, for_=7, abstain=1),
    "all are for": lambda: ballot(4, for_=4),
    "those who stay away are not asked for": lambda: ballot(9, for_=3),
    "unless the quorum asks for everybody": lambda: ballot(9, {"quorum": "1"}, for_=8),
    "one is against": lambda: ballot(6, {"abstain_ok": True}, for_=4, against=1, abstain=1),
    "a blank ballot is not for": lambda: ballot(5, for_=4, blank=1),
    "all abstain": lambda: ballot(3, {"abstain_ok": True}, abstain=3),
    "the author alone": lambda: ballot(4, {"abstain_ok": True}, for_=1, abstain=3),
}
