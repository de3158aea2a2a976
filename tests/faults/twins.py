"""A second server of the same service, as another process would be: its own connections, caches and coalescers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from app.foundation.clock import MovedClock
from app.main import create_app
from app.worker import Worker
from tests.api.world import World


@dataclass
class Twin:
    """The other server; its clock stands where the first one's stood when it was started."""

    client: httpx.AsyncClient
    clock: MovedClock
    worker: Worker
    secrets: dict[str, str]

    async def call(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request of somebody, to this server."""
        headers = {"Authorization": f"Bearer {self.secrets[who]}"}
        return await self.client.request(method, path, json=body, headers=headers)


@asynccontextmanager
async def twin(world: World) -> AsyncIterator[Twin]:
    """Another server beside the world's own, on its database."""
    clock = MovedClock(world.clock.now())
    app = create_app(world.app.state.settings, clock=clock, catalogue=world.app.state.catalogue)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield Twin(client, clock, Worker(app.state.database, clock, app.state.catalogue), world.secrets)
