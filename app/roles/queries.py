"""What can be read of roles and mandates: where somebody stands in a circle, and who holds its offices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, String, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles.tables import Basis, Circle, CircleMembership
from app.foundation.columns import named_by
from app.foundation.database import Executor
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member
from app.roles.lifecycle import AssignmentState
from app.roles.policy import Standing
from app.roles.tables import Assignment, Role, RoleKind


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate with the name of who has it."""

    assignment: Assignment
    name: str


@dataclass(frozen=True, slots=True)
class Held:
    """A running mandate with its role and its circle."""

    assignment: Assignment
    role: Role
    circle: Circle


@dataclass(frozen=True, slots=True)
class Filled:
    """A role with the mandates that are running."""

    role: Role
    mandates: list[Mandate] = field(default_factory=list)


async def standing(
    session: AsyncSession,
    actor: Actor,
    circle_id: UUID,
    *,
    role: RoleKind | None = None,
    holder: UUID | None = None,
) -> Standing:
    """Where the actor stands towards a circle, in one query; a suspended member and the system stand outside.

    ``role`` and ``holder`` are handed on for questions about one role.
    """
    if actor.member_id is None:
        return Standing(actor, circle_id, role=role, holder=holder)
    active = (
        col(Member.organisation_id) == actor.organisation_id,
        col(Member.id) == actor.member_id,
        col(Member.status) == MemberStatus.ACTIVE,
    )
    places = (
        select(literal("basis").label("what"), type_coerce(col(CircleMembership.basis), String(32)).label("word"))
        .join(Member, named_by(CircleMembership, "member_id", Member))
        .where(*active, col(CircleMembership.circle_id) == circle_id, col(CircleMembership.until).is_(None))
    )
    offices = (
        select(literal("office"), type_coerce(col(Role.kind), String(32)))
        .join(Assignment, named_by(Assignment, "role_id", Role))
        .join(Member, named_by(Assignment, "member_id", Member))
        .where(*active, col(Role.circle_id) == circle_id, col(Assignment.state) == AssignmentState.ACTIVE)
    )
    rows = (await session.execute(places.union_all(offices))).all()
    return Standing(
        actor,
        circle_id,
        basis=frozenset(Basis(word) for what, word in rows if what == "basis"),
        offices=frozenset(RoleKind(word) for what, word in rows if what == "office"),
        role=role,
        holder=holder,
    )


async def office_holders(session: Executor, organisation_id: UUID, circle_id: UUID) -> Mapping[RoleKind, Sequence[str]]:
    """The pseudonyms of the active members who fill the circle's roles, by kind, longest in office first."""
    return (await offices_of(session, organisation_id, [circle_id])).get(circle_id, {})


async def offices_of(
    session: Executor, organisation_id: UUID, circles: Collection[UUID]
) -> Mapping[UUID, Mapping[RoleKind, Sequence[str]]]:
    """The same for several circles, in one statement; a circle without any office is left out."""
    query = (
        select(col(Role.circle_id), col(Role.kind), col(Member.pseudonym))
        .join(Assignment, named_by(Assignment, "role_id", Role))
        .join(Member, named_by(Assignment, "member_id", Member))
        .where(
            col(Role.organisation_id) == organisation_id,
            col(Role.circle_id).in_(circles),
            col(Assignment.state) == AssignmentState.ACTIVE,
            col(Member.status) == MemberStatus.ACTIVE,
            col(Member.pseudonym).is_not(None),
        )
        .order_by(col(Assignment.since), col(Assignment.id))
    )
    found: dict[UUID, dict[RoleKind, list[str]]] = {}
    for circle, kind, pseudonym in await session.execute(query):
        found.setdefault(circle, {}).setdefault(kind, []).append(str(pseudonym))
    return found


async def role(session: AsyncSession, organisation_id: UUID, role_id: UUID) -> Role:
    """One role; every member of the organisation sees all its roles. Raises NotFound."""
    found = await session.get(Role, (organisation_id, role_id))
    if found is None:
        raise NotFound
    return found


async def assignment(session: AsyncSession, organisation_id: UUID, assignment_id: UUID) -> tuple[Assignment, Role]:
    """One mandate, running or ended, with its role. Raises NotFound."""
    query = (
        select(Assignment, Role)
        .join(Role, named_by(Assignment, "role_id", Role))
        .where(col(Assignment.organisation_id) == organisation_id, col(Assignment.id) == assignment_id)
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound
    return found


async def roles_of(
    session: AsyncSession, organisation_id: UUID, circle_id: UUID, *, after: UUID | None = None, limit: int = 50
) -> list[Role]:
    """The roles of a circle in the order of making, one more than ``limit`` if there are more."""
    query = (
        select(Role)
        .where(col(Role.organisation_id) == organisation_id, col(Role.circle_id) == circle_id)
        .order_by(col(Role.id))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(Role.id) > after)
    return list((await session.execute(query)).scalars())


async def filled(session: AsyncSession, organisation_id: UUID, roles: Sequence[Role]) -> list[Filled]:
    """The same roles with who fills them, in one query for all."""
    query = (
        select(Assignment, col(Member.name))
        .join(Member, named_by(Assignment, "member_id", Member))
        .where(
            col(Assignment.organisation_id) == organisation_id,
            col(Assignment.role_id).in_([one.id for one in roles]),
            col(Assignment.state) == AssignmentState.ACTIVE,
        )
        .order_by(col(Assignment.since), col(Assignment.id))
    )
    by_role = {one.id: Filled(one) for one in roles}
    for mandate, name in await session.execute(query):
        by_role[mandate.role_id].mandates.append(Mandate(mandate, name))
    return list(by_role.values())


async def has_office(session: AsyncSession, organisation_id: UUID, circle_id: UUID, kind: RoleKind) -> bool:
    """Whether the circle has a role of that kind."""
    query = select(col(Role.id)).where(
        col(Role.organisation_id) == organisation_id, col(Role.circle_id) == circle_id, col(Role.kind) == kind
    )
    return (await session.execute(query)).first() is not None


async def mandates_of(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> list[Held]:
    """The running mandates of a member."""
    return await _running(session, organisation_id, col(Assignment.member_id) == member_id)


async def mandates_in(session: AsyncSession, organisation_id: UUID, circle_id: UUID) -> list[Held]:
    """The running mandates of a circle."""
    return await _running(session, organisation_id, col(Role.circle_id) == circle_id)


async def _running(session: AsyncSession, organisation_id: UUID, which: ColumnElement[bool]) -> list[Held]:
    query = (
        select(Assignment, Role, Circle)
        .join(Role, named_by(Assignment, "role_id", Role))
        .join(Circle, named_by(Role, "circle_id", Circle))
        .where(
            col(Assignment.organisation_id) == organisation_id,
            which,
            col(Assignment.state) == AssignmentState.ACTIVE,
        )
        .order_by(col(Assignment.id))
    )
    return [Held(assignment, role, circle) for assignment, role, circle in await session.execute(query)]
