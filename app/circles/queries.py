"""What can be read of circles, their domains, and who belongs to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles.policy import Setting
from app.circles.tables import Circle, CircleMembership, Domain, RuleInForce
from app.foundation.columns import named_by
from app.foundation.errors import Fault, Invalid, NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member, Organisation

Row = TypeVar("Row", Circle, Domain)


class UnknownCircle(Invalid):
    """The request names a circle that this organisation does not have."""

    code = "unknown_circle"


class UnknownMember(Invalid):
    """The request names somebody who is not an active member of this organisation."""

    code = "unknown_member"


@dataclass(frozen=True, slots=True)
class Place:
    """A membership with the name of the member."""

    membership: CircleMembership
    name: str


async def circle(session: AsyncSession, organisation_id: UUID, circle_id: UUID) -> Circle:
    """One circle; every member of the organisation sees all its circles. Raises NotFound."""
    found = await session.get(Circle, (organisation_id, circle_id))
    if found is None:
        raise NotFound
    return found


async def circles(
    session: AsyncSession, organisation_id: UUID, *, after: UUID | None = None, limit: int = 200
) -> Sequence[Circle]:
    """Circles in the order of founding, one more than ``limit`` if there are more."""
    query = select(Circle).where(col(Circle.organisation_id) == organisation_id)
    return await _keyset(session, query, Circle, after, limit)


async def setting(session: AsyncSession, actor: Actor, *, alone: bool = False) -> Setting:
    """Where the actor stands towards the structure of their organisation; ``alone`` keeps other shapers waiting."""
    query = select(col(Organisation.state)).where(col(Organisation.organisation_id) == actor.organisation_id)
    if alone:
        query = query.with_for_update()
    return Setting(actor, (await session.execute(query)).scalar_one())


async def member(
    session: AsyncSession, organisation_id: UUID, member_id: UUID, *, pointer: str = "/body/member_id"
) -> Member:
    """The active member whom a request names at ``pointer``. Raises UnknownMember (422)."""
    found = await session.get(Member, (organisation_id, member_id))
    if found is None or found.status is not MemberStatus.ACTIVE:
        raise UnknownMember(faults=[Fault(pointer, "unknown_member", {})])
    return found


async def person(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> Member:
    """Somebody in the register, whether still active or not. Raises NotFound."""
    found = await session.get(Member, (organisation_id, member_id))
    if found is None:
        raise NotFound
    return found


async def circle_named(
    session: AsyncSession, organisation_id: UUID, circle_id: UUID, *, pointer: str = "/body/circle_id"
) -> Circle:
    """The circle that a request names at ``pointer``. Raises UnknownCircle (422)."""
    found = await session.get(Circle, (organisation_id, circle_id))
    if found is None:
        raise UnknownCircle(faults=[Fault(pointer, "unknown_circle", {})])
    return found


async def rules_set(session: AsyncSession, organisation_id: UUID, circle_id: UUID, *, alone: bool = False) -> int:
    """How many rules the circle itself has set so far; ``alone`` keeps others from setting one meanwhile."""
    mine = (col(RuleInForce.organisation_id) == organisation_id, col(RuleInForce.circle_id) == circle_id)
    if alone:
        await session.execute(
            select(col(Circle.id))
            .where(col(Circle.organisation_id) == organisation_id, col(Circle.id) == circle_id)
            .with_for_update()
        )
    query = select(func.count()).where(*mine)
    return (await session.execute(query)).scalar_one()


async def anchor(session: AsyncSession, organisation_id: UUID) -> Circle | None:
    """The root of the tree, once founded."""
    query = select(Circle).where(col(Circle.organisation_id) == organisation_id, col(Circle.parent_id).is_(None))
    return (await session.execute(query)).scalars().first()


async def is_taken(session: AsyncSession, organisation_id: UUID, table: type[Circle | Domain], slug: str) -> bool:
    """Whether a circle or a domain of that slug exists."""
    query = select(col(table.id)).where(col(table.organisation_id) == organisation_id, col(table.slug) == slug)
    return (await session.execute(query)).first() is not None


async def membership(session: AsyncSession, organisation_id: UUID, circle_id: UUID, place_id: UUID) -> CircleMembership:
    """One membership of that circle, ended or not. Raises NotFound."""
    found = await session.get(CircleMembership, (organisation_id, place_id))
    if found is None or found.circle_id != circle_id:
        raise NotFound
    return found


async def memberships_of(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> Sequence[CircleMembership]:
    """The memberships that a member has today, in every circle."""
    query = _active(organisation_id).where(col(CircleMembership.member_id) == member_id)
    return (await session.execute(query.order_by(col(CircleMembership.id)))).scalars().all()


async def places(
    session: AsyncSession, organisation_id: UUID, circle_id: UUID, *, after: UUID | None = None, limit: int = 50
) -> list[Place]:
    """Today's memberships of a circle with names, one more than ``limit`` if there are more."""
    query = (
        select(CircleMembership, col(Member.name))
        .join(Member, named_by(CircleMembership, "member_id", Member))
        .where(
            col(CircleMembership.organisation_id) == organisation_id,
            col(CircleMembership.circle_id) == circle_id,
            col(CircleMembership.until).is_(None),
        )
        .order_by(col(CircleMembership.id))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(CircleMembership.id) > after)
    return [Place(place, name) for place, name in await session.execute(query)]


async def domains(
    session: AsyncSession,
    organisation_id: UUID,
    *,
    circle_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Domain]:
    """Domains, of one circle or of all, one more than ``limit`` if there are more."""
    query = select(Domain).where(col(Domain.organisation_id) == organisation_id)
    if circle_id is not None:
        query = query.where(col(Domain.circle_id) == circle_id)
    return await _keyset(session, query, Domain, after, limit)


def _active(organisation_id: UUID) -> Select[CircleMembership]:
    return select(CircleMembership).where(
        col(CircleMembership.organisation_id) == organisation_id, col(CircleMembership.until).is_(None)
    )


async def _keyset(
    session: AsyncSession, query: Select[Row], table: type[Row], after: UUID | None, limit: int
) -> Sequence[Row]:
    if after is not None:
        query = query.where(col(table.id) > after)
    return (await session.execute(query.order_by(col(table.id)).limit(limit + 1))).scalars().all()
