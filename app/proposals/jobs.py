"""What time triggers around proposals: handlers re-read the state, and act as the system."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.circles.queries import UnknownDomain
from app.foundation.errors import Conflict, Invalid, NotFound
from app.foundation.jobs import Handlers, Job
from app.journal.actor import system
from app.journal.record import hold
from app.proposals import queries
from app.proposals.actions.admission import admit, refuse
from app.proposals.actions.departures import LAPSE
from app.proposals.actions.drafts import ADMISSION
from app.proposals.actions.endings import lapse
from app.proposals.deliberation import engine
from app.proposals.deliberation.cases import load
from app.proposals.deliberation.utterances import stream_of
from app.proposals.lifecycle import ADMITTED_AFTER, ProposalState
from app.rules.catalogue import Catalogue


def handlers(rules: Catalogue) -> Handlers:
    """The jobs of this room, by kind."""

    async def end_phase(session: AsyncSession, job: Job, now: datetime) -> None:
        """A phase that is still open at its deadline ends; one that ended or moved before is left alone."""
        process_id = UUID(job.payload["process"])
        await hold(session, job.organisation_id, [stream_of(process_id)])
        running = await load(session, job.organisation_id, process_id)
        phase = running.open_phase
        if running.proposal.state is not ProposalState.DECIDING or phase is None:
            return
        if phase.number == job.payload["phase"] and phase.closes_at is not None and phase.closes_at <= now:
            await engine.ask(session, running, "deadline", rules=rules, now=now)

    async def admit_by_lapse(session: AsyncSession, job: Job, now: datetime) -> None:
        """A submitted proposal that nobody has looked at for a day is let in, unless no circle can decide it."""
        actor = system(job.organisation_id)
        proposal = await queries.held_proposal(session, actor, UUID(job.payload["proposal"]))
        waiting = proposal.state is ProposalState.SUBMITTED and proposal.submitted_at is not None
        if not waiting or now < proposal.submitted_at + ADMITTED_AFTER:
            return
        try:
            await admit(session, proposal, actor=actor, rules=rules, now=now)
        except (UnknownDomain, Invalid, Conflict, NotFound):
            await refuse(session, proposal, reason="out_of_domain", text=None, actor=actor, now=now)

    async def lapse_without_sponsor(session: AsyncSession, job: Job, now: datetime) -> None:
        """A proposal whose proposer has left, and that nobody has taken over, lapses."""
        actor = system(job.organisation_id)
        proposal = await queries.held_proposal(session, actor, UUID(job.payload["proposal"]))
        if proposal.state is ProposalState.AWAITING_SPONSOR:
            await lapse(session, proposal, reason="proposer_left", actor=actor, now=now)

    return {engine.DEADLINE: end_phase, ADMISSION: admit_by_lapse, LAPSE: lapse_without_sponsor}
