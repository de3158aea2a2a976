"""What time does to proxies: one that was given until a moment ends then."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.delegations import queries
from app.delegations.actions import EXPIRY, expire
from app.foundation.jobs import Handlers, Job
from app.journal.actor import system


async def expire_when_over(session: AsyncSession, job: Job, now: datetime) -> None:
    """End the proxy that the job names, if it still runs."""
    proxy = await queries.held_proxy(session, job.organisation_id, UUID(job.payload["proxy"]))
    await expire(session, proxy, actor=system(job.organisation_id), now=now)


HANDLERS: Handlers = {EXPIRY: expire_when_over}
