"""What is kept for a time only, and let go of afterwards, a few rows at a time so that nobody waits for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one table that nobody needs any more once ``is_over`` holds; it is told the time."""

    table: Table
    is_over: Callable[[datetime], ColumnElement[bool]]


async def organisations_with(session: AsyncSession, kept: Sequence[Kept], now: datetime) -> Sequence[UUID]:
    """The organisations that have rows to let go of, in one statement."""
    found = union(*(select(one.table.c.organisation_id).where(one.is_over(now)) for one in kept))
    return (await session.execute(found)).scalars().all()


async def let_go(session: AsyncSession, kept: Kept, organisation_id: UUID, now: datetime, *, most: int) -> int:
    """Delete at most that many rows of the organisation; returns how many it were."""
    key = tuple_(*kept.table.primary_key.columns)
    over = (
        select(*kept.table.primary_key.columns)
        .where(kept.table.c.organisation_id == organisation_id, kept.is_over(now))
        .limit(most)
    )
    gone = await session.execute(delete(kept.table).where(key.in_(over)))
    return int(gone.rowcount)  # type: ignore[attr-defined]
