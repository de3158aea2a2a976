"""Credentials: what proves who is calling. Only digests are kept."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.foundation.columns import belongs_to, choice, document


class CredentialKind(StrEnum):
    """A session of a browser, a personal access token of a program, a sign-in link that is used once."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    LINK = "link"


class Credential(SQLModel, table=True):
    """One credential of one member. It is looked up by digest before the tenant is known: a named exception.

    ``made_with`` is the token with which a token was made: it ends with it.
    """

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        belongs_to("member_id", "member"),
        Index(None, "organisation_id", "member_id"),
    )
    digest: str = Field(primary_key=True, max_length=64)
    organisation_id: UUID
    id: UUID
    member_id: UUID
    kind: CredentialKind = choice(CredentialKind)
    label: str = Field(default="", max_length=120)
    scopes: list[str] = document()
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    ended_at: datetime | None = None
    made_with: UUID | None = None
