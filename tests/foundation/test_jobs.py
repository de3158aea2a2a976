"""What time triggers happens exactly once, however many workers there are and whenever one of them dies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.foundation.clock import MovedClock
from app.foundation.database import Database
from app.foundation.ids import uuid7
from app.foundation.jobs import LEASE, MOST_ATTEMPTS, Job, claim, counts, enqueue, finish, next_due
from app.journal.record import Journal
from app.rules.catalogue import Catalogue
from app.worker import Worker
from tests.people.cooperative import START

OURS = uuid4()
NO_RULES = Catalogue([])
Effect = Callable[[AsyncSession, Job, Any], Awaitable[None]]


async def call_for(database: Database, *keys: str, after: timedelta = timedelta(0), kind: str = "ring") -> None:
    async with database.write() as session:
        for key in keys:
            await enqueue(session, OURS, kind, key=key, run_at=START + after, key_of_bell=key)


async def all_jobs(database: Database) -> list[Job]:
    async with database.read() as session:
        return list((await session.execute(select(Job).order_by(col(Job.dedup_key)))).scalars())


class Bell:
    """A worker whose only effect is a row that cannot be written twice: the call for another job of that name."""

    def __init__(self, database: Database, clock: MovedClock) -> None:
        self.worker = Worker(database, clock, NO_RULES)
        self.worker._handlers = {"ring": self._ring}
        self.rung: list[str] = []
        self.failing = False

    async def _ring(self, session: AsyncSession, job: Job, now: Any) -> None:
        self.rung.append(job.dedup_key)
        await asyncio.sleep(0)
        session.add(_heard(job))
        await session.flush()
        if self.failing:
            raise RuntimeError("no sound")


def _heard(job: Job) -> Job:
    """The effect: a second one of the same job would be one row more."""
    return Job.model_validate(
        {
            "organisation_id": OURS,
            "id": uuid7(),
            "kind": "heard",
            "dedup_key": f"{job.dedup_key}/{uuid4()}",
            "payload": {},
            "run_at": START + timedelta(days=999),
        }
    )


async def effects(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count()).select_from(Job).where(col(Job.kind) == "heard")
        return (await session.execute(query)).scalar_one()


async def test_four_workers_do_each_job_exactly_once(database: Database) -> None:
    await call_for(database, *(f"{n:03}" for n in range(60)))
    clock = MovedClock(START)
    others = [database, *(Database(_url(database), before_commit=Journal().before_commit) for _ in range(3))]
    try:
        bells = [Bell(one, clock) for one in others]
        done = await asyncio.gather(*(bell.worker.do_due() for bell in bells))
    finally:
        for other in others[1:]:
            await other.close()
    assert sum(done) == 60
    assert await effects(database) == 60
    assert all(job.done_at is not None and job.attempts == 1 for job in await all_jobs(database) if job.kind == "ring")


async def test_a_job_that_is_not_due_waits(database: Database) -> None:
    await call_for(database, "later", after=timedelta(hours=1))
    clock = MovedClock(START)
    bell = Bell(database, clock)
    assert await bell.worker.do_due() == 0
    async with database.read() as session:
        assert await next_due(session) == START + timedelta(hours=1)
    clock.move(timedelta(hours=1))
    assert await bell.worker.do_due() == 1


async def test_jobs_are_done_in_the_order_in_which_they_fell_due(database: Database) -> None:
    for name, hours in (("third", 3), ("first", 1), ("second", 2)):
        await call_for(database, name, after=timedelta(hours=hours))
    clock = MovedClock(START + timedelta(days=1))
    bell = Bell(database, clock)
    await bell.worker.do_due()
    assert bell.rung == ["ring/first", "ring/second", "ring/third"]


async def test_calling_twice_with_one_key_counts_once(database: Database) -> None:
    await call_for(database, "once")
    await call_for(database, "once", after=timedelta(days=3))
    [job] = await all_jobs(database)
    assert job.run_at == START


async def test_a_call_in_a_transaction_that_fails_never_was(database: Database) -> None:
    async def changes_its_mind() -> None:
        async with database.write() as session:
            await enqueue(session, OURS, "ring", key="never", run_at=START)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await changes_its_mind()
    assert await all_jobs(database) == []


async def test_after_a_crash_the_lease_runs_out_and_the_job_is_delivered_again(database: Database) -> None:
    await call_for(database, "crash")
    async with database.write() as session:
        assert len(await claim(session, START)) == 1
    clock = MovedClock(START + LEASE - timedelta(seconds=1))
    bell = Bell(database, clock)
    assert await bell.worker.do_due() == 0
    clock.move(timedelta(seconds=2))
    assert await bell.worker.do_due() == 1
    assert await effects(database) == 1


async def test_two_who_hold_one_job_after_a_lease_ran_out_have_one_effect(database: Database) -> None:
    """The slow worker of an expired lease comes back while the second has done the job."""
    await call_for(database, "slow")
    async with database.write() as session:
        [slow] = await claim(session, START)
    bell = Bell(database, MovedClock(START + 2 * LEASE))
    assert await bell.worker.do_due() == 1
    assert await bell.worker._do(slow)
    assert await effects(database) == 1
    async with database.write() as session:
        assert not await finish(session, slow, START)


async def test_a_failing_job_leaves_no_effect_and_is_dead_after_eight_attempts(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await call_for(database, "broken")
    clock = MovedClock(START)
    bell = Bell(database, clock)
    bell.failing = True
    for attempt in range(1, MOST_ATTEMPTS + 3):
        await bell.worker.do_due()
        clock.move(timedelta(seconds=2**attempt + 1))
    assert len(bell.rung) == MOST_ATTEMPTS
    [job] = await all_jobs(database)
    assert (job.attempts, job.done_at, job.last_error) == (MOST_ATTEMPTS, None, "RuntimeError")
    assert job.dead_at is not None
    assert await effects(database) == 0
    async with database.read() as session:
        assert await counts(session, clock.now()) == {"late": 0, "dead": 1}
    assert "failed" in caplog.text


async def test_a_job_that_was_put_back_waits_longer_each_time(database: Database) -> None:
    await call_for(database, "broken")
    clock = MovedClock(START)
    bell = Bell(database, clock)
    bell.failing = True
    waits = []
    for _ in range(4):
        await bell.worker.do_due()
        [job] = await all_jobs(database)
        assert job.lease_until is not None
        waits.append((job.lease_until - clock.now()).total_seconds())
        clock.move_to(job.lease_until + timedelta(seconds=1))
    assert waits == [2, 4, 8, 16]


async def test_a_job_that_kills_its_worker_each_time_is_dead_after_eight_attempts(database: Database) -> None:
    await call_for(database, "deadly")
    now = START
    for _ in range(MOST_ATTEMPTS):
        async with database.write() as session:
            assert len(await claim(session, now)) == 1
        now += LEASE + timedelta(seconds=1)
    async with database.write() as session:
        assert await claim(session, now) == []
    [job] = await all_jobs(database)
    assert (job.attempts, job.dead_at, job.last_error) == (MOST_ATTEMPTS, now, "LeaseExpired")


async def test_a_job_overdue_by_more_than_a_minute_is_counted_as_late(database: Database) -> None:
    await call_for(database, "late")
    async with database.read() as session:
        assert (await counts(session, START + timedelta(seconds=59)))["late"] == 0
        assert (await counts(session, START + timedelta(seconds=61)))["late"] == 1


async def test_at_most_twenty_are_claimed_at_once(database: Database) -> None:
    await call_for(database, *(f"{n:03}" for n in range(30)))
    async with database.write() as session:
        first = await claim(session, START)
    async with database.write() as session:
        second = await claim(session, START)
    assert (len(first), len(second)) == (20, 10)
    assert not {job.id for job in first} & {job.id for job in second}


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)
