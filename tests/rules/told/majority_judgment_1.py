"""Grades counted by their medians, which fix what the rule means."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.rules.builtin.majority_judgment_1 import MajorityJudgment, MajorityJudgmentOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people

THIRD_VALUE: Final = {"x": (5, 9, 7, 7, 9), "y": (6, 9, 7, 7, 8)}
APART_AT_THE_SIXTH: Final = {"x": (2, 2, 2, 1, 1, 1), "y": (0, 3, 4, 0, 0, 2), "z": (2, 1, 4, 0, 1, 1)}
"""How often each grade from 0 to 5 was given."""
ONE_HUNDRED_AND_21: Final = {
    "x": (12, 18, 24, 30, 25, 12),
    "y": (20, 20, 22, 21, 18, 20),
    "z": (10, 15, 28, 33, 30, 5),
}
THREE_VOTERS: Final = {"a": (3, 1, 3), "b": (2, 3, 2)}
TWO_MORE: Final = {"a": (3, 1, 3, 1, 1), "b": (2, 3, 2, 0, 0)}


def spelled(counts: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """The grades given to each option, one by one, from how often each was given."""
    return {one: [grade for grade, number in enumerate(given) for _ in range(number)] for one, given in counts.items()}


def papers(given: Mapping[str, Sequence[int]]) -> list[str]:
    """A ballot per voter, who gives each option the grade at their place."""
    return [
        ",".join(f"{one}:{grade}" for one, grade in zip(given, grades, strict=True))
        for grades in zip(*given.values(), strict=True)
    ]


def judged(
    ballots: Sequence[str], on_ballot: str = "x y z", forums: Mapping[str, str] | None = None, **options: Any
) -> Process:
    """A ballot held to its end, cast in the order of the electorate."""
    rule = MajorityJudgment(MajorityJudgmentOptions.model_validate(options))
    names = people(len(ballots))
    process = Process(rule, electors(names), "m01", forums=forums or {}, on_ballot=tuple(on_ballot.split()))
    for name, ballot in zip(names, ballots, strict=True):
        process.say(name, "ballot", ballot)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "nine voters: apart at the sixth value": lambda: judged(papers(spelled(APART_AT_THE_SIXTH))),
    "five voters: apart at the third value": lambda: judged(papers(THIRD_VALUE), "x y", grades=10),
    "121 voters: a higher median, and a tie of medians": lambda: judged(papers(spelled(ONE_HUNDRED_AND_21))),
    "three voters": lambda: judged(papers(THREE_VOTERS), "a b", grades=4),
    "the same and two who prefer the one that now loses": lambda: judged(papers(TWO_MORE), "a b", grades=4),
    "an even number: the lower median counts": lambda: judged(["x:5,y:3,z:0", "x:2,y:3,z:0"]),
    "an even number: the rise above the middle decides": lambda: judged(["x:3,y:3,z:0", "x:3,y:5,z:0"]),
    "unrated options get the worst grade": lambda: judged(["x:4,y:2", "x:3", "y:3", "z:5"]),
    "unrated options are judged by those who grade them": lambda: judged(
        ["x:4,y:2", "x:3", "y:3", "z:5"], unrated="excluded"
    ),
    "different numbers of raters, apart beyond the middle": lambda: judged(
        ["x:1,y:1", "x:3,y:3", "x:5", "x:5", "y:5", "x:3"], "x y", unrated="excluded"
    ),
    "nobody grades any other": lambda: judged(["x:1", "x:2", "blank"], unrated="excluded"),
    "the same grades are a tie": lambda: judged(["x:5,y:1,z:0", "x:1,y:5"]),
    "the same grades, settled by lot": lambda: judged(
        ["x:5,y:1,z:0", "x:1,y:5"], forums={"lots": "2027-01-15/assembly-7"}, tie_break="lot"
    ),
}
