"""Giving a proxy, where it is known which votes there are."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.delegations import actions as delegations
from app.delegations.actions import NewProxy
from app.delegations.tables import Proxy
from app.foundation.errors import Fault, NotFound
from app.journal.actor import Actor
from app.proposals import queries
from app.proposals.refusals import UnknownVote


async def give_proxy(session: AsyncSession, new: NewProxy, *, actor: Actor, now: datetime) -> Proxy:
    """Let another full member of the circle vote for the actor; for one vote alone, while it is not over.

    Raises UnknownVote (422) when the proposal is not one that the actor knows of, that this circle decides and that
    goes on; and what :func:`app.delegations.actions.give` raises.
    """
    if new.proposal_id is not None:
        try:
            proposal = await queries.held_proposal(session, actor, new.proposal_id)
        except NotFound:
            proposal = None
        if proposal is None or proposal.circle_id != new.circle_id or proposal.ended_at is not None:
            raise UnknownVote(faults=[Fault("/body/proposal_id", "unknown_vote", {})])
    return await delegations.give(session, new, actor=actor, now=now)
