"""The one call with which every change leaves its record, and the guard that none goes without.

``record`` notes the event; just before the commit all events of the transaction are linked to their streams and
written, bytes and all, with what they disclose. What is committed is pending until the sequencer gives it an index.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, LargeBinary, Select, Table, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.asking import Asking, follow
from app.foundation.database import changed_tables
from app.foundation.ids import uuid7
from app.journal import leaves
from app.journal.events import Event
from app.journal.tables import JournalDisclosure, JournalEvent, JournalLog, JournalPending, JournalStream

_KEPT = "journal"
_LOG: Table = JournalLog.__table__  # type: ignore[attr-defined]
_EVENT: Table = JournalEvent.__table__  # type: ignore[attr-defined]
_PENDING: Table = JournalPending.__table__  # type: ignore[attr-defined]
_STREAM: Table = JournalStream.__table__  # type: ignore[attr-defined]
_DISCLOSURE: Table = JournalDisclosure.__table__  # type: ignore[attr-defined]


class UnrecordedChange(RuntimeError):
    """A transaction changed a governed table and recorded nothing: a defect, so nothing is committed."""


class Signer(Protocol):
    """What the journal needs to know of who acts."""

    @property
    def organisation_id(self) -> UUID: ...
    @property
    def pseudonym(self) -> str: ...


@dataclass(slots=True)
class _Noted:
    id: UUID
    actor: str
    event: Event
    at: datetime
    rule: tuple[str, int] | None


@dataclass(slots=True)
class _Head:
    seq: int
    leaf_hash: bytes | None


@dataclass(slots=True)
class _Book:
    organisation_id: UUID
    noted: list[_Noted] = field(default_factory=list)
    heads: dict[str, _Head] = field(default_factory=dict)
    origin: str | None = None
    has_written: bool = False


def record(
    session: AsyncSession, actor: Signer, event: Event, at: datetime, *, rule: tuple[str, int] | None = None
) -> UUID:
    """Note that ``actor`` did this ``at`` that time; returns the event's id. It is written with the transaction."""
    noted = _Noted(uuid7(), actor.pseudonym, event, at, rule)
    _book(session, actor.organisation_id).noted.append(noted)
    return noted.id


async def hold(session: AsyncSession, organisation_id: UUID, streams: Iterable[str]) -> None:
    """Lock the streams' heads: whoever holds a proposal's stream is alone in moving it, and order is told by it."""
    book = _book(session, organisation_id)
    missing = sorted(set(streams) - book.heads.keys())
    if missing:
        await _load_heads(session, book, missing)


def position(session: AsyncSession, organisation_id: UUID, stream: str) -> int:
    """The sequence number that the next event noted in a held stream will have."""
    book = _book(session, organisation_id)
    return book.heads[stream].seq + sum(one.event.stream_name() == stream for one in book.noted)


async def heads_of(session: AsyncSession, organisation_id: UUID, prefix: str) -> bytes:
    """The leaf hashes at the heads of all streams whose names begin with ``prefix``, one after the other in the order
    of the names, 32 bytes each: what a closing event commits to. They come in one text, however many there are.

    What this transaction has noted is written first: the ballot that ends a vote is one of them.
    """
    await _write(session, _book(session, organisation_id))
    place = {"organisation": organisation_id, "first": prefix, "last": f"{prefix}\x7f"}
    found: bytes | str | None = (await session.execute(_ALL_HEADS[session.get_bind().dialect.name], place)).scalar_one()
    return bytes.fromhex(found) if isinstance(found, str) else found or b""


class Journal:
    """Writes what a transaction noted; ``before_commit`` is called by the database just before each commit."""

    def __init__(self) -> None:
        self._origins: dict[UUID, str] = {}

    async def before_commit(self, session: AsyncSession) -> None:
        """Write the noted events, or refuse a commit that changed governed tables without any.

        Raises UnrecordedChange.
        """
        book: _Book | None = session.info.get(_KEPT)
        if book is None or not (book.noted or book.has_written):
            if changed := await changed_tables(session):
                raise UnrecordedChange(", ".join(sorted(changed)))
            return
        book.origin = book.origin or self._origins.get(book.organisation_id)
        await _write(session, book)
        self._origins[book.organisation_id] = str(book.origin)


async def _write(session: AsyncSession, book: _Book) -> None:
    """Write what was noted up to here."""
    if not book.noted:
        return
    noted, book.noted, book.has_written = book.noted, [], True
    await hold(session, book.organisation_id, [one.event.stream_name() for one in noted])
    if book.origin is None:
        query = select(_LOG.c.origin).where(_LOG.c.organisation_id == book.organisation_id)
        book.origin = str((await session.execute(query)).scalar_one())
    rows = _Rows(book, book.origin)
    for one in noted:
        rows.add(one)
    await rows.write(session)


class _Rows:
    """The rows of one transaction's events, linked stream by stream in the order of noting."""

    def __init__(self, book: _Book, origin: str) -> None:
        self._book = book
        self._origin = origin
        self._touched: set[str] = set()
        self._events: list[dict[str, Any]] = []
        self._disclosures: list[dict[str, Any]] = []

    def add(self, one: _Noted) -> None:
        stream = one.event.stream_name()
        head = self._book.heads[stream]
        digests = self._disclose(one)
        fields = {
            "actor": one.actor,
            "at": leaves.timestamp(one.at),
            "data": one.event.facts(),
            "id": str(one.id),
            "log": self._origin,
            "rule": {"slug": one.rule[0], "version": one.rule[1]} if one.rule else None,
            "seq": head.seq,
            "stream": stream,
            "type": one.event.type,
            "v": one.event.revision_of_kind,
        }
        leaf = leaves.envelope(fields, previous=head.leaf_hash, digests=digests)
        hashed = leaves.leaf_hash(leaf)
        self._events.append(
            {
                "organisation_id": self._book.organisation_id,
                "id": one.id,
                "stream": stream,
                "stream_seq": head.seq,
                "type": one.event.type,
                "at": one.at,
                "leaf": leaf,
                "leaf_hash": hashed,
            }
        )
        head.seq, head.leaf_hash = head.seq + 1, hashed
        self._touched.add(stream)

    def _disclose(self, one: _Noted) -> list[str]:
        digests = []
        for n, (name, value, subject) in enumerate(one.event.disclosures()):
            text, digest = leaves.disclose(name, value)
            digests.append(digest)
            self._disclosures.append(
                {
                    "organisation_id": self._book.organisation_id,
                    "event_id": one.id,
                    "n": n,
                    "subject": one.actor if subject == "actor" else subject,
                    "disclosure": text,
                }
            )
        return digests

    async def write(self, session: AsyncSession) -> None:
        organisation_id = self._book.organisation_id
        heads = [
            {
                "organisation_id": organisation_id,
                "stream": stream,
                "seq": self._book.heads[stream].seq,
                "leaf_hash": self._book.heads[stream].leaf_hash,
            }
            for stream in sorted(self._touched)
        ]
        await session.execute(_MOVE_HEADS[session.get_bind().dialect.name], heads)
        await session.execute(_EVENT.insert(), self._events)
        pending = [{"organisation_id": organisation_id, "event_id": row["id"]} for row in self._events]
        await session.execute(_PENDING.insert(), pending)
        if self._disclosures:
            await session.execute(_DISCLOSURE.insert(), self._disclosures)


def _book(session: AsyncSession, organisation_id: UUID) -> _Book:
    book: _Book = session.info.setdefault(_KEPT, _Book(organisation_id))
    if book.organisation_id != organisation_id:
        raise UnrecordedChange("one transaction records for one organisation")
    return book


async def _load_heads(session: AsyncSession, book: _Book, streams: list[str]) -> None:
    rows = await _HEADS.rows(session, [(stream,) for stream in streams], organisation=book.organisation_id)
    found = {row.stream: _Head(row.seq, row.leaf_hash) for row in rows}
    for stream in streams:
        book.heads[stream] = found.get(stream) or _Head(0, None)


def _upsert(insert: Any) -> Any:
    statement = insert(_STREAM)
    return statement.on_conflict_do_update(
        index_elements=["organisation_id", "stream"],
        set_={"seq": statement.excluded.seq, "leaf_hash": statement.excluded.leaf_hash},
    )


_MOVE_HEADS = {"sqlite": _upsert(sqlite_insert), "postgresql": _upsert(postgresql_insert)}


def _heads(asked: FromClause) -> Select[Any]:
    return (
        select(_STREAM.c.stream, _STREAM.c.seq, _STREAM.c.leaf_hash)
        .select_from(follow(asked, (_STREAM, _STREAM.c.stream == asked.c.stream)))
        .where(_STREAM.c.organisation_id == bindparam("organisation"))
        .order_by(_STREAM.c.stream)
        .with_for_update(of=_STREAM)
    )


_HEADS = Asking(_heads, stream=str)


def _in_one(head: ColumnElement[Any], together: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> Select[Any]:
    """All heads in one value; both databases put together in the order in which the rows come in."""
    ordered = (
        select(head.label("head"))
        .where(
            _STREAM.c.organisation_id == bindparam("organisation"),
            _STREAM.c.stream >= bindparam("first"),
            _STREAM.c.stream < bindparam("last"),
        )
        .order_by(_STREAM.c.stream)
        .subquery()
    )
    return select(together(ordered.c.head))


_HASH = _STREAM.c.leaf_hash
_ALL_HEADS = {
    "sqlite": _in_one(func.hex(_HASH), lambda head: func.group_concat(head, "")),  # which knows how to join texts alone
    "postgresql": _in_one(_HASH, lambda head: func.string_agg(head, cast(b"", LargeBinary), type_=LargeBinary())),
}
