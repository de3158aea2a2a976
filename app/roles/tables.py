"""Roles of a circle and the mandates of those who fill them; facilitator, secretary and links are roles too."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from app.foundation.columns import Owned, Versioned, belongs_to, choice, document, governed
from app.roles.lifecycle import AssignmentState


class RoleKind(StrEnum):
    """What the process needs to know of a role; ``other`` is any role a circle makes for its work.

    The lead link is named by the broader circle, the rep link by the circle itself; they are two people, and both
    are full members of the broader circle.
    """

    FACILITATOR = "facilitator"
    SECRETARY = "secretary"
    LEAD_LINK = "lead_link"
    REP_LINK = "rep_link"
    OTHER = "other"


class RoleText(SQLModel):
    """What a role is for."""

    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(default="", max_length=2000)


class Role(RoleText, Owned, Versioned, table=True):
    """A package of work and authority within a circle."""

    __tablename__ = "role"
    __table_args__ = (belongs_to("circle_id", "circle"), Index(None, "organisation_id", "circle_id"), governed())
    circle_id: UUID
    kind: RoleKind = choice(RoleKind, RoleKind.OTHER)
    accountabilities: list[str] = document()
    term_months: int | None = None


class Assignment(Owned, table=True):
    """A mandate: who fills a role, since when, until when at the latest, and how it ended."""

    __tablename__ = "assignment"
    __table_args__ = (
        belongs_to("role_id", "role"),
        belongs_to("member_id", "member"),
        Index("ix_assignment_role_state", "organisation_id", "role_id", "state"),
        Index("ix_assignment_member_state", "organisation_id", "member_id", "state"),
        governed(),
    )
    role_id: UUID
    member_id: UUID
    state: AssignmentState = choice(AssignmentState, AssignmentState.ACTIVE)
    since: datetime
    elected_until: date | None = None
    ended_at: datetime | None = None
    ended_for: str | None = Field(default=None, max_length=40)
