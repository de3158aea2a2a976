"""The HTTP face of the log: every member may read and check it, page by page or whole."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from app.audit import queries
from app.audit.policy import Permission
from app.audit.queries import Entry
from app.audit.schemas import DisclosedView, LogEventView, LogPage, LogView
from app.foundation.database import Database
from app.foundation.permissions import Scope
from app.foundation.routing import Read, permits, room
from app.journal.actor import Actor
from app.journal.leaves import b64url
from app.people.signin import Caller

router = room("log", prefix="/v1")

JSON_LINES: Final = "application/jsonl"
_PAGE: Final = 50
_CHUNK: Final = 200
_AS_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            JSON_LINES: {
                "schema": {"type": "string", "description": "One event a line, each as in `items`."},
                "example": '{"idx":0,"leaf":"{…}","leaf_hash":"…","disclosures":[],"withheld":0,"erased":0}\n',
            }
        }
    }
}

After = Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Read on after the event of this index.")]
Limit = Annotated[
    int | None, Query(ge=1, le=200, description="Events on a page: 50 unless told; as JSON Lines, all unless told.")
]


@router.get("/organisations/{slug}/log", summary="Read what the log is")
@permits(Permission.READ_LOG, Scope.READ)
async def get_log(slug: str, caller: Caller, session: Read) -> LogView:
    """The log's name and size. Events that wait for their index get it within a second."""
    head = await queries.log(session, caller, slug)
    return LogView(origin=head.origin, size=head.size, pending=head.pending)


@router.get(
    "/organisations/{slug}/log/events",
    summary="Read the events of the log",
    response_model=LogPage,
    responses=_AS_LINES,
)
@permits(Permission.READ_LOG, Scope.READ)
async def list_log_events(
    slug: str, caller: Caller, session: Read, request: Request, after: After = None, limit: Limit = None
) -> Response | LogPage:
    """Events in the order of the log. With `Accept: application/jsonl` they come as lines, all of them if wanted.

    Every leaf is there for every member; of the disclosures, those that the caller may read.
    """
    await queries.log(session, caller, slug)
    if JSON_LINES in request.headers.get("accept", ""):
        return StreamingResponse(_lines(request.app.state.database, caller, after, limit), media_type=JSON_LINES)
    limit = limit or _PAGE
    found = await queries.entries(session, caller, after=after, limit=limit)
    shown = found[:limit]
    following = shown[-1].idx if len(found) > limit else None
    return LogPage(items=[_view(entry) for entry in shown], next=following)


async def _lines(database: Database, reader: Actor, after: int | None, most: int | None) -> AsyncIterator[bytes]:
    """The log chunk by chunk: memory stays the same however long it is, and no connection is held while it is sent."""
    left = most
    while left is None or left > 0:
        wanted = _CHUNK if left is None else min(_CHUNK, left)
        async with database.read() as session:
            found = await queries.entries(session, reader, after=after, limit=wanted)
        shown = found[:wanted]
        yield b"".join(_view(entry).model_dump_json().encode() + b"\n" for entry in shown)
        if len(found) <= wanted:
            return
        after, left = shown[-1].idx, None if left is None else left - len(shown)


def _view(entry: Entry) -> LogEventView:
    return LogEventView(
        idx=entry.idx,
        leaf=entry.leaf.decode(),
        envelope=dict(entry.envelope),
        leaf_hash=b64url(entry.leaf_hash),
        disclosures=[
            DisclosedView(disclosure=one.disclosure, name=one.name, value=one.value) for one in entry.disclosures
        ],
        withheld=entry.withheld,
        erased=entry.erased,
    )
