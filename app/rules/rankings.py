"""Strict rankings that go from option to option: those that begin alike go on together."""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final

Stretch = tuple[int, int, int]
"""Rankings next to each other, from one place to before another, alike in so many of their first characters."""

_AFTER: Final = "?"
"""The character after ``>``: all that go on after the same options lie before it."""


class Rankings:
    """Rankings in the order of their text, with their weights added up.

    Sorted, all rankings that begin with the same options lie side by side: they are handed on as one stretch, at the
    cost of a search and not of as many steps as there are ballots.
    """

    __slots__ = ("_sums", "_texts")

    def __init__(self, ballots: Mapping[str, int]) -> None:
        """``ballots``: what each distinct canonical ranking without equal ranks weighs."""
        self._texts = sorted(ballots)
        self._sums = list(accumulate((ballots[text] for text in self._texts), initial=0))

    def all(self) -> Iterable[Stretch]:
        """Every ranking, of which nothing is read yet."""
        return ((0, len(self._texts), 0),)

    def weight(self, stretch: Stretch) -> int:
        """What its ballots weigh together."""
        start, end, _ = stretch
        return self._sums[end] - self._sums[start]

    def onward(self, stretches: Iterable[Stretch], standing: Container[str]) -> Iterator[tuple[str, Stretch]]:
        """Each part of the stretches with the next option it names that still stands; with none, ``""``."""
        texts, left = self._texts, list(stretches)
        while left:
            start, end, read = left.pop()
            while start < end:
                text = texts[start]
                stop = text.find(">", read)
                if stop < 0:  # one ranking, whose last option this is; or nothing, when it was read before
                    part, option = (start, start + 1, len(text)), text[read:]
                else:
                    option = text[read:stop]
                    after = start + 1 if end - start == 1 else bisect_left(texts, text[:stop] + _AFTER, start, end)
                    part = (start, after, stop + 1)
                start = part[1]
                if not option or option in standing:
                    yield option, part
                else:
                    left.append(part)
