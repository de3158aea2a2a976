"""The states of a circle."""

from enum import StrEnum


class CircleState(StrEnum):
    ACTIVE = "active"
    DISSOLVED = "dissolved"
