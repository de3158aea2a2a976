"""What can be read of proposals, always within the organisation and by who may know of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Table, and_, bindparam, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.foundation.errors import NotFound
from app.foundation.paging import Cut
from app.journal.actor import Actor
from app.journal.record import hold
from app.organisations.tables import Member
from app.proposals.lifecycle import ProposalState
from app.proposals.policy import Standing
from app.proposals.sight import ALWAYS_OPEN
from app.proposals.streams import stream_of
from app.proposals.tables import (
    Elector,
    PhaseHeld,
    Process,
    Proposal,
    Revision,
    Tension,
    WordSaid,
)
from app.roles.queries import office_holders, standing
from app.roles.surrogates import holder
from app.roles.tables import RoleKind

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]

_MOST_EDITIONS: Final = 2**32


async def tension(session: AsyncSession, actor: Actor, tension_id: UUID) -> Tension:
    """One tension of the organisation. Raises NotFound."""
    found = await session.get(Tension, (actor.organisation_id, tension_id))
    if found is None:
        raise NotFound
    return found


async def tensions(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Tension]:
    """Tensions, newest first, one more than asked for."""
    query = select(Tension).where(col(Tension.organisation_id) == actor.organisation_id)
    if after is not None:
        query = query.where(col(Tension.id) < after)
    return (await session.execute(query.order_by(col(Tension.id).desc()).limit(limit + 1))).scalars().all()


async def visible_proposal(session: AsyncSession, actor: Actor, proposal_id: UUID) -> Proposal:
    """The proposal, if the actor may know of it: a draft is its proposer's alone. Raises NotFound."""
    query = (
        select(Proposal)
        .where(
            col(Proposal.organisation_id) == actor.organisation_id, col(Proposal.id) == proposal_id, _known_to(actor)
        )
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def held_proposal(session: AsyncSession, actor: Actor, proposal_id: UUID) -> Proposal:
    """The same, with its stream held: whoever changes a proposal is alone in doing so. Raises NotFound."""
    await hold(session, actor.organisation_id, [stream_of(proposal_id)])
    return await visible_proposal(session, actor, proposal_id)


async def revisions(session: AsyncSession, proposal: Proposal, *, after: int | None, limit: int) -> Sequence[Revision]:
    """Every text that the proposal has had, oldest first, one more than asked for; ``after`` is a :func:`place_of`."""
    query = select(Revision).where(
        col(Revision.organisation_id) == proposal.organisation_id, col(Revision.proposal_id) == proposal.id
    )
    if after is not None:
        place = cast(col(Revision.number), BigInteger) * _MOST_EDITIONS + col(Revision.edition)
        query = query.where(place > bindparam("after", after, type_=BigInteger))
    query = query.order_by(col(Revision.number), col(Revision.edition)).limit(limit + 1)
    return (await session.execute(query)).scalars().all()


def place_of(revision: Revision) -> int:
    """One number in the order of a proposal's texts."""
    return revision.number * _MOST_EDITIONS + revision.edition


async def standing_towards(session: AsyncSession, actor: Actor, proposal: Proposal) -> Standing:
    """Where the actor stands towards the proposal: place and offices in its circle, and whether they hold its text."""
    place = await standing(session, actor, proposal.circle_id)
    offices = await office_holders(session, actor.organisation_id, proposal.circle_id)
    proposer = await _pseudonym(session, proposal)
    facilitates, keeps = guards(offices, actor, proposer, proposal.refused_by)
    return Standing(
        actor=actor,
        has_voice=place.has_voice,
        is_proposer=actor.member_id == proposal.proposer_id,
        acts_as_facilitator=facilitates,
        acts_as_secretary=keeps,
    )


def guards(
    offices: Mapping[RoleKind, Sequence[str]], actor: Actor, proposer: str | None, refused_by: str | None
) -> tuple[bool, bool]:
    """Whether the actor acts as facilitator, and as secretary, for a proposal: by the order of surrogates, barring its
    proposer, and whoever refused it from ruling on the appeal."""
    barred = {proposer or ""}
    facilitator = holder(RoleKind.FACILITATOR.value, offices, barred)
    secretary = holder(RoleKind.SECRETARY.value, offices, barred | {refused_by or ""})
    return facilitator == actor.pseudonym, secretary == actor.pseudonym


async def words(
    session: AsyncSession,
    actor: Actor,
    process_id: UUID,
    closed: Collection[int],
    cut: Cut,
    *,
    form: str | None = None,
) -> Sequence[WordSaid]:
    """The words that the actor may see now, as said, one more than asked for: in the phases ``closed``, one's own."""
    query = select(WordSaid).where(
        col(WordSaid.organisation_id) == actor.organisation_id,
        col(WordSaid.process_id) == process_id,
        or_(
            col(WordSaid.phase).not_in(closed),
            col(WordSaid.by) == actor.pseudonym,
            col(WordSaid.form).in_(ALWAYS_OPEN),
        ),
    )
    if form is not None:
        query = query.where(col(WordSaid.form) == form)
    if cut.word is not None:
        query = query.where(col(WordSaid.ref) > cut.word)
    return (await session.execute(query.order_by(col(WordSaid.ref)).limit(cut.limit + 1))).scalars().all()


async def words_named(
    session: AsyncSession, organisation_id: UUID, process_id: UUID, refs: Collection[str]
) -> dict[str, WordSaid]:
    """The words of these references; whether they may be seen is for the caller to know."""
    query = select(WordSaid).where(
        col(WordSaid.organisation_id) == organisation_id,
        col(WordSaid.process_id) == process_id,
        col(WordSaid.ref).in_(refs),
    )
    return {row.ref: row for row in (await session.execute(query)).scalars()}


async def phases(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> Sequence[PhaseHeld]:
    """The phases of a process, in order."""
    query = select(PhaseHeld).where(
        col(PhaseHeld.organisation_id) == organisation_id, col(PhaseHeld.process_id) == process_id
    )
    return (await session.execute(query.order_by(col(PhaseHeld.number)))).scalars().all()


async def process(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> Process:
    """The process of an admitted proposal. Raises NotFound."""
    found = await session.get(Process, (organisation_id, process_id))
    if found is None:
        raise NotFound
    return found


def recorded_outcome(process: Process) -> dict[str, Any]:
    """The outcome as it was recorded. Raises NotFound while the process goes on."""
    if process.outcome is None:
        raise NotFound
    return process.outcome


async def electorate(
    session: AsyncSession, organisation_id: UUID, process_id: UUID, *, after: str | None, limit: int
) -> Sequence[Any]:
    """The frozen electorate with the names of those who are still known, by pseudonym, one more than asked for."""
    columns = [_ELECTOR.c[name] for name in ("voter", "college", "unit", "left_in_phase")]
    query = (
        select(*columns, _MEMBER.c.id, _MEMBER.c.name)
        .outerjoin(
            _MEMBER,
            and_(_MEMBER.c.organisation_id == _ELECTOR.c.organisation_id, _MEMBER.c.pseudonym == _ELECTOR.c.voter),
        )
        .where(_ELECTOR.c.organisation_id == organisation_id, _ELECTOR.c.process_id == process_id)
    )
    if after is not None:
        query = query.where(_ELECTOR.c.voter > after)
    return (await session.execute(query.order_by(_ELECTOR.c.voter).limit(limit + 1))).all()


async def open_processes_of(session: AsyncSession, organisation_id: UUID, pseudonym: str) -> Sequence[UUID]:
    """The open processes in which somebody is an elector or holds the text."""
    query = (
        select(_PROCESS.c.id)
        .outerjoin(
            _ELECTOR,
            and_(
                _ELECTOR.c.organisation_id == _PROCESS.c.organisation_id,
                _ELECTOR.c.process_id == _PROCESS.c.id,
                _ELECTOR.c.voter == pseudonym,
            ),
        )
        .where(
            _PROCESS.c.organisation_id == organisation_id,
            _PROCESS.c.ended_at.is_(None),
            or_(_ELECTOR.c.voter.is_not(None), _PROCESS.c.proposer == pseudonym),
        )
        .order_by(_PROCESS.c.id)
    )
    return (await session.execute(query)).scalars().all()


async def running_pins(session: AsyncSession) -> Sequence[Any]:
    """Every running process of every organisation with the rule, version and digest that it is pinned to."""
    query = (
        select(
            _PROCESS.c.organisation_id,
            _PROCESS.c.id,
            _PROCESS.c.rule_slug,
            _PROCESS.c.rule_version,
            _PROCESS.c.reference_digest,
        )
        .join(
            _PROPOSAL,
            and_(_PROPOSAL.c.organisation_id == _PROCESS.c.organisation_id, _PROPOSAL.c.id == _PROCESS.c.id),
        )
        .where(_PROPOSAL.c.state == ProposalState.DECIDING)
        .order_by(_PROCESS.c.organisation_id, _PROCESS.c.id)
    )
    return (await session.execute(query)).all()


async def unadmitted_of(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> Sequence[Proposal]:
    """A member's proposals that are not in anybody's hands but theirs yet."""
    waiting = (ProposalState.DRAFT, ProposalState.FORMING, ProposalState.SUBMITTED)
    query = select(Proposal).where(
        col(Proposal.organisation_id) == organisation_id,
        col(Proposal.proposer_id) == member_id,
        col(Proposal.state).in_(waiting),
    )
    return (await session.execute(query.order_by(col(Proposal.id)).with_for_update())).scalars().all()


def _known_to(actor: Actor) -> Any:
    return or_(_PROPOSAL.c.shown_at.is_not(None), _PROPOSAL.c.proposer_id == actor.member_id)


async def _pseudonym(session: AsyncSession, proposal: Proposal) -> str | None:
    query = select(col(Member.pseudonym)).where(
        col(Member.organisation_id) == proposal.organisation_id, col(Member.id) == proposal.proposer_id
    )
    return (await session.execute(query)).scalar_one_or_none()
