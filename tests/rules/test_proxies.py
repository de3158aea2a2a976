"""A count may let people vote for others who gave them a proxy; consent never does."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from app.rules.canonical import canonical_bytes, floor_from_json, phase_from_json, to_json
from app.rules.case import Case, Phase
from app.rules.catalogue import Catalogue
from app.rules.counting import CountingRule
from app.rules.electorate import Electorate, Voter
from app.rules.papers import Ballot

CASE = Case("a", Electorate(tuple(Voter(name) for name in "abcdef")), on_ballot=("apple", "pear", "plum"))
CATALOGUE = Catalogue.load()
COUNTING = sorted(
    rule.slug
    for rule in CATALOGUE.rules()
    if issubclass(rule, CountingRule) and not rule.Options.model_json_schema().get("required")
)
MEMBER = "0198c1d2-5b7e-7000-8000-00000000a001"


def ballot(slug: str, **options: bool) -> Phase:
    step = CATALOGUE.bind(slug, None, options).after(CASE)
    assert isinstance(step, Phase)
    return step


@pytest.mark.parametrize("slug", COUNTING)
def test_the_floor_says_whether_it_may_be_held_by_proxy(slug: str) -> None:
    allowed, plain = ballot(slug, proxies=True), ballot(slug)
    assert [floor.proxies for floor in allowed.floors if floor.form == "ballot"] == [True]
    assert allowed == replace(plain, floors=tuple(replace(floor, proxies=True) for floor in plain.floors))
    assert b"proxies" not in canonical_bytes(plain), "what was recorded before stays as it was"
    assert phase_from_json(to_json(allowed)) == allowed
    assert floor_from_json(to_json(allowed.floors[0])).proxies


def test_nobody_consents_for_another() -> None:
    [consent] = [rule for rule in CATALOGUE.rules() if rule.slug == "consent"]
    assert "proxies" not in consent.Options.model_fields
    assert not [name for name, form in consent.forms.items() if "on_behalf_of" in form.model_fields]


def test_a_ballot_names_for_whom_it_is_by_the_id_of_a_member() -> None:
    assert Ballot(value="for", revision=1).on_behalf_of is None
    assert Ballot(value="for", revision=1, on_behalf_of=MEMBER).on_behalf_of == MEMBER
    for wrong in ("", "Ana", MEMBER.upper(), f"{MEMBER}\n", MEMBER.replace("-", "")):
        with pytest.raises(ValidationError):
            Ballot(value="for", revision=1, on_behalf_of=wrong)
