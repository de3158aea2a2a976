"""What whoever operates the machine may read across organisations: that they exist, and what they depend on."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.journal.tables import JournalLog
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member, Organisation
from app.proposals.tables import Process


async def organisations(session: AsyncSession) -> list[dict[str, Any]]:
    """Every organisation by slug, with how many active members and sequenced events it has; one query."""
    members = (
        select(func.count())
        .select_from(Member)
        .where(
            col(Member.organisation_id) == col(Organisation.organisation_id), col(Member.status) == MemberStatus.ACTIVE
        )
        .scalar_subquery()
    )
    events = (
        select(col(JournalLog.size))
        .where(col(JournalLog.organisation_id) == col(Organisation.organisation_id))
        .scalar_subquery()
    )
    query = select(
        col(Organisation.organisation_id).label("id"),
        col(Organisation.slug),
        col(Organisation.name),
        col(Organisation.legal_form),
        col(Organisation.time_zone),
        col(Organisation.state),
        members.label("members"),
        events.label("events"),
    ).order_by(col(Organisation.slug))
    return [dict(row._mapping) for row in await session.execute(query)]


async def pinned_rules(session: AsyncSession) -> list[tuple[str, int, str, int]]:
    """Rule, version and reference digest that open processes were begun under, and how many were; one query."""
    pinned = (col(Process.rule_slug), col(Process.rule_version), col(Process.reference_digest))
    query = select(*pinned, func.count()).where(col(Process.ended_at).is_(None)).group_by(*pinned).order_by(*pinned)
    return [(slug, version, digest, count) for slug, version, digest, count in await session.execute(query)]


async def logs(session: AsyncSession) -> list[tuple[UUID, str]]:
    """Every organisation that has a log, with its slug."""
    query = select(col(Organisation.organisation_id), col(Organisation.slug)).order_by(col(Organisation.slug))
    return [(organisation_id, slug) for organisation_id, slug in await session.execute(query)]
