"""The command speaks English and French, and answers a question for help at once."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import typer.main

from app.cli import app
from app.cli.speech import chosen
from app.foundation.language import has_text
from tests.cli.conftest import Typed

_HEAVY = {"alembic", "fastapi", "httpx", "pydantic", "rich", "sqlalchemy", "sqlmodel", "uvicorn"}


def test_help_needs_nothing_that_takes_time_to_load() -> None:
    program = "import sys; from app.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    asked = subprocess.run(  # noqa: S603 - a fixed command line
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in asked.stdout.split()}
    assert "typer" in loaded
    assert loaded & _HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "fr_FR.UTF-8"}, "fr"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "fr_FR.UTF-8", "CERCLE_LANGUAGE": "en"}, "en"),
        (["--language", "fr"], {"CERCLE_LANGUAGE": "en"}, "fr"),
        (["--language=fr", "rules"], {}, "fr"),
    ],
)
def test_the_language_asked_for_comes_before_that_of_the_machine(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert chosen(arguments, environment) == language


def test_help_is_in_the_language_asked_for(cercle: Typed) -> None:
    assert "Run the service" in cercle("--help").stdout
    assert "Faire tourner le service" in cercle("--language", "fr", "--help").stdout
    assert "Port d'écoute" in cercle("--language", "fr", "serve", "--help").stdout
    assert "Port to listen on" in cercle("serve", "--help").stdout


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ((), (), "perhaps because another version"),
        (("--language", "fr"), (), "peut-être parce qu'une autre version"),
        ((), ("--language", "fr"), "peut-être parce qu'une autre version"),
        (("--language", "fr"), ("--language", "en"), "perhaps because another version"),
    ],
)
def test_the_demonstration_answers_in_its_own_language_unless_asked(
    cercle: Typed,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[str, ...],
    after: tuple[str, ...],
    answer: str,
) -> None:
    monkeypatch.setenv("CERCLE_LANGUAGE", "fr")
    folder = data_dir / "demo"
    folder.mkdir(parents=True)
    (folder / "cercle.sqlite3").touch()
    (folder / "demo.json").write_text('{"address": "http://127.0.0.1:1", "language": "en"}', "utf-8")
    told = cercle(*before, "demo", "link", "Ana", *after)
    assert told.exit_code == 1
    assert answer in " ".join(told.stderr.split()), told.output


def test_every_command_and_option_is_explained() -> None:
    unexplained = [
        key
        for path, command in _commands(typer.main.get_command(app), "cercle")
        for key in (f"cli_help.{path}", *(f"cli_option.{one.name}" for one in command.params))
        if not has_text(key)
    ]
    assert unexplained == []


def test_everything_is_said_in_both_languages() -> None:
    texts = tomllib.loads((resources.files("app.cli") / "texts.toml").read_text("utf-8"))
    entries = {f"{section}.{code}": entry for section, codes in texts.items() for code, entry in codes.items()}
    assert [key for key, entry in entries.items() if set(entry) != {"en", "fr"} or not all(entry.values())] == []


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, f"{path}_{name}")
