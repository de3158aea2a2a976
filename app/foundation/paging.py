"""Lists are read in pages by keyset: stable while rows are inserted, at the same cost on every page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from app.foundation.errors import Fault, Invalid

_LARGEST = 2**63
Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """One page of a list; ``next`` is the cursor of the following page, null on the last one."""

    items: list[Item]
    next: str | None = Field(default=None, description="Pass it as `cursor` to read on.", examples=["WyIwMTk4Il0"])


class Cut:
    """Where a page begins and how long it is: ``limit`` items after the row whose key is ``after``."""

    def __init__(self, cursor: str | None = None, limit: int = 50) -> None:
        self.limit = limit
        self.after = _decode(cursor) if cursor is not None else None

    @property
    def uuid(self) -> UUID | None:
        """The key of a list that is ordered by id."""
        if self.after is None:
            return None
        try:
            return UUID(str(self.after[0]))
        except ValueError:
            raise _unreadable() from None

    @property
    def word(self) -> str | None:
        """The key of a list that is ordered by a text."""
        return None if self.after is None else str(self.after[0])

    @property
    def number(self) -> int | None:
        """The key of a list that is ordered by a whole number."""
        if self.after is None:
            return None
        if not isinstance(self.after[0], int):
            raise _unreadable()
        return self.after[0]


async def _cut(
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Items on a page.")] = 50,
) -> Cut:
    return Cut(cursor, limit)


Cursor = Annotated[Cut, Depends(_cut)]


def page(
    request: Request,
    response: Response,
    rows: Sequence[Row],
    cut: Cut,
    *,
    key: Callable[[Row], Any],
    view: Callable[[Row], Item],
) -> Page[Item]:
    """The page made of ``rows`` (read with ``limit + 1``) and its ``Link: rel="next"`` (RFC 8288)."""
    shown, more = rows[: cut.limit], len(rows) > cut.limit
    following = _encode([key(shown[-1])]) if more else None
    if following is not None:
        response.headers["Link"] = _next(request, following)
    return Page(items=[view(row) for row in shown], next=following)


@dataclass(frozen=True, slots=True)
class Written:
    """A page as it is sent: its JSON, and the cursor of the following one."""

    content: bytes
    following: str | None


def written(rows: Sequence[Sequence[Any]], limit: int, names: Sequence[str], *, key: int = 0) -> Written:
    """The page made of ``rows`` (read with ``limit + 1``) whose columns are ``names``: one serialisation, no object in
    between. ``key`` is the place of the column that orders the list."""
    shown, more = rows[:limit], len(rows) > limit
    following = _encode([shown[-1][key]]) if more else None
    return Written(
        to_json({"items": [dict(zip(names, row, strict=True)) for row in shown], "next": following}), following
    )


def answer(request: Request, page: Written) -> Response:
    """The page with its ``Link: rel="next"`` (RFC 8288)."""
    headers = {"Link": _next(request, page.following)} if page.following is not None else None
    return Response(page.content, headers=headers, media_type="application/json")


def _next(request: Request, cursor: str) -> str:
    url = request.url.include_query_params(cursor=cursor)
    return f'<{url.path}?{url.query}>; rel="next"'


def _encode(key: list[Any]) -> str:
    raw = json.dumps([part if isinstance(part, int) else str(part) for part in key], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str) -> list[Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _unreadable() from None
    if not isinstance(found, list) or len(found) != 1 or not _is_key(found[0]):
        raise _unreadable()
    return found


def _is_key(value: object) -> bool:
    """A key as a database holds it: a text, or a whole number of 64 bits."""
    if isinstance(value, str):
        return value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _unreadable() -> Invalid:
    return Invalid(faults=[Fault("/query/cursor", "cursor", {})])
