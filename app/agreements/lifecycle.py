"""The states of an agreement, and when it is looked at again."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class AgreementState(StrEnum):
    """Whether an agreement applies. One that is under review still does."""

    IN_FORCE = "in_force"
    UNDER_REVIEW = "under_review"
    EXPIRED = "expired"


APPLIES: Final = frozenset({AgreementState.IN_FORCE, AgreementState.UNDER_REVIEW})

REVIEW_LEAD: Final = timedelta(days=14)
"""How long before its review date an agreement is due for review, so that the circle can prepare. A trial comes under
review so long before its last day without anybody asking for it; one that is shorter, from its first day."""
