"""The HTTP face of roles and mandates, and of leaving a circle, which ends the offices that it gave."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from app.circles import policy as circle_policy
from app.circles import queries as circle_queries
from app.circles.routes import membership_view
from app.circles.schemas import MembershipView
from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.routing import Read, Write, permits, room
from app.organisations.schemas import MemberRef
from app.people.signin import Caller, Now
from app.roles import actions, queries
from app.roles.lifecycle import EndReason
from app.roles.policy import Permission
from app.roles.schemas import Assigning, Ending, MandateView, RoleCreation, RoleDescription, RoleView
from app.roles.tables import Assignment, Role, RoleKind, RoleText

router = room("roles", prefix="/v1")


async def _matched(role_id: UUID, caller: Caller, session: Write, request: Request) -> Role:
    role = await queries.role(session, caller.organisation_id, role_id)
    require_match(request, role.version)
    return role


@router.get("/circles/{circle_id}/roles", summary="List the roles of a circle")
@permits(Permission.READ_ROLES, Scope.READ)
async def list_roles(
    circle_id: UUID, caller: Caller, session: Read, request: Request, response: Response, cut: Cursor
) -> Page[RoleView]:
    """The circle's roles with who fills them: facilitator, secretary and links are among them."""
    await circle_queries.circle(session, caller.organisation_id, circle_id)
    roles = await queries.roles_of(session, caller.organisation_id, circle_id, after=cut.uuid, limit=cut.limit)
    rows = await queries.filled(session, caller.organisation_id, roles)
    return page(request, response, rows, cut, key=lambda row: row.role.id, view=_role_view)


@router.post("/circles/{circle_id}/roles", status_code=201, summary="Make a role")
@permits(Permission.SHAPE_ROLES, Scope.STEWARD)
async def create_role(
    circle_id: UUID, body: RoleCreation, caller: Caller, session: Write, now: Now, response: Response
) -> RoleView:
    """Make a role while the cooperative is being founded; afterwards roles come by decision."""
    circle = await circle_queries.circle(session, caller.organisation_id, circle_id)
    role = await actions.create_role(session, circle, _new(body, body.kind), actor=caller, now=now)
    response.headers["Location"] = f"/v1/roles/{role.id}"
    etag(response, role.version)
    return _role_view(queries.Filled(role))


@router.get("/roles/{role_id}", summary="Read a role")
@permits(Permission.READ_ROLES, Scope.READ)
async def get_role(role_id: UUID, caller: Caller, session: Read, response: Response) -> RoleView:
    """One role and who fills it; its ETag is the version to name when it is described anew."""
    role = await queries.role(session, caller.organisation_id, role_id)
    (found,) = await queries.filled(session, caller.organisation_id, [role])
    etag(response, role.version)
    return _role_view(found)


@router.put("/roles/{role_id}", summary="Describe a role anew")
@permits(Permission.SHAPE_ROLES, Scope.STEWARD)
async def describe_role(
    body: RoleDescription,
    role: Annotated[Role, Depends(_matched)],
    caller: Caller,
    session: Write,
    now: Now,
    response: Response,
) -> RoleView:
    """Put a role in other words while the cooperative is being founded; its kind stays."""
    described = await actions.describe_role(session, role, _new(body, role.kind), actor=caller, now=now)
    (found,) = await queries.filled(session, caller.organisation_id, [described])
    etag(response, described.version)
    return _role_view(found)


@router.post("/roles/{role_id}/assignments", status_code=201, summary="Give a role to a member")
@permits(Permission.ASSIGN_ROLES, Scope.PARTICIPATE)
async def assign_role(
    role_id: UUID, body: Assigning, caller: Caller, session: Write, now: Now, response: Response
) -> MandateView:
    """Record who fills a role from now on. Whoever links two circles also sits in the broader one."""
    role = await queries.role(session, caller.organisation_id, role_id)
    member = await circle_queries.member(session, caller.organisation_id, body.member_id)
    mandate = await actions.assign(session, role, member, elected_until=body.elected_until, actor=caller, now=now)
    response.headers["Location"] = f"/v1/roles/{role.id}"
    return _mandate_view(mandate, member.name)


@router.post("/assignments/{assignment_id}/end", summary="End a mandate")
@permits(Permission.END_MANDATES, Scope.PARTICIPATE)
async def end_assignment(assignment_id: UUID, body: Ending, caller: Caller, session: Write, now: Now) -> MandateView:
    """Resign, or record the end of somebody's mandate; the place that came with it ends too."""
    mandate, role = await queries.assignment(session, caller.organisation_id, assignment_id)
    ended = await actions.end_assignment(session, mandate, role, EndReason(body.reason), actor=caller, now=now)
    member = await circle_queries.person(session, caller.organisation_id, ended.member_id)
    return _mandate_view(ended, member.name)


@router.post(
    "/circles/{circle_id}/memberships/{membership_id}/end", summary="Record who leaves a circle", tags=["circles"]
)
@permits(circle_policy.Permission.RECORD_MEMBERSHIPS, Scope.STEWARD)
async def leave_circle(
    circle_id: UUID, membership_id: UUID, caller: Caller, session: Write, now: Now
) -> MembershipView:
    """Record that a member leaves the circle; its offices end with that, running decisions keep their voters."""
    place = await circle_queries.membership(session, caller.organisation_id, circle_id, membership_id)
    ended = await actions.leave_circle(session, place, actor=caller, now=now)
    member = await circle_queries.person(session, caller.organisation_id, ended.member_id)
    return membership_view(ended, member.name)


def _new(body: RoleDescription, kind: RoleKind) -> actions.NewRole:
    text = RoleText(name=body.name, purpose=body.purpose)
    return actions.NewRole(text, body.accountabilities, body.term_months, kind)


def _role_view(found: queries.Filled) -> RoleView:
    role = found.role
    return RoleView(
        id=role.id,
        circle_id=role.circle_id,
        kind=role.kind,
        name=role.name,
        purpose=role.purpose,
        accountabilities=role.accountabilities,
        term_months=role.term_months,
        mandates=[_mandate_view(mandate.assignment, mandate.name) for mandate in found.mandates],
    )


def _mandate_view(assignment: Assignment, name: str) -> MandateView:
    return MandateView(
        id=assignment.id,
        role_id=assignment.role_id,
        member=MemberRef(id=assignment.member_id, name=name),
        state=assignment.state,
        since=assignment.since,
        elected_until=assignment.elected_until,
        ended_at=assignment.ended_at,
        ended_for=assignment.ended_for,
    )
