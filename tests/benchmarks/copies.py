"""Makes many proposals out of one inside the database: whatever a real one left behind, each copy has it too."""

from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    and_,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.foundation.ids import uuid7
from app.foundation.jobs import Job
from app.journal.tables import (
    JournalDisclosure,
    JournalEvent,
    JournalLeaf,
    JournalLog,
    JournalStream,
)
from app.proposals.streams import stream_of
from app.proposals.tables import Elector, PhaseHeld, Process, Proposal, Revision, Tension, WordSaid

_BATCH = 5_000
_COPY = Table(
    "benchmark_copy",
    MetaData(),
    Column("n", Integer, primary_key=True),
    Column("tension", Uuid),
    Column("proposal", Uuid),
    Column("stream", String),
    Column("words", String),
    prefixes=["TEMPORARY"],
)
_EVENT_COPY = Table(
    "benchmark_event_copy",
    MetaData(),
    Column("n", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", Uuid),
    Column("job", Uuid),
    Column("place", BigInteger),
    prefixes=["TEMPORARY"],
)


async def copy_proposal(connection: AsyncConnection, proposal: UUID, count: int) -> list[UUID]:
    """Copy a proposal with its tension, text, process, phases, electors, words, jobs and events, so many times.

    The events are indexed like the original's, whose index must have been given. The copies' leaves are the original's
    bytes: no request reads them, but they weigh on the tables and their indexes what leaves weigh.
    """
    events = await _events(connection, proposal)
    copies = [(uuid7(), uuid7()) for _ in range(count)]
    if not copies:
        return []
    for table in (_COPY, _EVENT_COPY):
        await connection.run_sync(table.create)
    await _fill(connection, _COPY, (_copy(n, ids) for n, ids in enumerate(copies)))
    begin = (await connection.execute(select(_table(JournalLog).c.size))).scalar_one()
    await _fill(
        connection, _EVENT_COPY, (_event_copy(n, seq, events, begin) for n in range(count) for seq in range(events))
    )
    await _copy_rows(connection, proposal)
    await _copy_events(connection, proposal)
    await connection.execute(_table(JournalLog).update().values(size=begin + events * count))
    for table in (_COPY, _EVENT_COPY):
        await connection.run_sync(table.drop)
    return [made for _, made in copies]


async def _copy_rows(connection: AsyncConnection, proposal: UUID) -> None:
    tension, own = _table(Tension), _table(Proposal)
    felt = select(own.c.tension_id).where(own.c.id == proposal).scalar_subquery()
    await _clone(connection, tension, tension.c.id == felt, id=_COPY.c.tension)
    await _clone(connection, own, own.c.id == proposal, id=_COPY.c.proposal, tension_id=_COPY.c.tension)
    text, process = _table(Revision), _table(Process)
    await _clone(connection, text, text.c.proposal_id == proposal, proposal_id=_COPY.c.proposal)
    await _clone(connection, process, process.c.id == proposal, id=_COPY.c.proposal)
    for part in map(_table, (PhaseHeld, Elector, WordSaid)):
        await _clone(connection, part, part.c.process_id == proposal, process_id=_COPY.c.proposal)


async def _copy_events(connection: AsyncConnection, proposal: UUID) -> None:
    stream, event, kept = _table(JournalStream), _table(JournalEvent), stream_of(proposal)
    await _clone(connection, stream, stream.c.stream == kept, stream=_COPY.c.stream)
    mine = and_(event.c.stream == kept, event.c.stream_seq == _EVENT_COPY.c.seq)
    await _clone(connection, event, mine, id=_EVENT_COPY.c.id, stream=_COPY.c.stream)
    leaf, disclosed, job = map(_table, (JournalLeaf, JournalDisclosure, Job))
    original = select(event.c.id).where(mine).scalar_subquery()
    await _clone(connection, leaf, leaf.c.event_id == original, event_id=_EVENT_COPY.c.id, idx=_EVENT_COPY.c.place)
    await _clone(connection, disclosed, disclosed.c.event_id == original, event_id=_EVENT_COPY.c.id)
    renamed = func.replace(job.c.dedup_key, str(proposal), _COPY.c.words)
    called = await connection.execute(select(job.c.id).where(job.c.dedup_key.contains(str(proposal))))
    for seq, one in enumerate(called.scalars().all()):
        # Fewer jobs than events are called for, so that the sequence numbers of events tell them apart too.
        chosen = and_(job.c.id == one, _EVENT_COPY.c.seq == seq)
        await _clone(connection, job, chosen, id=_EVENT_COPY.c.job, dedup_key=renamed)


async def _clone(
    connection: AsyncConnection, table: Table, which: ColumnElement[bool], **replaced: ColumnElement[Any]
) -> None:
    """Insert each chosen row once for every copy, some columns replaced; the database gives its own keys itself."""
    columns = {one.name: replaced.get(one.name, one) for one in table.c if one.identity is None}
    source = table.join(_COPY, true())
    if any(one.table is _EVENT_COPY for one in replaced.values() if isinstance(one, Column)):
        source = source.join(_EVENT_COPY, _EVENT_COPY.c.n == _COPY.c.n)
    rows = select(*columns.values()).select_from(source).where(which)
    await connection.execute(table.insert().from_select(list(columns), rows, include_defaults=False))


async def _events(connection: AsyncConnection, proposal: UUID) -> int:
    stream = _table(JournalStream)
    query = select(stream.c.seq).where(stream.c.stream == stream_of(proposal))
    return int((await connection.execute(query)).scalar_one())


async def _fill(connection: AsyncConnection, table: Table, rows: Any) -> None:
    while batch := list(islice(rows, _BATCH)):
        await connection.execute(table.insert(), batch)


def _copy(n: int, ids: tuple[UUID, UUID]) -> dict[str, Any]:
    tension, proposal = ids
    return {"n": n, "tension": tension, "proposal": proposal, "stream": stream_of(proposal), "words": str(proposal)}


def _event_copy(n: int, seq: int, events: int, begin: int) -> dict[str, Any]:
    return {"n": n, "seq": seq, "id": uuid7(), "job": uuid7(), "place": begin + n * events + seq}


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
