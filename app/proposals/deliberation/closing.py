"""Closing what is open around a proposal that ends outside its rule."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.delegations.actions import end_with_vote
from app.journal.actor import system
from app.journal.record import record
from app.proposals import queries
from app.proposals.deliberation.urns import discard
from app.proposals.events import UrnDiscarded
from app.proposals.tables import PhaseHeld, Process, Proposal


async def close(session: AsyncSession, proposal: Proposal, why: str, now: datetime) -> str | None:
    """End the process and its open phase with the proposal, for the reason ``why``.

    What could be read stays readable; a sealed round that had not closed stays sealed, and of a secret vote no ballot
    is kept. Proxies for this vote alone end with it. Returns the seed of the process's lots, which every ending opens;
    None when there was no process yet.
    """
    proposal.ended_at = now
    proposal.phase_kind = proposal.phase_closes_at = None
    process = await session.get(Process, (proposal.organisation_id, proposal.id))
    if process is not None:
        process.ended_at = now
        for phase in await queries.phases(session, proposal.organisation_id, proposal.id):
            if phase.ended is None:
                phase.ended, phase.ended_at = why, now
                await _empty_urn(session, phase, now)
    await session.flush()
    actor = system(proposal.organisation_id)
    await end_with_vote(session, proposal.organisation_id, proposal.id, actor=actor, now=now)
    return None if process is None else process.seed


async def _empty_urn(session: AsyncSession, phase: PhaseHeld, now: datetime) -> None:
    """Of a secret vote that ends without a count, keep how many ballots there were, and none of them."""
    if phase.plan.get("sight") != "secret":
        return
    await session.flush()  # casts under way hold the phase: they are waited for before the urns are
    slips = await discard(session, phase)
    event = UrnDiscarded(proposal=phase.process_id, number=phase.number, slips=slips)
    record(session, system(phase.organisation_id), event, now)
