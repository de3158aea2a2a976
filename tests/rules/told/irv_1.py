"""Instant runoffs that fix what the rule means."""

from collections.abc import Mapping
from typing import Final

from tests.rules.breaking import broken
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
    "an elimination tied at once, a second ballot": lambda: broken(
        irv(tie_break="revote"), TIED_AT_ONCE, again={"opt_c": 5, "opt_b": 3, "blank": 2}
    ),
    "an elimination tied at once, a second ballot level again": lambda: broken(
        irv(tie_break="revote"), TIED_AT_ONCE, again={"opt_c": 4, "opt_b": 4}
    ),
    "an elimination tied at once, nobody comes to a second ballot": lambda: broken(
        irv(tie_break="revote"), TIED_AT_ONCE
    ),
    "an elimination tied at once, the chair": lambda: broken(
        irv(tie_break="chair_casting"), TIED_AT_ONCE, chair=("opt_c",)
    ),
    "an elimination tied at once, the chair is silent": lambda: broken(irv(tie_break="chair_casting"), TIED_AT_ONCE),
    "an elimination of three tied at once, the chair twice": lambda: broken(
        irv(tie_break="chair_casting"), {"a>b": 3, "b": 2, "c>b": 2, "d>a": 2}, chair=("d", "c")
    ),
    "an elimination tied at once, one of them in place": lambda: broken(
        irv(tie_break="incumbent", incumbent="opt_c"), TIED_AT_ONCE
    ),
    "an elimination tied at once, another one in place": lambda: broken(
        irv(tie_break="incumbent", incumbent="opt_a"), TIED_AT_ONCE
    ),
    "the option in place does not stand": lambda: broken(
        irv(tie_break="incumbent", incumbent="as-it-is"), {}, on_ballot=("opt_a", "opt_b")
    ),
    "an elimination tied at once, by the order of the ballot": lambda: broken(
        irv(tie_break="seniority"), TIED_AT_ONCE, on_ballot=("opt_c", "opt_b", "opt_a")
    ),
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
