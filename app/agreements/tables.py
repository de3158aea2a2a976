"""The register of what has been agreed: each agreement has a source decision, an owner circle and a review date."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from app.agreements.lifecycle import AgreementState
from app.foundation.columns import Owned, Versioned, belongs_to, choice, document, governed


class AgreementKind(StrEnum):
    """What sort of agreement it is."""

    POLICY = "policy"
    OPERATIONAL = "operational"
    BUDGET = "budget"


class AgreementText(SQLModel):
    """What was agreed."""

    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=20_000)


class Agreement(AgreementText, Owned, Versioned, table=True):
    """An agreement in force in a circle since its proposal was adopted.

    ``concerns`` are the words (by reference) that were said with consent and travel to the review; a trial has an
    ``expires_on``. ``review_on`` is never null: an agreement without a review date is a rule nobody looks at again.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        belongs_to("circle_id", "circle"),
        belongs_to("domain_id", "domain"),
        Index("ix_agreement_register", "organisation_id", "circle_id", "state"),
        governed(),
    )
    circle_id: UUID
    domain_id: UUID
    proposal_id: UUID
    kind: AgreementKind = choice(AgreementKind, AgreementKind.POLICY)
    state: AgreementState = choice(AgreementState, AgreementState.IN_FORCE)
    in_force_from: datetime
    review_on: date
    expires_on: date | None = None
    concerns: list[dict[str, Any]] = document()
