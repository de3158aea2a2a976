"""How roles are made, who is given one, and how a mandate ends with all that came with it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.circles import actions as circles
from app.circles import queries as circle_queries
from app.circles.tables import Basis, Circle, CircleMembership
from app.foundation.errors import Conflict, Fault, Invalid
from app.journal.actor import Actor
from app.journal.record import hold, record
from app.organisations.queries import present_day
from app.organisations.tables import Member
from app.roles import queries
from app.roles.events import MandateEnded, RoleAssigned, RoleCreated, RoleDescribed
from app.roles.lifecycle import AssignmentState, EndReason
from app.roles.policy import Permission, require, require_founding
from app.roles.surrogates import ORDER
from app.roles.tables import Assignment, Role, RoleKind, RoleText

LINKS: Final = {RoleKind.LEAD_LINK: Basis.LINK_LEAD, RoleKind.REP_LINK: Basis.LINK_REP}
"""The two links of a circle, each with the ground on which it sits in the broader circle."""

OF_THE_CIRCLE: Final = frozenset({RoleKind.FACILITATOR, RoleKind.SECRETARY, RoleKind.REP_LINK})
"""Offices that a circle gives to one of its own; its lead link is named by the broader circle."""


class OfficeExists(Conflict):
    """A circle has each office once."""

    code = "office_exists"


class OfficeFilled(Conflict):
    """One person at a time holds an office."""

    code = "office_filled"


class AlreadyAssigned(Conflict):
    """The member fills this role."""

    code = "already_assigned"


class MandateOver(Conflict):
    """The mandate has ended; history is not ended twice."""

    code = "mandate_over"


class AnchorHasNoLinks(Invalid):
    """Links lead to a broader circle, and the anchor has none."""

    code = "anchor_has_no_links"


class LinksMustDiffer(Invalid):
    """A circle is represented by two people: what comes down and what goes up must not pass through one head."""

    code = "links_must_differ"


class HolderNotInCircle(Invalid):
    """A circle gives its offices to people who have a voice in it."""

    code = "holder_not_in_circle"


@dataclass(frozen=True, slots=True)
class NewRole:
    """What making or describing a role takes; ``term_months`` is how long a mandate lasts when nothing else is said."""

    text: RoleText
    accountabilities: Sequence[str]
    term_months: int | None
    kind: RoleKind = RoleKind.OTHER


async def create_role(session: AsyncSession, circle: Circle, new: NewRole, *, actor: Actor, now: datetime) -> Role:
    """Make a role in a circle; facilitator, secretary and each link exist once in it.

    Raises RightMissing (403), StructureByDecision, OfficeExists (409), AnchorHasNoLinks (422).
    """
    await _shape(session, circle.id, actor)
    if new.kind in LINKS and circle.parent_id is None:
        raise AnchorHasNoLinks(faults=[Fault("/body/kind", "anchor_has_no_links", {})])
    if new.kind in ORDER and await queries.has_office(session, circle.organisation_id, circle.id, new.kind):
        raise OfficeExists(kind=new.kind.value)
    role = Role.model_validate(
        {
            "organisation_id": circle.organisation_id,
            "circle_id": circle.id,
            "kind": new.kind,
            "accountabilities": list(new.accountabilities),
            "term_months": new.term_months,
            **new.text.model_dump(),
        }
    )
    session.add(role)
    await session.flush()
    event = RoleCreated(
        circle.id, role.id, role.kind.value, role.term_months, role.name, role.purpose, role.accountabilities
    )
    record(session, actor, event, now)
    return role


async def describe_role(session: AsyncSession, role: Role, new: NewRole, *, actor: Actor, now: datetime) -> Role:
    """Put a role in other words; its kind stays. Raises RightMissing (403), StructureByDecision (409)."""
    await _shape(session, role.circle_id, actor)
    role.name, role.purpose = new.text.name, new.text.purpose
    role.accountabilities, role.term_months = list(new.accountabilities), new.term_months
    await session.flush()
    event = RoleDescribed(role.circle_id, role.id, role.term_months, role.name, role.purpose, role.accountabilities)
    record(session, actor, event, now)
    return role


async def assign(
    session: AsyncSession,
    role: Role,
    member: Member,
    *,
    elected_until: date | None = None,
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Give a role to a member, with the place that comes with it.

    The holder of a link sits with full voice in the broader circle, somebody from outside who fills an ordinary role
    sits in the circle. Raises RightMissing (403), AlreadyAssigned, OfficeFilled (409), LinksMustDiffer,
    HolderNotInCircle (422).
    """
    standing = await queries.standing(session, actor, role.circle_id, role=role.kind)
    require(Permission.ASSIGN_ROLES, standing)
    circle = await circle_queries.circle(session, role.organisation_id, role.circle_id)
    await hold(session, role.organisation_id, [f"circle/{circle.id}"])
    await _refuse_wrong_holder(session, role, member)
    assignment = Assignment.model_validate(
        {
            "organisation_id": role.organisation_id,
            "role_id": role.id,
            "member_id": member.id,
            "since": now,
            "elected_until": elected_until or await _term_end(session, role, now),
        }
    )
    session.add(assignment)
    await session.flush()
    event = RoleAssigned(circle.id, role.id, role.kind.value, assignment.id, member.pseudonym, assignment.elected_until)
    record(session, actor, event, now)
    await _seat(session, circle, role, member, actor=actor, now=now)
    return assignment


async def end_assignment(
    session: AsyncSession, assignment: Assignment, role: Role, reason: EndReason, *, actor: Actor, now: datetime
) -> Assignment:
    """End a mandate and the place that came with it. Raises RightMissing (403), MandateOver (409)."""
    standing = await queries.standing(session, actor, role.circle_id, role=role.kind, holder=assignment.member_id)
    require(Permission.END_MANDATES, standing)
    if assignment.state is AssignmentState.ENDED:
        raise MandateOver
    member = await circle_queries.person(session, assignment.organisation_id, assignment.member_id)
    circle = await circle_queries.circle(session, role.organisation_id, role.circle_id)
    await _end(session, queries.Held(assignment, role, circle), member, reason, actor=actor, now=now)
    return assignment


async def end_assignments(
    session: AsyncSession,
    organisation_id: UUID,
    member_id: UUID,
    *,
    reason: EndReason = EndReason.LEFT,
    actor: Actor,
    now: datetime,
) -> int:
    """End every mandate of a member who leaves the cooperative; returns how many."""
    member = await circle_queries.person(session, organisation_id, member_id)
    mandates = await queries.mandates_of(session, organisation_id, member_id)
    for held in mandates:
        await _end(session, held, member, reason, actor=actor, now=now)
    return len(mandates)


async def leave_circle(
    session: AsyncSession, place: CircleMembership, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Record that a member leaves a circle; the offices that it gave them end when they have no voice left in it.

    Raises RightMissing (403), MembershipEnded, EndsWithItsRole (409).
    """
    member = await circle_queries.person(session, place.organisation_id, place.member_id)
    ended = await circles.leave_circle(session, place, member, actor=actor, now=now)
    if not await _has_voice(session, place.organisation_id, place.circle_id, member.id):
        for held in await queries.mandates_of(session, place.organisation_id, member.id):
            if held.circle.id == place.circle_id and held.role.kind in OF_THE_CIRCLE:
                await _end(session, held, member, EndReason.LEFT, actor=actor, now=now)
    return ended


async def _shape(session: AsyncSession, circle_id: UUID, actor: Actor) -> None:
    require(Permission.SHAPE_ROLES, await queries.standing(session, actor, circle_id))
    require_founding((await circle_queries.setting(session, actor, alone=True)).state)


async def _refuse_wrong_holder(session: AsyncSession, role: Role, member: Member) -> None:
    running = await queries.mandates_in(session, role.organisation_id, role.circle_id)
    if any(held.role.id == role.id and held.assignment.member_id == member.id for held in running):
        raise AlreadyAssigned
    if role.kind in ORDER and any(held.role.id == role.id for held in running):
        raise OfficeFilled(kind=role.kind.value)
    if role.kind in LINKS and any(
        held.role.kind in LINKS and held.assignment.member_id == member.id for held in running
    ):
        raise LinksMustDiffer(faults=[Fault("/body/member_id", "links_must_differ", {})])
    if role.kind in OF_THE_CIRCLE and not await _has_voice(session, role.organisation_id, role.circle_id, member.id):
        raise HolderNotInCircle(faults=[Fault("/body/member_id", "holder_not_in_circle", {})], kind=role.kind.value)


async def _has_voice(session: AsyncSession, organisation_id: UUID, circle_id: UUID, member_id: UUID) -> bool:
    places = await circle_queries.memberships_of(session, organisation_id, member_id)
    return any(place.circle_id == circle_id and place.basis is not Basis.GUEST for place in places)


async def _seat(
    session: AsyncSession, circle: Circle, role: Role, member: Member, *, actor: Actor, now: datetime
) -> None:
    where, basis = await _place_of(session, circle, role)
    if where is None:
        return
    places = await circle_queries.memberships_of(session, circle.organisation_id, member.id)
    here = {place.basis for place in places if place.circle_id == where.id}
    if basis not in here and (basis is not Basis.ROLE_HOLDER or not here - {Basis.GUEST}):
        await circles.seat(session, where, member, basis, actor=actor, now=now)


async def _end(
    session: AsyncSession, held: queries.Held, member: Member, reason: EndReason, *, actor: Actor, now: datetime
) -> None:
    assignment, role = held.assignment, held.role
    assignment.state, assignment.ended_at, assignment.ended_for = AssignmentState.ENDED, now, reason.value
    await session.flush()
    event = MandateEnded(role.circle_id, role.id, role.kind.value, assignment.id, member.pseudonym, reason.value)
    record(session, actor, event, now)
    await _unseat(session, held, member, actor=actor, now=now)


async def _unseat(session: AsyncSession, held: queries.Held, member: Member, *, actor: Actor, now: datetime) -> None:
    """End the place that came with the mandate, unless another mandate of the member gives the same."""
    where, basis = await _place_of(session, held.circle, held.role)
    if where is None:
        return
    for other in await queries.mandates_of(session, held.role.organisation_id, member.id):
        still, ground = await _place_of(session, other.circle, other.role)
        if still is not None and (still.id, ground) == (where.id, basis):
            return
    for place in await circle_queries.memberships_of(session, held.role.organisation_id, member.id):
        if place.circle_id == where.id and place.basis is basis:
            await circles.unseat(session, place, member.pseudonym, actor=actor, now=now)


async def _place_of(session: AsyncSession, circle: Circle, role: Role) -> tuple[Circle | None, Basis]:
    """Where a role gives a seat, and on what ground: none for offices that a circle gives to its own."""
    if role.kind in LINKS and circle.parent_id is not None:
        broader = await circle_queries.circle(session, circle.organisation_id, circle.parent_id)
        return broader, LINKS[role.kind]
    return (circle if role.kind is RoleKind.OTHER else None), Basis.ROLE_HOLDER


async def _term_end(session: AsyncSession, role: Role, now: datetime) -> date | None:
    if role.term_months is None:
        return None
    begins = await present_day(session, role.organisation_id, now)
    years, month = divmod(begins.month - 1 + role.term_months, 12)
    year, month = begins.year + years, month + 1
    return date(year, month, min(begins.day, monthrange(year, month)[1]))
