"""Trying a decision rule before it is adopted: on what a circle has decided, and on a vote that nobody has held."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.circles import actions as circles
from app.circles.queries import circle
from app.foundation.permissions import Scope
from app.foundation.routing import changes_nothing, permits, room
from app.proposals.imagined import rehearsal
from app.proposals.past import past
from app.proposals.policy import Permission
from app.proposals.routes.turns import Exchange, Glance
from app.proposals.simulated import Hypothesis, RehearsalView, ReplaysView, RuleToTry
from app.proposals.simulation import replays
from app.rules.contract import DecisionRule

router = room("rules", prefix="/v1")


@router.post("/circles/{circle_id}/decision-rules/simulation", summary="Try a rule on past decisions")
@permits(Permission.READ_PROPOSALS, Scope.READ)
@changes_nothing
async def replay_decisions(
    circle_id: UUID,
    body: RuleToTry,
    look: Glance,
    limit: Annotated[int, Query(ge=1, le=200, description="How many decisions, the newest first.")] = 50,
) -> ReplaysView:
    """What a rule would have made of the circle's past decisions: which would have ended otherwise, and why.

    Ballots and words count as they were recorded, under the rule's own options; where it would have asked for something
    else, that is said instead. Nothing is kept.
    """
    async with look.passing.session() as session:
        await circle(session, look.caller.organisation_id, circle_id)
        rule = _bound(look, body)
        read = await past(session, look.caller, circle_id, limit)
    return await asyncio.to_thread(replays, read, rule, look.rules, look.language)


@router.post("/decision-rules/simulation", summary="Try a rule on an imagined vote")
@permits(Permission.READ_PROPOSALS, Scope.READ)
@changes_nothing
async def rehearse_vote(body: Hypothesis, look: Glance) -> RehearsalView:
    """What would follow from a vote that nobody has held, as if it closed on these ballots, and what those who have not
    voted would have to say. Nothing is kept."""
    return await asyncio.to_thread(rehearsal, body, _bound(look, body), look.rules, look.language)


def _bound(look: Exchange, asked: RuleToTry) -> DecisionRule:
    wanted = circles.WantedRule(asked.rule, asked.version, asked.options)
    return circles.bound(look.rules, wanted, pointer="/body/rule")
