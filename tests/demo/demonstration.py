"""The command as people call it: a process of its own, whose words are read while it runs."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_PATIENCE: Final = 300
_OPTIONS: Final = {"PYTHONUNBUFFERED": "1", "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
_START: Final = "from app.cli import main; main()"


@dataclass
class Demonstration:
    """A demonstration that runs, or has run, in ``folder``."""

    process: subprocess.Popen[str]
    words: Path
    output: IO[str]

    @property
    def told(self) -> str:
        """All that it has said so far."""
        return self.words.read_text("utf-8")

    @property
    def address(self) -> str:
        """Where its service listens."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.told)
        assert found is not None, self.told
        return found.group()

    def says(self, sentence: str) -> None:
        """Wait until it says that."""
        until = time.monotonic() + _PATIENCE
        while sentence not in " ".join(self.told.split()):
            assert self.process.poll() is None, f"it ended ({self.process.returncode}): {self.told[-800:]}"
            assert time.monotonic() < until, f"it never said {sentence!r}: {self.told[-800:]}"
            time.sleep(0.05)

    def ends(self, *, stopped_by: signal.Signals | None = None) -> int:
        """Its exit status, after it was sent that signal."""
        if stopped_by is not None:
            self.process.send_signal(stopped_by)
        try:
            return self.process.wait(_PATIENCE)
        finally:
            self.output.close()


def start(folder: Path, *options: str, program: str = _START) -> Demonstration:
    """Start ``cercle demo`` with its data in ``folder``."""
    words = folder / "words.txt"
    output = words.open("w", encoding="utf-8")
    command = [sys.executable, "-c", program, "demo", *options]
    process = subprocess.Popen(  # noqa: S603 - this project's own command
        command, stdout=output, stderr=subprocess.STDOUT, env=_environment(folder), text=True
    )
    return Demonstration(process, words, output)


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run another command of the demonstration to its end."""
    command = [sys.executable, "-c", _START, "demo", *options]
    return subprocess.run(  # noqa: S603 - this project's own command
        command, capture_output=True, encoding="utf-8", env=_environment(folder), timeout=_PATIENCE, check=False
    )


def shell(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines of a shell as a reader would, with `uv run cercle` being this program; the first failure ends them."""
    program = f'uv() {{ shift 2; {sys.executable} -c "{_START}" "$@"; }}'
    script = f"set -euo pipefail\n{program}\n{lines}"
    return subprocess.run(  # noqa: S603 - what this project's own page shows
        ["/bin/bash", "-c", script],
        capture_output=True, encoding="utf-8", env=_environment(folder), timeout=_PATIENCE, check=False,
    )  # fmt: skip


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CERCLE_")}
    return {**inherited, **_OPTIONS, "CERCLE_DATA_DIR": str(folder)}
