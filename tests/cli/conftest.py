"""The command as an operator types it, in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from tests import databases

Typed = Callable[..., Any]

FOUNDING = (
    "organisation", "create", "--slug", "ardoise", "--name", "Scic Ardoise", "--legal-form", "scic_sas",
    "--time-zone", "Europe/Paris", "--steward", "Salomé Diaz", "--email", "salome@ardoise.example",
)  # fmt: skip


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that speaks English and on which nothing is set but the folder of the data."""
    for name in ("CERCLE_DATABASE_URL", "CERCLE_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("CERCLE_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def cercle() -> Typed:
    """Types a command; returns its exit code, output and error output."""
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def on_both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same on both databases, each of them empty."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    server = databases.server_or_skip()
    monkeypatch.setenv("CERCLE_DATABASE_URL", server.create_database("cli"))
    yield "postgresql"
    server.drop_database("cli")
