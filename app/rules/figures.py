"""Exact figures as a circle writes them into the options of a rule: shares, counts and durations, never a float."""

import re
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

SHARE: Final = re.compile(r"[0-9]{1,9}(/[1-9][0-9]{0,8})?")
CLOCK: Final = re.compile(r"P(?=[0-9T])([0-9]{1,3}W|([0-9]{1,3}D)?(T(?=[0-9])([0-9]{1,4}H)?([0-9]{1,4}M)?)?)")
PART: Final = re.compile(r"([0-9]+)([WDHM])")
MINUTES: Final = {"W": 7 * 24 * 60, "D": 24 * 60, "H": 60, "M": 1}
MOST: Final = 10_000
"""More people than any circle has: a larger number is a slip of the pen."""
CALENDAR: Final = re.compile(r"P[0-9]{1,2}[YMW]")


def _share(value: Any) -> Fraction:
    """A part of a whole, from nothing to all of it."""
    if isinstance(value, str) and SHARE.fullmatch(value):
        value = Fraction(value)
    if not isinstance(value, Fraction) or not 0 <= value <= 1:
        raise PydanticCustomError("share", 'a share from 0 to 1 is written as an exact fraction such as "2/3"')
    return value


def _count_or_share(value: Any) -> int | Fraction:
    """A number of people, or a part of them."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    if isinstance(value, Fraction) or (isinstance(value, str) and "/" in value):
        return _share(value)
    raise PydanticCustomError("count_or_share", 'write a whole number such as 1, or an exact fraction such as "1/10"')


def _duration(value: str) -> str:
    if not CLOCK.fullmatch(value) or not re.search(r"[1-9]", value):
        raise PydanticCustomError("duration", 'write a duration in weeks, or days, hours and minutes, such as "P3D"')
    return value


def _period(value: str) -> str:
    if not CALENDAR.fullmatch(value) or not re.search(r"[1-9]", value):
        raise PydanticCustomError("period", 'write a period in years, months or weeks, such as "P6M"')
    return value


def _can_be_reached(op: str, given: ValidationInfo) -> str:
    """What a threshold, read before it, asks for can happen and can fail to happen."""
    if op == "gt" and given.data.get("threshold") == 1:
        raise PydanticCustomError("unreachable", "nobody can have more than everything: use gte with 1")
    if op == "gte" and given.data.get("threshold") == 0:
        raise PydanticCustomError("always_reached", "whatever is voted is at least nothing: use gt with 0")
    return op


def _written(value: int | Fraction) -> int | str:
    return value if isinstance(value, int) else f"{value.numerator}/{value.denominator}"


_SHARE_SCHEMA: Final = {"type": "string", "pattern": f"^{SHARE.pattern}$", "examples": ["1/2", "2/3"]}

Share = Annotated[Fraction, PlainValidator(_share), PlainSerializer(_written), WithJsonSchema(_SHARE_SCHEMA)]
"""An exact part of a whole, written ``"2/3"``."""

Comparison = Annotated[Literal["gt", "gte"], AfterValidator(_can_be_reached), Field(validate_default=True)]
"""How a figure is compared with the option ``threshold`` before it: more (``gt``), or at least as much (``gte``)."""

CountOrShare = Annotated[
    int | Fraction,
    PlainValidator(_count_or_share),
    PlainSerializer(_written),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST}, _SHARE_SCHEMA]}),
]
"""A number of people (``1``), or an exact part of them (``"1/10"``)."""

Duration = Annotated[
    str,
    AfterValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{CLOCK.pattern}$", "examples": ["P3D", "PT48H"]}),
]
"""How long a step lasts: ISO 8601 in weeks, or in days, hours and minutes, such as ``"P3D"`` or ``"PT48H"``."""

Period = Annotated[
    str,
    AfterValidator(_period),
    WithJsonSchema({"type": "string", "pattern": f"^{CALENDAR.pattern}$", "examples": ["P6M", "P1Y"]}),
]
"""A stretch of the calendar: ISO 8601 in years, months or weeks, such as ``"P6M"``."""


def less(whole: str, spent: str) -> str | None:
    """What is left of a :data:`Duration` when another is spent: in days if they are whole; ``None``: nothing is."""
    left = _minutes(whole) - _minutes(spent)
    if left <= 0:
        return None
    if left % MINUTES["D"] == 0:
        return f"P{left // MINUTES['D']}D"
    hours, minutes = divmod(left, MINUTES["H"])
    return "PT" + f"{hours}H" * (hours > 0) + f"{minutes}M" * (minutes > 0)


def plain(figure: Fraction) -> int | Fraction:
    """A whole figure as an integer, so that people read 16 and not 16/1."""
    return figure.numerator if figure.denominator == 1 else figure


def _minutes(duration: str) -> int:
    return sum(int(count) * MINUTES[unit] for count, unit in PART.findall(duration))
