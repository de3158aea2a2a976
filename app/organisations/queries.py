"""What can be read of a cooperative: its members, their dated facts and its colleges, always within one tenant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from app.foundation.columns import named_by
from app.foundation.deadlines import local_date
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus, OrganisationState
from app.organisations.policy import Permission, require
from app.organisations.tables import College, CollegeMember, Member, MemberCategory, MemberWeight, Organisation

Fact = TypeVar("Fact", MemberCategory, CollegeMember, MemberWeight)


@dataclass(frozen=True, slots=True)
class MemberName:
    """What people read where the journal has a pseudonym."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class CollegeShare:
    """A college and its exact share of all votes."""

    id: UUID
    name: str
    weight: Fraction


async def organisation(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """The organisation. Raises NotFound (404)."""
    found = await session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found


def is_founding(organisation: Organisation) -> bool:
    """Whether stewards still lay down the structure, which afterwards changes by decisions only."""
    return organisation.state is OrganisationState.FOUNDING


async def present_day(session: AsyncSession, organisation_id: UUID, now: datetime) -> date:
    """The day that it is in the organisation at ``now``. Raises NotFound (404)."""
    return local_date(now, (await organisation(session, organisation_id)).time_zone)


async def member(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """One member of the actor's organisation. Raises NotFound (404)."""
    require(Permission.READ_MEMBERS, actor)
    found = await session.get(Member, (actor.organisation_id, member_id))
    if found is None:
        raise NotFound
    return found


async def held_member(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """The same, locked: two changes to one member's entry wait for each other. Raises NotFound (404)."""
    require(Permission.READ_MEMBERS, actor)
    mine = (col(Member.organisation_id) == actor.organisation_id, col(Member.id) == member_id)
    query = select(Member).where(*mine).with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def members(
    session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int, status: MemberStatus | None = None
) -> Sequence[Member]:
    """Up to ``limit`` + 1 members in the order of their admission, from the one after ``after`` on."""
    require(Permission.READ_MEMBERS, actor)
    query = select(Member).where(col(Member.organisation_id) == actor.organisation_id)
    if after is not None:
        query = query.where(col(Member.id) > after)
    if status is not None:
        query = query.where(col(Member.status) == status)
    return (await session.execute(query.order_by(col(Member.id)).limit(limit + 1))).scalars().all()


async def member_by_pseudonyms(
    session: AsyncSession, organisation_id: UUID, pseudonyms: Collection[str]
) -> dict[str, MemberName]:
    """Who stands behind each pseudonym, in one query; an erased person is missing from the answer."""
    if not pseudonyms:
        return {}
    query = select(Member.pseudonym, Member.id, Member.name).where(
        col(Member.organisation_id) == organisation_id, col(Member.pseudonym).in_(set(pseudonyms))
    )
    return {str(row.pseudonym): MemberName(row.id, row.name) for row in await session.execute(query)}


async def member_names(
    session: AsyncSession, organisation_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, MemberName]:
    """The names of members, in one query."""
    if not member_ids:
        return {}
    query = select(Member.id, Member.name).where(
        col(Member.organisation_id) == organisation_id, col(Member.id).in_(set(member_ids))
    )
    return {row.id: MemberName(row.id, row.name) for row in await session.execute(query)}


async def categories(session: AsyncSession, actor: Actor, member_id: UUID) -> Sequence[MemberCategory]:
    """Every legal category that the member has had, oldest first."""
    found: Sequence[MemberCategory] = await _history(session, MemberCategory, actor, member_id)
    return found


async def placements(session: AsyncSession, actor: Actor, member_id: UUID) -> Sequence[CollegeMember]:
    """Every college that the member has been in, oldest first."""
    found: Sequence[CollegeMember] = await _history(session, CollegeMember, actor, member_id)
    return found


async def open_fact(session: AsyncSession, fact: type[Fact], member: Member) -> Fact | None:
    """The member's category or placement that has no end yet."""
    query = select(fact).where(
        col(fact.organisation_id) == member.organisation_id,
        col(fact.member_id) == member.id,
        col(fact.valid_to).is_(None),
    )
    return (await session.execute(query)).scalar_one_or_none()


async def colleges(session: AsyncSession, organisation_id: UUID, on: date) -> Sequence[College]:
    """The colleges that weigh votes on that day, in a stable order; none means one member, one vote."""
    query = select(College).where(col(College.organisation_id) == organisation_id, *_valid(College, on))
    return (await session.execute(query.order_by(col(College.id)))).scalars().all()


async def colleges_of(
    session: AsyncSession, organisation_id: UUID, member_ids: Collection[UUID], on: date
) -> dict[UUID, CollegeShare]:
    """The college of each member on that day, in one query; a member without college is missing."""
    if not member_ids:
        return {}
    query = (
        select(CollegeMember.member_id, College.id, College.name, College.weight)
        .join(College, named_by(CollegeMember, "college_id", College))
        .where(
            col(CollegeMember.organisation_id) == organisation_id,
            col(CollegeMember.member_id).in_(set(member_ids)),
            *_valid(CollegeMember, on),
            *_valid(College, on),
        )
    )
    rows = await session.execute(query)
    return {row.member_id: CollegeShare(row.id, row.name, Fraction(row.weight)) for row in rows}


async def weights_of(
    session: AsyncSession, organisation_id: UUID, member_ids: Collection[UUID], on: date
) -> dict[UUID, tuple[str, dict[str, str]]]:
    """The unit and the measures of each member on that day, in one query; who has neither is missing."""
    if not member_ids:
        return {}
    query = select(MemberWeight.member_id, MemberWeight.unit, MemberWeight.measures).where(
        col(MemberWeight.organisation_id) == organisation_id,
        col(MemberWeight.member_id).in_(set(member_ids)),
        *_valid(MemberWeight, on),
    )
    return {row.member_id: (row.unit, row.measures) for row in await session.execute(query)}


async def standing_colleges(session: AsyncSession, organisation_id: UUID) -> Sequence[College]:
    """The colleges without an end, whether or not they have begun: those that a new setting replaces."""
    query = select(College).where(col(College.organisation_id) == organisation_id, col(College.valid_to).is_(None))
    return (await session.execute(query.order_by(col(College.id)))).scalars().all()


async def is_email_taken(session: AsyncSession, member: Member, email: str) -> bool:
    """Whether somebody else of the organisation signs in with that address."""
    query = select(Member.id).where(
        col(Member.organisation_id) == member.organisation_id, col(Member.email) == email, col(Member.id) != member.id
    )
    return (await session.execute(query)).first() is not None


async def other_stewards(session: AsyncSession, member: Member) -> int:
    """How many active stewards there are beside ``member``; reads at most one."""
    query = (
        select(Member.id)
        .where(
            col(Member.organisation_id) == member.organisation_id,
            col(Member.id) != member.id,
            col(Member.steward).is_(True),
            col(Member.status) == MemberStatus.ACTIVE,
        )
        .limit(1)
    )
    return len((await session.execute(query)).all())


async def _history(session: AsyncSession, fact: Any, actor: Actor, member_id: UUID) -> Any:
    require(Permission.READ_MEMBERS, actor)
    mine = (col(fact.organisation_id) == actor.organisation_id, col(fact.member_id) == member_id)
    query = select(fact).where(*mine).order_by(col(fact.valid_from), col(fact.id))
    return (await session.execute(query)).scalars().all()


def _valid(fact: Any, on: date) -> tuple[Any, Any]:
    return col(fact.valid_from) <= on, or_(col(fact.valid_to).is_(None), col(fact.valid_to) > on)
