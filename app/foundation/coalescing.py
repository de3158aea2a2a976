"""Group commit in the application: requests that wait at the same time share one transaction.

One round trip and one flush to disk then serve many casts. In a rush, those who were answered together come back soon
after one another: the next lot waits a moment for as many as were there the last time, so that lots stay large, and
nobody who comes alone waits, but in the moment after a rush (PostgreSQL's ``commit_delay`` has the same idea).

A shared transaction that fails only because of what others did at the same time is run again; one that fails for
another reason is tried request by request, so that one bad request never fails its neighbours.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import TimeoutError as QueuePoolTimeout

from app.foundation.database import retried

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Together = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]
_AWAY: Final = (OSError, QueuePoolTimeout)
"""The database cannot be reached: asking for each alone would have them wait in turn for the same answer."""
LONGEST_SECONDS: Final = 0.02
"""How long the first of a lot waits at most."""


class Coalescer(Generic[Asked, Answer]):
    """Collects what is asked while a transaction runs and hands it over together when it has ended.

    ``together`` answers each item with a result, or with the refusal that concerns it alone; raising fails the
    whole lot, which is then tried again one by one. Items of different ``key`` never share a transaction.
    """

    def __init__(self, together: Together[Asked, Answer], *, most: int = 64) -> None:
        self._together = together
        self._most = most
        self._queues: dict[Hashable, _Queue[Asked, Answer]] = {}

    async def ask(self, key: Hashable, asked: Asked) -> Answer:
        """The answer to ``asked``, once the transaction that holds it is committed."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(self._most)
            queue.task = asyncio.create_task(self._drain(key, queue))
        queue.add(asked, future)
        return await future

    async def settle(self) -> None:
        """Wait until everything asked so far is answered: used when the service stops."""
        while self._queues:
            await asyncio.gather(*(queue.task for queue in self._queues.values() if queue.task), return_exceptions=True)

    async def _drain(self, key: Hashable, queue: "_Queue[Asked, Answer]") -> None:
        taken: list[tuple[Asked, asyncio.Future[Answer]]] = []
        try:
            while taken := await queue.lot():
                await self._answer(taken)
                queue.answered(len(taken))
        except asyncio.CancelledError:  # the loop is being closed: nobody is left waiting for an answer
            for _, future in (*taken, *queue.waiting):
                future.cancel()
            raise
        finally:
            del self._queues[key]

    async def _answer(self, taken: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await retried(lambda: self._together([asked for asked, _ in taken]))
        except Exception as error:
            if len(taken) == 1 or isinstance(error, _AWAY):
                for _, future in taken:
                    _settle(future, error)
                return
            for one in taken:
                await self._answer([one])
            return
        for n, (_, future) in enumerate(taken):
            _settle(future, answers[n] if n < len(answers) else RuntimeError("an item of the lot got no answer"))


class _Queue(Generic[Asked, Answer]):
    """Those who wait for the next lot, and how many are expected to join it."""

    def __init__(self, most: int) -> None:
        self.waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self.expected = 1
        self.task: asyncio.Task[None] | None = None
        self._most = most
        self._full = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._began = self._patience = 0.0

    def add(self, asked: Asked, future: asyncio.Future[Answer]) -> None:
        self.waiting.append((asked, future))
        if len(self.waiting) >= self.expected:
            self._full.set()

    async def lot(self) -> list[tuple[Asked, asyncio.Future[Answer]]]:
        """Those who wait, as soon as all who are expected have come, or nobody has come for a while."""
        end, there = self._loop.time() + LONGEST_SECONDS, -1
        while there < len(self.waiting) < self.expected and self._loop.time() < end:
            there = len(self.waiting)
            self._full.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(end, self._loop.time() + self._patience)):
                    await self._full.wait()
        taken, self.waiting = self.waiting[: self._most], self.waiting[self._most :]
        self._began = self._loop.time()
        return taken

    def answered(self, taken: int) -> None:
        """Expect those back who were answered; waiting for one of them is worth half of what a lot takes."""
        self.expected = min(self._most, taken + len(self.waiting))
        self._patience = (self._loop.time() - self._began) / 2


def _settle(future: asyncio.Future[Answer], answer: Answer | Exception) -> None:
    if future.done():  # the caller has gone away; what it asked is done all the same
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
