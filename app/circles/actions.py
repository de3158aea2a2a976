"""How circles are founded and described, who joins and leaves them, what they hold and how they decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.circles import queries
from app.circles.events import CircleDescribed, CircleFounded, CircleJoined, CircleLeft, DomainEntrusted, RuleSet
from app.circles.policy import Permission, Setting, require
from app.circles.tables import Basis, Circle, CircleKind, CircleMembership, CircleText, Domain, RuleInForce
from app.foundation.errors import Conflict, Fault, Invalid
from app.journal.actor import Actor
from app.journal.leaves import canonical
from app.journal.record import hold, record
from app.organisations.tables import Member
from app.rules.catalogue import Catalogue, InvalidOptions, UnknownRule
from app.rules.contract import DecisionRule, OptionError

BY_ROLE = frozenset({Basis.ROLE_HOLDER, Basis.LINK_LEAD, Basis.LINK_REP})
"""Grounds that come and go with a mandate."""
LONGEST_OPTIONS: Final = 8192
"""Bytes of canonical JSON: the leaf in which a proposal is let in holds the options, and more beside them."""


class OneAnchor(Invalid):
    """A cooperative's circles are one tree: one anchor at its root, every other circle under a broader one."""

    code = "one_anchor"


class CircleSlugTaken(Conflict):
    """Another circle is known by that short name."""

    code = "circle_slug_taken"


class DomainSlugTaken(Conflict):
    """A domain of that short name exists: it has exactly one holder."""

    code = "domain_slug_taken"


class AlreadyInCircle(Conflict):
    """The member belongs to the circle on the same basis."""

    code = "already_in_circle"


class MembershipEnded(Conflict):
    """The membership is over; history is not ended twice."""

    code = "membership_ended"


class EndsWithItsRole(Conflict):
    """The place came with a mandate and goes with it."""

    code = "ends_with_its_role"


class UnknownDecisionRule(Invalid):
    """No such decision rule is installed."""

    code = "unknown_decision_rule"


class InvalidRuleOptions(Invalid):
    """The rule does not take these options."""

    code = "invalid_rule_options"


@dataclass(frozen=True, slots=True)
class NewCircle:
    """What founding a circle takes; the anchor alone has no ``parent_id``."""

    slug: str
    text: CircleText
    kind: CircleKind
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewDomain:
    """What entrusting a domain takes."""

    slug: str
    name: str
    description: str
    review_on: date | None


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A decision rule by name; ``version`` None asks for the newest, which is then pinned."""

    slug: str
    version: int | None
    options: Mapping[str, Any]


async def found_circle(session: AsyncSession, new: NewCircle, *, actor: Actor, now: datetime) -> Circle:
    """Found a circle: the anchor first, then each under one that exists, so that the tree cannot have a cycle.

    Raises RightMissing (403), StructureByDecision, CircleSlugTaken (409), OneAnchor,
    UnknownCircle (422).
    """
    require(Permission.SHAPE_CIRCLES, await _shaping(session, actor))
    await _refuse_second_tree(session, actor.organisation_id, new)
    if await queries.is_taken(session, actor.organisation_id, Circle, new.slug):
        raise CircleSlugTaken(slug=new.slug)
    circle = Circle.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "slug": new.slug,
            "kind": new.kind,
            "parent_id": new.parent_id,
            **new.text.model_dump(),
        }
    )
    session.add(circle)
    await session.flush()
    record(
        session,
        actor,
        CircleFounded(circle.id, circle.parent_id, circle.kind.value, circle.slug, circle.name, circle.aim),
        now,
    )
    return circle


async def describe_circle(
    session: AsyncSession, circle: Circle, text: CircleText, *, actor: Actor, now: datetime
) -> Circle:
    """Say a circle's name and aim in other words. Raises RightMissing (403), StructureByDecision (409)."""
    require(Permission.SHAPE_CIRCLES, await _shaping(session, actor))
    circle.name, circle.aim = text.name, text.aim
    await session.flush()
    record(session, actor, CircleDescribed(circle.id, circle.name, circle.aim), now)
    return circle


async def join(
    session: AsyncSession, circle: Circle, member: Member, basis: Basis, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Record that a member belongs to a circle. Raises RightMissing (403), AlreadyInCircle (409)."""
    require(Permission.RECORD_MEMBERSHIPS, await queries.setting(session, actor))
    return await seat(session, circle, member, basis, actor=actor, now=now)


async def seat(
    session: AsyncSession, circle: Circle, member: Member, basis: Basis, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Give a place to somebody whose right to it has been asked elsewhere: links and role holders come this way.

    Raises AlreadyInCircle (409) when they have a place on the same basis.
    """
    await hold(session, circle.organisation_id, [f"circle/{circle.id}"])
    present = await queries.memberships_of(session, circle.organisation_id, member.id)
    if any(place.circle_id == circle.id and place.basis is basis for place in present):
        raise AlreadyInCircle(basis=basis.value)
    row = {"organisation_id": circle.organisation_id, "circle_id": circle.id, "member_id": member.id}
    place = CircleMembership.model_validate({**row, "basis": basis, "since": now})
    session.add(place)
    await session.flush()
    record(session, actor, CircleJoined(circle.id, place.id, member.pseudonym, basis.value), now)
    return place


async def leave_circle(
    session: AsyncSession, place: CircleMembership, member: Member, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Record that a member does not belong to a circle any more; decisions that run keep their electorate.

    Raises RightMissing (403), MembershipEnded, EndsWithItsRole (409).
    """
    require(Permission.RECORD_MEMBERSHIPS, await queries.setting(session, actor))
    if place.until is not None:
        raise MembershipEnded
    if place.basis in BY_ROLE:
        raise EndsWithItsRole(basis=place.basis.value)
    return await unseat(session, place, member.pseudonym, actor=actor, now=now)


async def unseat(
    session: AsyncSession, place: CircleMembership, who: str | None, *, actor: Actor, now: datetime
) -> CircleMembership:
    """End a place whose end has been decided elsewhere; ``who`` is the member's pseudonym."""
    place.until = now
    await session.flush()
    record(session, actor, CircleLeft(place.circle_id, place.id, who, place.basis.value), now)
    return place


async def end_memberships(
    session: AsyncSession, organisation_id: UUID, member_id: UUID, *, actor: Actor, now: datetime
) -> int:
    """End every place of a member who leaves the cooperative; returns how many."""
    member = await queries.person(session, organisation_id, member_id)
    present = await queries.memberships_of(session, organisation_id, member_id)
    for place in present:
        await unseat(session, place, member.pseudonym, actor=actor, now=now)
    return len(present)


async def entrust_domain(
    session: AsyncSession, circle: Circle, new: NewDomain, *, actor: Actor, now: datetime
) -> Domain:
    """Give a circle a domain, which it alone then holds.

    Raises RightMissing (403), StructureByDecision, DomainSlugTaken (409).
    """
    require(Permission.SHAPE_CIRCLES, await _shaping(session, actor))
    if await queries.is_taken(session, actor.organisation_id, Domain, new.slug):
        raise DomainSlugTaken(slug=new.slug)
    domain = Domain.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "circle_id": circle.id,
            "slug": new.slug,
            "name": new.name,
            "description": new.description,
            "review_on": new.review_on,
        }
    )
    session.add(domain)
    await session.flush()
    event = DomainEntrusted(circle.id, domain.id, domain.slug, domain.review_on, domain.name, domain.description)
    record(session, actor, event, now)
    return domain


async def set_rule(
    session: AsyncSession, circle: Circle, wanted: WantedRule, *, catalogue: Catalogue, actor: Actor, now: datetime
) -> RuleInForce:
    """Say how a circle decides from now on; the version is pinned, and the options with all their defaults.

    Raises RightMissing (403), StructureByDecision (409), UnknownDecisionRule, InvalidRuleOptions (422).
    """
    require(Permission.SHAPE_CIRCLES, await _shaping(session, actor))
    chosen = bound(catalogue, wanted)
    version, options = chosen.version, chosen.options.model_dump(mode="json")
    row = {"organisation_id": actor.organisation_id, "circle_id": circle.id, "slug": wanted.slug, "since": now}
    rule = RuleInForce.model_validate({**row, "rule_version": version, "options": options})
    session.add(rule)
    await session.flush()
    record(session, actor, RuleSet(circle.id, rule.slug, version, options), now, rule=(rule.slug, version))
    return rule


def bound(catalogue: Catalogue, wanted: WantedRule, *, pointer: str = "/body/slug") -> DecisionRule:
    """The wanted rule with its options, ready to decide; ``pointer`` is where the request names it.

    Raises UnknownDecisionRule, InvalidRuleOptions (422).
    """
    try:
        rule = catalogue.bind(wanted.slug, wanted.version, wanted.options)
        _refuse_too_long(rule)
    except UnknownRule:
        faults = [Fault(pointer if wanted.version is None else "/body/version", "unknown_decision_rule", {})]
        raise UnknownDecisionRule(faults=faults, slug=wanted.slug, version=wanted.version or "") from None
    except InvalidOptions as error:
        faults = [
            Fault(f"/body/options{one.pointer}", one.code, {**one.facts, "message": one.message})
            for one in error.errors
        ]
        raise InvalidRuleOptions(faults=faults, slug=wanted.slug, version=error.version) from None
    return rule


def _refuse_too_long(rule: DecisionRule) -> None:
    """Whatever rule is set, proposals can be let in under it. Raises InvalidOptions."""
    if len(canonical(rule.options.model_dump(mode="json"))) > LONGEST_OPTIONS:
        message = f"the options, complete, are longer than {LONGEST_OPTIONS} bytes"
        raise InvalidOptions(rule.slug, rule.version, (OptionError("", "options_too_long", message, {}),))


async def _shaping(session: AsyncSession, actor: Actor) -> Setting:
    return await queries.setting(session, actor, alone=True)


async def _refuse_second_tree(session: AsyncSession, organisation_id: UUID, new: NewCircle) -> None:
    is_anchor = new.kind is CircleKind.ANCHOR
    if is_anchor != (new.parent_id is None):
        raise OneAnchor(faults=[Fault("/body/parent_id", "anchor_alone_has_no_parent", {})])
    if is_anchor and await queries.anchor(session, organisation_id) is not None:
        raise OneAnchor(faults=[Fault("/body/kind", "anchor_exists", {})])
    if new.parent_id is not None:
        await queries.circle_named(session, organisation_id, new.parent_id, pointer="/body/parent_id")
