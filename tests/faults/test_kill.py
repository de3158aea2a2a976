"""SIGKILL in the middle of a load: nothing that was acknowledged is lost, and no step is half taken."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.audit.verification import Report, verify_streams
from app.foundation.clock import SystemClock
from app.foundation.database import Database
from app.journal.leaves import opened as disclosed
from app.journal.tables import JournalDisclosure, JournalEvent
from app.proposals.tables import Ballot, Elector, PhaseHeld, WordSaid
from tests.api.exports import replayed_inside
from tests.api.world import World, opened
from tests.faults.load import Book, Caller, load
from tests.faults.servers import Server, servers

CALLERS = [f"Appelant{n:02}" for n in range(16)]
PEOPLE = ["Proposeuse", "Facilitateur", "Secrétaire", *CALLERS, "Silencieux"]
LONG = {"begins_with": "objecting", "min_participation": "0", "durations": {"objecting": "P9D"}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def now(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A cooperative that lives today, as the servers do."""
    async with opened(request.param, tmp_path) as world:
        world.clock.move_to(SystemClock().now())
        world.secrets["Salomé"] = await world._secret(world.steward)
        yield world


@pytest.fixture
def processes(now: World, tmp_path: Path) -> Iterator[list[Server]]:
    """One server process on SQLite, two on PostgreSQL."""
    url = now.database.url.render_as_string(hide_password=False)
    with servers(1 if now.database.is_sqlite else 2, url, tmp_path) as made:
        yield made


async def on_the_table(world: World) -> list[Caller]:
    """A proposal to answer and one to vote on, and the sixteen who will; one elector never says anything."""
    await world.circle("gestion", PEOPLE, options=LONG)
    await world.circle("assemblee", PEOPLE, rule="majority", options={"window": "P9D"})
    consent, vote = await _admitted(world, "gestion"), await _admitted(world, "assemblee")
    return [Caller(name, world.secrets[name], consent, vote) for name in CALLERS]


async def _admitted(world: World, circle: str) -> str:
    review = (world.clock.now() + timedelta(days=365)).date().isoformat()
    needed = {"driver": "Nobody knows.", "example": "Last week.", "requirement": "A rule."}
    tension = await world.do("Proposeuse", "POST", "/v1/tensions", needed)
    body = {
        "tension_id": tension["id"],
        "title": "Refund of expenses",
        "body": "An expense up to 50 euros is refunded within a week.",
        "changes": [{"kind": "adopt_agreement", "domain_id": str(world.domains[circle].id)}],
        "review_on": review,
    }
    made = await world.do("Proposeuse", "POST", "/v1/proposals", body)
    path = f"/v1/proposals/{made['id']}"
    await world.do("Proposeuse", "POST", f"{path}/submission")
    await world.do("Facilitateur", "POST", f"{path}/admission")
    return path


async def test_killed_once_under_load(now: World, processes: list[Server]) -> None:
    callers = await on_the_table(now)
    await _kill_and_look(now, processes, callers, random.Random(1), Book())


@pytest.mark.slow
async def test_killed_again_and_again(now: World, processes: list[Server]) -> None:
    callers, chance, book = await on_the_table(now), random.Random(2), Book()
    for _ in range(8):
        await _kill_and_look(now, processes, callers, chance, book)


async def _kill_and_look(
    world: World, processes: list[Server], callers: list[Caller], chance: random.Random, book: Book
) -> None:
    said = await load(callers, processes, chance.random())
    assert not said.refused, said.refused[:3]
    book.words += said.words
    book.ballots += said.ballots
    await _nothing_is_lost(world.database, book)
    await _nothing_is_half_done(world, callers[0].consent, callers[0].vote)
    for server in processes:
        server.start()
    await _the_service_goes_on(world, processes)


async def _nothing_is_lost(database: Database, book: Book) -> None:
    async with database.read() as session:
        events = set((await session.execute(select(col(JournalEvent.id)))).scalars())
        query = select(col(WordSaid.process_id), col(WordSaid.ref), col(WordSaid.value))
        words = {(row.process_id, row.ref): row.value for row in await session.execute(query)}
    for path, _, receipt in (*book.words, *book.ballots):
        assert UUID(receipt["event"]) in events, (path, receipt)
    for path, _, receipt in book.words:
        assert words[UUID(path.rpartition("/")[2]), receipt["ref"]] == receipt["value"]


async def _nothing_is_half_done(world: World, consent: str, vote: str) -> None:
    ours, database = world.steward.organisation_id, world.database
    async with database.read() as session:
        report = await verify_streams(session, ours)
        said = select(col(JournalEvent.stream), col(JournalEvent.stream_seq)).where(
            col(JournalEvent.type) == "word.said"
        )
        in_log = Counter((row.stream, f"w{row.stream_seq:08d}") for row in await session.execute(said))
        rows = select(col(WordSaid.process_id), col(WordSaid.ref))
        in_table = Counter((f"proposal/{row.process_id}", row.ref) for row in await session.execute(rows))
        assert in_log == in_table
        assert await _last_choices(session) == await _urn(session, vote)
        awaited = await _awaited(session, consent)
    assert report.is_whole, report.broken
    assert report.erased == 0
    assert awaited[0] == awaited[1]
    await replayed_inside(world, consent)


async def _last_choices(session: Any) -> dict[str, str]:
    """What the log says that each voter chose last."""
    query = (
        select(col(JournalEvent.stream), col(JournalDisclosure.disclosure))
        .join(JournalDisclosure, col(JournalDisclosure.event_id) == col(JournalEvent.id))
        .where(col(JournalEvent.type) == "ballot.cast")
        .order_by(col(JournalEvent.stream), col(JournalEvent.stream_seq))
    )
    return {row.stream.rpartition("/")[2]: disclosed(row.disclosure)[1] for row in await session.execute(query)}


async def _urn(session: Any, vote: str) -> dict[str, str]:
    query = select(col(Ballot.voter), col(Ballot.choice)).where(col(Ballot.process_id) == UUID(vote.rpartition("/")[2]))
    return {row.voter: row.choice for row in await session.execute(query)}


async def _awaited(session: Any, consent: str) -> tuple[int, int]:
    """How many answers the phase says are missing, and how many are."""
    process = UUID(consent.rpartition("/")[2])
    kept = select(col(PhaseHeld.awaited)).where(col(PhaseHeld.process_id) == process, col(PhaseHeld.ended).is_(None))
    asked = select(func.count()).select_from(Elector).where(col(Elector.process_id) == process)
    spoke = select(func.count(func.distinct(col(WordSaid.by)))).where(col(WordSaid.process_id) == process)
    counted = (await session.execute(asked)).scalar_one() - 1 - (await session.execute(spoke)).scalar_one()
    return (await session.execute(kept)).scalar_one(), counted


async def _the_service_goes_on(world: World, processes: list[Server]) -> None:
    """The restarted processes give every event its index; calls that still waited at the door may bring a few more."""
    async with asyncio.timeout(20):
        while (report := await _verified(world)).is_whole and report.size < report.events:
            await asyncio.sleep(0.05)
    assert report.is_whole, report.broken
    assert all(server.process is not None and server.process.poll() is None for server in processes)


async def _verified(world: World) -> Report:
    async with world.database.read() as session:
        return await verify_streams(session, world.steward.organisation_id)
