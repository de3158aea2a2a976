"""What can be read of circles: who decides what, with how many voices and by which rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles.policy import Setting
from app.circles.tables import Basis, Circle, CircleMembership, Domain, RuleInForce
from app.foundation.columns import named_by
from app.foundation.errors import Conflict, Fault, Invalid, NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member, Organisation

Row = TypeVar("Row", Circle, Domain)


class UnknownDomain(Invalid):
    """A decision must touch domains that this organisation has given to a circle."""

    code = "unknown_domain"


class DomainsHeldApart(Invalid):
    """Several circles hold what would be touched: each decides on its own part, in a proposal of its own."""

    code = "domains_held_apart"


class UnknownCircle(Invalid):
    """The request names a circle that this organisation does not have."""

    code = "unknown_circle"


class UnknownMember(Invalid):
    """The request names somebody who is not an active member of this organisation."""

    code = "unknown_member"


class NoRuleInForce(Conflict):
    """Neither the circle nor any broader one has adopted a rule by which it could decide."""

    code = "no_rule_in_force"


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody with full voice in a circle."""

    member_id: UUID
    pseudonym: str
    basis: Basis


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


async def holder_of(
    session: AsyncSession,
    organisation_id: UUID,
    domain_ids: Sequence[UUID],
    *,
    pointer: str = "/body/changes/{n}/domain_id",
) -> Circle:
    """The circle that holds all these domains and therefore decides: computed, never chosen by the caller.

    ``pointer`` says where the n-th domain stands in the request. Raises UnknownDomain (422, one fault for each
    unknown domain, or for none given) and DomainsHeldApart (422) when several circles hold them.
    """
    query = (
        select(col(Domain.id), Circle)
        .join(Circle, named_by(Domain, "circle_id", Circle))
        .where(col(Domain.organisation_id) == organisation_id, col(Domain.id).in_(set(domain_ids)))
    )
    holders = {domain_id: holder for domain_id, holder in await session.execute(query)}  # noqa: C416 - rows, not tuples
    unknown = [n for n, domain_id in enumerate(domain_ids) if domain_id not in holders]
    if unknown or not holders:
        raise UnknownDomain(faults=[Fault(pointer.format(n=n), "unknown_domain", {}) for n in unknown or [0]])
    apart = {holder.id: holder for holder in holders.values()}
    if len(apart) > 1:
        faults = [
            Fault(pointer.format(n=n), "held_by", {"circle": holders[domain_id].name})
            for n, domain_id in enumerate(domain_ids)
        ]
        raise DomainsHeldApart(faults=faults, circles=", ".join(sorted(holder.name for holder in apart.values())))
    return holders[domain_ids[0]]


async def voices(
    session: AsyncSession, organisation_id: UUID, circle_id: UUID, on: datetime, *, held: bool = False
) -> list[Voice]:
    """Everybody with full voice in the circle at that instant: active members whose basis is not ``guest``.

    One row per member however many grounds they have (the oldest is named), ordered by pseudonym.
    ``held`` keeps them from leaving before the transaction ends, and waits for those who are leaving.
    """
    query = (
        select(col(Member.id), col(Member.pseudonym), col(CircleMembership.basis))
        .join(CircleMembership, named_by(CircleMembership, "member_id", Member))
        .where(
            col(CircleMembership.organisation_id) == organisation_id,
            col(CircleMembership.circle_id) == circle_id,
            col(CircleMembership.basis) != Basis.GUEST,
            col(CircleMembership.since) <= on,
            or_(col(CircleMembership.until).is_(None), col(CircleMembership.until) > on),
            col(Member.status) == MemberStatus.ACTIVE,
            col(Member.pseudonym).is_not(None),
        )
        .order_by(col(Member.pseudonym), col(CircleMembership.since), col(CircleMembership.id))
    )
    query = query.with_for_update(read=True, of=Member) if held else query
    found: dict[UUID, Voice] = {}
    for member_id, pseudonym, basis in await session.execute(query):
        found.setdefault(member_id, Voice(member_id, str(pseudonym), basis))
    return list(found.values())


async def rule_in_force(session: AsyncSession, organisation_id: UUID, circle_id: UUID, at: datetime) -> RuleInForce:
    """The circle's own rule that has begun last, else that of its nearest broader circle. Raises NoRuleInForce."""
    mine = (
        select(col(Circle.id).label("id"), col(Circle.parent_id).label("parent_id"), literal(0).label("distance"))
        .where(col(Circle.organisation_id) == organisation_id, col(Circle.id) == circle_id)
        .cte("broader", recursive=True)
    )
    broader = mine.union_all(
        select(col(Circle.id), col(Circle.parent_id), mine.c.distance + 1).where(
            col(Circle.organisation_id) == organisation_id, col(Circle.id) == mine.c.parent_id
        )
    )
    query = (
        select(RuleInForce)
        .join(broader, col(RuleInForce.circle_id) == broader.c.id)
        .where(col(RuleInForce.organisation_id) == organisation_id, col(RuleInForce.since) <= at)
        .order_by(broader.c.distance, col(RuleInForce.since).desc(), col(RuleInForce.id).desc())
        .limit(1)
    )
    found = (await session.execute(query)).scalars().first()
    if found is None:
        raise NoRuleInForce
    return found


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
