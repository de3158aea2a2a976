"""What time does to agreements: a trial comes under review, and ends with its last day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.agreements import queries
from app.agreements.actions import EXPIRE, REVIEW, expire_agreement, force_review
from app.foundation.jobs import Handlers, Job
from app.journal.actor import system


async def review_when_due(session: AsyncSession, job: Job, now: datetime) -> None:
    """Put the trial that the job names under review, if it still applies and its end is near."""
    agreement = await queries.agreement(session, job.organisation_id, UUID(job.payload["agreement"]))
    await force_review(session, agreement, actor=system(job.organisation_id), now=now)


async def expire_when_over(session: AsyncSession, job: Job, now: datetime) -> None:
    """End the trial that the job names, if it still applies and its last day is over."""
    agreement = await queries.agreement(session, job.organisation_id, UUID(job.payload["agreement"]))
    await expire_agreement(session, agreement, actor=system(job.organisation_id), now=now)


HANDLERS: Handlers = {REVIEW: review_when_due, EXPIRE: expire_when_over}
