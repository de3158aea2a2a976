"""Writes the reference that is generated from the program: run ``uv run python -m tests.reference`` after a change.

A test compares what is committed with what the program says now, so that neither can drift.
"""

import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import app
from app.foundation.errors import Refusal, every_refusal
from app.foundation.language import LANGUAGES, ROOMS, Language, text
from app.foundation.permissions import Question
from app.journal.events import Event, every_kind
from app.main import create_app
from app.settings import Settings
from tests.markdown import NOTE, table
from tests.rulebook import pages
from tests.rulebook.wording import say

DOCS: Final = Path(__file__).parents[1] / "docs"


def documents() -> dict[Path, str]:
    """Every generated document, by where it belongs."""
    return {
        DOCS / "reference" / "openapi.json": openapi(),
        DOCS / "permissions.md": _in_both("permissions", _permissions),
        DOCS / "events.md": _in_both("events", _events),
        DOCS / "problems.md": _in_both("problems", _problems),
        **pages.documents(DOCS / "rules"),
    }


def refusals() -> list[type[Refusal]]:
    """Every refusal of the program, by code."""
    _load_everything()
    return [one for one in every_refusal() if one.__module__.startswith("app.")]


def kinds() -> list[type[Event]]:
    """Every kind of event of the program, by type."""
    _load_everything()
    return [one for one in every_kind() if one.type and one.__module__.startswith("app.")]


def openapi() -> str:
    """The OpenAPI document as the service answers it."""
    with TemporaryDirectory() as folder:
        document = create_app(Settings(data_dir=Path(folder))).openapi()
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def charters() -> Iterator[tuple[str, Mapping[StrEnum, Question[Any]]]]:
    """The charter of each room that has one."""
    for room in ROOMS:
        try:
            policy = importlib.import_module(f"app.{room}.policy")
        except ModuleNotFoundError:
            continue
        yield room, policy.CHARTER


def _in_both(title: str, told: Callable[[Language], Iterable[str]]) -> str:
    parts = [NOTE]
    for language in LANGUAGES:
        parts += ["", f"# {say(title, language)}", *told(language)]
    return "\n".join(parts) + "\n"


def _permissions(language: Language) -> Iterator[str]:
    for room, charter in charters():
        rows = (
            (f"`{permission}`", text(f"permission.{permission}", language), question.say(language))
            for permission, question in charter.items()
        )
        yield from ("", f"## {room}", "", *table(_said(language, "permission", "means", "belongs"), rows))


def _events(language: Language) -> Iterator[str]:
    for kind in kinds():
        yield from ("", f"## {kind.type}", "", text(f"event.{kind.type}", language), "")
        rows = ((f"`{one.name}`", _sight(one, language)) for one in dataclasses.fields(kind))
        yield f"{say('stream', language)}: `{kind.stream}`"
        yield from ("", *table(_said(language, "field", "sight"), rows))


def _problems(language: Language) -> Iterator[str]:
    for refusal in refusals():
        yield from ("", f"## {refusal.code}", "", f"**{refusal.status}** {text(f'title.{refusal.code}', language)}", "")
        yield text(f"detail.{refusal.code}", language)
    yield from ("", "## internal", "", f"**500** {text('title.internal', language)}", "")
    yield text("detail.internal", language)


def _load_everything() -> None:
    """A refusal and an event are known once their module is."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)


def _sight(one: "dataclasses.Field[Any]", language: Language) -> str:
    about = one.metadata.get("disclosed")
    if about is None:
        return say("open", language)
    return say("coded" if about == "nobody" else "personal", language, about=about)


def _said(language: Language, *names: str) -> list[str]:
    return [say(name, language) for name in names]


def main() -> None:
    """Write every document that has changed."""
    for path, content in documents().items():
        if not path.exists() or path.read_text("utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")


if __name__ == "__main__":
    main()
