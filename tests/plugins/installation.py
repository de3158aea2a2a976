"""An installation of its own: Cercle from this checkout, to which packages are added and from which they are taken.

The environment is a new one, in which Cercle and the package of the test are installed as distributions, built from
their ``pyproject.toml``; their rules are found through their entry points and nothing else. What both depend on is
not fetched again: a path file lends it from the environment that runs the tests, without the path files in there, so
that this checkout is not reached behind the installed copy. So no registry is asked, and a fresh clone needs no more
than ``uv run pytest`` has brought; the build backend is among it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages"})
_SECONDS: Final = 120


@dataclass(frozen=True)
class Installation:
    """A virtual environment in ``folder``; ``settings`` are the variables that an operator sets."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def cercle(self) -> Path:
        """The command, as it was installed."""
        return self.folder / "bin" / "cercle"

    @cached_property
    def environment(self) -> dict[str, str]:
        """What a process of this installation inherits: nothing of the environment that runs the tests."""
        foreign = ("CERCLE_", "PYTHON", "PYTEST", "COV_", "COVERAGE_", "VIRTUAL_ENV", "UV_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return {**kept, "LC_ALL": "C.UTF-8", **self.settings}

    def install(self, package: Path) -> None:
        """Build a folder that has a ``pyproject.toml`` and install what came of it."""
        self._packages("install", "--no-deps", "--no-build-isolation", "--no-index", str(package))

    def uninstall(self, name: str) -> None:
        """Take a package away."""
        self._packages("uninstall", *(() if _uv() else ("--yes",)), name)

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """What a command of this installation prints; one that fails fails the test with all that it said."""
        done = self.tried(*command, cwd=cwd)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def tried(self, *command: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """The same for a command that may fail."""
        return subprocess.run(  # noqa: S603 - the command lines of this test
            command,
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )

    def with_settings(self, **settings: str) -> "Installation":
        """The same installation, set otherwise."""
        return Installation(self.folder, settings)

    def _packages(self, *command: str) -> None:
        uv = _uv()
        if uv is None:
            self.run(self.python, "-m", "pip", *command)
            return
        self.run(uv, "pip", *command, "--quiet", "--no-config", "--no-cache", "--offline", "--python", self.python)


def made(folder: Path) -> Installation:
    """A new environment in ``folder`` with Cercle installed from this checkout."""
    uv = _uv()
    new = Installation(folder)
    new.folder.parent.mkdir(parents=True, exist_ok=True)
    maker = (sys.executable, "-m", "venv") if uv is None else (uv, "venv", "--no-config", "--python", sys.executable)
    new.run(*maker, folder, cwd=folder.parent)
    [libraries] = (folder / "lib").glob("python*/site-packages")
    (libraries / "lent.pth").write_text("".join(f"{path}\n" for path in _lent()), "utf-8")
    new.install(ROOT)
    return new


def _uv() -> str | None:
    """``uv run`` names the program that it is; where there is none, ``venv`` and ``pip`` do the same."""
    return os.environ.get("UV") or shutil.which("uv")


def _lent() -> Iterator[Path]:
    return (Path(path) for path in sys.path if Path(path).name in _LIBRARIES)
