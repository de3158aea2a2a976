"""What waits for the caller, over HTTP."""

from app.foundation.paging import Page
from app.foundation.permissions import Scope
from app.foundation.routing import permits, room
from app.proposals.policy import Permission
from app.proposals.routes.turns import Look
from app.proposals.schemas import TodoItem
from app.proposals.todo import duties
from app.proposals.views import todo_item

router = room("proposals", prefix="/v1/me")


@router.get("/todo", summary="Read what waits for oneself")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_todo(look: Look) -> Page[TodoItem]:
    """Whatever cannot go on without the caller: words and ballots that a phase waits for, proposals to let in, appeals
    to rule on, stopped processes to start again. What ends first comes first; at most 200, on one page."""
    found = await duties(look.session, look.caller, look.rules, look.now)
    return Page(items=[todo_item(one, look.rules, look.language) for one in found])
