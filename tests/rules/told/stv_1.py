"""Elections by single transferable vote that fix what the rule means."""

from collections.abc import Mapping
from typing import Final

from tests.rules.stories import Story
from tests.rules.transferring import HIDDEN_TIE, SEED, TWO_OF_FIVE, TWO_OF_FOUR, closed, decided, stv

SHARED: Final = {"a>b>e": 9, "c>b>f": 9, "b": 1, "d": 3, "e>d": 2, "f>d": 1}

STORIES: Final[Mapping[str, Story]] = {
    "two co-chairs of four": lambda: decided(stv(), TWO_OF_FOUR),
    "two of five": lambda: decided(stv(), TWO_OF_FIVE),
    "two of five, five decimals": lambda: decided(stv(arithmetic="five_decimals"), TWO_OF_FIVE),
    "two of five, quota recomputed": lambda: decided(stv(quota="droop_recomputed"), TWO_OF_FIVE),
    "two of five, Hare quota": lambda: decided(stv(quota="hare"), TWO_OF_FIVE),
    "three of five, Hare quota, five decimals": lambda: decided(
        stv(seats=3, quota="hare", arithmetic="five_decimals"), TWO_OF_FIVE
    ),
    "a true tie, parted by an earlier round": lambda: decided(stv(seats=5), HIDDEN_TIE),
    "a true tie, on record": lambda: decided(stv(seats=5, look_back=False), HIDDEN_TIE),
    "a true tie, parted by lot": lambda: decided(stv(seats=5, look_back=False, tie_break="lot"), HIDDEN_TIE, seed=SEED),
    "a true tie, no lots to draw": lambda: decided(stv(seats=5, look_back=False, tie_break="lot"), HIDDEN_TIE),
    "a true tie, hidden by rounding": lambda: decided(stv(seats=5, arithmetic="five_decimals"), HIDDEN_TIE),
    "equal surpluses go on together": lambda: decided(stv(seats=3), SHARED),
    "those without a vote go out together": lambda: decided(
        stv(), {"a>b": 5, "b>a": 2, "c>b": 3}, ("a", "b", "c", "d", "e")
    ),
    "as many options as seats": lambda: decided(stv(), {"a": 3, "a>b": 1}),
    "one seat": lambda: decided(stv(seats=1), {"a": 3, "b>c": 2, "c>b": 2}),
    "blank ballots and silence": lambda: closed(
        decided(stv(quorum="1/2"), {"a>b": 4, "b": 2, "c": 1, "blank": 1}, silent=3)
    ),
    "a quorum is missed": lambda: closed(decided(stv(quorum="2/3"), {"a>b": 2, "b": 1}, silent=4)),
    "the author alone": lambda: closed(decided(stv(), {"a>b": 1}, silent=2)),
}
