"""Lists of proposals, read and written once for all who ask for the same page of the same list at the same time.

Whoever has proposals that nobody else may know of yet gets a page of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Integer, Select, String, Table, bindparam, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from app.foundation.asking import Asking, follow
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database, Executor
from app.foundation.paging import Written, written
from app.journal.actor import Actor
from app.proposals.lifecycle import ProposalState
from app.proposals.policy import Permission, Standing, require
from app.proposals.tables import Proposal

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
LISTED = (
    "id", "title", "state", "circle_id", "proposer_id", "tension_id", "revision", "edition", "created_at",
    "submitted_at", "ended_at", "phase_kind", "phase_closes_at", "verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One page of a list, newest first: ``limit`` proposals older than ``after``, in this state, of this circle."""

    limit: int
    after: UUID | None = None
    state: ProposalState | None = None
    circle: UUID | None = None


class Lists:
    """Pages of lists, each as committed when it is read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages: Coalescer[tuple[Actor, Wanted], Written] = Coalescer(self._together)

    async def page(self, actor: Actor, wanted: Wanted) -> Written:
        """The page for one reader: what they may know of. Raises RightMissing (403)."""
        require(Permission.READ_PROPOSALS, Standing(actor))
        return await self._pages.ask((actor.organisation_id, wanted), (actor, wanted))

    async def settle(self) -> None:
        """Wait until everybody has been answered."""
        await self._pages.settle()

    async def _together(self, asked: Sequence[tuple[Actor, Wanted]]) -> Sequence[Written]:
        async with self._database.glance() as connection:
            if len(asked) == 1:
                return [await _written(connection, *asked[0], mine=True)]
            alone = await authors_of_hidden(connection, [actor for actor, _ in asked])
            shared = await _written(connection, *asked[0], mine=False)
            return [
                await _written(connection, *one, mine=True) if one[0].member_id in alone else shared for one in asked
            ]


async def authors_of_hidden(session: Executor, actors: Sequence[Actor]) -> set[UUID]:
    """Those of the members of one organisation who have proposals that were never put before a circle."""
    members = dict.fromkeys((actor.member_id,) for actor in actors)
    rows = await _HIDDEN.rows(session, list(members), organisation=actors[0].organisation_id)
    return {row.proposer_id for row in rows}


async def listed(session: Executor, actor: Actor, wanted: Wanted, *, mine: bool = True) -> Sequence[Any]:
    """One row more than wanted, in one statement; ``mine``: those too that only the actor may know of."""
    given = {"after": wanted.after, "state": wanted.state, "circle": wanted.circle}
    narrowed = {name: value for name, value in given.items() if value is not None}
    parameters: dict[str, Any] = {"organisation": actor.organisation_id, "most": wanted.limit + 1, **narrowed}
    if mine:
        parameters["me"] = actor.member_id
    return (await session.execute(_listing(mine, *sorted(narrowed)), parameters)).all()


async def _written(connection: AsyncConnection, actor: Actor, wanted: Wanted, *, mine: bool) -> Written:
    return written(await listed(connection, actor, wanted, mine=mine), wanted.limit, LISTED)


@cache
def _listing(mine: bool, *narrowed: str) -> Select[Any]:
    """The statement of a list, built once for each combination of filters."""
    by = {
        "after": _PROPOSAL.c.id < bindparam("after"),
        "state": _PROPOSAL.c.state == bindparam("state"),
        "circle": _PROPOSAL.c.circle_id == bindparam("circle"),
    }
    shown: Any = _PROPOSAL.c.shown_at.is_not(None)
    columns: list[Any] = [_PROPOSAL.c[name] for name in LISTED if name != "state"]
    columns.insert(LISTED.index("state"), type_coerce(_PROPOSAL.c.state, String).label("state"))
    return (
        select(*columns)
        .where(
            _PROPOSAL.c.organisation_id == bindparam("organisation"),
            or_(shown, _PROPOSAL.c.proposer_id == bindparam("me")) if mine else shown,
            *(by[name] for name in narrowed),
        )
        .order_by(_PROPOSAL.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def _hidden(asked: FromClause) -> Select[Any]:
    return (
        select(_PROPOSAL.c.proposer_id)
        .distinct()
        .select_from(follow(asked, (_PROPOSAL, _PROPOSAL.c.proposer_id == asked.c.me)))
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"), _PROPOSAL.c.shown_at.is_(None))
    )


_HIDDEN = Asking(_hidden, me=UUID)
