"""Shows of hands that fix when they pass, call for more talk, or block."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.fist_to_five_1 import FistToFive, FistToFiveOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote


def ballot(count: int, options: Mapping[str, Any] | None = None, **cast: int) -> Process:
    rule = FistToFive(FistToFiveOptions.model_validate(options or {}))
    process = Process(rule, electors(people(count)), "m01")
    vote(process, **cast)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "4 of 5 hands are four fifths": lambda: ballot(5, f5=1, f4=2, f3=1, f1=1),
    "3 of 5 hands are not": lambda: ballot(5, f5=1, f3=2, f2=2),
    "a fist among nine": lambda: ballot(9, f5=8, f0=1),
    "everybody must show three": lambda: ballot(4, {"min_share": "1"}, f3=3, f2=1),
    "four fingers are asked for": lambda: ballot(4, {"ok_level": 4, "min_share": "1/2"}, f4=2, f3=2),
    "abstentions are no hands": lambda: ballot(9, f3=4, f2=1, abstain=3, blank=1),
    "a quorum is missed": lambda: ballot(9, {"quorum": "2/3"}, f5=5),
    "the author alone": lambda: ballot(4, f5=1),
}
