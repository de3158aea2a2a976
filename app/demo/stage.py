"""The stage: the service as it always runs, in this process and on a port of this machine, with a clock to move."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from app.demo.wording import Trouble
from app.foundation import jobs
from app.foundation.clock import ReleasableClock
from app.foundation.database import Database
from app.main import create_app
from app.people.credentials import fresh_access
from app.settings import Settings
from app.worker import Worker

HOST: Final = "127.0.0.1"
_PORTS_TRIED: Final = 50
_PATIENCE: Final = 1_000
_MOMENT: Final = 0.01


class Stage:
    """The running service, with what the demonstration may do behind its back: move the clock and hand out tokens."""

    def __init__(self, app: FastAPI, clock: ReleasableClock, server: uvicorn.Server) -> None:
        self.clock = clock
        self.database: Database = app.state.database
        self.catalogue = app.state.catalogue
        self.host: str = app.state.host
        self.address: str = app.state.settings.public_url
        self._server = server
        self._worker = Worker(self.database, clock, self.catalogue)

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked the service to end."""
        return self._server.should_exit

    async def move_to(self, instant: datetime) -> None:
        """Let time pass until ``instant``; whatever falls due on the way is done at its time, in order.

        Raises Trouble when a job does not get done.
        """
        while (due := await self._next_due()) is not None and due <= instant:
            self.clock.move_to(due)
            await self._do_all_due()
        self.clock.move_to(instant)

    async def sequence(self) -> None:
        """Have every event take its place in the log now."""
        await self._worker.sequence_all()

    async def token(self, slug: str, email: str) -> str:
        """A token for one of the members, as the operator of the machine may hand it out."""
        async with self.database.write() as session:
            _, token = await fresh_access(session, slug, email, public_url=self.address, now=self.clock.now())
        return token

    async def _do_all_due(self) -> None:
        """The service's own worker may have taken a job a moment before; then it is waited for."""
        for _ in range(_PATIENCE):
            await self._worker.do_due()
            due = await self._next_due()
            if due is None or due > self.clock.now():
                return
            await asyncio.sleep(_MOMENT)
        raise Trouble("time_stands", at=self.clock.now().isoformat())

    async def _next_due(self) -> datetime | None:
        async with self.database.read() as session:
            return await jobs.next_due(session)


@asynccontextmanager
async def raised(
    settings: Settings, clock: ReleasableClock, listening: socket.socket, log: Path
) -> AsyncIterator[Stage]:
    """The service, answering on ``listening`` until the block ends. Raises Trouble when it does not start."""
    app = create_app(settings, clock=clock)
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(_serve(server, listening, log))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(_MOMENT)
        if serving.done():
            await serving
        yield Stage(app, clock, server)
    finally:
        server.should_exit = True
        await serving


def listen(wanted: int) -> tuple[socket.socket, int]:
    """The wanted port of this machine, or the next one that is free. Raises Trouble when none is."""
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65_536)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen()
        except OSError:
            listening.close()
            continue
        return listening, port
    raise Trouble("no_port", wanted=wanted)


async def _serve(server: uvicorn.Server, listening: Any, log: Path) -> None:
    try:
        await server.serve(sockets=[listening])
    except SystemExit:
        raise Trouble("not_started", log=log) from None
