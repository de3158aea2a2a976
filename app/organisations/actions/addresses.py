"""Another address for somebody who has lost their mailbox: announced, waited for, and only then their way in.

Whoever holds a member's address can sign in as them, so nobody else replaces it at once. A steward announces the new
one: the log tells everybody, the old address is written to, and for a week the member can call it off.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation import jobs
from app.foundation.deadlines import deadline
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.actions.members import (
    EmailNeedsSession,
    EmailTaken,
    drop_announced_email,
    require_present,
)
from app.organisations.events import EmailAnnounced, MemberDescribed
from app.organisations.policy import Permission, require
from app.organisations.queries import is_email_taken, organisation
from app.organisations.tables import Member

EMAIL_WAITS: Final = "P7D"
EMAIL_DUE: Final = "member.email_due"
"""The job with which an announced address takes effect."""


async def announce_email(
    session: AsyncSession, member: Member, email: str | None, *, actor: Actor, now: datetime
) -> Member:
    """Announce that the member's address will be another, or none, at the end of the seventh day from now.

    An address announced before is replaced, and the week begins again. Raises RightMissing, EmailNeedsSession (403),
    MemberStepNotOpen (409) for somebody who has left, EmailTaken (409).
    """
    require(Permission.ANNOUNCE_EMAIL, actor, member.id)
    if not actor.in_session:
        raise EmailNeedsSession
    require_present(member, "announce_email")
    if email is not None and await is_email_taken(session, member, email):
        raise EmailTaken
    zone = (await organisation(session, member.organisation_id)).time_zone
    member.next_email, member.next_email_at = email, deadline(now, EMAIL_WAITS, zone)
    await session.flush()
    key = f"{member.id}/{member.version}"
    await jobs.enqueue(
        session, member.organisation_id, EMAIL_DUE, key=key, run_at=member.next_email_at, member=str(member.id)
    )
    announced = EmailAnnounced(member=str(member.pseudonym), takes_effect_at=member.next_email_at)
    record(session, actor, announced, now)
    return member


async def call_off_email(session: AsyncSession, member: Member, *, actor: Actor, now: datetime) -> Member:
    """Have the announced address take no effect; without one nothing happens. Raises RightMissing (403)."""
    require(Permission.CALL_OFF_EMAIL, actor, member.id)
    drop_announced_email(session, member, actor=actor, now=now)
    await session.flush()
    return member


async def replace_email(session: AsyncSession, member: Member, *, actor: Actor, now: datetime) -> bool:
    """Let an announced address whose week is over take effect; whether it did.

    It does not when it was called off or announced anew meanwhile, nor when somebody else has the address by now.
    """
    if member.next_email_at is None or member.next_email_at > now:
        return False
    wanted = member.next_email
    if wanted is not None and await is_email_taken(session, member, wanted):
        drop_announced_email(session, member, actor=actor, now=now)
        return False
    member.email, member.next_email, member.next_email_at = wanted, None, None
    record(session, actor, MemberDescribed(member=str(member.pseudonym), changed=["email"]), now)
    await session.flush()
    return True
