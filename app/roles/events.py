"""What the journal says of roles and of the mandates of those who fill them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from app.journal.events import Event, disclosed


@dataclass(frozen=True)
class OnRole(Event):
    """Base of what happens to one role; the stream is its circle's, which tells who belonged to it when."""

    type: ClassVar[str] = ""
    stream: ClassVar[str] = "circle/{circle}"
    circle: UUID
    role: UUID


@dataclass(frozen=True)
class RoleCreated(OnRole):
    """The circle has a role from now on."""

    type: ClassVar[str] = "role.created"
    kind: str
    term_months: int | None
    name: str | None = disclosed()
    purpose: str | None = disclosed()
    accountabilities: Sequence[str] | None = disclosed()


@dataclass(frozen=True)
class RoleDescribed(OnRole):
    """A role was put in other words, or its term was changed for mandates to come."""

    type: ClassVar[str] = "role.described"
    term_months: int | None
    name: str | None = disclosed()
    purpose: str | None = disclosed()
    accountabilities: Sequence[str] | None = disclosed()


@dataclass(frozen=True)
class RoleAssigned(OnRole):
    """Somebody fills the role from now on, until ``elected_until`` at the latest."""

    type: ClassVar[str] = "role.assigned"
    kind: str
    assignment: UUID
    who: str | None
    elected_until: date | None


@dataclass(frozen=True)
class MandateEnded(OnRole):
    """Somebody does not fill the role any more."""

    type: ClassVar[str] = "role.mandate_ended"
    kind: str
    assignment: UUID
    who: str | None
    reason: str
