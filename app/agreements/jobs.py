"""What time does to agreements: a trial ends with its last day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.agreements import queries
from app.agreements.actions import EXPIRE, expire_agreement
from app.foundation.jobs import Handlers, Job
from app.journal.actor import system


async def expire_when_over(session: AsyncSession, job: Job, now: datetime) -> None:
    """End the trial that the job names, if it is still in force and its last day is over."""
    agreement = await queries.agreement(session, job.organisation_id, UUID(job.payload["agreement"]))
    await expire_agreement(session, agreement, actor=system(job.organisation_id), now=now)


HANDLERS: Handlers = {EXPIRE: expire_when_over}
