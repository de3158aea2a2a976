"""How an open vote stands, counted at most once a second however many look: nobody's look is a recount.

Where ballots are sealed or secret, only how many have come is told before the close.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select

from app.foundation.clock import Clock
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database, Executor
from app.proposals.tables import Ballot, Participation

FRESH_SECONDS: Final = 1.0
"""For how long a count is good enough to be shown to others who look."""
_MOST: Final = 1_000
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Vote:
    """One round of a vote. ``shown``: its choices may be counted before the close."""

    organisation_id: UUID
    process_id: UUID
    round: int
    shown: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How many ballots had come at that moment, and how many of each choice where that is shown."""

    counted_at: datetime
    ballots: int
    choices: Mapping[str, int]


class Tallies:
    """Running counts, one look-up for all who ask in the same moment."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._asked: Coalescer[Vote, Standing] = Coalescer(self._together)
        self._kept: OrderedDict[Vote, tuple[float, Standing]] = OrderedDict()

    async def standing(self, vote: Vote) -> Standing:
        """How the vote stood at most a second ago."""
        kept = self._kept.get(vote)
        if kept is not None and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        return await self._asked.ask(vote, vote)

    async def settle(self) -> None:
        """Wait until everybody has been answered."""
        await self._asked.settle()

    async def _together(self, votes: Any) -> list[Standing]:
        async with self._database.glance() as connection:
            found = await count_now(connection, votes[0], self._clock.now())
        self._kept[votes[0]] = time.monotonic(), found
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return [found] * len(votes)


async def count_now(executor: Executor, vote: Vote, now: datetime) -> Standing:
    """The count from the ballots themselves; one statement."""
    table = _VOTED if vote.secret else _BALLOT
    kinds = (_BALLOT.c.choice,) if vote.shown else ()
    statement = (
        select(*kinds, func.count())
        .select_from(table)
        .where(
            table.c.organisation_id == bindparam("organisation"),
            table.c.process_id == bindparam("process"),
            table.c.round == bindparam("held_round"),
        )
        .group_by(*kinds)
    )
    place = {"organisation": vote.organisation_id, "process": vote.process_id, "held_round": vote.round}
    rows = (await executor.execute(statement, place)).all()
    return Standing(now, sum(row[-1] for row in rows), {row[0]: row[1] for row in rows} if vote.shown else {})
