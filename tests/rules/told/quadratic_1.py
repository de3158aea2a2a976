"""Quadratic votes that fix sums, ties and lots."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.quadratic_1 import Quadratic, QuadraticOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people

W32: Final = ("x:9,y:4,z:1", "y:6,z:8", "x:7,y:-5,z:5", "x:3,y:9,z:3")
AGAINST: Final[Mapping[str, Any]] = {"negative_ok": True}
LOT: Final[Mapping[str, Any]] = {"tie_break": "lot"}


def ballot(
    ballots: tuple[str, ...],
    options: Mapping[str, Any] | None = None,
    on_ballot: tuple[str, ...] = ("x", "y", "z"),
    seed: str | None = None,
) -> Process:
    rule = Quadratic(QuadraticOptions.model_validate(options or {}))
    names = people(max(len(ballots), 2))
    forums = {} if seed is None else {"lots": seed}
    process = Process(rule, electors(names), "m01", forums=forums, on_ballot=on_ballot)
    for name, marked in zip(names, ballots, strict=False):
        process.say(name, "ballot", marked)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "the sums 19, 17 and 14": lambda: ballot(W32, AGAINST),
    "points for alone": lambda: ballot(("x:3", "y:2,z:1", "z:3,x:1")),
    "few credits": lambda: ballot(("x:2", "y:1,z:1", "z:2"), {"credits": 5}),
    "a tie is the outcome": lambda: ballot(("x:4,z:1", "y:4")),
    "a tie is broken by lot": lambda: ballot(("x:4,z:1", "y:4"), LOT, seed="2026-10-01/0c3f9a"),
    "a tie without lots": lambda: ballot(("x:4,z:1", "y:4"), LOT),
    "all points are against": lambda: ballot(("x:-3,y:-1", "z:-2,y:-1", "x:-1"), AGAINST),
    "for and against cancel out": lambda: ballot(("x:5,y:-2", "x:-5,y:-2,z:-1"), AGAINST),
    "nobody gives a point": lambda: ballot(("x:0", "y:0")),
    "all abstain": lambda: ballot(("abstain", "blank")),
    "the author alone": lambda: ballot(("x:9",)),
    "one option is no choice": lambda: ballot((), on_ballot=("x",)),
}
