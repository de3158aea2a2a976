"""Who acts, as every action is told and as the journal signs it."""

import secrets
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.foundation.permissions import Scope

SYSTEM_NAME: Final = "system"
PERSON: Final = "s:"
"""How every pseudonym of a person begins."""


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller in one organisation, known by a random pseudonym that no personal datum can be derived from.

    ``in_session`` is False for a personal access token: it cannot change how its owner signs in.
    ``member_id`` is None for the system (deadlines, admissions by lapse of time); ``steward`` tells whether the
    member keeps the accounts, which gives no voice in any circle.
    """

    organisation_id: UUID
    pseudonym: str
    member_id: UUID | None = None
    steward: bool = False
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    credential_id: UUID | None = None
    in_session: bool = True

    @property
    def is_system(self) -> bool:
        return self.member_id is None


def system(organisation_id: UUID) -> Actor:
    """The service itself: what time triggers is signed by nobody else."""
    return Actor(organisation_id, SYSTEM_NAME)


def new_pseudonym() -> str:
    """128 random bits: not derived from the person, so that deleting the mapping unlinks for good."""
    return f"{PERSON}{secrets.token_urlsafe(16)}"
