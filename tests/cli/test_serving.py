"""The service as a process of its own: it starts on an empty machine, serves, stops when asked and survives a crash."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import FOUNDING, Typed

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from app.cli import main; main()")
_START_SECONDS = 60
_STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Running:
    """A process and where it answers."""

    process: "subprocess.Popen[str]"
    address: str

    def get(self, path: str, token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(f"{self.address}{path}", headers=headers, trust_env=False)

    def stop(self) -> float:
        """Ask it to end; returns the seconds that it took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=30)
        return time.monotonic() - began


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server by its command line and waits until it answers; nothing is left running."""
    with ExitStack() as stack:
        yield lambda *command: stack.enter_context(_started(command))


def test_it_starts_on_an_empty_machine_and_serves_whom_the_operator_let_in(
    cercle: Typed, start: Start, data_dir: Path
) -> None:
    service = start(*PROGRAM, "serve")
    assert service.get("/healthz").json() == {"status": "ok"}
    assert service.get("/readyz").json()["status"] == "ready"
    made = json.loads(cercle(*FOUNDING, "--json").stdout)
    assert service.get("/v1/me", made["token"]).json()["member"]["name"] == "Salomé Diaz"
    assert service.get("/v1/me", "cercle_pat_nobody").status_code == 401
    assert service.stop() < _STOP_SECONDS
    assert (data_dir / "cercle.sqlite3").exists()


def test_the_sign_in_link_of_the_operator_opens_a_session(cercle: Typed, start: Start) -> None:
    link = json.loads(cercle(*FOUNDING, "--json").stdout)["link"]
    service = start(*PROGRAM, "serve")
    secret = link.partition("token=")[2]
    opened = httpx.post(f"{service.address}/v1/sessions", json={"token": secret}, trust_env=False)
    assert opened.status_code == 201, opened.text
    again = httpx.post(f"{service.address}/v1/sessions", json={"token": secret}, trust_env=False)
    assert again.status_code == 401


def test_after_a_kill_it_starts_again_with_everything_it_knew(cercle: Typed, start: Start) -> None:
    token = json.loads(cercle(*FOUNDING, "--json").stdout)["token"]
    service = start(*PROGRAM, "serve")
    assert service.get("/v1/me", token).status_code == 200
    service.process.kill()
    service.process.wait(timeout=30)
    again = start(*PROGRAM, "serve")
    assert again.get("/v1/me", token).status_code == 200
    assert cercle("doctor").exit_code == 0


def test_the_application_migrates_an_empty_file_under_any_server(start: Start, data_dir: Path) -> None:
    service = start(sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app")
    assert service.get("/readyz").status_code == 200
    assert service.stop() < _STOP_SECONDS
    assert (data_dir / "cercle.sqlite3").exists()


@pytest.mark.postgres
@pytest.mark.parametrize("on_both", ["postgresql"], indirect=True)
def test_several_processes_share_a_postgresql(cercle: Typed, on_both: str, start: Start) -> None:
    service = start(*PROGRAM, "serve", "--processes", "2")
    token = json.loads(cercle(*FOUNDING, "--json").stdout)["token"]
    assert {service.get("/v1/me", token).status_code for _ in range(20)} == {200}
    assert len(_children(service.process.pid)) >= 2
    assert service.stop() < _STOP_SECONDS


def test_the_worker_runs_alone_and_stops_when_asked(cercle: Typed, on_both: str) -> None:
    assert cercle(*FOUNDING).exit_code == 0
    with subprocess.Popen([*PROGRAM, "worker"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:  # noqa: S603
        try:
            assert worker.stdout is not None
            assert "Ctrl+C" in worker.stdout.readline()
            _until(lambda: json.loads(cercle("organisation", "list", "--json").stdout)[0]["events"] == 2)
        finally:
            worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_said_plainly_and_nothing_is_made(cercle: Typed, data_dir: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = str(listening.getsockname()[1])
        refused = cercle("--language", "fr", "serve", "--port", port)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Un autre programme écoute déjà sur le port {port} de 127.0.0.1.")
    assert f"--port {int(port) + 1}" in refused.stderr
    assert not data_dir.exists()


def test_an_address_of_another_machine_is_said_plainly(cercle: Typed) -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        refused = cercle("serve", "--host", host, "--port", "0")
        assert refused.exit_code == 1
        assert f"port 0 of {host}" in refused.stderr


@contextmanager
def _started(command: tuple[str, ...]) -> Iterator[Running]:
    port = _free_port()
    arguments = [*command, "--port", str(port)]
    with subprocess.Popen(arguments, cwd=ROOT, env=dict(os.environ), text=True) as process:  # noqa: S603
        running = Running(process, f"http://127.0.0.1:{port}")
        try:
            _until(lambda: _answers(running))
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=30)


def _answers(running: Running) -> bool:
    assert running.process.poll() is None, "the service has ended before it answered"
    try:
        return running.get("/healthz").status_code == 200
    except httpx.ConnectError:
        return False


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"not true after {_START_SECONDS} s"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
