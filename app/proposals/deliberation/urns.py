"""Secret votes: who has voted and what was voted lie apart, and nothing that remains joins the two.

A voter's participation and their slip are written in one transaction, so that no vote is lost and none counted twice;
the slip carries a random version 4 UUID, its *tracker*, which the voter alone is shown, and neither a time nor a place
in an order. When the vote closes, all slips are written anew in the order of their trackers, and what they were written
in before is emptied: the number of a transaction, the place in a file and the order of arrival then tell nothing.
``docs/secrecy.md`` says what this does not promise.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DDL, Table, and_, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.errors import Refusal
from app.proposals.deliberation.kinds import TOLD_APART, by_kind
from app.proposals.refusals import TrackerUnknown, VotedInSecret
from app.proposals.tables import CountedSlip, Participation, PhaseHeld, Slip

_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]
_SLIP: Table = Slip.__table__  # type: ignore[attr-defined]
_COUNTED: Table = CountedSlip.__table__  # type: ignore[attr-defined]
_INSERT: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_GUARD = DDL("LOCK TABLE urn_slip IN ACCESS EXCLUSIVE MODE")  # type: ignore[no-untyped-call]
_WRITE_ANEW = tuple(
    DDL(statement)  # type: ignore[no-untyped-call]
    for statement in (
        "CREATE TEMPORARY TABLE urn_slip_of_others ON COMMIT DROP AS SELECT * FROM urn_slip ORDER BY tracker",
        "TRUNCATE urn_slip",
        "INSERT INTO urn_slip SELECT * FROM urn_slip_of_others",
        "DROP TABLE urn_slip_of_others",
    )
)
_KINDS = ("choice", *TOLD_APART)


@dataclass(frozen=True, slots=True)
class Folded:
    """A ballot on its way into the urn: ``place`` names the vote, ``kind`` is all that is kept of it; ``former`` is the
    tracker of the slip that it replaces."""

    place: dict[str, Any]
    voter: str
    kind: dict[str, str]
    former: UUID | None
    tracker: UUID


def folded(place: dict[str, Any], voter: str, kind: dict[str, str], former: UUID | None) -> Folded:
    """A slip with a tracker of its own."""
    return Folded(place, voter, kind, former, uuid4())


async def put(session: AsyncSession, slips: Sequence[Folded]) -> list[Refusal | None]:
    """Put slips into their urns; the answer to each is nothing, or why it cannot lie there.

    Who has voted before replaces their slip by naming its tracker: nobody else could find it.
    """
    answers: list[Refusal | None] = []
    fresh: list[Folded] = []
    for slip in slips:
        first = await _takes_part(session, slip)
        refusal = None if first else await _takes_back(session, slip)
        answers.append(refusal)
        if refusal is None:
            fresh.append(slip)
    if fresh:
        rows = [{**slip.place, **slip.kind, "tracker": slip.tracker} for slip in fresh]
        await session.execute(insert(_SLIP), sorted(rows, key=lambda row: row["tracker"]))
    return answers


async def roll(session: AsyncSession, row: PhaseHeld) -> list[str]:
    """Who has voted, by pseudonym, in order."""
    voted = select(_VOTED.c.voter).where(*_in(_VOTED, _place(row)))
    return sorted((await session.execute(voted)).scalars())  # no collation has a say


async def seal(session: AsyncSession, row: PhaseHeld) -> tuple[int, str]:
    """Close the urn of a vote: how many slips there are, and the SHA-256 over all of them.

    The digest is over lines of tracker, choice, college, unit and weights, tab between and newline after each, in the
    order of the trackers.
    """
    place = _place(row)
    columns = [*place, "tracker", *_KINDS]
    mine = and_(*_in(_SLIP, place))
    ordered = select(*(_SLIP.c[name] for name in columns)).where(mine).order_by(_SLIP.c.tracker)
    await session.execute(insert(_COUNTED).from_select(columns, ordered))
    await _empty(session, mine)
    number, sums = 0, hashlib.sha256()
    async for line in _lines(session, place):
        number += 1
        sums.update(line)
    return number, sums.hexdigest()


async def discard(session: AsyncSession, row: PhaseHeld) -> int:
    """Empty the urn of a vote that is not counted: no slip of it is kept anywhere. How many there were."""
    return await _empty(session, and_(*_in(_SLIP, _place(row))))


def kinds_in_urn(row: PhaseHeld) -> Any:
    """The statement that counts the slips of a vote by kind, wherever they lie now."""
    table = _SLIP if row.ended is None else _COUNTED
    return by_kind(table, TOLD_APART, *_in(table, _place(row)))


def _place(row: PhaseHeld) -> dict[str, Any]:
    return {"organisation_id": row.organisation_id, "process_id": row.process_id, "round": row.round}


def _in(table: Table, place: dict[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in place.items()]


async def _takes_part(session: AsyncSession, slip: Folded) -> bool:
    statement = _INSERT[session.get_bind().dialect.name](_VOTED).on_conflict_do_nothing().returning(_VOTED.c.voter)
    noted = await session.execute(statement, {**slip.place, "voter": slip.voter})
    return noted.scalar_one_or_none() is not None


async def _takes_back(session: AsyncSession, slip: Folded) -> Refusal | None:
    if slip.former is None:
        return VotedInSecret()
    told_apart = {name: slip.kind[name] for name in TOLD_APART}  # a voice never moves from one group to another
    former = {**slip.place, **told_apart, "tracker": slip.former}
    gone = await session.execute(delete(_SLIP).where(*_in(_SLIP, former)).returning(_SLIP.c.tracker))
    return None if gone.scalar_one_or_none() is not None else TrackerUnknown()


async def _empty(session: AsyncSession, mine: Any) -> int:
    """Take the slips out of where they were written one by one; how many there were. PostgreSQL keeps what is deleted
    until it tidies up, so the whole place is given up, and the slips of other votes are written anew."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        await session.execute(_GUARD)
    gone: Any = await session.execute(delete(_SLIP).where(mine))
    for statement in _WRITE_ANEW if is_postgresql else ():
        await session.execute(statement)
    return int(gone.rowcount)


async def _lines(session: AsyncSession, place: dict[str, Any]) -> AsyncIterator[bytes]:
    query = (
        select(_COUNTED.c.tracker, *(_COUNTED.c[name] for name in _KINDS))
        .where(*_in(_COUNTED, place))
        .order_by(_COUNTED.c.tracker)
    )
    async for one in await session.stream(query.execution_options(yield_per=5_000)):
        yield ("\t".join(str(part) for part in one) + "\n").encode()
