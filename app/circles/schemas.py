"""The shapes in which circles, memberships, domains and rules travel."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.circles.lifecycle import CircleState
from app.circles.tables import Basis, CircleKind
from app.foundation.written import Line, Prose, Shape, Slug
from app.organisations.schemas import MemberRef

_CIRCLE = "0198c1d2-5b7e-7000-8000-00000000c001"
_ANCHOR = "0198c1d2-5b7e-7000-8000-00000000c000"
_MEMBER = "0198c1d2-5b7e-7000-8000-00000000a001"
_DOMAIN = "0198c1d2-5b7e-7000-8000-00000000d001"

Name = Annotated[str, Line(120)]
Paragraph = Annotated[str, Prose(2000)]


class CircleDescription(Shape):
    """What a circle says of itself."""

    name: Name = Field(description="What people call the circle.", examples=["Gestion"])
    aim: Paragraph = Field(description="What the circle is there for.", examples=["Keep the money clear."])


class CircleFounding(CircleDescription):
    """A circle to be founded: the anchor first, then each under a broader one."""

    slug: Slug = Field(
        description="Short name for addresses: lower-case letters, digits, hyphens.", examples=["gestion"]
    )
    kind: CircleKind = Field(
        default=CircleKind.OPERATIONAL, description="What sort of circle.", examples=["operational"]
    )
    parent_id: UUID | None = Field(
        default=None, description="The broader circle; null for the anchor alone.", examples=[_ANCHOR]
    )


class CircleView(BaseModel):
    """A circle."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="The circle's id.", examples=[_CIRCLE])
    slug: str = Field(description="Its short name.", examples=["gestion"])
    name: str = Field(description="What people call it.", examples=["Gestion"])
    aim: str = Field(description="What it is there for.", examples=["Keep the money clear."])
    kind: CircleKind = Field(description="What sort of circle.", examples=["operational"])
    parent_id: UUID | None = Field(description="The broader circle; null for the anchor.", examples=[_ANCHOR])
    state: CircleState = Field(description="Whether it is at work.", examples=["active"])


class Joining(Shape):
    """A membership to be recorded. Places of links and of role holders come with their role instead."""

    member_id: UUID = Field(description="Who joins.", examples=[_MEMBER])
    basis: Literal["appointed", "elected", "guest"] = Field(
        default="appointed", description="Why; a guest listens and has no voice.", examples=["appointed"]
    )


class MembershipView(BaseModel):
    """Somebody's place in a circle."""

    id: UUID = Field(description="The membership's id.", examples=["0198c1d2-5b7e-7000-8000-00000000b001"])
    circle_id: UUID = Field(description="In which circle.", examples=[_CIRCLE])
    member: MemberRef = Field(description="Who.")
    basis: Basis = Field(description="On what ground.", examples=["appointed"])
    has_voice: bool = Field(description="Whether they decide with the others.", examples=[True])
    since: datetime = Field(description="From when on.", examples=["2026-03-02T09:00:00Z"])
    until: datetime | None = Field(description="Until when; null while it lasts.", examples=[None])


class DomainEntrusting(Shape):
    """A domain to be given to a circle, which alone then decides in it."""

    circle_id: UUID = Field(description="The circle that will hold it.", examples=[_CIRCLE])
    slug: Slug = Field(description="Short name for addresses.", examples=["money-rules"])
    name: Name = Field(description="What people call it.", examples=["Money rules"])
    description: Paragraph = Field(description="What it covers.", examples=["Expenses, refunds, budget follow-up."])
    review_on: date | None = Field(default=None, description="When to look at it again.", examples=["2027-03-01"])


class DomainView(BaseModel):
    """An area of exclusive authority and its one holder."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="The domain's id.", examples=[_DOMAIN])
    slug: str = Field(description="Its short name.", examples=["money-rules"])
    name: str = Field(description="What people call it.", examples=["Money rules"])
    description: str = Field(description="What it covers.", examples=["Expenses, refunds, budget follow-up."])
    circle_id: UUID = Field(description="The circle that holds it.", examples=[_CIRCLE])
    review_on: date | None = Field(description="When to look at it again.", examples=["2027-03-01"])


class RuleChoice(Shape):
    """The decision rule that a circle is to follow."""

    slug: str = Field(min_length=1, max_length=60, description="The rule's name.", examples=["consent"])
    version: int | None = Field(
        default=None, ge=1, description="Its version; without one, the newest, which is then pinned.", examples=[1]
    )
    options: dict[str, Any] = Field(
        default={}, description="Options of the rule; what is not said keeps its default.", examples=[{"max_rounds": 3}]
    )


class RuleView(BaseModel):
    """By which rule a circle decides, and where that comes from."""

    circle_id: UUID = Field(description="The circle that set the rule: this one or a broader one.", examples=[_CIRCLE])
    inherited: bool = Field(description="Whether it comes from a broader circle.", examples=[False])
    slug: str = Field(description="The rule's name.", examples=["consent"])
    version: int = Field(description="Its pinned version.", examples=[1])
    options: dict[str, Any] = Field(description="All its options, defaults included.", examples=[{"max_rounds": 3}])
    since: datetime = Field(description="From when on.", examples=["2026-03-02T09:00:00Z"])
