"""Weights as whole numbers, and marks added up in bulk: what a count of many distinct ballots is fast by."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import lcm
from typing import Final

_AT_ONCE: Final = 2_000
"""Ballots whose marks are held in memory one by one at the same time."""


class Whole(Mapping[str, Fraction]):
    """Weights of ballots that are all whole, in ``numbers``; a fraction is made of one only when it is asked for."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers

    def __getitem__(self, ballot: str) -> Fraction:
        return Fraction(self.numbers[ballot])

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


def whole(ballots: Mapping[str, Fraction]) -> tuple[int, Mapping[str, int]]:
    """The unit in which every weight is whole, as parts of one, and the ballots with their weights in it."""
    if isinstance(ballots, Whole):
        return 1, ballots.numbers
    unit = lcm(*dict.fromkeys(weight.denominator for weight in ballots.values()))
    if unit == 1:
        return 1, {ballot: weight.numerator for ballot, weight in ballots.items()}
    return unit, {ballot: int(weight * unit) for ballot, weight in ballots.items()}


def weight(ballots: Mapping[str, Fraction]) -> Fraction:
    """What they weigh together."""
    unit, numbers = whole(ballots)
    return Fraction(sum(numbers.values()), unit)


def without(ballots: Mapping[str, Fraction], *answers: str) -> Mapping[str, Fraction]:
    """The ballots that are none of these answers."""
    if not any(answer in ballots for answer in answers):
        return ballots
    if isinstance(ballots, Whole):
        return Whole({ballot: number for ballot, number in ballots.numbers.items() if ballot not in answers})
    return {ballot: number for ballot, number in ballots.items() if ballot not in answers}


def marks(ballots: Mapping[str, int]) -> dict[str, int]:
    """The weight of each mark, such as ``pear:5``, in all ratings; ballots of equal weight are counted together."""
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for ballot, number in ballots.items():
        alike[number].append(ballot)
    sums: Counter[str] = Counter()
    for number, group in alike.items():
        for start in range(0, len(group), _AT_ONCE):
            for mark, times in Counter(",".join(group[start : start + _AT_ONCE]).split(",")).items():
                sums[mark] += number * times
    return sums


def places(rankings: Mapping[str, int]) -> Iterator[tuple[int, int, int, str, int]]:
    """What rankings say of each option they name. Shapes: how many options the ballot names, how many it puts before
    this one, how many it puts level with it, itself among them, the option, and the weight of such ballots; those
    without equal options are counted together where they are of one length and one weight."""
    alike: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for ballot, number in rankings.items():
        if "=" not in ballot:
            alike[1 + ballot.count(">"), number].append(ballot)
            continue
        before, length = 0, 1 + ballot.count(">") + ballot.count("=")
        for level in (rank.split("=") for rank in ballot.split(">")):
            yield from ((length, before, len(level), option, number) for option in level)
            before += len(level)
    for (length, number), group in alike.items():
        for start in range(0, len(group), _AT_ONCE):
            ranked = ">".join(group[start : start + _AT_ONCE]).split(">")
            for place in range(length):
                for option, times in Counter(ranked[place::length]).items():
                    yield length, place, 1, option, number * times
