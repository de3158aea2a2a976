"""No change goes unsigned: a commit that changed a governed table without an event is refused, and leaves no trace."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.foundation.database import Database
from app.journal.actor import Actor
from app.journal.leaves import LARGEST_LEAF, LeafTooLarge, envelope
from app.journal.record import UnrecordedChange, hold, position, record
from app.journal.tables import JournalEvent
from app.organisations.tables import Member
from app.proposals.events import AttentionNeeded, TensionSensed
from app.proposals.tables import Tension
from tests.people.cooperative import START, Cooperative, actor

Change = Callable[[AsyncSession, Cooperative], Awaitable[None]]


async def by_object(session: AsyncSession, cooperative: Cooperative) -> None:
    session.add(_tension(cooperative))


async def by_changed_object(session: AsyncSession, cooperative: Cooperative) -> None:
    member = await session.get_one(Member, (cooperative.steward.organisation_id, cooperative.steward.id))
    member.name = "Somebody else"


async def by_deleted_object(session: AsyncSession, cooperative: Cooperative) -> None:
    await session.delete(await session.get_one(Member, (cooperative.steward.organisation_id, cooperative.steward.id)))


async def by_statement(session: AsyncSession, cooperative: Cooperative) -> None:
    await session.execute(update(Member).where(col(Member.id) == cooperative.steward.id).values(name="Somebody else"))


async def by_core(session: AsyncSession, cooperative: Cooperative) -> None:
    table = Tension.__table__  # type: ignore[attr-defined]
    await session.execute(table.insert(), [_tension(cooperative).model_dump()])


@pytest.mark.parametrize("change", [by_object, by_changed_object, by_deleted_object, by_statement, by_core])
async def test_a_change_without_an_event_is_not_committed(cooperative: Cooperative, change: Change) -> None:
    before = await _state(cooperative)

    async def unsigned() -> None:
        async with cooperative.database.write() as session:
            await change(session, cooperative)

    with pytest.raises(UnrecordedChange):
        await unsigned()
    assert await _state(cooperative) == before


async def test_the_refusal_names_the_tables(cooperative: Cooperative) -> None:
    async def unsigned() -> None:
        async with cooperative.database.write() as session:
            session.add(_tension(cooperative))

    with pytest.raises(UnrecordedChange, match="tension"):
        await unsigned()


async def test_what_was_changed_in_a_transaction_that_failed_does_not_haunt_the_next(cooperative: Cooperative) -> None:
    async def fails() -> None:
        async with cooperative.database.write() as session:
            session.add(_tension(cooperative))
            await session.flush()
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await fails()
    async with cooperative.database.write() as session:
        await session.execute(select(1))


async def test_a_change_with_its_event_is_committed_with_it(cooperative: Cooperative) -> None:
    before = await _state(cooperative)
    tension = _tension(cooperative)
    async with cooperative.database.write() as session:
        session.add(tension)
        record(session, actor(cooperative.steward), TensionSensed(tension=tension.id, driver="Late."), START)
    after = await _state(cooperative)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_one_transaction_signs_for_one_organisation(cooperative: Cooperative) -> None:
    stranger = Actor(uuid4(), "s:stranger")

    async def mixes() -> None:
        async with cooperative.database.write() as session:
            record(session, actor(cooperative.steward), TensionSensed(tension=uuid4(), driver="Late."), START)
            record(session, stranger, TensionSensed(tension=uuid4(), driver="Late."), START)

    with pytest.raises(UnrecordedChange, match="one organisation"):
        await mixes()


async def test_a_held_stream_tells_the_place_of_the_next_event(cooperative: Cooperative) -> None:
    tension, who = uuid4(), actor(cooperative.steward)
    async with cooperative.database.write() as session:
        await hold(session, who.organisation_id, [f"tension/{tension}"])
        places = [position(session, who.organisation_id, f"tension/{tension}")]
        for _ in range(2):
            record(session, who, TensionSensed(tension=tension, driver="Late."), START)
            places.append(position(session, who.organisation_id, f"tension/{tension}"))
    assert places == [0, 1, 2]
    async with cooperative.database.write() as session:
        await hold(session, who.organisation_id, [f"tension/{tension}"])
        assert position(session, who.organisation_id, f"tension/{tension}") == 2


async def test_a_leaf_above_16_kib_is_refused_and_nothing_of_its_transaction_stays(cooperative: Cooperative) -> None:
    before = await _state(cooperative)

    async def too_long() -> None:
        async with cooperative.database.write() as session:
            event = AttentionNeeded(proposal=uuid4(), reason="rule_failed", detail="x" * LARGEST_LEAF)
            record(session, actor(cooperative.steward), event, START)

    with pytest.raises(LeafTooLarge):
        await too_long()
    assert await _state(cooperative) == before


def test_a_leaf_of_exactly_16_kib_is_kept() -> None:
    bare = envelope({"type": "t", "data": ""}, previous=None, digests=[])
    most = "x" * (LARGEST_LEAF - len(bare))
    assert len(envelope({"type": "t", "data": most}, previous=None, digests=[])) == LARGEST_LEAF
    with pytest.raises(LeafTooLarge):
        envelope({"type": "t", "data": most + "x"}, previous=None, digests=[])


async def _state(cooperative: Cooperative) -> tuple[int, int, str]:
    database: Database = cooperative.database
    async with database.read() as session:
        tensions = (await session.execute(select(func.count()).select_from(Tension))).scalar_one()
        events = (await session.execute(select(func.count()).select_from(JournalEvent))).scalar_one()
        names = (await session.execute(text("SELECT name FROM member ORDER BY name"))).scalars()
        return tensions, events, ", ".join(names)


def _tension(cooperative: Cooperative) -> Tension:
    return Tension.model_validate(
        {
            "organisation_id": cooperative.steward.organisation_id,
            "id": uuid4(),
            "driver": "Late.",
            "example": "Monday.",
            "requirement": "A rule.",
            "sensed_by": cooperative.steward.id,
            "created_at": START,
        }
    )
