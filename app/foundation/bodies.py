"""What cannot be kept is refused at the door: bodies that are too large, that are no JSON or no UTF-8, and characters
that no database and no journal can hold."""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.foundation.errors import Fault, Invalid, NotFound, TooLarge, UnsupportedMedia

_DIGITS = 18
_JSON = re.compile(r"application/([\w.+-]+\+)?json")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def install(app: FastAPI, most_bytes: int) -> None:
    """Have ``app`` read at most that many bytes of a body."""
    app.add_middleware(BodyLimit, most_bytes=most_bytes)


class BodyLimit:
    """Raises TooLarge (413) to whoever reads a body above the limit, as soon as that is known."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        too_large = announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > self._most)
        read = 0

        async def within_limit() -> Message:
            nonlocal read
            message: Message = {} if too_large else await receive()
            read += len(message.get("body", b""))
            if too_large or read > self._most:
                raise TooLarge(limit=self._most)
            return message

        await self._app(scope, within_limit, send)


def require_plain_address(request: Request) -> None:
    """Raises NotFound for a path, and Invalid for a query, that holds a NUL: nothing is stored under such a name."""
    if "\x00" in request.scope["path"]:
        raise NotFound
    if b"%00" in request.scope["query_string"]:
        faults = [
            Fault(f"/query/{_escaped(name)}", "no_text", {})
            for name, value in request.query_params.multi_items()
            if "\x00" in name + value
        ]
        raise Invalid(faults=faults)


def require_json(request: Request, body: bytes) -> None:
    """Raises UnsupportedMedia (415) for a body that does not say that it is JSON."""
    given = request.headers.get("content-type", "application/octet-stream")
    if not body or given == "application/json":  # parsing the header costs more than reading the body
        return
    if not _JSON.fullmatch(given.partition(";")[0].strip().lower()):
        raise UnsupportedMedia


def require_text(body: bytes) -> None:
    """Raises Invalid (422) for bytes that are not UTF-8 (RFC 8259 section 8.1), and for the two kinds of characters
    that JSON can escape and nothing can keep: NUL, and one half of a surrogate pair. A fault points at each."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Invalid(faults=[Fault("/body", "not_utf8", {})]) from None
    if "\x00" in text:
        raise Invalid(faults=[Fault("/body", "not_utf8", {})])
    if "\\u" in text and (faults := [Fault(pointer, "no_text", {}) for pointer in _unkeepable(text)]):
        raise Invalid(faults=faults[:20])


def _unkeepable(text: str) -> Iterator[str]:
    """JSON pointers to the strings at fault; a body that is no JSON is somebody else's to refuse."""
    try:
        waiting: list[tuple[str, Any]] = [("/body", json.loads(text))]
    except (ValueError, RecursionError):
        return
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str) and _NO_TEXT.search(value):
            yield pointer
        elif isinstance(value, list):
            waiting.extend((f"{pointer}/{n}", one) for n, one in enumerate(value))
        elif isinstance(value, dict):
            if any(_NO_TEXT.search(name) for name in value):
                yield pointer
            waiting.extend((f"{pointer}/{_escaped(name)}", one) for name, one in value.items())


def _escaped(name: str) -> str:
    return _NO_TEXT.sub("?", name).replace("~", "~0").replace("/", "~1")
