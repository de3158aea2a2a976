"""The service of an installation, started and stopped as an operator does it, and the people who call it."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.plugins.installation import Installation

_SECONDS: Final = 60


@dataclass
class Service:
    """A service that runs. ``log`` is what it has printed, letters included; ``tokens`` are those of its people."""

    process: "subprocess.Popen[str]"
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def call(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request of somebody."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return httpx.request(method, f"{self.address}{path}", json=body, headers=headers, timeout=30, trust_env=False)

    def do(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """The same, for a request that must succeed; returns the answer's JSON."""
        answer = self.call(who, method, path, body)
        assert answer.is_success, f"{who} {method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def sign_in(self, who: str, email: str, organisation: str) -> None:
        """Ask for a link, find it in the letter that the console shows, and open a session with it."""
        already = len(self.log.read_text("utf-8"))
        self.do("", "POST", "/v1/sign-in-links", {"email": email, "organisation": organisation})
        found = until(lambda: re.search(r"[?&]token=(\S+)", self.log.read_text("utf-8")[already:]))
        self.tokens[who] = self.do("", "POST", "/v1/sessions", {"token": found[1]})["token"]

    def listens(self) -> bool:
        """Whether it answers; what it printed says where."""
        said = self.log.read_text("utf-8")
        assert self.process.poll() is None, f"the service has ended before it answered\n{said}"
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", said)
        self.address = found[1] if found else ""
        try:
            return bool(self.address) and self.call("", "GET", "/readyz").is_success
        except httpx.TransportError:
            return False


@contextmanager
def started(installation: Installation, log: Path, tokens: dict[str, str]) -> Iterator[Service]:
    """``cercle serve`` on a port that is free, until the end of the block."""
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603 - the command that this checkout installs
            [installation.cercle, "serve", "--port", "0"],
            cwd=installation.folder,
            env=installation.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        try:
            service = Service(process, log, tokens)
            until(service.listens)
            yield service
        finally:
            process.terminate()
            process.wait(timeout=30)


def until(found: Callable[[], Any]) -> Any:
    """What ``found`` gives, as soon as it gives anything."""
    limit = time.monotonic() + _SECONDS
    while not (there := found()):
        assert time.monotonic() < limit, f"not so after {_SECONDS} s"
        time.sleep(0.05)
    return there
