"""How a proposal ends outside its rule: withdrawn by its proposer, lapsed for want of one, or resumed after a stop."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.journal.record import record
from app.proposals import events, queries
from app.proposals.deliberation import clocks, engine
from app.proposals.deliberation.cases import load_alone
from app.proposals.deliberation.closing import close
from app.proposals.lifecycle import STEPS, ProposalState, Step
from app.proposals.steps import require_step
from app.proposals.tables import Proposal
from app.rules.catalogue import Catalogue


async def withdraw(
    session: AsyncSession, proposal: Proposal, *, text: str | None, actor: Actor, now: datetime
) -> Proposal:
    """The proposer takes the proposal back before it is adopted; what was sealed at that moment stays sealed.

    Raises RightMissing (403), StepClosed (409).
    """
    require_step(Step.WITHDRAW, proposal, await queries.standing_towards(session, actor, proposal), now)
    proposal.state = STEPS[Step.WITHDRAW].target
    seed = await close(session, proposal, "withdrawn", now)
    record(session, actor, events.Withdrawn(proposal=proposal.id, seed=seed, text=text), now)
    return proposal


async def lapse(session: AsyncSession, proposal: Proposal, *, reason: str, actor: Actor, now: datetime) -> Proposal:
    """End a proposal that nobody carries any more."""
    proposal.state = ProposalState.LAPSED
    proposal.refusal = reason
    seed = await close(session, proposal, "lapsed", now)
    record(session, actor, events.Lapsed(proposal=proposal.id, reason=reason, seed=seed), now)
    return proposal


async def resume(
    session: AsyncSession, proposal: Proposal, *, actor: Actor, rules: Catalogue, now: datetime
) -> Proposal:
    """Let a stopped process go on under its pinned rule, once that rule is back; it stops again if it is not.

    Raises RightMissing, StepClosed.
    """
    require_step(Step.RESUME, proposal, await queries.standing_towards(session, actor, proposal), now)
    proposal.state = STEPS[Step.RESUME].target
    proposal.refusal = None
    await session.flush()
    running = await load_alone(session, proposal.organisation_id, proposal.id)
    closes_at = clocks.restart(running, now)
    record(session, actor, events.Resumed(proposal=proposal.id, closes_at=closes_at), now)
    await engine.take_up(session, running, rules=rules, now=now)
    return running.proposal
