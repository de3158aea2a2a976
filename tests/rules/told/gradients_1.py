"""Answers by degrees that fix when they pass, call for more talk, or block."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.gradients_1 import GRADES, Gradients, GradientsOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people


def ballot(answers: tuple[int, ...], options: Mapping[str, Any] | None = None, more: tuple[str, ...] = ()) -> Process:
    """Answers by their place on the scale, from 1; then other answers; then one elector who is silent."""
    chosen = GradientsOptions.model_validate(options or {})
    values = [*(GRADES[chosen.scale][grade - 1] for grade in answers), *more]
    names = people(len(values) + 1)
    process = Process(Gradients(chosen), electors(names), "m01")
    for name, value in zip(names, values, strict=False):
        process.say(name, "ballot", value)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "1 2 2 3 4 4 pass": lambda: ballot((1, 2, 2, 3, 4, 4)),
    "1 2 2 5 call for more talk": lambda: ballot((1, 2, 2, 5)),
    "1 1 7 are blocked": lambda: ballot((1, 1, 7)),
    "four fifths of 5": lambda: ballot((1, 1, 2, 4, 6), {"min_share": "4/5"}),
    "three of 5 are not four fifths": lambda: ballot((1, 2, 4, 5, 6), {"min_share": "4/5"}),
    "a block whatever the share": lambda: ballot((1, 1, 1, 1, 7), {"min_share": "1/2"}),
    "the last two grades block": lambda: ballot((1, 1, 2, 6), {"block_level": 6, "min_share": "1/2"}),
    "only the warmest grade supports": lambda: ballot((1, 1, 2), {"pass_level": 1}),
    "five grades": lambda: ballot((1, 2, 3), {"scale": 5}),
    "five grades, a doubt": lambda: ballot((1, 2, 4), {"scale": 5}),
    "three grades leave no room for doubt": lambda: ballot((1, 2, 2), {"scale": 3}),
    "abstentions are no grades": lambda: ballot((1, 4), more=("abstain", "blank")),
    "all abstain": lambda: ballot((), more=("abstain", "abstain")),
    "the author alone": lambda: ballot((1,)),
}
