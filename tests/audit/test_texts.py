"""Every refusal, right and event of the structure, the register and the log is said in English and in French."""

from enum import StrEnum
from importlib import import_module

import pytest

from app.foundation.errors import every_refusal
from app.foundation.language import LANGUAGES, text
from app.journal.events import every_kind

ROOMS = ("circles", "roles", "agreements", "delegations", "audit")


def _keys() -> list[str]:
    found = []
    for room in ROOMS:
        for module in ("actions", "routes", "events"):
            if room != "audit" or module == "routes":
                import_module(f"app.{room}.{module}")
        permissions: type[StrEnum] = import_module(f"app.{room}.policy").Permission
        found += [f"permission.{right.value}" for right in permissions]
    here = tuple(f"app.{room}." for room in ROOMS)
    for refusal in every_refusal():
        if refusal.__module__.startswith(here):
            found += [f"title.{refusal.code}", f"detail.{refusal.code}"]
    return found + [f"event.{kind.type}" for kind in every_kind() if kind.type and kind.__module__.startswith(here)]


@pytest.mark.parametrize("key", _keys())
def test_it_is_said_in_both_languages(key: str) -> None:
    said = [text(key, language) for language in LANGUAGES]
    assert all(one.strip() for one in said)
    assert said[0] != said[1]


def test_all_of_them_are_looked_at() -> None:
    sections = {key.partition(".")[0] for key in _keys()}
    assert sections == {"permission", "title", "detail", "event"}
    assert {"event.agreement.enacted", "detail.links_must_differ", "permission.read_log"} <= set(_keys())
