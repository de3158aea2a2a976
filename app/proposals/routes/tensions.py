"""Tensions over HTTP."""

from uuid import UUID

from fastapi import Request, Response

from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.routing import Read, Write, permits, room
from app.people.signin import Caller, Now
from app.proposals import queries
from app.proposals.actions import drafts
from app.proposals.policy import Permission
from app.proposals.schemas import NewTension, TensionView

router = room("tensions", prefix="/v1/tensions")


@router.post("", status_code=201, summary="Name a tension")
@permits(Permission.SENSE_TENSION, Scope.PARTICIPATE)
async def sense_tension(body: NewTension, response: Response, caller: Caller, session: Write, now: Now) -> TensionView:
    """Name a gap between what is and what could be: what happens, an example, what is needed."""
    tension = await drafts.sense_tension(session, body, actor=caller, now=now)
    response.headers["Location"] = f"/v1/tensions/{tension.id}"
    return TensionView.model_validate(tension, from_attributes=True)


@router.get("", summary="List the tensions")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_tensions(
    request: Request, response: Response, caller: Caller, session: Read, cut: Cursor
) -> Page[TensionView]:
    """Tensions, newest first."""
    rows = await queries.tensions(session, caller, after=cut.uuid, limit=cut.limit)
    return page(
        request,
        response,
        rows,
        cut,
        key=lambda row: row.id,
        view=lambda row: TensionView.model_validate(row, from_attributes=True),
    )


@router.get("/{tension_id}", summary="Read a tension")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_tension(tension_id: UUID, caller: Caller, session: Read) -> TensionView:
    """One tension."""
    return TensionView.model_validate(await queries.tension(session, caller, tension_id), from_attributes=True)
