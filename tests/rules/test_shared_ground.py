"""What all rules stand on: options that belong together, rules within rules, and what is written down of them."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.foundation.language import has_text
from app.rules.canonical import profile_from_json, to_json
from app.rules.catalogue import Catalogue, InvalidOptions
from app.rules.choosing import NewOption
from app.rules.contract import Case, Profile
from app.rules.variations import said_otherwise
from tests.rules.stories import majority


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.mark.parametrize(
    ("options", "pointer", "code"),
    [
        ({"late_quorum": "P1D"}, "/late_quorum", "late_quorum_without_quorum"),
        ({"quorum": "1/2", "visibility": "sealed", "late_quorum": "P1D"}, "/late_quorum", "late_quorum_without_quorum"),
        ({"quorum": "1/2", "late_quorum": "P5D"}, "/late_quorum", "late_quorum_too_long"),
        ({"quorum": "1/2", "late_quorum": "P1D", "early_close": True}, "/early_close", "early_and_late"),
    ],
)
def test_options_that_contradict_each_other(
    catalogue: Catalogue, options: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(InvalidOptions) as refused:
        catalogue.bind("majority", 1, options)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize("slug", ["approval", "stv", "two_round"])
def test_a_count_that_only_its_close_decides_does_not_offer_an_early_one(catalogue: Catalogue, slug: str) -> None:
    assert "early_close" not in catalogue.get(slug).Options.model_fields
    with pytest.raises(InvalidOptions) as refused:
        catalogue.bind(slug, 1, {"early_close": True})
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/early_close", "extra_forbidden")]


HURRIED = {"rule": "majority", "options": {"early_close": True}}
AROUND_IT = {"rule": "quorum", "options": {"inner": HURRIED, "calls": [{"share": "1/2"}]}}


@pytest.mark.parametrize(
    ("slug", "options", "pointer"),
    [
        ("minority_block", {"inner": HURRIED}, "/inner/options/early_close"),
        ("weighted", {"inner": HURRIED, "measure": "votes"}, "/inner/options/early_close"),
        ("weighted", {"inner": AROUND_IT, "measure": "votes"}, "/inner/options/inner/options/early_close"),
        ("fallback", {"first": HURRIED, "second": HURRIED, "on": ["tie"]}, "/first/options/early_close"),
    ],
)
def test_an_early_close_that_a_rule_around_would_never_grant_is_refused(
    catalogue: Catalogue, slug: str, options: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidOptions) as refused:
        catalogue.bind(slug, 1, options)
    [fault] = refused.value.errors
    assert (fault.pointer, fault.code) == (pointer, "never_early")
    assert has_text("fault.never_early")


@pytest.mark.parametrize(
    ("slug", "options"),
    [
        ("quorum", AROUND_IT["options"]),
        ("sponsored", {"inner": HURRIED}),
        ("delayed", {"inner": AROUND_IT}),
        ("fallback", {"first": {"rule": "majority"}, "second": HURRIED, "on": ["tie"]}),
        ("minority_block", {"inner": {"rule": "majority", "options": {"early_close": False}}}),
    ],
)
def test_an_early_close_that_the_rule_around_passes_on_is_taken(
    catalogue: Catalogue, slug: str, options: dict[str, Any]
) -> None:
    catalogue.bind(slug, 1, options)


@pytest.mark.parametrize(
    ("inner", "pointer", "code"),
    [
        ({"rule": "horoscope"}, "/inner/rule", "unknown_rule"),
        ({"rule": "majority", "version": 99}, "/inner/rule", "unknown_rule"),
        ({"rule": "majority", "options": {"threshold": "3/2"}}, "/inner/options/threshold", "share"),
        ({"rule": "majority", "reference_digest": "0" * 64}, "/inner/reference_digest", "other_meaning"),
    ],
)
def test_a_rule_within_a_rule_is_checked_where_it_stands(
    catalogue: Catalogue, inner: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(InvalidOptions) as refused:
        catalogue.bind("sponsored", 1, {"inner": inner})
    assert [(one.pointer, one.code) for one in refused.value.errors] == [(pointer, code)]


def test_the_whole_tree_is_pinned_with_its_meaning(catalogue: Catalogue) -> None:
    given = {"inner": {"rule": "minority_block", "options": {"inner": {"rule": "majority"}}}}
    pinned = catalogue.options("delayed", 1, given).model_dump(mode="json")
    block = pinned["inner"]
    assert (block["version"], block["reference_digest"]) == (1, catalogue.reference_digest("minority_block"))
    deepest = block["options"]["inner"]
    assert (deepest["rule"], deepest["version"], deepest["options"]["threshold"]) == ("majority", 1, "1/2")
    assert deepest["reference_digest"] == catalogue.reference_digest("majority")
    assert catalogue.options("delayed", 1, pinned).model_dump(mode="json") == pinned


def test_forms_of_a_rule_that_holds_others_are_theirs(catalogue: Catalogue) -> None:
    assert catalogue.form("sponsored", 1, "ballot") is catalogue.form("majority", 1, "ballot")
    assert catalogue.form("majority", 1, "sponsorship") is None


def test_a_weighed_profile_is_written_with_its_measure() -> None:
    profile = Profile({("for", "", ""): {"heads": Fraction(2), "votes": Fraction(5)}}, measure="votes")
    assert profile_from_json(to_json(profile)) == profile
    assert profile.total() == {"for": 5}


def test_what_was_left_empty_is_no_prose() -> None:
    assert NewOption(value="option", title="Stay", revision=1).prose() == {"title": "Stay"}


def test_nothing_was_said_otherwise_in_the_open() -> None:
    process = majority(3)
    assert list(said_otherwise(process.case)) == []
    assert list(said_otherwise(Case("m01", process.electorate))) == []
    assert list(said_otherwise(replace(process.case, held=()))) == []
