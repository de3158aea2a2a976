"""Instant runoffs that fix what the rule means."""

from collections.abc import Mapping
from typing import Final

from tests.rules.stories import Story
from tests.rules.transferring import (
    AFTER_RAISING,
    BEAT_PATHS,
    BEFORE_RAISING,
    CITIES,
    MIDDLE_FIRST_OUT,
    SEED,
    TIED_AT_ONCE,
    TIED_LATER,
    closed,
    decided,
    irv,
)

STORIES: Final[Mapping[str, Story]] = {
    "four cities, three rounds": lambda: decided(irv(), CITIES),
    "four cities, until two are left": lambda: decided(irv(stop="last_two"), CITIES),
    "8 abc, 5 cba, 4 bca": lambda: decided(irv(), MIDDLE_FIRST_OUT),
    "a majority at once": lambda: decided(irv(), {"a>b": 3, "b": 1, "c>b": 1}),
    "a majority at once, counted to the end": lambda: decided(irv(stop="last_two"), {"a>b": 3, "b>c": 1, "c>b": 1}),
    "an elimination tied at once": lambda: decided(irv(), TIED_AT_ONCE),
    "an elimination tied at once, lots drawn": lambda: decided(irv(tie_break="lot"), TIED_AT_ONCE, seed=SEED),
    "an elimination tied at once, no lots to draw": lambda: decided(irv(tie_break="lot"), TIED_AT_ONCE),
    "a tie that the round before parts": lambda: decided(irv(), TIED_LATER),
    "a tie that nobody looks back at": lambda: decided(irv(look_back=False), TIED_LATER),
    "two that can never catch up go out together": lambda: decided(
        irv(), {"a>b": 5, "b>a": 4, "c>b": 1, "d>a": 1}, ("a", "b", "c", "d", "e", "f")
    ),
    "2 bac, 4 cb, 3 a": lambda: decided(irv(), BEAT_PATHS),
    "before an option is raised": lambda: decided(irv(), BEFORE_RAISING),
    "after it was raised it loses": lambda: decided(irv(), AFTER_RAISING),
    "blank ballots and silence": lambda: closed(decided(irv(), {"a>b": 2, "b": 1, "blank": 2, "abstain": 1}, silent=2)),
    "a quorum is missed": lambda: closed(decided(irv(quorum="1/2"), {"a>b": 2, "b": 1}, silent=4)),
    "nobody ranks anything": lambda: decided(irv(), {"blank": 3}, ("a", "b")),
    "the author alone": lambda: closed(decided(irv(), {"a>b": 1}, silent=2)),
}
