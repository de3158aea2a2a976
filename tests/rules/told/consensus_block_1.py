"""Searches for consensus that fix what a block and standing aside mean."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.consensus_block_1 import ConsensusBlock, ConsensusBlockOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote


def ballot(count: int, options: Mapping[str, object] | None = None, **cast: int) -> Process:
    rule = ConsensusBlock(ConsensusBlockOptions.model_validate(options or {}))
    process = Process(rule, electors(people(count)), "m01")
    vote(process, **cast)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "all agree": lambda: ballot(5, agree=5),
    "some stand aside": lambda: ballot(9, agree=5, stand_aside=3, abstain=1),
    "one blocks": lambda: ballot(9, agree=8, block=1),
    "too many stand aside, by number": lambda: ballot(9, {"max_stand_aside": 2}, agree=6, stand_aside=3),
    "a third of 8 is 2, and 2 stand aside": lambda: ballot(8, {"max_stand_aside": "1/3"}, agree=6, stand_aside=2),
    "a third of 8 is 2, and 3 stand aside": lambda: ballot(8, {"max_stand_aside": "1/3"}, agree=5, stand_aside=3),
    "a block counts before those aside": lambda: ballot(7, {"max_stand_aside": 1}, agree=3, stand_aside=3, block=1),
    "more than half of the positions stated": lambda: ballot(
        12, {"agree_above": "1/2"}, agree=5, stand_aside=2, abstain=2, blank=2
    ),
    "just half of the positions stated": lambda: ballot(
        12, {"agree_above": "1/2"}, agree=4, stand_aside=2, abstain=2, blank=2
    ),
    "a block, and too few who agree besides": lambda: ballot(12, {"agree_above": "1/2"}, agree=2, abstain=6, block=1),
    "only the author agrees": lambda: ballot(5, agree=1, stand_aside=4),
    "everybody stands aside": lambda: ballot(3, stand_aside=3),
    "nobody answers": lambda: ballot(3),
}
