"""How a proxy ends: it runs from the moment it is given until one of these reasons."""

from enum import StrEnum


class EndReason(StrEnum):
    """Why a proxy has ended: taken back or renounced, one of the two has left or was suspended, or its time is over."""

    REVOKED = "revoked"
    GIVER_LEFT = "giver_left"
    HOLDER_LEFT = "holder_left"
    EXPIRED = "expired"
