"""Who decides: the circle that holds what would be touched, its voices, and the rule that is in force in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles.tables import Basis, Circle, CircleMembership, Domain, RuleInForce
from app.foundation.columns import named_by
from app.foundation.errors import Conflict, Fault, Invalid
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member

_DOMAIN_AT = "/body/changes/{n}/domain_id"


class UnknownDomain(Invalid):
    """A decision must touch domains that this organisation has given to a circle."""

    code = "unknown_domain"


class DomainsHeldApart(Invalid):
    """Several circles hold what would be touched: each decides on its own part, in a proposal of its own."""

    code = "domains_held_apart"


class NoRuleInForce(Conflict):
    """Neither the circle nor any broader one has adopted a rule by which it could decide."""

    code = "no_rule_in_force"


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody with full voice in a circle."""

    member_id: UUID
    pseudonym: str
    basis: Basis


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


async def holder_of(
    session: AsyncSession, organisation_id: UUID, domain_ids: Sequence[UUID], *, pointer: str = _DOMAIN_AT
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
    return _one_holder(domain_ids, {domain_id: holder for domain_id, holder in await session.execute(query)}, pointer)  # noqa: C416 - rows, not tuples


async def deciding(
    session: AsyncSession, organisation_id: UUID, domain_ids: Sequence[UUID], at: datetime, *, pointer: str = _DOMAIN_AT
) -> tuple[Circle, RuleInForce]:
    """The holder of the domains and the rule by which it decides at that instant, in one statement.

    Raises what :func:`holder_of` and :func:`rule_in_force` raise.
    """
    held = (
        select(col(Domain.id).label("domain_id"), *_CIRCLE_ITSELF)
        .join(Circle, named_by(Domain, "circle_id", Circle))
        .where(col(Domain.organisation_id) == organisation_id, col(Domain.id).in_(set(domain_ids)))
    )
    rows = (await session.execute(_with_rules(held, "domain_id", organisation_id, at))).all()
    circle = _one_holder(domain_ids, {domain_id: holder for domain_id, holder, _ in rows}, pointer)
    return circle, _first_rule(rows)


async def rule_in_force(session: AsyncSession, organisation_id: UUID, circle_id: UUID, at: datetime) -> RuleInForce:
    """The circle's own rule that has begun last, else that of its nearest broader circle. Raises NoRuleInForce."""
    itself = select(*_CIRCLE_ITSELF).where(col(Circle.organisation_id) == organisation_id, col(Circle.id) == circle_id)
    return _first_rule((await session.execute(_with_rules(itself, "holder_id", organisation_id, at))).all())


_CIRCLE_ITSELF: tuple[Any, ...] = (
    col(Circle.id).label("holder_id"),
    col(Circle.id).label("id"),
    col(Circle.parent_id).label("parent_id"),
    literal(0).label("distance"),
)


def _with_rules(start: Select[Any], key: str, organisation_id: UUID, at: datetime) -> Select[Any]:
    """For each row of ``start``, its ``key``, its circle, and the rules of that circle and the broader ones that have
    begun: the nearest circle first, and what began last."""
    near = start.cte("broader", recursive=True)
    kept = [column for column in near.c if column.name not in ("id", "parent_id", "distance")]
    further = select(*kept, col(Circle.id), col(Circle.parent_id), near.c.distance + 1)
    broader = near.union_all(
        further.where(col(Circle.organisation_id) == organisation_id, col(Circle.id) == near.c.parent_id)
    )
    begun = and_(
        col(RuleInForce.organisation_id) == organisation_id,
        col(RuleInForce.circle_id) == broader.c.id,
        col(RuleInForce.since) <= at,
    )
    holder = and_(col(Circle.organisation_id) == organisation_id, col(Circle.id) == broader.c.holder_id)
    return (
        select(broader.c[key], Circle, RuleInForce)
        .select_from(broader)
        .join(Circle, holder)
        .outerjoin(RuleInForce, begun)
        .order_by(broader.c.distance, col(RuleInForce.since).desc(), col(RuleInForce.id).desc())
    )


def _first_rule(rows: Sequence[Any]) -> RuleInForce:
    for _, _, rule in rows:
        if rule is not None:
            found: RuleInForce = rule
            return found
    raise NoRuleInForce


def _one_holder(domain_ids: Sequence[UUID], holders: Mapping[UUID, Circle], pointer: str) -> Circle:
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
