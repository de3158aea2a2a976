"""The ballots of a vote as a file, for everybody who may read them: to be counted again anywhere."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Response

from app.formats.files import Format, written
from app.formats.malformed import Unfit
from app.foundation.errors import Fault
from app.foundation.permissions import Scope
from app.foundation.routing import permits, room
from app.proposals.downloads import Counted, FormatCannotSay, ballots, counted
from app.proposals.policy import Permission
from app.proposals.routes.turns import Glance

router = room("deliberation", prefix="/v1/proposals")

_TYPES: Final[dict[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "blt": "text/plain; charset=utf-8",
    "abif": "text/plain; charset=utf-8",
}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": {"format": "cercle-ballots"}},
            "text/csv": {"schema": {"type": "string"}, "example": "count,mark:for,mark:against\n12,x,\n5,,x\n"},
            "text/plain": {"schema": {"type": "string"}, "example": "12:for\n5:against\n"},
        },
    }
}


@router.get(
    "/{proposal_id}/ballots/export",
    summary="Download the ballots of a vote",
    response_class=Response,
    responses=_FILES,
)
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def export_ballots(
    proposal_id: UUID,
    look: Glance,
    write_in: Annotated[
        Format,
        Query(alias="format", description="json is the reference; blt and abif tell no voters apart."),
    ] = "json",
    held_round: Annotated[
        int | None,
        Query(alias="round", ge=1, le=10_000, description="The round of the vote; the last one counted without it."),
    ] = None,
) -> Response:
    """The ballots of a vote that has closed, equal ones added up, as a file that other programs and `cercle tally`
    count again. Told apart by college, unit or weight where the rule counts by it, and then as CSV or JSON. A list of
    fewer than twenty ballots of a secret vote is handed out to nobody: `too_few_to_list`."""
    async with look.passing.session() as session:
        vote = await counted(session, look.caller, proposal_id, held_round)
    try:
        content = await asyncio.to_thread(_file, vote, write_in)
    except Unfit as unfit:
        fault = Fault("/query/format", unfit.code, {**unfit.facts, "message": unfit.said(look.language)})
        raise FormatCannotSay(faults=[fault], format=write_in) from None
    name = f'attachment; filename="{vote.name}.{write_in}"'
    return Response(content, headers={"Content-Disposition": name}, media_type=_TYPES[write_in])


def _file(vote: Counted, write_in: Format) -> bytes:
    return "".join(written(ballots(vote), write_in)).encode()
