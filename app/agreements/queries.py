"""What can be read of the register of agreements: everything, by any member of the organisation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.agreements.lifecycle import AgreementState
from app.agreements.policy import Permission, require
from app.agreements.tables import Agreement
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.queries import organisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the register to read; what is not stated is not narrowed."""

    circle_id: UUID | None = None
    domain_id: UUID | None = None
    state: AgreementState | None = None


async def agreement(session: AsyncSession, organisation_id: UUID, agreement_id: UUID) -> Agreement:
    """One agreement, in force or not any more. Raises NotFound."""
    found = await session.get(Agreement, (organisation_id, agreement_id))
    if found is None:
        raise NotFound
    return found


async def visible_agreement(session: AsyncSession, actor: Actor, agreement_id: UUID) -> Agreement:
    """The same, for somebody who reads it. Raises RightMissing (403), NotFound (404)."""
    require(Permission.READ_AGREEMENTS, actor)
    return await agreement(session, actor.organisation_id, agreement_id)


async def register(
    session: AsyncSession, actor: Actor, wanted: Wanted, *, after: UUID | None = None, limit: int = 50
) -> list[Agreement]:
    """Agreements in the order of enactment, one more than ``limit`` if there are more. Raises RightMissing (403)."""
    require(Permission.READ_AGREEMENTS, actor)
    query = select(Agreement).where(col(Agreement.organisation_id) == actor.organisation_id)
    if wanted.circle_id is not None:
        query = query.where(col(Agreement.circle_id) == wanted.circle_id)
    if wanted.domain_id is not None:
        query = query.where(col(Agreement.domain_id) == wanted.domain_id)
    if wanted.state is not None:
        query = query.where(col(Agreement.state) == wanted.state)
    if after is not None:
        query = query.where(col(Agreement.id) > after)
    return list((await session.execute(query.order_by(col(Agreement.id)).limit(limit + 1))).scalars())


async def end_of(session: AsyncSession, organisation_id: UUID, day: date) -> datetime:
    """The first instant after ``day`` in the organisation's time zone, in UTC: a period includes its last day."""
    zone = ZoneInfo((await organisation(session, organisation_id)).time_zone)
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
