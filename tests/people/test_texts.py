"""Whatever these rooms refuse, grant or record can be said in English and in French."""

import pytest

from app.foundation.errors import every_refusal
from app.foundation.language import LANGUAGES, text
from app.journal.events import every_kind
from app.organisations import policy as organisations
from app.people import policy as people

_ROOMS = ("app.organisations.", "app.people.")


def _keys() -> list[str]:
    refusals = [one.code for one in every_refusal() if one.__module__.startswith(_ROOMS)]
    kinds = [one.type for one in every_kind() if one.__module__.startswith(_ROOMS)]
    rights = [one.value for one in (*organisations.Permission, *people.Permission)]
    askers = {one.name for one in organisations.CHARTER.values()} | {one.name for one in people.CHARTER.values()}
    assert len(refusals) > 10
    assert len(kinds) == 13
    return [
        *(f"title.{code}" for code in refusals),
        *(f"detail.{code}" for code in refusals),
        *(f"event.{kind}" for kind in kinds),
        *(f"permission.{right}" for right in rights),
        *(f"word.{word}" for word in sorted(askers)),
    ]


@pytest.mark.parametrize("key", _keys())
def test_it_can_be_said(key: str) -> None:
    said = [text(key, language) for language in LANGUAGES]
    assert all(said)
    assert len(set(said)) == 2, "the same in both languages: forgotten to translate?"


def test_every_right_is_in_the_charter() -> None:
    assert set(organisations.CHARTER) == set(organisations.Permission)
    assert set(people.CHARTER) == set(people.Permission)
