"""How a cooperative, its members and its colleges are shown over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from app.foundation.written import Line, Prose, Shape, address
from app.organisations.lifecycle import MemberStatus, OrganisationState
from app.organisations.tables import Category, CollegeSetting, LegalForm, MemberKind

_ID = "0198c1d2-5b7e-7000-8000-000000000000"
_DAY = "2026-01-01"


class MemberRef(BaseModel):
    """A member as others name them."""

    id: UUID = Field(description="The member.", examples=[_ID])
    name: str = Field(description="Their name.", examples=["Ana Lefèvre"])


class OrganisationView(BaseModel):
    """A cooperative."""

    id: UUID = Field(description="The organisation.", examples=[_ID])
    slug: str = Field(description="Short name, as in addresses.", examples=["scic-ardoise"])
    name: str = Field(description="Full name.", examples=["Scic Ardoise"])
    legal_form: LegalForm = Field(description="Legal form.", examples=["scic_sas"])
    time_zone: str = Field(description="IANA time zone: it decides when a day ends.", examples=["Europe/Paris"])
    state: OrganisationState = Field(
        description="`founding`: stewards lay down the structure; `governed`: it changes by decisions only.",
        examples=["governed"],
    )


class AnnouncedEmail(BaseModel):
    """An address that a steward has announced: the member's way in from that moment on, unless it is called off."""

    email: str | None = Field(description="The new address; null: none at all.", examples=["ana@new.example"])
    takes_effect_at: datetime = Field(description="When it takes effect.", examples=["2026-01-08T22:59:59Z"])


class MemberView(MemberRef):
    """An entry of the register of members."""

    kind: MemberKind = Field(description="A person, or a legal entity with one voice.", examples=["person"])
    representative: str | None = Field(description="Who speaks for a legal entity.", examples=[None])
    email: str | None = Field(
        description="Shown to the member and to stewards; null for everybody else.", examples=["ana@ardoise.example"]
    )
    announced_email: AnnouncedEmail | None = Field(
        default=None, description="The address to come, shown to the member and to stewards."
    )
    language: str = Field(description="Language in which the member is written to.", examples=["fr"])
    status: MemberStatus = Field(description="Only an active member takes part.", examples=["active"])
    steward: bool = Field(description="Whether they keep the register: a title without a voice.", examples=[False])
    joined_on: date = Field(description="Day of the admission.", examples=["2024-09-23"])
    left_on: date | None = Field(description="Day of the departure.", examples=[None])


class CategoryView(BaseModel):
    """A member's legal category from one day to another."""

    category: Category = Field(description="Legal category.", examples=["producer"])
    valid_from: date = Field(description="First day.", examples=[_DAY])
    valid_to: date | None = Field(description="The day it ended; null while it lasts.", examples=[None])


class PlacementView(BaseModel):
    """A member's voting college from one day to another."""

    college: UUID = Field(description="The college.", examples=[_ID])
    valid_from: date = Field(description="First day.", examples=[_DAY])
    valid_to: date | None = Field(description="The day it ended; null while it lasts.", examples=[None])


class MemberDetail(MemberView):
    """An entry of the register with its dated facts, oldest first."""

    categories: list[CategoryView] = Field(description="Legal categories.")
    colleges: list[PlacementView] = Field(description="Voting colleges.")


class CollegeView(BaseModel):
    """A voting college."""

    id: UUID = Field(description="The college.", examples=[_ID])
    name: str = Field(description="Its name.", examples=["Students"])
    weight: str = Field(description="Exact share of all votes.", examples=["1/2"])
    valid_from: date = Field(description="First day of this name and weight.", examples=[_DAY])


class Colleges(BaseModel):
    """All colleges of one day; none means one member, one vote."""

    on: date = Field(description="The day.", examples=[_DAY])
    colleges: list[CollegeView] = Field(description="Their weights make one.")


class CollegesSetting(Shape):
    """All colleges from a day on: at least three or none, each between 1/10 and 1/2, together 1."""

    colleges: list[CollegeSetting] = Field(max_length=50, description="Every college; an empty list ends them all.")
    valid_from: date | None = Field(default=None, description="First day; today when absent.", examples=[_DAY])


class EmailAnnouncement(Shape):
    """Another address for a member who has lost the mailbox of the present one."""

    email: Annotated[str, Line(254), AfterValidator(address)] | None = Field(
        description="The new address; null: none at all.", examples=["ana@new.example"]
    )


class CategoryEntry(Shape):
    """A legal category to record."""

    category: Category = Field(description="Legal category.", examples=["producer"])
    valid_from: date | None = Field(default=None, description="First day; today when absent.", examples=[_DAY])


class Placement(Shape):
    """A college to place a member in."""

    college: UUID = Field(description="The college.", examples=[_ID])
    valid_from: date | None = Field(default=None, description="First day; today when absent.", examples=[_DAY])


Measure = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
Figure = Annotated[str, StringConstraints(pattern="^[0-9]{1,9}(/[1-9][0-9]{0,8})?$")]


class Weight(Shape):
    """What a member weighs in votes that do not count heads alone."""

    unit: Annotated[str, StringConstraints(pattern="^([a-z0-9][a-z0-9_-]{0,39})?$")] = Field(
        default="", description="The part of a federation for which they vote.", examples=["lyon"]
    )
    measures: dict[Measure, Figure] = Field(
        max_length=8,
        description="Exact figures by name; a rule names the one by which it weighs.",
        examples=[{"members": "120", "votes": "2"}],
    )
    valid_from: date | None = Field(default=None, description="First day; today when absent.", examples=[_DAY])

    @field_validator("measures")
    @classmethod
    def _heads_are_one(cls, measures: dict[str, str]) -> dict[str, str]:
        if taken := {"heads", "college_share"} & measures.keys():
            raise PydanticCustomError("measure_taken", "{name} is counted by the service", {"name": min(taken)})
        return measures


class WeightView(Shape):
    """What a member weighs from one date to another."""

    unit: str = Field(examples=["lyon"])
    measures: dict[str, str] = Field(examples=[{"members": "120", "votes": "2"}])
    valid_from: date = Field(examples=[_DAY])
    valid_to: date | None = Field(default=None, examples=[None])


class Reason(Shape):
    """Why, in a few words."""

    reason: Annotated[str, Prose(2000)] | None = Field(
        default=None,
        description="Kept apart from the log's proofs, so that it can be erased.",
        examples=["Decided by the general meeting of 12 January."],
    )
