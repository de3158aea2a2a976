"""What shares a transaction fails alone, and what is committed is never done a second time."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.journal.record import Journal
from app.journal.tables import JournalEvent
from app.proposals import desk
from app.proposals.deliberation.ballots import close_complete
from tests.api.exports import replayed
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]


class Deadlock(Exception):
    sqlstate = "40P01"


async def events(world: World, kind: str) -> int:
    async with world.database.read() as session:
        query = select(func.count()).select_from(JournalEvent).where(col(JournalEvent.type) == kind)
        return (await session.execute(query)).scalar_one()


async def cast(world: World, path: str, *names: str) -> list[int]:
    ballot = {"value": "for", "revision": 1}
    answers = await asyncio.gather(*(world.call(name, "POST", f"{path}/ballots", ballot) for name in names))
    await world.app.state.desk.settle()  # after a rush it is looked once, soon, whether everybody has voted
    return [answer.status_code for answer in answers]


async def test_a_vote_that_cannot_be_closed_early_takes_each_ballot_once(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")

    async def fails(*_: Any) -> bool:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(desk, "everybody_voted", fails)
    assert await cast(world, path, *PEOPLE) == [201] * 6
    assert await events(world, "ballot.cast") == 6
    assert "was not closed early" in caplog.text
    monkeypatch.undo()
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_closing_that_loses_a_deadlock_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    runs: list[int] = []

    async def loses_once(*given: Any, **more: Any) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise DBAPIError("UPDATE", {}, Deadlock())
        await close_complete(*given, **more)

    monkeypatch.setattr(desk, "close_complete", loses_once)
    assert await cast(world, path, *PEOPLE) == [201] * 6
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"
    assert await events(world, "ballot.cast") == 6
    await replayed(world, path)


async def test_a_commit_that_fails_is_tried_request_by_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lot's commit fails once, and Farid's whenever it comes: all others are written, each of them once."""
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    write, farid = Journal.before_commit, str(world.members["Farid"].pseudonym)

    async def fails_for_farid(self: Journal, session: Any) -> None:
        noted = session.info["journal"].noted if "journal" in session.info else []
        if any(one.actor == farid for one in noted):
            raise RuntimeError("no")
        await write(self, session)

    monkeypatch.setattr(Journal, "before_commit", fails_for_farid)
    world.database._before_commit = Journal().before_commit
    assert await cast(world, path, *PEOPLE) == [201] * 5 + [500]
    assert await events(world, "ballot.cast") == 5


async def test_a_lot_that_loses_a_deadlock_is_written_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.circle("gestion", PEOPLE, options={"begins_with": "objecting"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    write = world.database._before_commit
    runs: list[int] = []
    assert write is not None

    async def loses_once(session: Any) -> None:
        await write(session)
        if "journal" in session.info and not runs:
            runs.append(1)
            raise DBAPIError("COMMIT", {}, Deadlock())

    monkeypatch.setattr(world.database, "_before_commit", loses_once)
    body = {"value": "consent", "revision": 1}
    answers = await asyncio.gather(*(world.call(name, "POST", f"{path}/positions", body) for name in PEOPLE[1:]))
    assert [one.status_code for one in answers] == [201] * 5
    assert await events(world, "word.said") == 5
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"
    await replayed(world, path)
