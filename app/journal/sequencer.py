"""Gives committed events their place in the log: gapless, once, by whichever worker gets there first."""

from uuid import UUID

from sqlalchemy import Table, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.tables import JournalEvent, JournalLeaf, JournalLog, JournalPending

_LOG: Table = JournalLog.__table__  # type: ignore[attr-defined]
_EVENT: Table = JournalEvent.__table__  # type: ignore[attr-defined]
_PENDING: Table = JournalPending.__table__  # type: ignore[attr-defined]
_LEAF: Table = JournalLeaf.__table__  # type: ignore[attr-defined]
_MOST = 5_000


async def organisations_waiting(session: AsyncSession) -> list[UUID]:
    """The organisations with events that have no index yet."""
    query = select(_PENDING.c.organisation_id).distinct().order_by(_PENDING.c.organisation_id)
    return list((await session.execute(query)).scalars())


async def sequence(session: AsyncSession, organisation_id: UUID) -> int:
    """Index up to 5 000 pending events of one organisation, in the order of insertion; returns how many.

    The log's row is locked and its size compared: of two sequencers one waits, then sees what the other has done.
    """
    log = select(_LOG.c.size).where(_LOG.c.organisation_id == organisation_id).with_for_update()
    size: int = (await session.execute(log)).scalar_one()
    same = and_(_EVENT.c.organisation_id == _PENDING.c.organisation_id, _EVENT.c.id == _PENDING.c.event_id)
    waiting = (
        select(_EVENT.c.id)
        .select_from(_PENDING.join(_EVENT, same))
        .where(_PENDING.c.organisation_id == organisation_id)
        .order_by(_EVENT.c.pos)
        .limit(_MOST)
    )
    events = list((await session.execute(waiting)).scalars())
    if not events:
        return 0
    leaves = [
        {"organisation_id": organisation_id, "idx": size + n, "event_id": event} for n, event in enumerate(events)
    ]
    await session.execute(_LEAF.insert(), leaves)
    await session.execute(
        delete(_PENDING).where(_PENDING.c.organisation_id == organisation_id, _PENDING.c.event_id.in_(events))
    )
    await session.execute(
        update(_LOG)
        .where(_LOG.c.organisation_id == organisation_id, _LOG.c.size == size)
        .values(size=size + len(events))
    )
    return len(events)
