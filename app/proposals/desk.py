"""Where words and ballots come in: those that arrive together are written together, and each gets its own answer."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.clock import Clock
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database, after_commit, retried
from app.foundation.errors import Refusal
from app.proposals.deliberation.ballots import Taken, cast, close_complete, everybody_voted
from app.proposals.deliberation.early import looks_foregone
from app.proposals.deliberation.openings import hurries
from app.proposals.deliberation.utterances import Utterance
from app.proposals.deliberation.words import Heard, say
from app.proposals.refusals import SecretUnkeyed
from app.rules.catalogue import Catalogue

BALLOT = "ballot"
"""The form of a vote that is aggregated: it goes into an urn, not into the list of words."""

LOOK_AGAIN_SECONDS: Final = 0.05
"""How soon after a rush of ballots it is asked whether everybody has voted."""
_REST_AFTER_A_COUNT: Final = 20
"""So many times as long as it took is waited before it is counted again whether the end is foregone."""

Answer = Heard | Taken
Urn = tuple[UUID, UUID, int, int]
"""Organisation, process, round and phase of what takes ballots."""
_log = logging.getLogger("cercle.desk")


class Desk:
    """Takes in what members say and cast. Words of one organisation share a transaction, and so do its ballots."""

    def __init__(self, database: Database, clock: Clock, rules: Catalogue) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._words: Coalescer[Utterance, Answer] = Coalescer(self._together)
        self._ballots: Coalescer[Utterance, Answer] = Coalescer(self._together)
        self._soon: set[Urn] = set()
        self._pace: dict[Urn, float] = {}
        self._looking: set[asyncio.Task[None]] = set()

    async def take(self, utterance: Utterance) -> Answer:
        """Take in one utterance in a transaction shared with its neighbours. Raises the refusal it meets."""
        queue = self._ballots if utterance.form == BALLOT else self._words
        return await queue.ask(utterance.actor.organisation_id, utterance)

    async def take_within(self, session: AsyncSession, utterance: Utterance, now: datetime) -> Answer:
        """Take in one utterance in the caller's own transaction, whose answer is kept: no secret ballot's may be.

        Raises the refusal it meets.
        """
        [answer] = await self._each(session, [utterance], now)
        if isinstance(answer, Refusal):
            raise answer
        if isinstance(answer, Taken) and answer.slip is not None:
            raise SecretUnkeyed
        urn = _urn(answer)
        if urn is not None and await everybody_voted(session, *urn[:3]):
            await close_complete(session, *urn[:2], urn[3], rules=self._rules, now=now)
        elif urn is not None:  # whoever was missing may be voting at this moment: the later one sees both
            after_commit(session, lambda: self._look_soon(urn))
        return answer  # type: ignore[no-any-return]

    async def settle(self) -> None:
        """Wait until everything taken in is answered."""
        await self._words.settle()
        await self._ballots.settle()
        while self._looking:
            await asyncio.gather(*self._looking)

    def _look_soon(self, urn: Urn) -> None:
        """Ask once for all who vote in this moment whether anybody is still missing."""
        if urn not in self._soon:
            self._soon.add(urn)
            task = asyncio.create_task(self._look(urn))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _look(self, urn: Urn) -> None:
        await asyncio.sleep(max(LOOK_AGAIN_SECONDS, self._pace.pop(urn, 0)))
        self._soon.discard(urn)  # whoever votes from here on may come too late for this look, and asks for another
        began = time.monotonic()
        await self._close_if_complete(*urn)
        if hurries(urn[1], urn[3]):  # counting a large vote again and again would slow those who vote
            self._pace[urn] = _REST_AFTER_A_COUNT * (time.monotonic() - began)

    async def _together(self, utterances: Sequence[Utterance]) -> Sequence[Answer | Exception]:
        async with self._database.write() as session:
            answers = await self._each(session, utterances, self._clock.now())
        urns = {urn for urn in map(_urn, answers) if urn is not None}
        for urn in urns:
            if len(utterances) == 1:  # the last voter, coming alone, finds the vote closed when the answer arrives
                await self._close_if_complete(*urn)
            else:
                self._look_soon(urn)
        return answers

    async def _each(self, session: AsyncSession, utterances: Sequence[Utterance], now: datetime) -> list[Any]:
        handle: Any = cast if utterances[0].form == BALLOT else say
        answers: list[Any] = await handle(session, utterances, rules=self._rules, now=now)
        return answers

    async def _close_if_complete(self, organisation_id: UUID, process_id: UUID, round_: int, phase: int) -> None:
        """The ballots are committed: a failure here must not have them cast again, and the deadline still closes."""

        async def close() -> None:
            async with self._database.write() as session:
                await close_complete(
                    session, organisation_id, process_id, phase, rules=self._rules, now=self._clock.now()
                )

        try:
            async with self._database.read() as session:
                complete = await everybody_voted(session, organisation_id, process_id, round_)
                if not complete and hurries(process_id, phase):
                    complete = await looks_foregone(session, organisation_id, process_id, self._rules)
            if complete:
                await retried(close)
        except Exception:
            _log.exception("the ballot of process %s was not closed early", process_id)


def _urn(answer: object) -> Urn | None:
    if not isinstance(answer, Taken):
        return None
    return answer.row["organisation_id"], answer.row["process_id"], answer.row["round"], answer.phase
