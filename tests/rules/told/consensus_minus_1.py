"""Votes that fix how many against a consensus can bear."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.consensus_minus_1 import ConsensusMinus, ConsensusMinusOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote

SPECIAL: Final[Mapping[str, Any]] = {"tolerance": 2, "by_size": [{"electors": 30, "tolerance": "1/10"}]}
"""All but two under thirty members, and nine tenths from thirty on."""
ORDINARY: Final[Mapping[str, Any]] = {"tolerance": "1/4", "needed_rounded": "down"}
"""Three quarters, rounded down to the nearest whole person."""


def ballot(count: int, options: Mapping[str, Any] | None = None, **cast: int) -> Process:
    rule = ConsensusMinus(ConsensusMinusOptions.model_validate(options or {}))
    process = Process(rule, electors(people(count)), "m01")
    vote(process, **cast)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "8-1, one is tolerated": lambda: ballot(9, for_=8, against=1),
    "7-2, one is tolerated": lambda: ballot(9, for_=7, against=2),
    "20-2, all but two": lambda: ballot(22, SPECIAL, for_=20, against=2),
    "19-3, all but two": lambda: ballot(22, SPECIAL, for_=19, against=3),
    "27-3 of 30, nine tenths": lambda: ballot(30, SPECIAL, for_=27, against=3),
    "26-3 of 30, nine tenths": lambda: ballot(30, SPECIAL, for_=26, against=3),
    "16-6, three quarters rounded down": lambda: ballot(22, ORDINARY, for_=16, against=6),
    "15-7, three quarters rounded down": lambda: ballot(22, ORDINARY, for_=15, against=7),
    "16-6, three quarters rounded up": lambda: ballot(22, {"tolerance": "1/4"}, for_=16, against=6),
    "abstentions are no votes": lambda: ballot(12, {"tolerance": "1/4"}, for_=6, against=2, abstain=3, blank=1),
    "1-1, which is no consensus": lambda: ballot(2, for_=1, against=1),
    "the author alone": lambda: ballot(3, for_=1),
}
