"""Votes in two rounds that fix what the rule means."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.two_round_1 import TwoRound
from app.rules.driver import Process
from tests.rules.stories import Story
from tests.rules.transferring import SEED, Cast, cast, closed, decided, two_round


def twice(rule: TwoRound, first: Cast, second: Cast, *, silent: int = 0, seed: str | None = None) -> Process:
    """The process when everybody has voted twice, but for so many who are silent at the second ballot."""
    process = decided(rule, first, seed=seed)
    assert process.kinds == ("ballot", "ballot"), process.kinds
    cast(process, second)
    if silent:
        process.deadline()
    return process


LEVEL: Final[tuple[Cast, Cast]] = ({"a": 2, "b": 2, "c": 1}, {"a": 2, "b": 2, "blank": 1})


def once_more(rule: TwoRound, third: Cast) -> Process:
    """A tie at the second ballot, then a ballot between the tied."""
    process = twice(rule, *LEVEL)
    cast(process, third)
    return closed(process)


STORIES: Final[Mapping[str, Story]] = {
    "48-39-34, then 55-62 and 4 blank": lambda: twice(
        two_round(), {"a": 48, "b": 39, "c": 34}, {"a": 55, "b": 62, "blank": 4}
    ),
    "a majority at the first ballot": lambda: decided(two_round(), {"a": 6, "b": 3, "c": 2, "blank": 5}),
    "just half is not more than half": lambda: twice(two_round(), {"a": 3, "b": 2, "c": 1}, {"a": 2, "b": 4}),
    "just half is at least half": lambda: decided(two_round(op="gte"), {"a": 3, "b": 2, "c": 1}),
    "two halves are not one option alone": lambda: twice(two_round(op="gte"), {"a": 3, "b": 3}, {"a": 4, "b": 2}),
    "all who are tied for the second place enter": lambda: twice(
        two_round(), {"a": 4, "b": 3, "c": 3, "d": 1}, {"a": 4, "b": 3, "c": 4}
    ),
    "every option with an eighth enters": lambda: twice(
        two_round(finalists="1/8"), {"a": 7, "b": 5, "c": 2, "d": 1}, {"a": 7, "b": 8}
    ),
    "where one alone has the share, the second enters": lambda: twice(
        two_round(finalists="2/5"), {"a": 4, "b": 3, "c": 2}, {"a": 4, "b": 5}
    ),
    "a tie at the second ballot": lambda: twice(two_round(), {"a": 2, "b": 2, "c": 1}, {"a": 2, "b": 2, "blank": 1}),
    "a tie at the second ballot, lots drawn": lambda: twice(
        two_round(tie_break="lot"), {"a": 2, "b": 2, "c": 1}, {"a": 2, "b": 2, "blank": 1}, seed=SEED
    ),
    "a tie at the second ballot, no lots to draw": lambda: twice(
        two_round(tie_break="lot"), {"a": 2, "b": 2, "c": 1}, {"a": 2, "b": 2, "blank": 1}
    ),
    "a tie at the second ballot, then another one": lambda: once_more(
        two_round(tie_break="revote", quorum="3/5"), {"a": 2, "b": 3}
    ),
    "a tie at the second ballot, then a ballot without a quorum": lambda: once_more(
        two_round(tie_break="revote", quorum="3/5"), {"a": 2}
    ),
    "a tie at the second ballot, the first on the ballot": lambda: twice(two_round(tie_break="seniority"), *LEVEL),
    "a quorum missed at the second ballot": lambda: twice(
        two_round(quorum="3/5"), {"a": 2, "b": 2, "c": 1}, {"a": 2}, silent=3
    ),
    "nobody answers at the second ballot": lambda: twice(two_round(), {"a": 2, "b": 2, "c": 1}, {}, silent=5),
    "the author alone": lambda: closed(decided(two_round(), {"a": 1}, ("a", "b"), silent=2)),
}
