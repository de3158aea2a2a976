"""Starts the contestants on free ports of the loopback, tells when they are ready, and stops them again."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from tests.benchmarks.plan import Contestant

ROOT = Path(__file__).resolve().parents[2]
_READY_WITHIN = 60.0
_STOPPED_WITHIN = 10.0
_STUCK_AFTER = 5.0


class DidNotStart(RuntimeError):
    """A contestant ended or stayed silent instead of answering; carries the end of its log."""


class Server:
    """A started contestant: its port, its first process, and milliseconds from start to first 200 of `/healthz`.

    Raises DidNotStart when it ends early or does not answer within a minute.
    """

    def __init__(self, contestant: Contestant, folder: Path) -> None:
        self.contestant = contestant
        self.restarts = 0
        self._log = folder / f"{contestant.label}-{contestant.database}.log"
        self.start()

    @property
    def pid(self) -> int:
        """The process all others of this contestant come from."""
        return self._process.pid

    def start(self) -> None:
        """Start on a free port and wait for the first 200."""
        self.port = free_port()
        with self._log.open("ab") as out:
            began = time.perf_counter()
            self._process = subprocess.Popen(
                [part.replace("{port}", str(self.port)) for part in self.contestant.command],
                cwd=ROOT,
                env={**os.environ, **self.contestant.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_for_first_answer()
        except BaseException:
            self.stop()
            raise
        self.cold_start_ms = (time.perf_counter() - began) * 1000

    def stop(self) -> None:
        """Ask the whole process group to end, and end it if it does not."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self._process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def recover(self) -> bool:
        """Start again if a load has left it unable to answer, so that the next case is not measured on a wreck.

        Returns whether that was needed.
        """
        if self._answers(_STUCK_AFTER):
            return False
        self.restarts += 1
        self.stop()
        self.start()
        return True

    def _wait_for_first_answer(self) -> None:
        end = time.monotonic() + _READY_WITHIN
        while time.monotonic() < end and self._process.poll() is None:
            if self._answers(2.0):
                return
            time.sleep(0.01)
        said = self._log.read_text(errors="replace")[-2000:]
        raise DidNotStart(f"{' '.join(self.contestant.command)}\n{said}")

    def _answers(self, within: float) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=within) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextlib.contextmanager
def running(contestant: Contestant, folder: Path) -> Iterator[Server]:
    """A contestant that answers, stopped at the end."""
    server = Server(contestant, folder)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port of the loopback nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
