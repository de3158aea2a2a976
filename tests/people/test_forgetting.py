"""What nobody needs any more is let go of, and nothing else: each of its own time, a batch at a time, by one worker."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from app.foundation.idempotency import IdempotentAnswer
from app.foundation.ids import uuid7
from app.foundation.jobs import Job
from app.people import jobs
from app.people.tables import Credential, CredentialKind
from app.rules.catalogue import Catalogue
from app.worker import Worker
from tests.people.cooperative import START, Cooperative

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def _answer(cooperative: Cooperative, key: str, age: timedelta) -> IdempotentAnswer:
    tenant = cooperative.organisation.organisation_id
    return IdempotentAnswer(
        organisation_id=tenant, principal="p", key=key, fingerprint="f", created_at=START - age, status=201, body=b"{}"
    )


def _credential(cooperative: Cooperative, label: str, **times: Any) -> Credential:
    return Credential(
        digest=label,
        organisation_id=cooperative.organisation.organisation_id,
        id=uuid7(),
        member_id=cooperative.steward.id,
        kind=CredentialKind.TOKEN,
        label=label,
        scopes=[],
        created_at=START - 400 * DAY,
        **times,
    )


def _job(cooperative: Cooperative, key: str, **times: Any) -> Job:
    tenant = cooperative.organisation.organisation_id
    due = START + 99 * DAY
    return Job(organisation_id=tenant, kind="knock", dedup_key=key, payload={}, run_at=due, **times)


async def _keep(cooperative: Cooperative, *rows: SQLModel) -> None:
    async with cooperative.database.write() as session:
        session.add_all(rows)


async def _left(cooperative: Cooperative, column: Any) -> set[str]:
    async with cooperative.database.read() as session:
        return set((await session.execute(select(col(column)))).scalars())


def _worker(cooperative: Cooperative) -> Worker:
    return Worker(cooperative.database, cooperative.clock, Catalogue([]))


async def test_each_kind_has_its_time(cooperative: Cooperative) -> None:
    await _keep(
        cooperative,
        _answer(cooperative, "yesterday", DAY - MINUTE),
        _answer(cooperative, "before", DAY + MINUTE),
        _credential(cooperative, "open", expires_at=START + DAY),
        _credential(cooperative, "endless"),
        _credential(cooperative, "expired", expires_at=START - 30 * DAY + MINUTE),
        _credential(cooperative, "ended", ended_at=START - 30 * DAY + MINUTE, expires_at=START + DAY),
        _credential(cooperative, "long expired", expires_at=START - 30 * DAY - MINUTE),
        _credential(cooperative, "long ended", ended_at=START - 30 * DAY - MINUTE, expires_at=START + DAY),
        _job(cooperative, "waiting"),
        _job(cooperative, "given up", dead_at=START - 99 * DAY),
        _job(cooperative, "done", done_at=START - 30 * DAY + MINUTE),
        _job(cooperative, "long done", done_at=START - 30 * DAY - MINUTE),
    )
    worker = _worker(cooperative)
    assert await worker.call_for_forgetting() == 1
    assert await worker.do_due() == 1
    assert await _left(cooperative, IdempotentAnswer.key) == {"yesterday"}
    assert await _left(cooperative, Credential.label) == {"open", "endless", "expired", "ended"}
    assert await _left(cooperative, Job.dedup_key) >= {"waiting", "given up", "done"}
    assert "long done" not in await _left(cooperative, Job.dedup_key)
    assert await worker.call_for_forgetting() == 0


async def test_nothing_is_called_for_when_there_is_nothing(cooperative: Cooperative) -> None:
    await _keep(cooperative, _credential(cooperative, "open"), _answer(cooperative, "now", MINUTE))
    worker = _worker(cooperative)
    assert (await worker.call_for_forgetting(), await worker.do_due()) == (0, 0)
    assert await _left(cooperative, Job.kind) == set()


async def test_many_rows_go_in_batches(cooperative: Cooperative, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 3)
    await _keep(cooperative, *(_answer(cooperative, f"{n}", 9 * DAY) for n in range(7)))
    worker = _worker(cooperative)
    await worker.call_for_forgetting()
    assert await worker.do_due() == 3
    assert await _left(cooperative, IdempotentAnswer.key) == set()


async def test_workers_call_once_a_day_together(cooperative: Cooperative) -> None:
    await _keep(cooperative, _answer(cooperative, "old", 9 * DAY))
    workers = [_worker(cooperative) for _ in range(3)]
    await asyncio.gather(*(worker.call_for_forgetting() for worker in workers))
    async with cooperative.database.read() as session:
        assert (await session.execute(select(func.count()).select_from(Job))).scalar_one() == 1
    assert sum(await asyncio.gather(*(worker.do_due() for worker in workers))) == 1
    assert await _left(cooperative, IdempotentAnswer.key) == set()
