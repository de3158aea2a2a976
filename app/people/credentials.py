"""Issuing and ending what proves who is calling.

None of it is an act of governance, so the journal says nothing of it: a log that cannot forget must not learn when
people came and went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.foundation.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated
from app.foundation.ids import uuid7
from app.foundation.keeping import Kept
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member, Organisation
from app.people import tokens
from app.people.policy import Permission, require
from app.people.queries import own_credential, person
from app.people.signin import MemberGone, MemberSuspendedNow
from app.people.tables import Credential, CredentialKind

LINK_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(days=30)
TOKEN_LASTS: Final = timedelta(days=90)
LONGEST_TOKEN: Final = timedelta(days=366)

KEPT_FOR: Final = timedelta(days=30)
"""How long whoever comes with an old credential is told what became of it; afterwards it is unknown."""

_CREDENTIAL: Table = Credential.__table__  # type: ignore[attr-defined]
LONG_OVER: Final = Kept(
    _CREDENTIAL,
    lambda now: or_(_CREDENTIAL.c.ended_at < now - KEPT_FOR, _CREDENTIAL.c.expires_at < now - KEPT_FOR),
)
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class LinkUnknown(Unauthenticated):
    """No sign-in link of this service reads like that."""

    code = "link_unknown"


class LinkUsed(Unauthenticated):
    """A link opens one session; it has done so."""

    code = "link_used"


class LinkExpired(Unauthenticated):
    """A link lives a quarter of an hour."""

    code = "link_expired"


class ScopeNotYours(Forbidden):
    """Nobody hands on more than they hold; ``scope`` names what the maker or their credential lacks."""

    code = "scope_not_yours"


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential with its secret, which exists here and in the answer only."""

    credential: Credential
    secret: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that a link has opened, and for whom."""

    issued: Issued
    member: Member
    organisation: Organisation


async def issue_link(session: AsyncSession, member: Member, *, now: datetime) -> Issued:
    """A sign-in link's secret: it opens one session, within a quarter of an hour."""
    return _issue(session, member, CredentialKind.LINK, (), expires_at=now + LINK_LASTS, now=now)


async def open_session(session: AsyncSession, secret: str, *, now: datetime) -> Opened:
    """Consume a link and open the session that it stands for.

    Of two who come with one link only the first is let in, however close they are. Raises LinkUnknown, LinkUsed,
    LinkExpired, MemberSuspendedNow, MemberGone (401).
    """
    digest = tokens.digest(secret) if tokens.kind_of(secret) is CredentialKind.LINK else ""
    consumed = await session.execute(
        update(_CREDENTIAL)
        .where(
            _CREDENTIAL.c.digest == digest,
            _CREDENTIAL.c.ended_at.is_(None),
            _CREDENTIAL.c.expires_at > now,
        )
        .values(ended_at=now)
        .returning(_CREDENTIAL.c.organisation_id, _CREDENTIAL.c.member_id)
    )
    holder = consumed.one_or_none()
    if holder is None:
        raise await _why_not(session, digest)
    member = await session.get_one(Member, (holder.organisation_id, holder.member_id))
    if member.status is not MemberStatus.ACTIVE:
        refusal = MemberGone if member.status is MemberStatus.LEFT else MemberSuspendedNow
        raise refusal(headers=_CHALLENGE)
    organisation = await session.get_one(Organisation, member.organisation_id)
    issued = _issue(session, member, CredentialKind.SESSION, tuple(Scope), expires_at=now + SESSION_LASTS, now=now)
    return Opened(issued, member, organisation)


async def make_token(
    session: AsyncSession,
    scopes: Sequence[Scope],
    *,
    label: str,
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Issued:
    """A personal access token of the actor: no more than the maker's credential opens, and no longer than a year.

    A token made with a token ends with it. Raises ScopeNotYours (403), Invalid (422).
    """
    require(Permission.MAKE_OWN_TOKEN, actor)
    held = actor.scopes if actor.steward else actor.scopes - {Scope.STEWARD}
    for scope in scopes:
        if scope not in held:
            raise ScopeNotYours(scope=scope.value)
    maker = await _of(session, actor)
    until = expires_at or now + TOKEN_LASTS
    if maker.kind is CredentialKind.TOKEN and maker.expires_at is not None:
        until = min(until, maker.expires_at)
    if not now < until <= now + LONGEST_TOKEN:
        bounds = {"earliest": now.isoformat(), "latest": (now + LONGEST_TOKEN).isoformat()}
        raise Invalid(faults=[Fault("/body/expires_at", "expiry_out_of_range", bounds)])
    member = await session.get_one(Member, (actor.organisation_id, actor.member_id))
    issued = _issue(session, member, CredentialKind.TOKEN, scopes, label=label, expires_at=until, now=now)
    issued.credential.made_with = maker.id if maker.kind is CredentialKind.TOKEN else None
    return issued


async def end_own(
    session: AsyncSession, kind: CredentialKind, credential_id: UUID | None, *, actor: Actor, now: datetime
) -> None:
    """End one of the actor's own sessions or tokens at once, and with a token those made with it: whoever has stolen
    it may have made some. Raises NotFound (404)."""
    require(Permission.END_OWN_CREDENTIAL, actor)
    if credential_id is None:
        raise NotFound
    found = await own_credential(session, actor, kind, credential_id, now=now)
    found.ended_at = now
    ended = [found.id]
    while ended:
        made = update(_CREDENTIAL).where(
            _CREDENTIAL.c.organisation_id == actor.organisation_id,
            _CREDENTIAL.c.member_id == actor.member_id,
            _CREDENTIAL.c.made_with.in_(ended),
            _CREDENTIAL.c.ended_at.is_(None),
        )
        ended = list((await session.execute(made.values(ended_at=now).returning(_CREDENTIAL.c.id))).scalars())


async def end_credentials(session: AsyncSession, organisation_id: UUID, member_id: UUID, now: datetime) -> None:
    """End every session, token and link of a member: they leave, or another address is their way in from now on."""
    await session.execute(
        update(_CREDENTIAL)
        .where(
            _CREDENTIAL.c.organisation_id == organisation_id,
            _CREDENTIAL.c.member_id == member_id,
            _CREDENTIAL.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


async def fresh_access(
    session: AsyncSession, organisation_slug: str, member_name_or_email: str, *, public_url: str, now: datetime
) -> tuple[str, str]:
    """A sign-in link and a token for any active member, for whoever operates the machine.

    Raises NotFound (404), NameAmbiguous (409).
    """
    member = await person(session, organisation_slug, member_name_or_email)
    link = await issue_link(session, member, now=now)
    scopes = [one for one in Scope if member.steward or one is not Scope.STEWARD]
    token = _issue(
        session, member, CredentialKind.TOKEN, scopes, label="operator", expires_at=now + TOKEN_LASTS, now=now
    )
    await session.flush()
    return link_address(public_url, link.secret), token.secret


def link_address(public_url: str, secret: str) -> str:
    """Where a link leads: a page with a button, because mail scanners open every address they meet."""
    return f"{public_url}/sign-in?token={secret}"


def _issue(
    session: AsyncSession, member: Member, kind: CredentialKind, scopes: Sequence[Scope], **described: Any
) -> Issued:
    secret = tokens.new_secret(kind)
    credential = Credential.model_validate(
        {
            "digest": tokens.digest(secret),
            "organisation_id": member.organisation_id,
            "id": uuid7(),
            "member_id": member.id,
            "kind": kind,
            "label": described.get("label", ""),
            "scopes": [one.value for one in Scope if one in scopes],
            "created_at": described["now"],
            "expires_at": described["expires_at"],
        }
    )
    session.add(credential)
    return Issued(credential, secret)


async def _why_not(session: AsyncSession, digest: str) -> Unauthenticated:
    found = await session.get(Credential, digest)
    if found is None:
        return LinkUnknown(headers=_CHALLENGE)
    return (LinkExpired if found.ended_at is None else LinkUsed)(headers=_CHALLENGE)


async def _of(session: AsyncSession, actor: Actor) -> Credential:
    query = select(Credential).where(
        col(Credential.organisation_id) == actor.organisation_id, col(Credential.id) == actor.credential_id
    )
    return (await session.execute(query)).scalar_one()
