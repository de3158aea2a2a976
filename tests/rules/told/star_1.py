"""Votes by STAR that fix what it means."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.star_1 import Star
from tests.rules.scoring import P10, P11, P11_UNSCORED, W27, telling
from tests.rules.stories import Story

SECONDS: Final = {"a:5,b:1": 2, "a:3,b:4": 3, "a:3,c:5": 2, "b:0,c:4": 1}
OPEN: Final = {"a:5,c:4": 2, "a:3,b:4,c:2": 2, "a:3,b:4": 1}

STORIES: Final[Mapping[str, Story]] = {
    "a tied runoff": telling(Star, P10, "abc"),
    "the most points lose the runoff": telling(Star, P11, "abc"),
    "three leave C out": telling(Star, P11_UNSCORED, "abc"),
    "A25 B40 C16": telling(Star, W27, "abc"),
    "level for the second place, and it does not matter": telling(Star, SECONDS, "abc"),
    "level for the second place, and it matters": telling(Star, OPEN, "abc"),
    "level for the second place, lots": telling(Star, OPEN, "abc", "seed", tie_break="lot"),
    "three level": telling(Star, {"a:3": 1, "b:3": 1, "c:3": 1}, "abc"),
    "a runoff tied in all": telling(Star, {"a:3,b:1": 1, "b:3,a:1": 1}, "abc"),
    "a runoff tied in all, lots": telling(Star, {"a:3,b:1": 1, "b:3,a:1": 1}, "abc", "seed", tie_break="lot"),
    "out of ten": telling(Star, {"a:10,b:7": 2, "b:10,c:4": 2, "blank": 1}, "abc", high=10),
}
