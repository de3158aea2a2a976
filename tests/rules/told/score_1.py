"""Votes by score that fix what it means."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.score_1 import Score
from tests.rules.scoring import P10, P11, P11_UNSCORED, W27, telling
from tests.rules.stories import Story

MEAN: Final[Mapping[str, Any]] = {"aggregate": "mean", "unscored": "exclude"}
LEVEL: Final = {"a:5,b:3": 1, "a:0,b:3": 1, "a:4,b:3": 1}

STORIES: Final[Mapping[str, Story]] = {
    "A26 B27 C30": telling(Score, P11, "abc"),
    "A26 B27 C21, three leave C out": telling(Score, P11_UNSCORED, "abc"),
    "the same by the mean of those who scored": telling(Score, P11_UNSCORED, "abc", **MEAN),
    "the same when 8 of 10 must score": telling(Score, P11_UNSCORED, "abc", **MEAN, min_raters="4/5"),
    "the same when more must score than did": telling(Score, P11_UNSCORED, "abc", **MEAN, min_raters=11),
    "the same by the mean of all": telling(Score, P11_UNSCORED, "abc", aggregate="mean"),
    "A21 B24 C5": telling(Score, P10, "abc"),
    "A25 B40 C16": telling(Score, W27, "abc"),
    "A25 B40 C16, two seats": telling(Score, W27, "abc", seats=2),
    "level, the higher median decides": telling(Score, LEVEL, "ab"),
    "level in all, a tie": telling(Score, {"a:5,b:5": 2, "c:1": 1}, "abc"),
    "level in all, lots": telling(Score, {"a:5,b:5": 2, "c:1": 1}, "abc", "seed", tie_break="lot"),
    "points against": telling(Score, {"a:-3,b:1": 2, "a:3,b:-1": 1, "abstain": 1}, "abc", low=-3, high=3),
}
