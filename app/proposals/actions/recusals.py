"""Stepping out of a decision in which one has a stake of one's own."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.journal.record import record
from app.proposals import events, queries
from app.proposals.lifecycle import Step
from app.proposals.refusals import StepClosed
from app.proposals.steps import require_step
from app.proposals.tables import Proposal, Recusal


async def recuse(session: AsyncSession, proposal: Proposal, *, text: str, actor: Actor, now: datetime) -> Proposal:
    """Declare a conflict of interest before the decision opens: one takes no part in it, and the reason is on record.

    Nobody can be recused by others here: that takes a decision. Raises RightMissing (403), StepClosed (409).
    """
    require_step(Step.RECUSE, proposal, await queries.standing_towards(session, actor, proposal), now)
    if await session.get(Recusal, (proposal.organisation_id, proposal.id, actor.pseudonym)) is not None:
        raise StepClosed(step=Step.RECUSE.value, reason="recused_before")
    row = {
        "organisation_id": proposal.organisation_id,
        "proposal_id": proposal.id,
        "voter": actor.pseudonym,
        "declared_at": now,
    }
    session.add(Recusal.model_validate(row))
    record(session, actor, events.Recused(proposal=proposal.id, voter=actor.pseudonym, text=text), now)
    await session.flush()
    return proposal
