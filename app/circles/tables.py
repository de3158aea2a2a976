"""Circles, the domains they hold, who belongs to them, and the decision rule in force in each."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.circles.lifecycle import CircleState
from app.foundation.columns import Owned, Versioned, belongs_to, choice, document, governed


class CircleKind(StrEnum):
    """What place a circle has in the tree: the anchor is its root."""

    ANCHOR = "anchor"
    GENERAL = "general"
    OPERATIONAL = "operational"
    HELPING = "helping"


class Basis(StrEnum):
    """Why somebody belongs to a circle; a guest listens and has no voice."""

    APPOINTED = "appointed"
    ELECTED = "elected"
    ROLE_HOLDER = "role_holder"
    LINK_LEAD = "link_lead"
    LINK_REP = "link_rep"
    GUEST = "guest"


class CircleText(SQLModel):
    """What a circle says of itself."""

    name: str = Field(min_length=1, max_length=120)
    aim: str = Field(min_length=1, max_length=2000)


class Circle(CircleText, Owned, Versioned, table=True):
    """A self-governing group. Circles form one tree; its root, the anchor, holds what nobody else holds."""

    __tablename__ = "circle"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"), belongs_to("parent_id", "circle"), governed())
    slug: str = Field(max_length=60)
    kind: CircleKind = choice(CircleKind, CircleKind.OPERATIONAL)
    parent_id: UUID | None = None
    state: CircleState = choice(CircleState, CircleState.ACTIVE)


class CircleMembership(Owned, table=True):
    """Somebody's place in a circle from one day to another; full voice unless the basis is ``guest``."""

    __tablename__ = "circle_membership"
    __table_args__ = (
        belongs_to("circle_id", "circle"),
        belongs_to("member_id", "member"),
        Index(None, "organisation_id", "circle_id", "member_id"),
        Index(None, "organisation_id", "member_id"),
        governed(),
    )
    circle_id: UUID
    member_id: UUID
    basis: Basis = choice(Basis, Basis.APPOINTED)
    since: datetime
    until: datetime | None = None


class Domain(Owned, table=True):
    """An area of exclusive authority: exactly one circle holds it, and decides all that touches it."""

    __tablename__ = "domain"
    __table_args__ = (
        UniqueConstraint("organisation_id", "slug"),
        belongs_to("circle_id", "circle"),
        Index(None, "organisation_id", "circle_id"),
        governed(),
    )
    slug: str = Field(max_length=60)
    name: str = Field(max_length=120)
    description: str = Field(max_length=2000)
    circle_id: UUID
    review_on: date | None = None


class RuleInForce(Owned, table=True):
    """The decision rule of a circle with its options, from a date on; the latest one that has begun is in force."""

    __tablename__ = "rule_in_force"
    __table_args__ = (
        belongs_to("circle_id", "circle"),
        Index(None, "organisation_id", "circle_id", "since"),
        governed(),
    )
    circle_id: UUID
    slug: str = Field(max_length=60)
    rule_version: int
    options: dict[str, Any] = document()
    since: datetime
