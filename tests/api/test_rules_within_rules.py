"""A rule of many rules: whatever a circle may set, proposals are let in under it and can be read."""

from typing import Any, Final

import pytest

from app.circles.actions import LONGEST_OPTIONS
from app.journal.leaves import canonical
from tests.api.observing import changed, contents
from tests.api.test_proxies import refusal
from tests.api.world import World

PEOPLE: Final = ["Ana", "Bilal", "Chloé"]
MAJORITY: Final[dict[str, Any]] = {"rule": "majority"}
ENDINGS: Final = [
    *("perhaps_author_alone", "no_expressed_votes", "would_have_failed", "would_have_passed", "too_few_options"),
    *("quorum_reached", "chair_casting", "author_alone", "last_stretch", "chair_silent", "late_quorum", "revote_void"),
    *("weightless", "no_quorum", "lot_drawn", "reached", "no_lots", "revoted", "missed", "tie"),
]


def chain(rules: int) -> dict[str, Any]:
    """So many rules, each within the one before."""
    rule = MAJORITY
    for _ in range(rules - 1):
        rule = {"rule": "sponsored", "options": {"inner": rule}}
    return rule


def bush(depth: int) -> dict[str, Any]:
    """Rules that hold two each: seven of them at a depth of three."""
    if depth == 1:
        return MAJORITY
    return {"rule": "fallback", "options": {"first": bush(depth - 1), "second": bush(depth - 1), "on": ["no_quorum"]}}


def full(depth: int, other: dict[str, Any]) -> dict[str, Any]:
    """The same with another rule in every other place, and with as many endings as can be named."""
    if depth == 1:
        return MAJORITY
    second = other if depth == 2 else full(depth - 1, other)
    return {"rule": "fallback", "options": {"first": full(depth - 1, other), "second": second, "on": ENDINGS}}


def in_colleges(rule: dict[str, Any], times: int) -> dict[str, Any]:
    """The rule counted by ten colleges with the longest names, so many times over."""
    weights = {f"c{n}{'x' * 62}": "1/10" for n in range(10)}
    for _ in range(times):
        rule = {"rule": "colleges", "options": {"inner": rule, "weights": weights}}
    return rule


async def put(world: World, rule: dict[str, Any], **headers: str) -> Any:
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    body = {"slug": rule["rule"], "options": rule["options"]}
    return await world.call("Salomé", "PUT", address, body, If_Match="*", **headers)


@pytest.mark.parametrize("rule", [chain(9), chain(150), bush(5), bush(10)], ids=["9", "150", "31", "1023"])
async def test_too_many_rules_are_refused(world: World, rule: dict[str, Any]) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    for language, words in (("en", "at most 16 rules in all"), ("fr", "au plus 16 en tout")):
        refused = await put(world, rule, Accept_Language=language)
        [fault] = refused.json()["errors"]
        assert (refusal(refused), fault["code"]) == ((422, "invalid_rule_options"), "too_many_rules")
        assert words in fault["detail"]
        assert fault["pointer"].startswith("/body/options/")
    assert changed(before, await contents(world)) == []


async def test_the_longest_options_that_can_be_set_can_be_let_in(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    answer = await put(world, in_colleges(full(4, {"rule": "consent"}), 1))
    assert answer.status_code == 200, answer.text
    assert LONGEST_OPTIONS * 0.95 < len(canonical(answer.json()["options"])) <= LONGEST_OPTIONS
    path = await world.admitted("Ana", "gestion", "Bilal")
    assert (await world.call("Ana", "GET", path)).status_code == 200


async def test_options_that_are_too_long_are_refused(world: World) -> None:
    too_long = in_colleges(full(3, in_colleges(MAJORITY, 1)), 4)
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    for language, words in (("en", "these options are too long"), ("fr", "ces options sont trop longues")):
        refused = await put(world, too_long, Accept_Language=language)
        [fault] = refused.json()["errors"]
        assert (refusal(refused), fault["code"]) == ((422, "invalid_rule_options"), "options_too_long")
        assert (fault["pointer"], words in fault["detail"]) == ("/body/options", True)
    assert changed(before, await contents(world)) == []


@pytest.mark.parametrize("name", ["options", "rule", "collecting", "early_close"])
async def test_a_college_may_be_called_like_a_part_of_a_rule(world: World, name: str) -> None:
    await world.circle("gestion", PEOPLE)
    weights = {name: "1/2", "b": "1/4", "c": "1/4"}
    rule = {"rule": "colleges", "options": {"inner": MAJORITY, "weights": weights}}
    assert (await put(world, {"rule": "sponsored", "options": {"inner": rule}})).status_code == 200
    path = await world.admitted("Ana", "gestion", "Bilal")
    assert (await world.call("Ana", "GET", path)).status_code == 200
