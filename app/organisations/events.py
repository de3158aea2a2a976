"""What the journal records of a cooperative and of its register of members."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from app.journal.events import Event, disclosed


@dataclass(frozen=True)
class OrganisationFounded(Event):
    type: ClassVar[str] = "organisation.founded"
    stream: ClassVar[str] = "organisation"
    slug: str
    legal_form: str
    time_zone: str
    name: str | None = disclosed()


@dataclass(frozen=True)
class FoundingEnded(Event):
    """From here on the structure changes by decisions only."""

    type: ClassVar[str] = "organisation.founding_ended"
    stream: ClassVar[str] = "organisation"


@dataclass(frozen=True)
class MemberAdmitted(Event):
    type: ClassVar[str] = "member.admitted"
    stream: ClassVar[str] = "member/{member}"
    member: str
    kind: str
    steward: bool
    joined_on: date
    name: str | None = disclosed(subject="member")
    representative: str | None = disclosed(subject="member")


@dataclass(frozen=True)
class MemberDescribed(Event):
    """``changed`` names the parts of the entry that changed; an e-mail address itself is no business of the log."""

    type: ClassVar[str] = "member.described"
    stream: ClassVar[str] = "member/{member}"
    member: str
    changed: list[str]
    name: str | None = disclosed(subject="member")
    representative: str | None = disclosed(subject="member")


@dataclass(frozen=True)
class EmailAnnounced(Event):
    """A steward has announced another address for the member; until ``takes_effect_at`` it can be called off."""

    type: ClassVar[str] = "member.email_announced"
    stream: ClassVar[str] = "member/{member}"
    member: str
    takes_effect_at: datetime


@dataclass(frozen=True)
class EmailCalledOff(Event):
    """The announced address does not take effect."""

    type: ClassVar[str] = "member.email_called_off"
    stream: ClassVar[str] = "member/{member}"
    member: str


@dataclass(frozen=True)
class MemberSuspended(Event):
    type: ClassVar[str] = "member.suspended"
    stream: ClassVar[str] = "member/{member}"
    member: str
    reason: str | None = disclosed(subject="member")


@dataclass(frozen=True)
class MemberReinstated(Event):
    type: ClassVar[str] = "member.reinstated"
    stream: ClassVar[str] = "member/{member}"
    member: str
    reason: str | None = disclosed(subject="member")


@dataclass(frozen=True)
class MemberLeft(Event):
    type: ClassVar[str] = "member.left"
    stream: ClassVar[str] = "member/{member}"
    member: str
    left_on: date
    reason: str | None = disclosed(subject="member")


@dataclass(frozen=True)
class CategoryRecorded(Event):
    type: ClassVar[str] = "member.category_recorded"
    stream: ClassVar[str] = "member/{member}"
    member: str
    category: str
    valid_from: date


@dataclass(frozen=True)
class PlacedInCollege(Event):
    type: ClassVar[str] = "member.placed_in_college"
    stream: ClassVar[str] = "member/{member}"
    member: str
    college: UUID
    valid_from: date


@dataclass(frozen=True)
class MemberWeighed(Event):
    """What a member weighs from a day on, in exact figures."""

    type: ClassVar[str] = "member.weighed"
    stream: ClassVar[str] = "member/{member}"
    member: str
    unit: str
    measures: dict[str, str]
    valid_from: date


@dataclass(frozen=True)
class CollegesSet(Event):
    """All colleges at once: ``id``, exact ``weight``, and in ``continues`` the college whose members it takes over.

    ``names`` are in the order of ``colleges``.
    """

    type: ClassVar[str] = "colleges.set"
    stream: ClassVar[str] = "organisation"
    valid_from: date
    colleges: list[dict[str, Any]]
    names: tuple[str, ...] | None = disclosed()
