"""A decision is made by few rules: sixteen at most, of which eight stand in each other."""

from typing import Any

import pytest

from app.rules.catalogue import Catalogue, InvalidOptions
from app.rules.faults import within


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def _chain(levels: int) -> dict[str, Any]:
    """Options under which so many rules stand in each other below the one that is set by them."""
    options: dict[str, Any] = {"inner": {"rule": "majority"}}
    for _ in range(levels - 1):
        options = {"inner": {"rule": "sponsored", "options": options}}
    return options


def _bush(depth: int) -> dict[str, Any]:
    if depth == 1:
        return {"rule": "majority"}
    return {"rule": "fallback", "options": {"first": _bush(depth - 1), "second": _bush(depth - 1), "on": ["no_quorum"]}}


def _too_many(catalogue: Catalogue, slug: str, options: dict[str, Any]) -> str | None:
    """Where the catalogue finds one rule too many; None if it binds them all."""
    try:
        catalogue.bind(slug, 1, options)
    except InvalidOptions as refused:
        [error] = refused.errors
        assert (error.code, error.facts) == ("too_many_rules", {"most": 16, "deepest": 8})
        return error.pointer
    return None


@pytest.mark.parametrize(("levels", "pointer"), [(7, None), (8, "/inner" + "/options/inner" * 7)])
def test_rules_stand_in_each_other_eight_deep(catalogue: Catalogue, levels: int, pointer: str | None) -> None:
    assert _too_many(catalogue, "sponsored", _chain(levels)) == pointer
    assert _too_many(catalogue, "sponsored", _chain(5_000)) == "/inner" + "/options/inner" * 7


def test_sixteen_rules_make_a_decision(catalogue: Catalogue) -> None:
    of_fifteen = _bush(4)["options"]
    assert _too_many(catalogue, "fallback", of_fifteen) is None
    of_sixteen = {"inner": {"rule": "fallback", "options": of_fifteen}}
    assert _too_many(catalogue, "sponsored", of_sixteen) is None
    of_seventeen = {"inner": {"rule": "sponsored", "options": of_sixteen}}
    last = "/inner/options/inner" + "/options/second" * 3
    assert _too_many(catalogue, "sponsored", of_seventeen) == last


def test_a_weight_is_no_rule() -> None:
    options = {"weights": {"rule": "1/2", "options": "1/2"}, "of": {"rule": "majority", "options": "none"}}
    assert list(within({**options, "inner": {"rule": "majority"}, "more": {"options": {}}})) == [("inner", {})]
