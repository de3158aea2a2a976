"""The states of an agreement."""

from enum import StrEnum


class AgreementState(StrEnum):
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
