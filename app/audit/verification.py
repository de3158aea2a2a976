"""Whether a log is whole: every hash, every link, every disclosure and every index, recomputed from what is stored.

It reads page by page, so that memory stays the same however long the log is, and may run while the service works.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.journal.leaves import b64url, digest, leaf_hash
from app.journal.tables import (
    JournalDisclosure,
    JournalEvent,
    JournalLeaf,
    JournalLog,
    JournalPending,
    JournalStream,
)

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first fault: where it is, and what is wrong there (a code of ``texts.toml``, section ``broken``)."""

    code: str
    idx: int | None = None
    stream: str | None = None
    seq: int | None = None


@dataclass(slots=True)
class Report:
    """What was checked. ``erased`` counts digests whose disclosure does not exist any more, which breaks no proof."""

    size: int = 0
    events: int = 0
    streams: int = 0
    disclosures: int = 0
    erased: int = 0
    pending: int = 0
    broken: Broken | None = None

    @property
    def is_whole(self) -> bool:
        return self.broken is None


class _Found(Exception):
    def __init__(self, code: str, **where: Any) -> None:
        super().__init__(code)
        self.broken = Broken(code, **where)


async def verify_streams(session: AsyncSession, organisation_id: UUID) -> Report:
    """Recompute one organisation's log and name the first fault.

    Checked are: the index runs from 0 to the log's size without a gap and each index has its event; each leaf hashes
    to its stored hash and says of itself what its row says; each stream runs from 0 without a gap, each leaf naming
    the hash of the one before, up to the stream's head; each event has an index or waits for one; each disclosure's
    digest stands in its leaf.
    """
    report = Report()
    try:
        await _check_index(session, organisation_id, report)
        await _check_streams(session, organisation_id, report)
        await _check_leftovers(session, organisation_id)
    except _Found as found:
        report.broken = found.broken
    return report


async def _check_index(session: AsyncSession, organisation_id: UUID, report: Report) -> None:
    size = select(col(JournalLog.size)).where(col(JournalLog.organisation_id) == organisation_id)
    report.size = (await session.execute(size)).scalar_one_or_none() or 0
    expected = 0
    async for row in _index(session, organisation_id):
        if row.idx != expected:
            raise _Found("index_gap", idx=expected)
        if row.event_id is None:
            raise _Found("event_missing", idx=row.idx)
        expected += 1
    reached = (await session.execute(size)).scalar_one_or_none() or 0
    if not report.size <= expected <= reached:
        raise _Found("index_gap", idx=min(expected, reached))
    report.size = expected


async def _check_streams(session: AsyncSession, organisation_id: UUID, report: Report) -> None:
    chain = _Chain(report)
    async for rows in _events(session, organisation_id):
        kept = await _disclosures(session, organisation_id, [row.id for row in rows])
        for row in rows:
            chain.follow(row)
            chain.open(row, kept.get(row.id, ()))
    chain.close()


@dataclass(slots=True)
class _Chain:
    """Follows the events stream by stream. The head was read with the row, so every event it counts must come."""

    report: Report
    last: Row[Any] | None = None
    envelope: dict[str, Any] = field(default_factory=dict)

    def follow(self, row: Row[Any]) -> None:
        where = {"idx": row.idx, "stream": row.stream, "seq": row.stream_seq}
        if self.last is None or self.last.stream != row.stream:
            self.close()
            self.report.streams += 1
            before: tuple[int, bytes | None] = (-1, None)
        else:
            before = (self.last.stream_seq, self.last.leaf_hash)
        self.last = row
        if not isinstance(row.leaf, bytes) or leaf_hash(row.leaf) != row.leaf_hash:
            raise _Found("leaf_changed", **where)
        self.envelope = _read(row.leaf)
        own = {"id": str(row.id), "stream": row.stream, "seq": row.stream_seq, "type": row.type, "log": row.origin}
        if {name: self.envelope[name] for name in own} != own:
            raise _Found("leaf_elsewhere", **where)
        if row.stream_seq != before[0] + 1:
            raise _Found("stream_gap", stream=row.stream, seq=before[0] + 1)
        if self.envelope["prev"] != (b64url(before[1]) if before[1] is not None else None):
            raise _Found("link_broken", **where)
        if row.idx is None and row.waiting is None:
            raise _Found("never_sequenced", stream=row.stream, seq=row.stream_seq)
        self.report.events += 1
        self.report.pending += row.idx is None

    def open(self, row: Row[Any], kept: Sequence[str]) -> None:
        promised = self.envelope["sd"]
        if not {digest(disclosure) for disclosure in kept} <= set(promised):
            raise _Found("disclosure_unknown", idx=row.idx, stream=row.stream, seq=row.stream_seq)
        self.report.disclosures += len(kept)
        self.report.erased += len(promised) - len(kept)

    def close(self) -> None:
        """The stream that was followed ends here: so must its head say."""
        if self.last is None:
            return
        if self.last.head_seq != self.last.stream_seq + 1:
            raise _Found("stream_gap", stream=self.last.stream, seq=self.last.stream_seq + 1)
        if self.last.head_hash != self.last.leaf_hash:
            raise _Found("link_broken", stream=self.last.stream, seq=self.last.stream_seq)


def _read(leaf: bytes) -> dict[str, Any]:
    """The envelope; one that cannot be read, or lacks a part, says nothing that its row says."""
    nothing = dict.fromkeys(("id", "stream", "seq", "type", "log", "prev"), None)
    try:
        found = json.loads(leaf)
    except ValueError:
        found = None
    return {**nothing, "sd": [], **found} if isinstance(found, dict) else {**nothing, "sd": []}


async def _check_leftovers(session: AsyncSession, organisation_id: UUID) -> None:
    headless = (
        select(col(JournalStream.stream))
        .outerjoin(
            JournalEvent,
            and_(
                col(JournalEvent.organisation_id) == col(JournalStream.organisation_id),
                col(JournalEvent.stream) == col(JournalStream.stream),
            ),
        )
        .where(col(JournalStream.organisation_id) == organisation_id, col(JournalEvent.id).is_(None))
        .limit(1)
    )
    stream = (await session.execute(headless)).scalar_one_or_none()
    if stream is not None:
        raise _Found("stream_gap", stream=stream, seq=0)
    homeless = (
        select(func.count())
        .select_from(JournalDisclosure)
        .outerjoin(
            JournalEvent,
            and_(
                col(JournalEvent.organisation_id) == col(JournalDisclosure.organisation_id),
                col(JournalEvent.id) == col(JournalDisclosure.event_id),
            ),
        )
        .where(col(JournalDisclosure.organisation_id) == organisation_id, col(JournalEvent.id).is_(None))
    )
    if (await session.execute(homeless)).scalar_one():
        raise _Found("disclosure_unknown")


async def _index(session: AsyncSession, organisation_id: UUID) -> AsyncIterator[Row[Any]]:
    after = -1
    query: Any = (
        select(col(JournalLeaf.idx), col(JournalEvent.id).label("event_id"))
        .outerjoin(
            JournalEvent,
            and_(
                col(JournalEvent.organisation_id) == col(JournalLeaf.organisation_id),
                col(JournalEvent.id) == col(JournalLeaf.event_id),
            ),
        )
        .where(col(JournalLeaf.organisation_id) == organisation_id)
        .order_by(col(JournalLeaf.idx))
        .limit(_PAGE)
    )
    while rows := (await session.execute(query.where(col(JournalLeaf.idx) > after))).all():
        for row in rows:
            yield row
        after = rows[-1].idx


async def _events(session: AsyncSession, organisation_id: UUID) -> AsyncIterator[Sequence[Row[Any]]]:
    key = tuple_(col(JournalEvent.stream), col(JournalEvent.stream_seq))
    query: Any = (
        select(
            col(JournalEvent.id),
            col(JournalEvent.stream),
            col(JournalEvent.stream_seq),
            col(JournalEvent.type),
            col(JournalEvent.leaf),
            col(JournalEvent.leaf_hash),
            col(JournalLog.origin),
            col(JournalLeaf.idx),
            col(JournalPending.event_id).label("waiting"),
            col(JournalStream.seq).label("head_seq"),
            col(JournalStream.leaf_hash).label("head_hash"),
        )
        .outerjoin(JournalLog, col(JournalLog.organisation_id) == col(JournalEvent.organisation_id))
        .outerjoin(JournalLeaf, _of_event(JournalLeaf))
        .outerjoin(JournalPending, _of_event(JournalPending))
        .outerjoin(
            JournalStream,
            and_(
                col(JournalStream.organisation_id) == col(JournalEvent.organisation_id),
                col(JournalStream.stream) == col(JournalEvent.stream),
            ),
        )
        .where(col(JournalEvent.organisation_id) == organisation_id)
        .order_by(col(JournalEvent.stream), col(JournalEvent.stream_seq))
        .limit(_PAGE)
    )
    rows = (await session.execute(query)).all()
    while rows:
        yield rows
        last = rows[-1]
        rows = (await session.execute(query.where(key > tuple_(last.stream, last.stream_seq)))).all()


async def _disclosures(session: AsyncSession, organisation_id: UUID, events: Sequence[UUID]) -> dict[UUID, list[str]]:
    query = select(col(JournalDisclosure.event_id), col(JournalDisclosure.disclosure)).where(
        col(JournalDisclosure.organisation_id) == organisation_id, col(JournalDisclosure.event_id).in_(events)
    )
    found: dict[UUID, list[str]] = {}
    for event_id, disclosure in await session.execute(query):
        found.setdefault(event_id, []).append(disclosure)
    return found


def _of_event(table: type[JournalLeaf | JournalPending]) -> Any:
    return and_(
        col(table.organisation_id) == col(JournalEvent.organisation_id),
        col(table.event_id) == col(JournalEvent.id),
    )
