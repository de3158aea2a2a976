"""When a delay ends: days run to the end of the day where the organisation lives, hours to the minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import isodate


def deadline(start: datetime, lasts: str, time_zone: str) -> datetime:
    """``start`` plus an ISO 8601 duration. A duration in days, weeks or months ends at 23:59:59 local time of its
    last day, whatever daylight saving does in between; one in hours or minutes ends exactly then."""
    duration = isodate.parse_duration(lasts)
    if "T" in lasts:
        ends: datetime = start + duration
        return ends
    last_day: date = (start.astimezone(ZoneInfo(time_zone)) + duration).date()
    return datetime.combine(last_day, time(23, 59, 59), ZoneInfo(time_zone)).astimezone(UTC)


def local_date(instant: datetime, time_zone: str) -> date:
    """The day that it is for the organisation."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def after(start: date, lasts: str) -> date:
    """A date plus an ISO 8601 duration in days, weeks, months or years."""
    later: date = start + isodate.parse_duration(lasts)
    return later


def time_left(closes_at: datetime | None, now: datetime) -> timedelta | None:
    """What a clock that is interrupted now has left."""
    return None if closes_at is None else max(closes_at - now, timedelta(0))
