"""A load of positions and ballots from many connections, with a book of what was acknowledged."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.proposals.deliberation.hearing import MOST_WORDS
from tests.faults.servers import Server


@dataclass
class Book:
    """What servers said they had taken: (path, who, answer) in the order of each caller's answers."""

    words: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    ballots: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.words) + len(self.ballots)


@dataclass
class Caller:
    """Somebody who answers one proposal and votes on another in turn, as fast as a server answers."""

    name: str
    secret: str
    consent: str
    vote: str
    said: int = 0

    async def call_on(self, server: Server, book: Book) -> None:
        """Until the server is gone."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=10) as client:
            for n in itertools.count():
                try:
                    await self._answer(client, n, book)
                except httpx.TransportError:
                    return

    async def _answer(self, client: httpx.AsyncClient, n: int, book: Book) -> None:
        if n % 2 or self.said == MOST_WORDS:
            path, into = self.vote, book.ballots
            body = {"value": ("for", "against", "abstain")[n % 3], "revision": 1}
            answer = await client.post(f"{path}/ballots", json=body)
        else:
            self.said += 1
            path, into = self.consent, book.words
            body = {"value": "consent_with_concern", "revision": 1, "text": f"Concern {n} of {self.name}."}
            answer = await client.post(f"{path}/positions", json=body)
        if answer.status_code == 201:
            into.append((path, self.name, answer.json()))
        else:
            book.refused.append(f"{answer.status_code} {answer.text}")


async def load(callers: Sequence[Caller], servers: Sequence[Server], seconds: float) -> Book:
    """Everybody calls, spread over the servers; once all are busy, each server is killed after so many seconds."""
    book = Book()
    tasks = [asyncio.create_task(caller.call_on(servers[n % len(servers)], book)) for n, caller in enumerate(callers)]
    async with asyncio.timeout(30):
        while len(book) < 2 * len(callers):
            await asyncio.sleep(0.01)
    for server in servers:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.kill)
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    return book
