"""Time is an argument: the one place that asks the machine what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells the time to the service."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one allowed call


class MovedClock:
    """A clock that stands where it was put, for tests and for the demo's story; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> datetime:
        """Let ``by`` pass and return the new time."""
        return self.move_to(self._now + by)

    def move_to(self, instant: datetime) -> datetime:
        """Let time pass until ``instant``; an earlier one changes nothing."""
        self._now = max(self._now, instant.astimezone(UTC))
        return self._now


class ReleasableClock(MovedClock):
    """A moved clock that can be let go: from then on it is the machine's (the demo, once its story is told)."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._released = False

    def now(self) -> datetime:
        return SystemClock().now() if self._released else super().now()

    def release(self) -> None:
        """Run with the machine's clock from now on."""
        self._released = True
