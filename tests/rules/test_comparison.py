"""Every rule with a threshold refuses one that nobody can pass and one that nobody can miss."""

from typing import Any

import pytest

from app.rules.catalogue import Catalogue, InvalidOptions


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.mark.parametrize("rule", ["approval", "majority", "two_round"])
class TestComparison:
    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"threshold": "1"}, "unreachable"),
            ({"threshold": "1", "op": "gt"}, "unreachable"),
            ({"threshold": "0", "op": "gte"}, "always_reached"),
        ],
    )
    def test_what_says_nothing_is_refused(
        self, catalogue: Catalogue, rule: str, options: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(InvalidOptions) as refused:
            catalogue.options(rule, 1, options)
        assert [(one.pointer, one.code) for one in refused.value.errors] == [("/op", code)]

    @pytest.mark.parametrize("options", [{"threshold": "1", "op": "gte"}, {"threshold": "0"}, {"threshold": "2/3"}])
    def test_the_ends_that_can_be_missed_and_reached_are_not(
        self, catalogue: Catalogue, rule: str, options: dict[str, Any]
    ) -> None:
        pinned = catalogue.options(rule, 1, options).model_dump(mode="json")
        assert pinned["op"] == options.get("op", "gt")
