"""The states of an agreement."""

from enum import StrEnum


class AgreementState(StrEnum):
    """Whether an agreement applies."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
