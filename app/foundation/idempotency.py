"""An ``Idempotency-Key`` makes a POST safe to repeat: the first answer is kept in the same transaction and replayed."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.foundation.columns import document, octets
from app.foundation.errors import Conflict, Fault, Invalid
from app.foundation.keeping import Kept

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 200
_KEPT_HEADERS = ("content-type", "location", "etag")


class IdempotentAnswer(SQLModel, table=True):
    """The first answer to a key of one caller: kept for a day."""

    __tablename__ = "idempotent_answer"
    organisation_id: UUID = Field(primary_key=True)
    principal: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=200)
    fingerprint: str = Field(max_length=64)
    created_at: datetime = Field(index=True)
    status: int | None = None
    headers: dict[str, str] | None = document(nullable=True)
    body: bytes | None = octets(nullable=True)


_ANSWERS: Final[Table] = IdempotentAnswer.__table__  # type: ignore[attr-defined]
OUTDATED: Final = Kept(_ANSWERS, lambda now: _ANSWERS.c.created_at < now - KEPT_FOR)


class KeyInUse(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_key_in_use"


class KeyReused(Invalid):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class Replay(Exception):
    """Not an error: the answer given the first time."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def has_key(request: Request) -> bool:
    """Whether the request can be repeated safely."""
    return request.method == "POST" and HEADER in request.headers


def in_flight(request: Request) -> AbstractContextManager[None]:
    """Refuses a second request with a key whose first is still being answered."""
    if not has_key(request):
        return nullcontext()
    caller = request.headers.get("authorization") or request.headers.get("cookie", "")
    return _in_flight(request.app.state.keys_in_flight, (caller, request.headers[HEADER]))


async def claim(
    session: AsyncSession, request: Request, *, organisation_id: UUID, principal: str, now: datetime
) -> None:
    """Takes the request's key for its caller, or raises :class:`Replay` with the answer given before.

    Raises KeyReused (422) when the key came with another request.
    """
    if not has_key(request):
        return
    key = request.headers[HEADER]
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(
            faults=[Fault("/headers/Idempotency-Key", "fault_length", {"minimum": 1, "maximum": LONGEST_KEY})]
        )
    fingerprint = hashlib.sha256(
        b"\n".join((request.url.path.encode(), request.url.query.encode(), await request.body()))
    ).hexdigest()
    mine = (
        _ANSWERS.c.organisation_id == organisation_id,
        _ANSWERS.c.principal == principal,
        _ANSWERS.c.key == key,
    )
    await session.execute(delete(_ANSWERS).where(*mine, _ANSWERS.c.created_at < now - KEPT_FOR))
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    values = {"organisation_id": organisation_id, "principal": principal, "key": key}
    taken = await session.execute(
        insert(_ANSWERS)
        .values(**values, fingerprint=fingerprint, created_at=now)
        .on_conflict_do_nothing()
        .returning(_ANSWERS.c.key)
    )
    if taken.first() is not None:
        request.state.idempotency = mine
        return
    before = (await session.execute(select(_ANSWERS).where(*mine))).one()
    if before.fingerprint != fingerprint:
        raise KeyReused(key=key)
    raise Replay(Response(before.body, before.status, {**before.headers, REPLAYED: "true"}))


async def keep(session: AsyncSession, request: Request, response: Response) -> None:
    """Stores the answer beside its effect, in the same transaction."""
    mine = getattr(request.state, "idempotency", None)
    if mine is None:
        return
    if response.headers.get("cache-control") == "no-store":  # a secret that is shown once is never stored
        await session.execute(delete(_ANSWERS).where(*mine))
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    await session.execute(
        _ANSWERS.update().where(*mine).values(status=response.status_code, headers=headers, body=bytes(response.body))
    )


@contextmanager
def _in_flight(keys: set[tuple[str, str]], mine: tuple[str, str]) -> Iterator[None]:
    if mine in keys:
        raise KeyInUse(headers={"Retry-After": "1"}, key=mine[1])
    keys.add(mine)
    try:
        yield
    finally:
        keys.discard(mine)
