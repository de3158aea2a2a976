"""Group commit in the application: requests that wait at the same time share one transaction.

One round trip and one flush to disk then serve many casts. A shared transaction that fails only because of what
others did at the same time is run again; one that fails for another reason is tried request by request, so that one
bad request never fails its neighbours.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from app.foundation.database import retried

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Together = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]


class Coalescer(Generic[Asked, Answer]):
    """Collects what is asked while a transaction runs and hands it over together when it has ended.

    ``together`` answers each item with a result, or with the refusal that concerns it alone; raising fails the
    whole lot, which is then tried again one by one. Items of different ``key`` never share a transaction.
    """

    def __init__(self, together: Together[Asked, Answer], *, most: int = 64) -> None:
        self._together = together
        self._most = most
        self._waiting: dict[Hashable, list[tuple[Asked, asyncio.Future[Answer]]]] = {}
        self._running: dict[Hashable, asyncio.Task[None]] = {}

    async def ask(self, key: Hashable, asked: Asked) -> Answer:
        """The answer to ``asked``, once the transaction that holds it is committed."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((asked, future))
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._drain(key))
        return await future

    async def settle(self) -> None:
        """Wait until everything asked so far is answered: used when the service stops."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _drain(self, key: Hashable) -> None:
        taken: list[tuple[Asked, asyncio.Future[Answer]]] = []
        try:
            while waiting := self._waiting.pop(key, None):
                taken, rest = waiting[: self._most], waiting[self._most :]
                if rest:
                    self._waiting[key] = rest
                await self._answer(taken)
        except asyncio.CancelledError:  # the loop is being closed: nobody is left waiting for an answer
            for _, future in (*taken, *self._waiting.pop(key, ())):
                future.cancel()
            raise
        finally:
            del self._running[key]

    async def _answer(self, taken: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await retried(lambda: self._together([asked for asked, _ in taken]))
        except Exception as error:
            if len(taken) == 1:
                _settle(taken[0][1], error)
                return
            for one in taken:
                await self._answer([one])
            return
        for n, (_, future) in enumerate(taken):
            _settle(future, answers[n] if n < len(answers) else RuntimeError("an item of the lot got no answer"))


def _settle(future: asyncio.Future[Answer], answer: Answer | Exception) -> None:
    if future.done():  # the caller has gone away; what it asked is done all the same
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
