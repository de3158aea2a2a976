"""Cooperatives, their members, and the dated facts about members: legal category and voting college."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import field_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.foundation import written
from app.foundation.columns import Owned, Versioned, belongs_to, choice, document, governed
from app.organisations.lifecycle import MemberStatus, OrganisationState

WRITTEN: Any = {"extra": "forbid", "str_strip_whitespace": True}
"""Of texts that come in as they are stored: a name that is not known is refused, for it would be silently lost."""


class LegalForm(StrEnum):
    """The legal form of a cooperative in French law."""

    SCIC_SA = "scic_sa"
    SCIC_SAS = "scic_sas"
    SCIC_SARL = "scic_sarl"
    SCOP_SA = "scop_sa"
    SCOP_SAS = "scop_sas"
    SCOP_SARL = "scop_sarl"
    COOP_CONSO = "coop_conso"
    ASSOCIATION = "association"
    UNION = "union"
    INFORMAL = "informal"


class MemberKind(StrEnum):
    """A person, or an organisation that somebody represents."""

    PERSON = "person"
    LEGAL_ENTITY = "legal_entity"


class Category(StrEnum):
    """Legal category of a SCIC's member (law 47-1775, art. 19 septies); not the same as a voting college."""

    EMPLOYEE = "employee"
    PRODUCER = "producer"
    BENEFICIARY = "beneficiary"
    VOLUNTEER = "volunteer"
    PUBLIC_BODY = "public_body"
    SUPPORTER = "supporter"


class OrganisationText(SQLModel):
    """What a cooperative says of itself. Its time zone (an IANA name) decides when a day ends."""

    model_config = WRITTEN

    slug: str = Field(min_length=2, max_length=60)
    name: str = Field(min_length=1, max_length=200)
    legal_form: LegalForm = choice(LegalForm)
    time_zone: str = Field(max_length=60)

    _short = field_validator("slug")(written.slug)
    _one_line = field_validator("name")(written.line)

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, LookupError):
            raise PydanticCustomError("time_zone", "name a time zone, such as Europe/Paris") from None
        return value


class Organisation(OrganisationText, Versioned, table=True):
    """One cooperative: the tenant. ``colleges_set`` counts how often its colleges were set, which is their version."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("slug"), governed())
    organisation_id: UUID = Field(primary_key=True)
    state: OrganisationState = choice(OrganisationState, OrganisationState.FOUNDING)
    colleges_set: int = 0


class MemberText(SQLModel):
    """What a member's entry says of them; a legal entity names the person who speaks for it."""

    model_config = WRITTEN

    name: str = Field(
        min_length=1,
        max_length=200,
        description="Name of the person or of the legal entity.",
        schema_extra={"examples": ["Ana Lefèvre"]},
    )
    representative: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Who speaks for a legal entity.",
        schema_extra={"examples": ["Mireille Aubert"]},
    )
    email: str | None = Field(
        default=None,
        max_length=254,
        description="Where sign-in links are sent; shown to the member and to stewards only.",
        schema_extra={"examples": ["ana@ardoise.example"]},
    )
    language: str = Field(
        default="en",
        max_length=2,
        description="Language in which the member is written to.",
        schema_extra={"pattern": "^(en|fr)$", "examples": ["fr"]},
    )

    _one_line = field_validator("name", "representative")(written.line)
    _one_address = field_validator("email")(written.address)


class Admission(MemberText):
    """A member as admitted by the organ that the statutes name. Without a date, on the day it is recorded."""

    kind: MemberKind = Field(default=MemberKind.PERSON, description="A person, or a legal entity with one voice.")
    steward: bool = Field(
        default=False,
        description="Whether they keep the register: a title without a voice.",
        schema_extra={"examples": [False]},
    )
    joined_on: date | None = Field(
        default=None, description="Day of the admission.", schema_extra={"examples": ["2024-09-23"]}
    )


class Member(MemberText, Owned, Versioned, table=True):
    """A member. ``pseudonym`` is how the journal and every deliberation know them; deleting it unlinks for good.

    ``steward`` keeps accounts and registers: a title without a voice in any circle. ``next_email`` replaces the
    address at ``next_email_at``: a steward has announced it, for somebody who has lost the old mailbox.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("organisation_id", "pseudonym"),
        UniqueConstraint("organisation_id", "email"),
        governed(),
    )
    kind: MemberKind = choice(MemberKind, MemberKind.PERSON)
    status: MemberStatus = choice(MemberStatus, MemberStatus.ACTIVE)
    steward: bool = False
    pseudonym: str | None = Field(default=None, max_length=40)
    next_email: str | None = Field(default=None, max_length=254)
    next_email_at: datetime | None = None
    joined_on: date
    left_on: date | None = None


class MemberCategory(Owned, table=True):
    """A member's legal category from one date to another; history is kept."""

    __tablename__ = "member_category"
    __table_args__ = (belongs_to("member_id", "member"), Index(None, "organisation_id", "member_id"), governed())
    member_id: UUID
    category: Category = choice(Category)
    valid_from: date
    valid_to: date | None = None


class CollegeText(SQLModel):
    """A college to be: its name, and its share of all votes as an exact fraction."""

    model_config = WRITTEN

    name: str = Field(
        min_length=1,
        max_length=120,
        description="Name of the college.",
        schema_extra={"examples": ["Students"]},
    )
    weight: str = Field(
        max_length=20,
        description="Exact share of all votes, between 1/10 and 1/2.",
        schema_extra={"pattern": "^[0-9]{1,9}(/[1-9][0-9]{0,8})?$", "examples": ["3/10"]},
    )

    _one_line = field_validator("name")(written.line)


class CollegeSetting(CollegeText):
    """A college in a new setting; ``id`` names the one that it continues, whose members it takes over."""

    id: UUID | None = Field(
        default=None,
        description="The college that this one continues.",
        schema_extra={"examples": ["0198c1d2-5b7e-7000-8000-000000000000"]},
    )


class College(CollegeText, Owned, table=True):
    """A group whose votes weigh together: an exact share such as ``3/10`` (law 47-1775, art. 19 octies).

    A new weight or name is a new row that continues the old one, so that every day keeps the colleges it had.
    """

    __tablename__ = "college"
    __table_args__ = (governed(),)
    valid_from: date
    valid_to: date | None = None


class CollegeMember(Owned, table=True):
    """A member's college from one date to another."""

    __tablename__ = "college_member"
    __table_args__ = (
        belongs_to("college_id", "college"),
        belongs_to("member_id", "member"),
        Index(None, "organisation_id", "member_id"),
        governed(),
    )
    college_id: UUID
    member_id: UUID
    valid_from: date
    valid_to: date | None = None


class MemberWeight(Owned, table=True):
    """What a member weighs in votes that do not count heads alone, from one date to another.

    ``unit`` names the part of a federation for which they vote; ``measures`` are exact figures by name, such as the
    members of a cooperative that belongs to a union (law 47-1775, art. 9).
    """

    __tablename__ = "member_weight"
    __table_args__ = (
        belongs_to("member_id", "member"),
        Index(None, "organisation_id", "member_id"),
        governed(),
    )
    member_id: UUID
    unit: str = Field(default="", max_length=40)
    measures: dict[str, str] = document()
    valid_from: date
    valid_to: date | None = None
