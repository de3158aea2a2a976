"""Texts in English and French: each room keeps its own ``texts.toml``; this module finds and fills them."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Literal

from app.foundation.counted import Counted

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
ROOMS = (
    "foundation", "journal", "organisations", "people", "circles", "roles", "agreements", "delegations", "proposals",
    "audit", "cli", "formats",
)  # fmt: skip


class MissingText(LookupError):
    """A text that the code names exists in no room: a defect, not a user's error."""


def text(key: str, language: Language, facts: Mapping[str, object] | None = None) -> str:
    """The text ``section.code`` in ``language`` with ``{facts}`` filled in, in the form that a figure asks for."""
    template = _texts().get(key)
    if template is None:
        raise MissingText(key)
    said, known = template[language], _Facts(facts or {})
    return Counted(language).fill(said, known) if "|" in said else said.format_map(known)


def has_text(key: str) -> bool:
    """Whether a text of that key exists."""
    return key in _texts()


def keys(prefix: str) -> list[str]:
    """All keys of one section, sorted: for the generated documentation."""
    return sorted(key for key in _texts() if key.startswith(prefix))


def negotiate(header: str | None, default: Language = "en") -> Language:
    """The best of our languages for an ``Accept-Language`` header (RFC 9110 section 12.5.4)."""
    if not header:
        return default
    for tag in _by_weight(header.split(",")):
        base = tag.split("-")[0]
        if base in LANGUAGES:
            return base
    return default


def _by_weight(parts: Iterable[str]) -> list[str]:
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(parts):
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            ranked.append((-quality, position, tag))
    return [tag for _, _, tag in sorted(ranked)]


@cache
def _texts() -> dict[str, dict[Language, str]]:
    found: dict[str, dict[Language, str]] = {}
    for room in ROOMS:
        source = resources.files("app") / room / "texts.toml"
        if source.is_file():
            for section, entries in tomllib.loads(source.read_text("utf-8")).items():
                found.update({f"{section}.{code}": entry for code, entry in entries.items()})
    return found


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
