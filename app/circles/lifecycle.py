"""The states of a circle."""

from enum import StrEnum


class CircleState(StrEnum):
    """Whether a circle decides, or is history."""

    ACTIVE = "active"
    DISSOLVED = "dissolved"
