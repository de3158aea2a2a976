"""What time triggers around proposals: handlers re-read the state, and act as the system."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.errors import Conflict, Invalid, NotFound
from app.foundation.jobs import Handlers, Job
from app.journal.actor import system
from app.journal.record import hold
from app.organisations.actions.members import SUSPENDED
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member
from app.proposals import queries
from app.proposals.actions.admission import admit, refuse
from app.proposals.actions.departures import end_part_of_suspended
from app.proposals.actions.endings import lapse
from app.proposals.deliberation import clocks, engine
from app.proposals.deliberation.cases import load_alone
from app.proposals.lifecycle import ADMITTED_AFTER, ProposalState
from app.proposals.refusals import RuleUnavailable
from app.proposals.streams import stream_of
from app.proposals.timing import ADMISSION, LAPSE
from app.rules.catalogue import Catalogue


def handlers(rules: Catalogue) -> Handlers:
    """The jobs of this room, by kind."""

    async def ends(session: AsyncSession, job: Job, now: datetime) -> None:
        await end_phase(session, job, rules, now)

    async def admits(session: AsyncSession, job: Job, now: datetime) -> None:
        await admit_by_lapse(session, job, rules, now)

    async def parts(session: AsyncSession, job: Job, now: datetime) -> None:
        await end_part(session, job, rules, now)

    return {clocks.DEADLINE: ends, ADMISSION: admits, LAPSE: lapse_without_sponsor, SUSPENDED: parts}


async def end_phase(session: AsyncSession, job: Job, rules: Catalogue, now: datetime) -> None:
    """A phase that is still open at its deadline ends; one that ended or moved before is left alone."""
    process_id = UUID(job.payload["process"])
    await hold(session, job.organisation_id, [stream_of(process_id)])
    running = await load_alone(session, job.organisation_id, process_id)
    phase = running.open_phase
    if running.proposal.state is not ProposalState.DECIDING or phase is None:
        return
    if phase.number == job.payload["phase"] and phase.closes_at is not None and phase.closes_at <= now:
        await engine.ask(session, running, "deadline", rules=rules, now=now)


async def admit_by_lapse(session: AsyncSession, job: Job, rules: Catalogue, now: datetime) -> None:
    """A submitted proposal that nobody has looked at for a day is let in, unless no circle can decide it.

    It is then refused: out of domain when no one circle holds what it touches, else with the code of the obstacle.
    Raises RuleUnavailable when the circle's rule is not installed.
    """
    actor = system(job.organisation_id)
    proposal = await queries.held_proposal(session, actor, UUID(job.payload["proposal"]))
    submitted = proposal.submitted_at
    if proposal.state is not ProposalState.SUBMITTED or submitted is None or now < submitted + ADMITTED_AFTER:
        return
    try:
        await admit(session, proposal, actor=actor, rules=rules, now=now)
    except RuleUnavailable:
        raise  # a matter for the operator, not a fault of the proposal: the job is tried again and then reported
    except Conflict as conflict:
        await refuse(session, proposal, reason=conflict.code, text=None, actor=actor, now=now)
    except (Invalid, NotFound):
        await refuse(session, proposal, reason="out_of_domain", text=None, actor=actor, now=now)


async def end_part(session: AsyncSession, job: Job, rules: Catalogue, now: datetime) -> None:
    """A suspended member takes no part in what is being decided; one who was reinstated meanwhile keeps theirs."""
    actor = system(job.organisation_id)
    member = await session.get_one(Member, (job.organisation_id, UUID(job.payload["member"])))
    if member.status is MemberStatus.SUSPENDED:
        await end_part_of_suspended(session, member, actor=actor, rules=rules, now=now)


async def unpinned(session: AsyncSession, rules: Catalogue) -> Sequence[tuple[UUID, UUID]]:
    """The running processes, as (organisation, process), whose rule is not installed as it was pinned."""
    pins = {(rule.slug, rule.version, rules.reference_digest(rule.slug, rule.version)) for rule in rules.rules()}
    running = await queries.running_pins(session)
    return [(organisation, process) for organisation, process, *pin in running if tuple(pin) not in pins]


async def stop_unpinned(
    session: AsyncSession, organisation_id: UUID, process_id: UUID, rules: Catalogue, now: datetime
) -> bool:
    """Stop one of them; False when it has ended or been stopped meanwhile."""
    await hold(session, organisation_id, [stream_of(process_id)])
    running = await load_alone(session, organisation_id, process_id)
    if running.proposal.state is not ProposalState.DECIDING:
        return False
    try:
        engine.pinned(running, rules)
    except engine.NeedsAttention as stop:
        await engine.stop_for_attention(session, running, stop, now)
        return True
    return False


async def lapse_without_sponsor(session: AsyncSession, job: Job, now: datetime) -> None:
    """A proposal whose proposer has left, and that nobody has taken over, lapses."""
    actor = system(job.organisation_id)
    proposal = await queries.held_proposal(session, actor, UUID(job.payload["proposal"]))
    if proposal.state is ProposalState.AWAITING_SPONSOR:
        await lapse(session, proposal, reason="proposer_left", actor=actor, now=now)
