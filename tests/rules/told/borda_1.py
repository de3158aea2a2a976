"""Votes by the Borda count that fix what it means."""

from collections.abc import Mapping
from typing import Final

from app.rules.builtin.borda_1 import Borda
from tests.rules.scoring import P01, W23, telling
from tests.rules.stories import Story

SHORT: Final = {"a": 3, "b=c>d": 4, "d>a=b": 2, "blank": 1}

STORIES: Final[Mapping[str, Story]] = {
    "four cities": telling(Borda, P01, "mnck"),
    "four cities, two seats": telling(Borda, P01, "mnck", seats=2),
    "8 ABC, 5 CBA, 4 BCA": telling(Borda, W23, "abc"),
    "short rankings and equal ranks": telling(Borda, SHORT, "abcd"),
    "what is left out gets nothing": telling(Borda, SHORT, "abcd", unranked="zero"),
    "no equal ranks": telling(Borda, {"a>b": 2, "c": 1}, "abc", equal="refused"),
    "level, the higher median decides": telling(Borda, {"a>c>b": 2, "b>a>c": 2, "b>c>a": 1}, "abc"),
    "level in all, a tie": telling(Borda, {"a>b>c": 1, "b>a>c": 1}, "abc"),
    "level in all, lots": telling(Borda, {"a>b>c": 1, "b>a>c": 1}, "abc", "seed", tie_break="lot"),
}
