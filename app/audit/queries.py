"""What can be read of an organisation's log: committed facts that have their index, and their disclosures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.audit.policy import Discretion, Permission, may_read, require
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.journal.leaves import opened
from app.journal.tables import JournalDisclosure, JournalEvent, JournalLeaf, JournalLog, JournalPending
from app.organisations.tables import Member, Organisation
from app.proposals.sight import closed_phases
from app.proposals.tables import PhaseHeld, Proposal


@dataclass(frozen=True, slots=True)
class LogHead:
    """The log as a whole: its name, how many events have an index, how many wait for one."""

    origin: str
    size: int
    pending: int


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosure, exactly as it is hashed, and opened."""

    disclosure: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the log as one reader may see it.

    ``withheld`` counts the disclosures that this reader may not see now, ``erased`` those that are gone for good.
    """

    idx: int
    leaf: bytes
    leaf_hash: bytes
    envelope: Mapping[str, Any]
    disclosures: Sequence[Disclosed]
    withheld: int
    erased: int


async def log(session: AsyncSession, actor: Actor, slug: str) -> LogHead:
    """The log of the actor's organisation. Raises RightMissing (403), NotFound (404) for any other slug."""
    require(Permission.READ_LOG, actor)
    pending = (
        select(func.count())
        .select_from(JournalPending)
        .where(col(JournalPending.organisation_id) == actor.organisation_id)
        .scalar_subquery()
    )
    query = (
        select(col(JournalLog.origin), col(JournalLog.size), pending)
        .join(Organisation, col(Organisation.organisation_id) == col(JournalLog.organisation_id))
        .where(col(JournalLog.organisation_id) == actor.organisation_id, col(Organisation.slug) == slug)
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound
    return LogHead(*found)


async def entries(session: AsyncSession, actor: Actor, *, after: int | None, limit: int) -> list[Entry]:
    """Events in the order of the log from the one after ``after`` on, one more than ``limit`` if there are more.

    Raises RightMissing (403).
    """
    require(Permission.READ_LOG, actor)
    query = (
        select(
            col(JournalLeaf.idx),
            col(JournalEvent.id),
            col(JournalEvent.leaf),
            col(JournalEvent.leaf_hash),
        )
        .join(
            JournalEvent,
            and_(
                col(JournalEvent.organisation_id) == col(JournalLeaf.organisation_id),
                col(JournalEvent.id) == col(JournalLeaf.event_id),
            ),
        )
        .where(col(JournalLeaf.organisation_id) == actor.organisation_id)
        .order_by(col(JournalLeaf.idx))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(JournalLeaf.idx) > after)
    rows = (await session.execute(query)).all()
    envelopes = {row.id: json.loads(row.leaf) for row in rows}
    kept = await _disclosures(session, actor.organisation_id, list(envelopes))
    discretion = await _discretion(session, actor.organisation_id, list(envelopes.values()))
    return [
        _entry(actor, row.idx, row.leaf, row.leaf_hash, (envelopes[row.id], kept.get(row.id, ())), discretion)
        for row in rows
    ]


def _entry(
    actor: Actor,
    idx: int,
    leaf: bytes,
    leaf_hash: bytes,
    told: tuple[Mapping[str, Any], Sequence[tuple[str | None, str]]],
    discretion: Discretion,
) -> Entry:
    envelope, kept = told
    shown = []
    for subject, disclosure in kept:
        name, value = opened(disclosure)
        if may_read(actor, envelope, name, subject, discretion):
            shown.append(Disclosed(disclosure, name, value))
    return Entry(idx, leaf, leaf_hash, envelope, shown, len(kept) - len(shown), len(envelope["sd"]) - len(kept))


async def _disclosures(
    session: AsyncSession, organisation_id: UUID, events: Sequence[UUID]
) -> dict[UUID, list[tuple[str | None, str]]]:
    query = (
        select(col(JournalDisclosure.event_id), col(JournalDisclosure.subject), col(JournalDisclosure.disclosure))
        .where(col(JournalDisclosure.organisation_id) == organisation_id, col(JournalDisclosure.event_id).in_(events))
        .order_by(col(JournalDisclosure.event_id), col(JournalDisclosure.n))
    )
    found: dict[UUID, list[tuple[str | None, str]]] = {}
    for event_id, subject, disclosure in await session.execute(query):
        found.setdefault(event_id, []).append((subject, disclosure))
    return found


async def _discretion(
    session: AsyncSession, organisation_id: UUID, envelopes: Sequence[Mapping[str, Any]]
) -> Discretion:
    named = {UUID(one["data"]["proposal"]) for one in envelopes if "proposal" in one["data"]}
    if not named:
        return Discretion({}, frozenset())
    hidden = (
        select(col(Proposal.id), col(Member.pseudonym))
        .join(
            Member,
            and_(
                col(Member.organisation_id) == col(Proposal.organisation_id),
                col(Member.id) == col(Proposal.proposer_id),
            ),
        )
        .where(
            col(Proposal.organisation_id) == organisation_id,
            col(Proposal.id).in_(named),
            col(Proposal.shown_at).is_(None),
        )
    )
    held = select(col(PhaseHeld.process_id), col(PhaseHeld.number), col(PhaseHeld.plan), col(PhaseHeld.ended)).where(
        col(PhaseHeld.organisation_id) == organisation_id, col(PhaseHeld.process_id).in_(named)
    )
    phases: dict[UUID, list[Any]] = {}
    for row in await session.execute(held):
        phases.setdefault(row.process_id, []).append(row)
    return Discretion(
        {str(proposal): pseudonym for proposal, pseudonym in await session.execute(hidden)},
        frozenset((str(process), number) for process, rows in phases.items() for number in closed_phases(rows)),
    )
