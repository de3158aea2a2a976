"""What can be read of credentials: one's own, and who may be sent a link; never a secret, for none is kept."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from app.foundation.columns import named_by
from app.foundation.errors import Conflict, NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member, Organisation
from app.people.policy import Permission, require
from app.people.tables import Credential, CredentialKind


class NameAmbiguous(Conflict):
    """Several members could be meant; ``names`` tells them apart."""

    code = "name_ambiguous"


@dataclass(frozen=True, slots=True)
class Account:
    """Who is calling: the member, their organisation and the credential in use."""

    member: Member
    organisation: Organisation
    credential: Credential


async def account(session: AsyncSession, actor: Actor) -> Account:
    """The actor's own account, in one query. Raises NotFound (404) when it ended meanwhile."""
    require(Permission.READ_OWN_ACCOUNT, actor)
    query = (
        select(Member, Organisation, Credential)
        .join(Organisation, col(Organisation.organisation_id) == col(Member.organisation_id))
        .join(Credential, named_by(Credential, "member_id", Member))
        .where(*_mine(actor), col(Credential.id) == actor.credential_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    return Account(*row)


async def own_credentials(
    session: AsyncSession, actor: Actor, kind: CredentialKind, *, now: datetime, after: UUID | None, limit: int
) -> Sequence[Credential]:
    """Up to ``limit`` + 1 of the actor's credentials of that kind that still open something, oldest first."""
    require(Permission.READ_OWN_ACCOUNT, actor)
    query = select(Credential).where(*_mine(actor), col(Credential.kind) == kind, *_open(now))
    if after is not None:
        query = query.where(col(Credential.id) > after)
    return (await session.execute(query.order_by(col(Credential.id)).limit(limit + 1))).scalars().all()


async def own_credential(
    session: AsyncSession, actor: Actor, kind: CredentialKind, credential_id: UUID, *, now: datetime
) -> Credential:
    """One of the actor's credentials that still opens something. Raises NotFound (404)."""
    require(Permission.READ_OWN_ACCOUNT, actor)
    query = select(Credential).where(
        *_mine(actor), col(Credential.kind) == kind, col(Credential.id) == credential_id, *_open(now)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def addressee(session: AsyncSession, slug: str, email: str) -> tuple[Member, Organisation] | None:
    """The active member of that organisation who signs in with that address, if there is one."""
    query = (
        select(Member, Organisation)
        .join(Organisation, col(Organisation.organisation_id) == col(Member.organisation_id))
        .where(
            col(Organisation.slug) == slug,
            col(Member.email) == email.lower(),
            col(Member.status) == MemberStatus.ACTIVE,
        )
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def person(session: AsyncSession, slug: str, name_or_email: str) -> Member:
    """The active member whom an operator means by a name, the beginning of one, or an e-mail address.

    Case and accents do not count. Raises NotFound (404), NameAmbiguous (409).
    """
    query = (
        select(Member)
        .join(Organisation, col(Organisation.organisation_id) == col(Member.organisation_id))
        .where(col(Organisation.slug) == slug, col(Member.status) == MemberStatus.ACTIVE)
        .order_by(col(Member.name))
    )
    everybody = (await session.execute(query)).scalars().all()
    wanted = _plain(name_or_email)
    exact = [one for one in everybody if wanted in {_plain(one.name), one.email}]
    found = exact or [one for one in everybody if _plain(one.name).startswith(wanted)]
    if not wanted or not found:
        raise NotFound
    if len(found) > 1:
        raise NameAmbiguous(names=", ".join(one.name for one in found))
    return found[0]


def _mine(actor: Actor) -> tuple[Any, Any]:
    return col(Credential.organisation_id) == actor.organisation_id, col(Credential.member_id) == actor.member_id


def _open(now: datetime) -> tuple[Any, Any]:
    expiry = col(Credential.expires_at)
    return col(Credential.ended_at).is_(None), or_(expiry.is_(None), expiry > now)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
