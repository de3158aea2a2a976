"""Weights as whole numbers, and marks added up in bulk: what a count of many distinct ballots is fast by."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Final

_AT_ONCE: Final = 2_000
"""Ballots whose marks are held in memory one by one at the same time."""


def whole(ballots: Mapping[str, Fraction]) -> tuple[int, dict[str, int]]:
    """The unit in which every weight is whole, as parts of one, and the ballots with their weights in it."""
    unit = lcm(*dict.fromkeys(weight.denominator for weight in ballots.values()))
    if unit == 1:
        return 1, {ballot: weight.numerator for ballot, weight in ballots.items()}
    return unit, {ballot: int(weight * unit) for ballot, weight in ballots.items()}


def marks(ballots: Mapping[str, int]) -> dict[str, int]:
    """The weight of each mark, such as ``pear:5``, in all ratings; ballots of equal weight are counted together."""
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for ballot, weight in ballots.items():
        alike[weight].append(ballot)
    sums: Counter[str] = Counter()
    for weight, group in alike.items():
        for start in range(0, len(group), _AT_ONCE):
            for mark, number in Counter(",".join(group[start : start + _AT_ONCE]).split(",")).items():
                sums[mark] += weight * number
    return sums
