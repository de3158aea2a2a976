"""Two servers at once on one database: whatever happens in the same instant happened in one order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.audit.verification import verify_streams
from app.journal.tables import JournalEvent
from app.proposals.tables import Ballot, Elector, Process, WordSaid
from tests.api.exports import replayed, replayed_inside
from tests.api.world import World
from tests.faults.twins import Twin, twin

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]
SHORT = {"objecting": "PT2H", "extension": "PT1H"}
OBJECTING = {"begins_with": "objecting", "min_participation": "0"}


@pytest.fixture
async def other(world: World) -> AsyncIterator[Twin]:
    """The second server."""
    async with twin(world) as made:
        yield made


async def count(world: World, what: Any, *where: Any) -> int:
    async with world.database.read() as session:
        return (await session.execute(select(func.count()).select_from(what).where(*where))).scalar_one()


async def test_two_admissions_at_once(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, options=OBJECTING)
    for n in range(4):
        made = await world.draft("Ana", "gestion", f"Proposal {n}")
        path = f"/v1/proposals/{made['id']}"
        await world.do("Ana", "POST", f"{path}/submission")
        both = await asyncio.gather(
            world.call("Bilal", "POST", f"{path}/admission"), other.call("Bilal", "POST", f"{path}/admission")
        )
        assert sorted(one.status_code for one in both) == [200, 409]
    assert await count(world, Process) == 4
    assert await count(world, JournalEvent, col(JournalEvent.type) == "proposal.admitted") == 4


async def test_two_ballots_of_one_voter_at_once(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    for n in range(4):
        path = await world.admitted("Ana", "gestion", "Bilal", f"Proposal {n}")
        ballot = {"value": "for", "revision": 1}, {"value": "against", "revision": 1}
        both = await asyncio.gather(
            *(world.call("Emma", "POST", f"{path}/ballots", ballot[0]) for _ in range(3)),
            *(other.call("Emma", "POST", f"{path}/ballots", ballot[1]) for _ in range(3)),
        )
        assert [one.status_code for one in both] == [201] * 6
    async with world.database.read() as session:
        ballots = (await session.execute(select(col(Ballot.process_id), col(Ballot.choice)))).all()
        query = select(col(JournalEvent.stream), col(JournalEvent.stream_seq)).where(
            col(JournalEvent.type) == "ballot.cast"
        )
        events = (await session.execute(query.order_by(col(JournalEvent.stream), col(JournalEvent.stream_seq)))).all()
        report = await verify_streams(session, world.steward.organisation_id)
    assert len(ballots) == 4
    assert [event.stream_seq for event in events] == list(range(6)) * 4
    assert report.is_whole, report.broken
    await world.pass_time(days=6)
    await replayed(world, f"/v1/proposals/{ballots[0].process_id}")


async def test_words_of_many_at_once_are_in_one_order(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, options=OBJECTING)
    path = await world.admitted("Ana", "gestion", "Bilal")
    concern = {"value": "consent_with_concern", "revision": 1, "text": "Paper gets lost."}
    all_ = await asyncio.gather(
        *(
            (world if n % 2 else other).call(name, "POST", f"{path}/positions", concern)
            for n in range(6)
            for name in PEOPLE[1:5]
        )
    )
    refs = [one.json()["ref"] for one in all_]
    assert len(set(refs)) == 24
    async with world.database.read() as session:
        query = select(col(WordSaid.ref)).where(col(WordSaid.process_id) == UUID(path.rpartition("/")[2]))
        stored = list((await session.execute(query.order_by(col(WordSaid.ref)))).scalars())
        report = await verify_streams(session, world.steward.organisation_id)
    assert stored == sorted(refs)
    places = [int(ref.removeprefix("w")) for ref in stored]
    assert places == list(range(places[0], places[0] + 24))
    assert report.is_whole, report.broken
    assert (await world.do("Ana", "GET", path))["phase"]["awaited"] == 1
    await replayed_inside(world, path)


async def test_the_last_answer_and_the_deadline_in_the_same_second(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, options={**OBJECTING, "min_participation": "1", "durations": SHORT})
    seen = set()
    for n in range(8):
        path = await world.admitted("Ana", "gestion", "Bilal", f"Proposal {n}")
        await world.answer(PEOPLE[1:5], path)
        closes_at = datetime.fromisoformat((await world.do("Ana", "GET", path))["phase"]["closes_at"])
        world.clock.move_to(closes_at - timedelta(milliseconds=1))
        other.clock.move_to(closes_at)
        body = {"value": "consent", "revision": 1}
        answer, _ = await asyncio.gather(
            _after(max(0, 4 - n) * 0.01, world.call("Farid", "POST", f"{path}/positions", body)),
            _after(max(0, n - 4) * 0.01, other.worker.do_due()),
        )
        world.clock.move_to(closes_at)
        assert answer.status_code == 201, "in time for the round, or else for its extension"
        assert (await world.do("Ana", "GET", path))["state"] == "adopted"
        rounds = await world.do("Ana", "GET", f"{path}/rounds")
        seen.add(tuple(phase["ended"] for one in rounds for phase in one["phases"]))
        await replayed(world, path)
    assert seen == {("complete",), ("deadline", "complete")}, "both orders happen, or the race is none"


async def _after(seconds: float, work: Any) -> Any:
    await asyncio.sleep(seconds)
    return await work


async def test_the_last_two_ballots_at_once_end_the_vote(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    ballot = {"value": "for", "revision": 1}
    for n in range(4):
        path = await world.admitted("Ana", "gestion", "Bilal", f"Proposal {n}")
        await world.vote(PEOPLE[:4], path, "for")
        keyed = {"Idempotency-Key": f"key-{n}"} if n % 2 else {}
        both = await asyncio.gather(
            world.call("Emma", "POST", f"{path}/ballots", ballot, **keyed),
            other.call("Farid", "POST", f"{path}/ballots", ballot),
        )
        assert [one.status_code for one in both] == [201, 201]
        await world.app.state.desk.settle()
        assert (await world.do("Ana", "GET", path))["state"] == "adopted"
        await replayed(world, path)


async def test_a_departure_and_the_last_ballot_at_once_end_the_vote(world: World, other: Twin) -> None:
    ballot = {"value": "for", "revision": 1}
    for n in range(4):
        leaver = f"Partant{n}"
        await world.circle(f"cercle-{n}", [*PEOPLE, leaver], rule="majority", options={})
        path = await world.admitted("Ana", f"cercle-{n}", "Bilal", f"Proposal {n}")
        await world.vote(PEOPLE[:5], path, "for")
        _, answer = await asyncio.gather(world.leave(leaver), other.call("Farid", "POST", f"{path}/ballots", ballot))
        assert answer.status_code == 201
        assert (await world.do("Ana", "GET", path))["state"] == "adopted"
        await replayed(world, path)


async def test_an_admission_and_a_departure_at_once_leave_nobody_outside_in_the_electorate(
    world: World, other: Twin
) -> None:
    for n in range(6):
        leaver = f"Partant{n}"
        await world.circle(f"cercle-{n}", [*PEOPLE, leaver], options=OBJECTING)
        made = await world.draft("Ana", f"cercle-{n}", f"Proposal {n}")
        path = f"/v1/proposals/{made['id']}"
        await world.do("Ana", "POST", f"{path}/submission")
        admission, _ = await asyncio.gather(
            other.call("Bilal", "POST", f"{path}/admission"), _after(n * 0.003, world.leave(leaver))
        )
        assert admission.status_code == 200
        gone = str(world.members[leaver].pseudonym)
        there = (col(Elector.voter) == gone, col(Elector.left_in_phase).is_(None))
        assert await count(world, Elector, col(Elector.process_id) == UUID(made["id"]), *there) == 0
        await world.answer(PEOPLE[1:], path)
        assert (await world.do("Ana", "GET", path))["state"] == "adopted"
        await replayed(world, path)
