"""Gives committed events their place in the log: gapless, once, by whichever worker gets there first."""

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Table, and_, bindparam, delete, func, select, update
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

    The log's row is locked: of two sequencers one waits, then sees what the other has done. All is done inside the
    database; no event travels.
    """
    here = {"organisation": organisation_id}
    size: int = (await session.execute(_SIZE, here)).scalar_one()
    indexed = (await session.execute(_INDEX, {**here, "size": size, "most": _MOST})).rowcount  # type: ignore[attr-defined]
    if indexed:
        await session.execute(_DEQUEUE, {**here, "size": size})
        await session.execute(_GROW, {**here, "grown": size + indexed})
    return int(indexed)


_SIZE: Final = select(_LOG.c.size).where(_LOG.c.organisation_id == bindparam("organisation")).with_for_update()
_INDEX: Final = _LEAF.insert().from_select(
    ["organisation_id", "idx", "event_id"],
    select(
        _EVENT.c.organisation_id,
        bindparam("size", type_=BigInteger) + func.row_number().over(order_by=_EVENT.c.pos) - 1,
        _EVENT.c.id,
    )
    .select_from(
        _PENDING.join(
            _EVENT, and_(_EVENT.c.organisation_id == _PENDING.c.organisation_id, _EVENT.c.id == _PENDING.c.event_id)
        )
    )
    .where(_PENDING.c.organisation_id == bindparam("organisation"))
    .order_by(_EVENT.c.pos)
    .limit(bindparam("most", type_=Integer)),
)
_DEQUEUE: Final = delete(_PENDING).where(
    _PENDING.c.organisation_id == bindparam("organisation"),
    _PENDING.c.event_id.in_(
        select(_LEAF.c.event_id).where(
            _LEAF.c.organisation_id == bindparam("organisation"), _LEAF.c.idx >= bindparam("size", type_=BigInteger)
        )
    ),
)
_GROW: Final = update(_LOG).where(_LOG.c.organisation_id == bindparam("organisation")).values(size=bindparam("grown"))
