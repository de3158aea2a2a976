"""The shapes in which roles and mandates travel."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.foundation.written import Line, Prose, Shape
from app.organisations.schemas import MemberRef
from app.roles.lifecycle import AssignmentState
from app.roles.tables import RoleKind

_ROLE = "0198c1d2-5b7e-7000-8000-00000000e001"
_CIRCLE = "0198c1d2-5b7e-7000-8000-00000000c001"
_ASSIGNMENT = "0198c1d2-5b7e-7000-8000-00000000f001"

Accountability = Annotated[str, Prose(400)]


class RoleDescription(Shape):
    """What a role is for."""

    name: Annotated[str, Line(120)] = Field(description="What people call the role.", examples=["Treasurer"])
    purpose: Annotated[str, Prose(2000, least=0)] = Field(
        default="", description="What it is there for.", examples=["Bills are paid on time."]
    )
    accountabilities: list[Accountability] = Field(
        default=[], max_length=50, description="What others may expect of it.", examples=[["Pay bills every Friday"]]
    )
    term_months: int | None = Field(
        default=None, ge=1, le=120, description="How long a mandate lasts when nothing else is said.", examples=[12]
    )


class RoleCreation(RoleDescription):
    """A role to be made in a circle."""

    kind: RoleKind = Field(
        default=RoleKind.OTHER, description="An office that the process knows, or `other`.", examples=["facilitator"]
    )


class MandateView(BaseModel):
    """Who fills a role, since when and until when at the latest."""

    id: UUID = Field(description="The mandate's id.", examples=[_ASSIGNMENT])
    role_id: UUID = Field(description="Which role.", examples=[_ROLE])
    member: MemberRef = Field(description="Who.")
    state: AssignmentState = Field(description="Whether it is running.", examples=["active"])
    since: datetime = Field(description="From when on.", examples=["2026-03-02T09:00:00Z"])
    elected_until: date | None = Field(description="Its last day, where it has one.", examples=["2027-03-02"])
    ended_at: datetime | None = Field(description="When it ended.", examples=[None])
    ended_for: str | None = Field(description="Why it ended.", examples=[None])


class RoleView(BaseModel):
    """A role and who fills it today."""

    id: UUID = Field(description="The role's id.", examples=[_ROLE])
    circle_id: UUID = Field(description="The circle that it belongs to.", examples=[_CIRCLE])
    kind: RoleKind = Field(description="An office that the process knows, or `other`.", examples=["facilitator"])
    name: str = Field(description="What people call it.", examples=["Treasurer"])
    purpose: str = Field(description="What it is there for.", examples=["Bills are paid on time."])
    accountabilities: list[str] = Field(description="What others may expect.", examples=[["Pay bills every Friday"]])
    term_months: int | None = Field(description="How long a mandate lasts.", examples=[12])
    mandates: list[MandateView] = Field(description="Who fills it today.")


class Assigning(Shape):
    """A role to be given to a member."""

    member_id: UUID = Field(description="Who takes the role on.", examples=["0198c1d2-5b7e-7000-8000-00000000a001"])
    elected_until: date | None = Field(
        default=None, description="Last day of the mandate; without it, the role's term.", examples=["2027-03-02"]
    )


class Ending(Shape):
    """A mandate to be ended."""

    reason: Literal["resigned", "replaced", "term_end"] = Field(
        default="resigned", description="Why it ends.", examples=["resigned"]
    )
