"""What would have changed an outcome where votes weigh: told in weight, since nobody could say of how many people.

Every figure is a bound that decides by itself, all else staying as it is: ``gt`` where it must be exceeded, ``gte``
where it is enough to reach it.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from app.rules.case import Reason
from app.rules.figures import plain

Op = Literal["gt", "gte"]


def turning(weight: Fraction, op: Op, *, adopted: bool) -> Reason:
    """What had to be cast for a proposal instead of otherwise, or otherwise instead of for it."""
    return Reason("weight_would_fail" if adopted else "weight_would_pass", {"weight": plain(weight), "op": op})


def trailing(first: Sequence[str], next_: Sequence[str], by: int | Fraction, op: Op = "gt") -> Reason:
    """How far the next options were behind the last that were elected."""
    return Reason(
        "weight_ahead", {"ahead": ",".join(first), "behind": ",".join(next_), "by": plain(Fraction(by)), "op": op}
    )


def reaching(options: Sequence[str], weight: int | Fraction, op: Op) -> Reason:
    """What the best of those that were not elected were short of."""
    return Reason("weight_would_reach", {"options": ",".join(options), "weight": plain(Fraction(weight)), "op": op})


def losing(options: Sequence[str], weight: int | Fraction, op: Op) -> Reason:
    """What the least of those elected could not lose."""
    facts = {"options": ",".join(options), "weight": plain(Fraction(weight)), "op": op}
    return Reason("weight_would_lose_place", facts)


def settling(number: int) -> Reason:
    """For how many of the tied any more weight settles the tie."""
    return Reason("any_weight_settles", {"number": number})
