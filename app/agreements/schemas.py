"""The shapes in which agreements travel."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.agreements.lifecycle import AgreementState
from app.agreements.tables import AgreementKind
from app.organisations.schemas import MemberRef

_AGREEMENT = "0198c1d2-5b7e-7000-8000-000000009001"
_PROPOSAL = "0198c1d2-5b7e-7000-8000-000000008001"


class AgreementSummary(BaseModel):
    """One line of the register of agreements."""

    id: UUID = Field(description="The agreement's id.", examples=[_AGREEMENT])
    circle_id: UUID = Field(description="Whose agreement it is.", examples=["0198c1d2-5b7e-7000-8000-00000000c001"])
    domain_id: UUID = Field(description="What it is about.", examples=["0198c1d2-5b7e-7000-8000-00000000d001"])
    kind: AgreementKind = Field(description="What sort of agreement.", examples=["policy"])
    title: str = Field(description="Its title.", examples=["Refund of expenses"])
    state: AgreementState = Field(description="Whether it applies; under review it still does.", examples=["in_force"])
    in_force_from: datetime = Field(description="Since when.", examples=["2026-03-02T09:00:00Z"])
    review_on: date = Field(description="When the circle looks at it again.", examples=["2026-09-02"])
    review_due: bool = Field(description="Whether that time has come: from 14 days before.", examples=[False])
    expires_on: date | None = Field(description="Last day of a trial.", examples=[None])


class ConcernView(BaseModel):
    """A concern that somebody voiced while consenting: what the review has to look at."""

    word: str = Field(description="The word's reference in its proposal, where its text is.", examples=["w0007"])
    member: MemberRef | None = Field(description="Who voiced it; null once the person has been erased.")


class SourceView(BaseModel):
    """The decision from which the agreement comes."""

    id: UUID = Field(description="The proposal's id.", examples=[_PROPOSAL])
    href: str = Field(description="Where to read it.", examples=[f"/v1/proposals/{_PROPOSAL}"])


class AgreementView(AgreementSummary):
    """An agreement with its text, its source and what was said of it when it was made."""

    text: str = Field(description="What was agreed.", examples=["An expense up to 50 euros is refunded within a week."])
    concerns: list[ConcernView] = Field(description="Concerns carried to the review.")
    proposal: SourceView = Field(description="The decision from which it comes.")
    available_steps: list[str] = Field(
        description="What the caller could do with it now: an agreement changes by a new proposal alone.", examples=[[]]
    )
