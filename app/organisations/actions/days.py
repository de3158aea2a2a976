"""From when a dated fact holds."""

from datetime import date, timedelta
from typing import Final

from app.foundation.errors import Fault, Invalid

FURTHEST_AHEAD: Final = timedelta(days=366)


def first_day(given: date | None, today: date, field: str) -> date:
    """The day that was given for ``field``, or today.

    Raises Invalid (422) for a day more than a year ahead: dated facts follow one another, and one mistyped far ahead
    could never be followed by another.
    """
    latest = today + FURTHEST_AHEAD
    if given is not None and given > latest:
        raise Invalid(faults=[Fault(f"/body/{field}", "day_too_far", {"latest": latest})])
    return given or today
