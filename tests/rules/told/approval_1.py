"""Votes by approval that fix what it means."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.approval_1 import Approval
from tests.rules.scoring import P01_FIRST_TWO, P12, W22, telling
from tests.rules.stories import Story

STORIES: Final[Mapping[str, Story]] = {
    "four cities, everybody approves of two": telling(Approval, P01_FIRST_TWO, "mnck"),
    "P22 Q19 R19 S8, more than half": telling(Approval, W22, "pqrs", threshold="1/2"),
    "P22 Q19 R19 S8, at least 11/15": telling(Approval, W22, "pqrs", threshold="11/15", op="gte"),
    "P22 Q19 R19 S8, more than 11/15": telling(Approval, W22, "pqrs", threshold="11/15"),
    "P22 Q19 R19 S8 and three for none of them, more than 3/5": telling(
        Approval, {**W22, "none": 3}, "pqrs", threshold="3/5"
    ),
    "P22 Q19 R19 S8, two seats": telling(Approval, W22, "pqrs", seats=2),
    "P22 Q19 R19 S8, two seats, lots": telling(Approval, W22, "pqrs", "2027-01-15/a", seats=2, tie_break="lot"),
    "P22 Q19 R19 S8, two seats, no lots there": telling(Approval, W22, "pqrs", seats=2, tie_break="lot"),
    "P22 Q19 R19 S8, two seats for more than half": telling(Approval, W22, "pqrs", seats=2, threshold="1/2"),
    "three seats by block count": telling(Approval, P12, "abcdef", seats=3),
    "more seats than approved options": telling(Approval, {"a,b": 3, "a": 2, "blank": 1}, "abcd", seats=3),
    "one approval each": telling(Approval, {"a": 3, "b": 2}, "abc", max_choices=1),
    "nobody expresses a choice": telling(Approval, {"blank": 3, "abstain": 2}, "ab"),
}
