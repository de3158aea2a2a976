"""What time triggers: jobs in the same database, inserted in the transaction that calls for them.

A job is claimed under a lease, so that a crashed worker's jobs are delivered again; its handler re-reads the
state and never trusts the timer; its effect and its end are one transaction, so that it happens exactly once.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, Index, UniqueConstraint, col

from app.foundation.columns import Owned, document
from app.foundation.ids import uuid7
from app.foundation.keeping import Kept

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
KEPT_FOR = timedelta(days=30)
"""How long a job that is done can be looked up; one that was given up stays until an operator has mended it."""
_WAITING = text("done_at IS NULL AND dead_at IS NULL")
_GIVEN_UP = text("done_at IS NULL AND dead_at IS NOT NULL")


class Job(Owned, table=True):
    """Something to do at a time. ``dedup_key`` makes the same call for it count once."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("organisation_id", "dedup_key"),
        Index("ix_job_due", "run_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_job_dead", "dead_at", sqlite_where=_GIVEN_UP, postgresql_where=_GIVEN_UP),
    )
    kind: str = Field(max_length=64)
    dedup_key: str = Field(max_length=200)
    payload: dict[str, Any] = document()
    run_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    done_at: datetime | None = None
    dead_at: datetime | None = None
    last_error: str | None = Field(default=None, max_length=500)


DONE_LONG_AGO: Final = Kept(Job.__table__, lambda now: col(Job.done_at) < now - KEPT_FOR)  # type: ignore[attr-defined]

Handler = Callable[[AsyncSession, Job, datetime], Awaitable[None]]
Handlers = Mapping[str, Handler]


async def enqueue(
    session: AsyncSession, organisation_id: UUID, kind: str, *, key: str, run_at: datetime, **payload: Any
) -> None:
    """Call for a job, in the caller's transaction; a second call with the same key changes nothing."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    await session.execute(
        insert(Job.__table__)  # type: ignore[attr-defined]
        .values(
            organisation_id=organisation_id,
            id=uuid7(),
            kind=kind,
            dedup_key=f"{kind}/{key}",
            payload=payload,
            run_at=run_at,
            attempts=0,
        )
        .on_conflict_do_nothing()
    )


async def claim(session: AsyncSession, now: datetime, *, limit: int = 20) -> list[Job]:
    """Take due jobs under a lease; two workers never hold the same one at once.

    A job that was taken eight times and came back each time with its lease (it kills its worker) is dead.
    """
    due = (
        select(Job)
        .where(
            col(Job.done_at).is_(None),
            col(Job.dead_at).is_(None),
            col(Job.run_at) <= now,
            or_(col(Job.lease_until).is_(None), col(Job.lease_until) < now),
        )
        .order_by(col(Job.run_at), col(Job.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed: list[Job] = []
    for job in (await session.execute(due)).scalars():
        if job.attempts >= MOST_ATTEMPTS:
            job.dead_at, job.last_error = now, job.last_error or "LeaseExpired"
            continue
        job.lease_until, job.attempts = now + LEASE, job.attempts + 1
        claimed.append(job)
    return claimed


async def finish(session: AsyncSession, job: Job, now: datetime) -> bool:
    """Mark the job done in the transaction of its effect; False when somebody else has done it already."""
    done = await session.execute(
        update(Job)
        .where(col(Job.organisation_id) == job.organisation_id, col(Job.id) == job.id, col(Job.done_at).is_(None))
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def fail(session: AsyncSession, job: Job, now: datetime, error: str) -> None:
    """Put a failed job back with a growing delay; after the last attempt it is dead and ``doctor`` reports it."""
    dead = job.attempts >= MOST_ATTEMPTS
    await session.execute(
        update(Job)
        .where(col(Job.organisation_id) == job.organisation_id, col(Job.id) == job.id)
        .values(
            last_error=error[:500],
            lease_until=now + timedelta(seconds=2**job.attempts),
            dead_at=now if dead else None,
        )
        .execution_options(synchronize_session=False)
    )


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next job falls due."""
    waiting = select(func.min(Job.run_at)).where(col(Job.done_at).is_(None), col(Job.dead_at).is_(None))
    found: datetime | None = (await session.execute(waiting)).scalar_one_or_none()
    return found


async def counts(session: AsyncSession, now: datetime) -> dict[str, int]:
    """Jobs overdue by more than a minute, and dead ones: for ``readyz`` and ``doctor``."""
    open_ = col(Job.done_at).is_(None)
    late = select(func.count()).where(open_, col(Job.dead_at).is_(None), col(Job.run_at) < now - timedelta(minutes=1))
    dead = select(func.count()).where(open_, col(Job.dead_at).is_not(None))
    return {"late": (await session.execute(late)).scalar_one(), "dead": (await session.execute(dead)).scalar_one()}
