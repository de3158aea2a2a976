"""The HTTP face of circles: structure, memberships, domains and decision rules."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.circles import actions, deciding, queries
from app.circles.policy import Permission
from app.circles.schemas import (
    CircleDescription,
    CircleFounding,
    CircleView,
    DomainEntrusting,
    DomainView,
    Joining,
    MembershipView,
    RuleChoice,
    RuleView,
)
from app.circles.tables import Basis, Circle, CircleMembership, CircleText, RuleInForce
from app.foundation.errors import NotFound
from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.routing import Read, Write, permits, room
from app.organisations.schemas import MemberRef
from app.people.signin import Caller, Now
from app.rules.catalogue import Catalogue

router = room("circles", prefix="/v1")


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """A circle whose rule is about to be set, how many it has set so far, and the rules that are installed."""

    circle: Circle
    so_far: int
    catalogue: Catalogue


async def _matched(circle_id: UUID, caller: Caller, session: Write, request: Request) -> Circle:
    circle = await queries.circle(session, caller.organisation_id, circle_id)
    require_match(request, circle.version)
    return circle


async def _rule_target(circle_id: UUID, caller: Caller, session: Write, request: Request) -> RuleTarget:
    circle = await queries.circle(session, caller.organisation_id, circle_id)
    so_far = await queries.rules_set(session, caller.organisation_id, circle_id, alone=True)
    if so_far:
        require_match(request, so_far)
    return RuleTarget(circle, so_far, request.app.state.catalogue)


@router.get("/circles", summary="List the circles")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def list_circles(
    caller: Caller, session: Read, request: Request, response: Response, cut: Cursor
) -> Page[CircleView]:
    """Every circle of the organisation, in the order of founding: the anchor comes first."""
    rows = await queries.circles(session, caller.organisation_id, after=cut.uuid, limit=cut.limit)
    return page(request, response, rows, cut, key=lambda row: row.id, view=CircleView.model_validate)


@router.post("/circles", status_code=201, summary="Found a circle")
@permits(Permission.SHAPE_CIRCLES, Scope.STEWARD)
async def found_circle(
    body: CircleFounding, caller: Caller, session: Write, now: Now, response: Response
) -> CircleView:
    """Found a circle while the cooperative is being founded; afterwards circles come by decision."""
    text = CircleText(name=body.name, aim=body.aim)
    new = actions.NewCircle(body.slug, text, body.kind, body.parent_id)
    circle = await actions.found_circle(session, new, actor=caller, now=now)
    response.headers["Location"] = f"/v1/circles/{circle.id}"
    etag(response, circle.version)
    return CircleView.model_validate(circle)


@router.get("/circles/{circle_id}", summary="Read a circle")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def get_circle(circle_id: UUID, caller: Caller, session: Read, response: Response) -> CircleView:
    """One circle; its ETag is the version to name when it is described anew."""
    circle = await queries.circle(session, caller.organisation_id, circle_id)
    etag(response, circle.version)
    return CircleView.model_validate(circle)


@router.put("/circles/{circle_id}", summary="Describe a circle anew")
@permits(Permission.SHAPE_CIRCLES, Scope.STEWARD)
async def describe_circle(
    body: CircleDescription,
    circle: Annotated[Circle, Depends(_matched)],
    caller: Caller,
    session: Write,
    now: Now,
    response: Response,
) -> CircleView:
    """Say the circle's name and aim in other words, while the cooperative is being founded."""
    text = CircleText(name=body.name, aim=body.aim)
    described = await actions.describe_circle(session, circle, text, actor=caller, now=now)
    etag(response, described.version)
    return CircleView.model_validate(described)


@router.get("/circles/{circle_id}/memberships", summary="List who belongs to a circle")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def list_memberships(
    circle_id: UUID, caller: Caller, session: Read, request: Request, response: Response, cut: Cursor
) -> Page[MembershipView]:
    """Today's memberships, guests included; somebody with two grounds is listed under each."""
    await queries.circle(session, caller.organisation_id, circle_id)
    rows = await queries.places(session, caller.organisation_id, circle_id, after=cut.uuid, limit=cut.limit)
    return page(
        request,
        response,
        rows,
        cut,
        key=lambda row: row.membership.id,
        view=lambda row: membership_view(row.membership, row.name),
    )


@router.post("/circles/{circle_id}/memberships", status_code=201, summary="Record who joins a circle")
@permits(Permission.RECORD_MEMBERSHIPS, Scope.STEWARD)
async def join_circle(
    circle_id: UUID, body: Joining, caller: Caller, session: Write, now: Now, response: Response
) -> MembershipView:
    """Record that a member belongs to the circle from now on; decisions that run keep their electorate."""
    circle = await queries.circle(session, caller.organisation_id, circle_id)
    member = await queries.member(session, caller.organisation_id, body.member_id)
    place = await actions.join(session, circle, member, Basis(body.basis), actor=caller, now=now)
    response.headers["Location"] = f"/v1/circles/{circle.id}/memberships"
    return membership_view(place, member.name)


@router.get("/domains", summary="List the domains")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def list_domains(
    caller: Caller,
    session: Read,
    request: Request,
    response: Response,
    cut: Cursor,
    circle_id: Annotated[UUID | None, Query(description="Only those that this circle holds.")] = None,
) -> Page[DomainView]:
    """Every domain with its one holder: what a proposal touches decides who decides."""
    rows = await queries.domains(session, caller.organisation_id, circle_id=circle_id, after=cut.uuid, limit=cut.limit)
    return page(request, response, rows, cut, key=lambda row: row.id, view=DomainView.model_validate)


@router.get("/circles/{circle_id}/domains", summary="List the domains of a circle")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def list_domains_of_circle(
    circle_id: UUID, caller: Caller, session: Read, request: Request, response: Response, cut: Cursor
) -> Page[DomainView]:
    """What this circle alone decides."""
    await queries.circle(session, caller.organisation_id, circle_id)
    rows = await queries.domains(session, caller.organisation_id, circle_id=circle_id, after=cut.uuid, limit=cut.limit)
    return page(request, response, rows, cut, key=lambda row: row.id, view=DomainView.model_validate)


@router.post("/domains", status_code=201, summary="Entrust a domain to a circle")
@permits(Permission.SHAPE_CIRCLES, Scope.STEWARD)
async def entrust_domain(
    body: DomainEntrusting, caller: Caller, session: Write, now: Now, response: Response
) -> DomainView:
    """Give a circle a domain while the cooperative is being founded; afterwards domains move by decision."""
    circle = await queries.circle_named(session, caller.organisation_id, body.circle_id)
    new = actions.NewDomain(body.slug, body.name, body.description, body.review_on)
    domain = await actions.entrust_domain(session, circle, new, actor=caller, now=now)
    response.headers["Location"] = f"/v1/circles/{circle.id}/domains"
    return DomainView.model_validate(domain)


@router.get("/circles/{circle_id}/decision-rule", summary="Read how a circle decides")
@permits(Permission.READ_CIRCLES, Scope.READ)
async def get_decision_rule(circle_id: UUID, caller: Caller, session: Read, now: Now, response: Response) -> RuleView:
    """The circle's own rule, else that of its nearest broader circle; not found when there is none at all.

    The ETag counts the rules that the circle itself has set, 0 while it inherits.
    """
    await queries.circle(session, caller.organisation_id, circle_id)
    try:
        rule = await deciding.rule_in_force(session, caller.organisation_id, circle_id, now)
    except deciding.NoRuleInForce:
        raise NotFound from None
    etag(response, await queries.rules_set(session, caller.organisation_id, circle_id))
    return _rule_view(rule, circle_id)


@router.put("/circles/{circle_id}/decision-rule", summary="Set how a circle decides")
@permits(Permission.SHAPE_CIRCLES, Scope.STEWARD)
async def set_decision_rule(
    body: RuleChoice,
    target: Annotated[RuleTarget, Depends(_rule_target)],
    caller: Caller,
    session: Write,
    now: Now,
    response: Response,
) -> RuleView:
    """Set the circle's rule while the cooperative is being founded. `If-Match` is asked for once there is one.

    Processes that run keep the rule, the version and the options with which they began.
    """
    wanted = actions.WantedRule(body.slug, body.version, body.options)
    rule = await actions.set_rule(session, target.circle, wanted, catalogue=target.catalogue, actor=caller, now=now)
    etag(response, target.so_far + 1)
    return _rule_view(rule, target.circle.id)


def membership_view(place: CircleMembership, name: str) -> MembershipView:
    """A membership as people read it."""
    return MembershipView(
        id=place.id,
        circle_id=place.circle_id,
        member=MemberRef(id=place.member_id, name=name),
        basis=place.basis,
        has_voice=place.basis is not Basis.GUEST,
        since=place.since,
        until=place.until,
    )


def _rule_view(rule: RuleInForce, asked: UUID) -> RuleView:
    return RuleView(
        circle_id=rule.circle_id,
        inherited=rule.circle_id != asked,
        slug=rule.slug,
        version=rule.rule_version,
        options=rule.options,
        since=rule.since,
    )
