"""The order of the log: gapless and given once, whoever sequences; a reader that follows it never misses an event."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.audit.verification import verify_streams
from app.foundation.database import Database
from app.journal.record import Journal, record
from app.journal.sequencer import organisations_waiting, sequence
from app.journal.tables import JournalEvent, JournalLeaf
from app.proposals.events import TensionSensed
from tests.people.cooperative import START, Cooperative, actor

WRITERS, EACH = 16, 8


@pytest.fixture
async def neighbour(database: Database) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    made = Database(database.url.render_as_string(hide_password=False), before_commit=Journal().before_commit)
    yield made
    await made.close()


async def write_one(database: Database, cooperative: Cooperative, tension: UUID, hesitation: float) -> UUID:
    """One transaction that takes its time between recording and committing."""
    async with database.write() as session:
        event = record(session, actor(cooperative.steward), TensionSensed(tension=tension, driver="Late."), START)
        await asyncio.sleep(hesitation)
    return event


async def write_many(database: Database, cooperative: Cooperative, seed: int, tensions: list[UUID]) -> list[UUID]:
    chance = random.Random(seed)
    return [
        await write_one(database, cooperative, chance.choice(tensions), chance.random() * 0.02) for _ in range(EACH)
    ]


async def follow(database: Database, organisation: UUID, total: int, seen: list[UUID]) -> None:
    """A reader with a cursor, as a feed or a webhook would be."""
    cursor = -1
    while len(seen) < total:
        query = (
            select(col(JournalLeaf.idx), col(JournalLeaf.event_id))
            .where(col(JournalLeaf.organisation_id) == organisation, col(JournalLeaf.idx) > cursor)
            .order_by(col(JournalLeaf.idx))
            .limit(7)
        )
        async with database.read() as session:
            for idx, event in await session.execute(query):
                seen.append(event)
                cursor = idx
        await asyncio.sleep(0)


async def sequence_until(database: Database, organisation: UUID, done: asyncio.Event) -> int:
    given = 0
    while True:
        last = done.is_set()
        async with database.write() as session:
            now = await sequence(session, organisation)
        given += now
        if last and not now:
            return given
        await asyncio.sleep(0)


async def log_of(database: Database, organisation: UUID) -> list[tuple[int, UUID]]:
    async with database.read() as session:
        query = select(col(JournalLeaf.idx), col(JournalLeaf.event_id)).where(
            col(JournalLeaf.organisation_id) == organisation
        )
        return [(row.idx, row.event_id) for row in await session.execute(query.order_by(col(JournalLeaf.idx)))]


async def test_sixteen_writers_two_sequencers_and_two_readers(cooperative: Cooperative, neighbour: Database) -> None:
    database, organisation = cooperative.database, cooperative.steward.organisation_id
    async with database.write() as session:
        await sequence(session, organisation)
    before = await log_of(database, organisation)
    tensions = [uuid4() for _ in range(5)]
    for tension in tensions:
        await write_one(database, cooperative, tension, 0)
    total = len(before) + len(tensions) + WRITERS * EACH
    done, seen = asyncio.Event(), ([], [])  # type: tuple[asyncio.Event, tuple[list[UUID], list[UUID]]]
    readers = [
        asyncio.create_task(follow(where, organisation, total, into))
        for where, into in zip((database, neighbour), seen, strict=True)
    ]
    sequencers = [asyncio.create_task(sequence_until(where, organisation, done)) for where in (database, neighbour)]
    written = await asyncio.gather(
        *(write_many((database, neighbour)[n % 2], cooperative, n, tensions) for n in range(WRITERS))
    )
    done.set()
    given = await asyncio.gather(*sequencers)
    await asyncio.wait_for(asyncio.gather(*readers), 30)
    log = await log_of(database, organisation)
    assert [idx for idx, _ in log] == list(range(total))
    assert sum(given) == len(tensions) + WRITERS * EACH
    assert {event for events in written for event in events} <= {event for _, event in log}
    assert seen[0] == seen[1] == [event for _, event in log]
    async with database.read() as session:
        report = await verify_streams(session, organisation)
    assert report.is_whole, report.broken


async def test_the_order_of_a_stream_is_the_order_of_the_log(cooperative: Cooperative, neighbour: Database) -> None:
    database, organisation = cooperative.database, cooperative.steward.organisation_id
    tension = uuid4()
    await write_one(database, cooperative, tension, 0)
    done = asyncio.Event()
    sequencing = asyncio.create_task(sequence_until(neighbour, organisation, done))
    await asyncio.gather(*(write_many((database, neighbour)[n % 2], cooperative, n, [tension]) for n in range(WRITERS)))
    done.set()
    await sequencing
    query = (
        select(col(JournalEvent.stream_seq))
        .join(JournalLeaf, col(JournalLeaf.event_id) == col(JournalEvent.id))
        .where(col(JournalEvent.stream) == f"tension/{tension}")
        .order_by(col(JournalLeaf.idx))
    )
    async with database.read() as session:
        assert list((await session.execute(query)).scalars()) == list(range(WRITERS * EACH + 1))


async def test_a_batch_is_bounded_and_the_rest_comes_next(
    cooperative: Cooperative, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, organisation = cooperative.database, cooperative.steward.organisation_id
    async with database.write() as session:
        await sequence(session, organisation)
    monkeypatch.setattr("app.journal.sequencer._MOST", 3)
    for _ in range(5):
        await write_one(database, cooperative, uuid4(), 0)
    sizes = []
    for _ in range(3):
        async with database.write() as session:
            sizes.append(await sequence(session, organisation))
    assert sizes == [3, 2, 0]
    async with database.read() as session:
        assert await organisations_waiting(session) == []


async def test_a_sequencer_that_dies_before_its_commit_leaves_no_gap(cooperative: Cooperative) -> None:
    database, organisation = cooperative.database, cooperative.steward.organisation_id
    await write_one(database, cooperative, uuid4(), 0)

    async def dies() -> None:
        async with database.write() as session:
            await sequence(session, organisation)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await dies()
    async with database.write() as session:
        assert await sequence(session, organisation) > 0
    log = await log_of(database, organisation)
    assert [idx for idx, _ in log] == list(range(len(log)))
