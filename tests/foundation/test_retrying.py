"""A transaction that fails only because of its neighbours is run again, and its caller never hears of it."""

import asyncio
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.foundation.database import ATTEMPTS, Database, retried
from app.foundation.ids import uuid7
from app.foundation.jobs import Job
from app.foundation.routing import Write, public, room
from tests.people.cooperative import HERE, START, application


class Lost(Exception):
    sqlstate = "40001"


class Broken(Exception):
    sqlstate = "23505"


async def test_a_deadlock_over_http_is_no_ones_error(database: Database, tmp_path: Path) -> None:
    first, second = await _two_rows(database)
    app = application(database, tmp_path)
    app.include_router(_locking())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        for _ in range(3):
            both = await asyncio.gather(client.post(f"/lock/{first}/{second}"), client.post(f"/lock/{second}/{first}"))
            assert [one.status_code for one in both] == [200, 200]
    async with database.read() as session:
        attempts = (await session.execute(select(col(Job.attempts)).order_by(col(Job.id)))).scalars().all()
    assert list(attempts) == [6, 6], "each request took effect once"


async def test_a_deadlock_in_a_transaction_of_our_own_is_run_again(database: Database) -> None:
    first, second = await _two_rows(database)
    runs: list[str] = []

    def locking(one: str, other: str) -> "asyncio.Task[None]":
        async def lock() -> None:
            runs.append(one)
            async with database.write() as session:
                await _add(session, one)
                await asyncio.sleep(0.2)
                await _add(session, other)

        return asyncio.create_task(retried(lock))

    await asyncio.gather(locking(first, second), locking(second, first))
    assert len(runs) == (2 if database.is_sqlite else 3)


async def test_after_four_attempts_the_error_is_told() -> None:
    runs: list[int] = []

    async def loses() -> None:
        runs.append(1)
        raise DBAPIError("UPDATE", {}, Lost())

    with pytest.raises(DBAPIError):
        await retried(loses)
    assert len(runs) == ATTEMPTS


async def test_a_fault_of_ones_own_is_not_tried_again() -> None:
    runs: list[int] = []

    async def breaks() -> None:
        runs.append(1)
        raise DBAPIError("INSERT", {}, Broken())

    with pytest.raises(DBAPIError):
        await retried(breaks)
    assert len(runs) == 1


async def _two_rows(database: Database) -> tuple[str, str]:
    ids = [uuid7(), uuid7()]
    async with database.write() as session:
        for one in ids:
            row = {"organisation_id": one, "id": one, "kind": "k", "dedup_key": str(one), "payload": {}}
            session.add(Job.model_validate({**row, "run_at": START}))
    return str(ids[0]), str(ids[1])


async def _add(session: AsyncSession, one: str) -> None:
    """Count one more on a row, which locks it."""
    where = col(Job.id) == UUID(one)
    await session.execute(update(Job).where(where).values(attempts=col(Job.attempts) + 1))


def _locking() -> APIRouter:
    router = room("locks")

    @router.post("/lock/{one}/{other}")
    @public
    async def lock(one: str, other: str, session: Write) -> None:
        await _add(session, one)
        await asyncio.sleep(0.1)
        await _add(session, other)

    return router
