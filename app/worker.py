"""The worker: gives events their place in the log and does what time triggers, inside the server or on its own."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from app.agreements import jobs as agreement_jobs
from app.delegations import jobs as delegation_jobs
from app.foundation import jobs
from app.foundation.clock import Clock
from app.foundation.database import Database, retried
from app.foundation.jobs import Handlers, Job
from app.journal.sequencer import organisations_waiting, sequence
from app.people import jobs as people_jobs
from app.proposals import jobs as proposal_jobs
from app.rules.catalogue import Catalogue

_SEQUENCE_EVERY = 0.2
_LOOK_EVERY = 1.0
_CHECK_EVERY = 3600.0
_log = logging.getLogger("cercle.worker")


class Worker:
    """One worker of any number: leases, locks and dedup keys keep them out of each other's way."""

    def __init__(self, database: Database, clock: Clock, rules: Catalogue) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._handlers: Handlers = {
            **people_jobs.HANDLERS,
            **proposal_jobs.handlers(rules),
            **agreement_jobs.HANDLERS,
            **delegation_jobs.HANDLERS,
        }
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Run beside the service, in its event loop."""
        self._tasks = [
            asyncio.create_task(self._forever(self.sequence_all, _SEQUENCE_EVERY)),
            asyncio.create_task(self._forever(self.do_due, _LOOK_EVERY)),
            asyncio.create_task(self._forever(self.check_pins, _CHECK_EVERY)),
            asyncio.create_task(self._forever(self.call_for_forgetting, _CHECK_EVERY)),
        ]

    async def stop(self) -> None:
        """Stop after the transaction in hand."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    async def run(self) -> None:
        """Run alone, until cancelled."""
        self.start()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            await self.stop()

    async def do_due(self) -> int:
        """Do every job that is due, in the order in which they fell due; returns how many were done."""
        done = 0
        while True:
            async with self._database.write() as session:
                claimed = await jobs.claim(session, self._clock.now())
            if not claimed:
                return done
            for job in claimed:
                done += await self._do(job)

    async def sequence_all(self) -> int:
        """Give every committed event its index; returns how many got one."""
        done = 0
        async with self._database.read() as session:
            waiting = await organisations_waiting(session)
        for organisation_id in waiting:
            async with self._database.write() as session:
                done += await sequence(session, organisation_id)
        return done

    async def check_pins(self) -> int:
        """Stop open processes whose pinned rule is missing or has changed; returns how many."""
        done = 0
        async with self._database.read() as session:
            unpinned = await proposal_jobs.unpinned(session, self._rules)
        for organisation_id, process_id in unpinned:
            async with self._database.write() as session:
                done += await proposal_jobs.stop_unpinned(
                    session, organisation_id, process_id, self._rules, self._clock.now()
                )
        return done

    async def call_for_forgetting(self) -> int:
        """Have what nobody needs any more let go of; returns for how many organisations."""
        now = self._clock.now()
        async with self._database.read() as session:
            keeping = await people_jobs.keeping_too_much(session, now)
        if keeping:
            async with self._database.write() as session:
                await people_jobs.call_for_forgetting(session, keeping, now)
        return len(keeping)

    async def _do(self, job: Job) -> bool:
        """The job's effect and its end, in one transaction; a failure is put back and reported."""
        now = self._clock.now()

        async def effect_and_end() -> None:
            async with self._database.write() as session:
                if await jobs.finish(session, job, now):
                    await self._handlers[job.kind](session, job, now)

        try:
            await retried(effect_and_end)
        except Exception as error:
            _log.exception("job %s %s failed", job.kind, job.id)
            async with self._database.write() as session:
                await jobs.fail(session, job, now, type(error).__name__)
            return False
        return True

    async def _forever(self, work: Callable[[], Awaitable[int]], every: float) -> None:
        while True:
            try:
                await work()
            except Exception:
                _log.exception("the worker stumbled and goes on")
            await asyncio.sleep(every)
