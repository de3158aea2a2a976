"""What a member weighs, over HTTP."""

from fastapi import Response

from app.foundation.permissions import Scope
from app.foundation.routing import Write, permits, room
from app.organisations import actions
from app.organisations.policy import Permission
from app.organisations.schemas import Weight, WeightView
from app.people.routes.held import Held
from app.people.signin import Caller, Now

router = room("members", prefix="/v1/members")


@router.post("/{member_id}/weight", status_code=201, summary="Record what a member weighs")
@permits(Permission.WEIGH_MEMBER, Scope.STEWARD)
async def weigh_member(
    response: Response, member: Held, weight: Weight, caller: Caller, session: Write, now: Now
) -> WeightView:
    """Record for which unit a member votes and what they weigh, from a day on; it counts in votes that open later."""
    wanted = actions.Weighing(weight.unit, weight.measures, weight.valid_from)
    fact = await actions.weigh(session, member, wanted, actor=caller, now=now)
    response.headers["Location"] = f"/v1/members/{member.id}"
    return WeightView(unit=fact.unit, measures=fact.measures, valid_from=fact.valid_from, valid_to=fact.valid_to)
