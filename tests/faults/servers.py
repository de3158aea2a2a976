"""Server processes as an operator runs them, which a test can kill at any moment and start again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60
_COMMAND = ("-m", "uvicorn", "app.main:create_app", "--factory", "--lifespan", "on", "--no-access-log", "--fd")


@dataclass
class Server:
    """One process. Its address outlives it: whoever calls meanwhile is refused or waits for the next one."""

    listening: socket.socket
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def start(self) -> None:
        """Start the process and wait until it answers."""
        descriptor = self.listening.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - a fixed command line
                [sys.executable, *_COMMAND, str(descriptor)],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                pass_fds=[descriptor],
                stdout=log,
                stderr=log,
            )
        limit = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert time.monotonic() < limit, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()

    def kill(self) -> None:
        """SIGKILL: nothing is finished, flushed or said goodbye to."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator stops it."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).is_success
        except httpx.TransportError:
            return False


@contextmanager
def servers(number: int, database_url: str, folder: Path) -> Iterator[list[Server]]:
    """``number`` running processes on one database, each on a port of its own, ended afterwards."""
    environment = {
        "CERCLE_DATABASE_URL": database_url,
        "CERCLE_DATA_DIR": str(folder),
        "CERCLE_RATE_LIMIT": "",
        "CERCLE_POOL_SIZE": "5",
    }
    made = []
    try:
        for n in range(number):
            listening = socket.create_server(("127.0.0.1", 0), backlog=256)
            made.append(Server(listening, environment, folder / f"server-{n}.log"))
            made[-1].start()
        yield made
    finally:
        for server in made:
            server.kill()
            server.listening.close()
