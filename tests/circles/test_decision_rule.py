"""A circle decides by a rule that is installed, in a pinned version, with all its options written down."""

from typing import Any

import httpx
import pytest

from tests.circles.structure import Structure, catalogue


@pytest.fixture
def path(structure: Structure) -> str:
    return f"/v1/circles/{structure.gestion.id}/decision-rule"


async def test_version_and_options_are_pinned(structure: Structure, path: str) -> None:
    wanted = {"slug": "consent", "options": {"min_participation": "2/3"}}
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        answered = await client.put(path, json=wanted)
        read = await client.get(path)
    rule = answered.json()
    assert (answered.status_code, rule["slug"], rule["version"]) == (200, "consent", catalogue().get("consent").version)
    assert rule["options"]["min_participation"] == "2/3"
    assert rule["options"].keys() == catalogue().get("consent").Options.model_fields.keys()
    assert (rule["inherited"], rule["circle_id"]) == (False, str(structure.gestion.id))
    assert (read.json(), read.headers["ETag"]) == (rule, '"1"')


async def test_a_circle_without_a_rule_says_where_its_rule_comes_from(structure: Structure, path: str) -> None:
    above = f"/v1/circles/{structure.anchor.id}/decision-rule"
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        none = await client.get(path)
        await client.put(above, json={"slug": "majority"})
        inherited = await client.get(path)
    assert none.status_code == 404
    assert (inherited.json()["inherited"], inherited.json()["circle_id"]) == (True, str(structure.anchor.id))
    assert inherited.headers["ETag"] == '"0"'


async def test_replacing_a_rule_asks_for_the_one_that_was_read(structure: Structure, path: str) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        assert (await client.put(path, json={"slug": "consent"})).status_code == 200
        unread = await client.put(path, json={"slug": "majority"})
        stale = await client.put(path, json={"slug": "majority"}, headers={"If-Match": '"7"'})
        replaced = await client.put(path, json={"slug": "majority"}, headers={"If-Match": '"1"'})
        read = await client.get(path)
    assert [unread.status_code, stale.status_code, replaced.status_code] == [428, 412, 200]
    assert (read.json()["slug"], read.headers["ETag"]) == ("majority", '"2"')


@pytest.mark.parametrize(
    ("wanted", "code", "pointer"),
    [
        ({"slug": "decree"}, "unknown_decision_rule", "/body/slug"),
        ({"slug": "consent", "version": 99}, "unknown_decision_rule", "/body/version"),
        ({"slug": "consent", "options": {"boss": "Ana"}}, "invalid_rule_options", "/body/options/boss"),
        (
            {"slug": "consent", "options": {"min_participation": "3/2"}},
            "invalid_rule_options",
            "/body/options/min_participation",
        ),
        ({"slug": "consent", "options": {"max_rounds": "many"}}, "invalid_rule_options", "/body/options/max_rounds"),
    ],
)
async def test_what_no_rule_understands_is_refused_where_it_is_wrong(
    structure: Structure, path: str, wanted: dict[str, Any], code: str, pointer: str
) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.put(path, json=wanted)
        nothing = await client.get(path)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert pointer in {fault["pointer"] for fault in refused.json()["errors"]}
    assert nothing.status_code == 404


async def test_after_the_founding_a_rule_changes_by_decision(structure: Structure, path: str) -> None:
    await structure.govern()
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused: httpx.Response = await client.put(path, json={"slug": "consent"})
    assert (refused.status_code, refused.json()["code"]) == (409, "structure_by_decision")
