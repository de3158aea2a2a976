"""What time triggers around people: an announced address takes effect, and what opened doors long ago is forgotten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation import idempotency, jobs
from app.foundation.jobs import Handlers, Job
from app.foundation.keeping import let_go, organisations_with
from app.journal.actor import system
from app.organisations.actions import replace_email
from app.organisations.actions.addresses import EMAIL_DUE
from app.organisations.tables import Member
from app.people.credentials import LONG_OVER, end_credentials

FORGET: Final = "people.forget"
_KEPT: Final = (idempotency.OUTDATED, LONG_OVER, jobs.DONE_LONG_AGO)
_AT_ONCE: Final = 1000
"""Rows of each table that one transaction deletes: it holds the writer of an SQLite file for some milliseconds."""


async def replace_announced_email(session: AsyncSession, job: Job, now: datetime) -> None:
    """Let the address take effect if it is still announced, and show out whoever came in by the old one."""
    key = (job.organisation_id, UUID(job.payload["member"]))
    member = await session.get_one(Member, key, with_for_update=True)
    if await replace_email(session, member, actor=system(job.organisation_id), now=now):
        await end_credentials(session, member.organisation_id, member.id, now)


async def keeping_too_much(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """The organisations of which the service keeps answers, credentials or jobs that nobody needs any more."""
    return await organisations_with(session, _KEPT, now)


async def call_for_forgetting(session: AsyncSession, organisation_ids: Sequence[UUID], now: datetime) -> None:
    """Call for a job that lets go of them: one for each organisation and day, however many workers call."""
    for organisation_id in organisation_ids:
        await jobs.enqueue(session, organisation_id, FORGET, key=f"{now.date()}", run_at=now)


async def forget(session: AsyncSession, job: Job, now: datetime) -> None:
    """Let go of a batch of each kind; when there is more, the next job has it."""
    gone = [await let_go(session, kept, job.organisation_id, now, most=_AT_ONCE) for kept in _KEPT]
    if max(gone) == _AT_ONCE:
        await jobs.enqueue(session, job.organisation_id, FORGET, key=f"after {job.id}", run_at=now)


HANDLERS: Handlers = {EMAIL_DUE: replace_announced_email, FORGET: forget}
