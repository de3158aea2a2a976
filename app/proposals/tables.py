"""Tensions, proposals with their revisions, and the process that decides them, frozen at admission."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import field_validator
from sqlalchemy import Column, text
from sqlmodel import Field, Index, SQLModel

from app.foundation import written
from app.foundation.columns import Choice, Owned, Versioned, belongs_to, choice, document, governed, ordered
from app.proposals.lifecycle import Appeal, ProposalState
from app.rules.papers import LONGEST

_GOES_ON = text("ended_at IS NULL")
_LEFT = text("left_in_phase IS NOT NULL")


def _prose(description: str, example: str) -> Any:
    return Field(min_length=1, max_length=4000, description=description, schema_extra={"examples": [example]})


class TensionText(SQLModel):
    """A felt gap between what is and what could be: what happens, an example, what is needed."""

    driver: str = _prose("What happens.", "Nobody knows who refunds expenses.")
    example: str = _prose("When it happened.", "Last week Emma waited ten days for 30 euros.")
    requirement: str = _prose("What is needed.", "A rule that everybody can read.")

    _says_something = field_validator("driver", "example", "requirement")(written.prose)


class Tension(TensionText, Owned, table=True):
    """What a proposal answers."""

    __tablename__ = "tension"
    __table_args__ = (belongs_to("sensed_by", "member"), governed())
    sensed_by: UUID
    created_at: datetime


class Amendment(StrEnum):
    """How a text came about. A substantive one makes a new revision, an editorial one a new edition of it."""

    FIRST = "first"
    DRAFT = "draft"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"
    CONTESTED = "contested"


class Proposal(Owned, Versioned, table=True):
    """A text put to decision. ``circle_id`` is computed from the domains that its changes touch, never chosen.

    Until it is shown (``shown_at``: forming or submitted) it is its proposer's alone, however it ends.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        belongs_to("circle_id", "circle"),
        belongs_to("proposer_id", "member"),
        belongs_to("tension_id", "tension"),
        Index("ix_proposal_state", "organisation_id", "state", "id"),
        Index("ix_proposal_circle", "organisation_id", "circle_id", "id"),
        Index("ix_proposal_proposer", "organisation_id", "proposer_id", "state"),
        governed(),
    )
    circle_id: UUID
    proposer_id: UUID
    tension_id: UUID
    state: ProposalState = choice(ProposalState, ProposalState.DRAFT)
    revision: int = 1
    edition: int = 1
    title: str = Field(max_length=200)
    created_at: datetime
    shown_at: datetime | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    refusal: str | None = Field(default=None, max_length=40)
    refusal_text: str | None = Field(default=None, max_length=4000)
    refused_by: str | None = Field(default=None, max_length=40)
    appeal: Appeal | None = Field(default=None, sa_column=Column(Choice(Appeal), nullable=True))
    phase_kind: str | None = Field(default=None, max_length=64)
    phase_closes_at: datetime | None = None
    settled: bool = False
    verdict: str | None = Field(default=None, max_length=40)


class Revision(SQLModel, table=True):
    """One text of a proposal, kept for ever. Positions answer a revision; editions of it change no meaning."""

    __tablename__ = "revision"
    __table_args__ = (belongs_to("proposal_id", "proposal"), governed())
    organisation_id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    amendment: Amendment = choice(Amendment)
    by: str = Field(max_length=40)
    at: datetime
    title: str = Field(max_length=200)
    body: str
    changes: list[dict[str, Any]] = document()
    review_on: date
    evaluation: str | None = Field(default=None, max_length=2000)
    options: list[dict[str, Any]] = document()


class Process(SQLModel, table=True):
    """The decision of one proposal: rule, version, options, digests and electorate frozen once, at admission.

    ``alike``: the college, unit, measures and recusal of every elector, where all have the same. ``proxy_cap``: for how
    many others one member may vote.
    """

    __tablename__ = "process"
    __table_args__ = (
        belongs_to("id", "proposal"),
        Index("ix_process_open", "organisation_id", "id", sqlite_where=_GOES_ON, postgresql_where=_GOES_ON),
        governed(),
    )
    organisation_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    rule_slug: str = Field(max_length=60)
    rule_version: int
    options: dict[str, Any] = document()
    reference_digest: str = Field(max_length=64)
    code_digest: str = Field(max_length=64)
    electorate_digest: str = Field(max_length=64)
    electors: int
    alike: dict[str, Any] | None = document(nullable=True)
    proxy_cap: int = 0
    proposer: str = Field(max_length=40)
    matter: str = Field(max_length=40)
    on_ballot: list[str] = document()
    reads: list[str] = document()
    seed: str = Field(max_length=64)
    opened_at: datetime
    outcome: dict[str, Any] | None = document(nullable=True)
    ended_at: datetime | None = None


class Recusal(SQLModel, table=True):
    """That a member steps out of one decision because of a stake of their own, declared before it opens."""

    __tablename__ = "recusal"
    __table_args__ = (belongs_to("proposal_id", "proposal"), governed())
    organisation_id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(primary_key=True)
    voter: str = Field(primary_key=True, max_length=40)
    declared_at: datetime


class Elector(SQLModel, table=True):
    """One voter of a process, known by pseudonym. Leaving ends their part; nobody is ever added.

    ``voted_for_another`` is the last round in which they did, in the open: nobody votes for them in it from then on.
    """

    __tablename__ = "elector"
    __table_args__ = (
        belongs_to("process_id", "process"),
        Index("ix_elector_left", "organisation_id", "process_id", sqlite_where=_LEFT, postgresql_where=_LEFT),
        governed(),
    )
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    voter: str = Field(primary_key=True, max_length=40)
    college: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=40)
    measures: dict[str, str] = document()
    recused: str | None = Field(default=None, max_length=16)
    left_in_phase: int | None = None
    voted_for_another: int | None = None


class PhaseHeld(SQLModel, table=True):
    """A phase of a process: the rule's plan of it, whole, and how it went.

    ``awaited`` counts the due floors that nobody has filled; ``left`` is what the clock had left when it was
    interrupted, in seconds; ``profile`` is the count of a vote, made once, when the phase ended.
    """

    __tablename__ = "phase"
    __table_args__ = (
        belongs_to("process_id", "process"),
        Index("ix_phase_open", "organisation_id", "process_id", "ended"),
        governed(),
    )
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    round: int
    revision: int
    kind: str = Field(max_length=64)
    plan: dict[str, Any] = document()
    opened_at: datetime
    closes_at: datetime | None = None
    left: int | None = None
    awaited: int
    profile: dict[str, Any] | None = document(nullable=True)
    ended: str | None = Field(default=None, max_length=16)
    ended_at: datetime | None = None


class WordSaid(SQLModel, table=True):
    """Something said on a floor: never changed, never deleted; the last one counts."""

    __tablename__ = "word"
    __table_args__ = (
        belongs_to("process_id", "process"),
        Index("ix_word_by", "organisation_id", "process_id", "round", "by"),
        governed(),
    )
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    ref: str = Field(primary_key=True, max_length=64)
    phase: int
    round: int
    by: str = Field(max_length=40)
    form: str = Field(max_length=64)
    value: str = Field(max_length=200)
    about: str | None = Field(default=None, max_length=64)
    revision: int
    office: str | None = Field(default=None, max_length=64)
    facts: dict[str, Any] = document()
    prose: dict[str, str] = document()
    text_digest: str | None = Field(default=None, max_length=64)
    said_at: datetime


class Ballot(SQLModel, table=True):
    """The ballot of one voter in one round; it may be replaced until the phase ends, where the rule allows.

    ``weights`` are the voter's measures besides their one head, in canonical JSON; empty where they have none.
    ``by_proxy`` is who cast it for the voter, by pseudonym; empty once they have voted themselves.
    """

    __tablename__ = "ballot"
    __table_args__ = (belongs_to("process_id", "process"), governed(sqlite_with_rowid=False))
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    voter: str = Field(primary_key=True, max_length=40)
    choice: str = Field(sa_type=ordered(LONGEST))
    college: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=40)
    weights: str = Field(default="", max_length=400)
    cast_at: datetime
    by_proxy: str = Field(default="", max_length=40)


class Participation(SQLModel, table=True):
    """That somebody has voted in a secret vote: not when, and not what."""

    __tablename__ = "participation"
    __table_args__ = (belongs_to("process_id", "process"), {"sqlite_with_rowid": False})
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    voter: str = Field(primary_key=True, max_length=40)


class _Slip(SQLModel):
    organisation_id: UUID = Field(primary_key=True)
    process_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    tracker: UUID = Field(primary_key=True)
    choice: str = Field(sa_type=ordered(LONGEST))
    college: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=40)
    weights: str = Field(default="", max_length=400)


class Slip(_Slip, table=True):
    """A ballot in the urn of a secret vote that is open: known by its tracker alone."""

    __tablename__ = "urn_slip"
    __table_args__ = (belongs_to("process_id", "process"), {"sqlite_with_rowid": False})


class CountedSlip(_Slip, table=True):
    """A ballot of a secret vote that has closed, for everybody to count again."""

    __tablename__ = "counted_slip"
    __table_args__ = (belongs_to("process_id", "process"), governed(sqlite_with_rowid=False))
