"""A vote by colleges over HTTP: frozen with the electorate, counted by weight, told under the colleges' names."""

import logging
from typing import Any

import pytest

from tests.api import colleges
from tests.api.exports import replayed
from tests.api.world import World

STUDENTS = ["Ana", "Bilal", "Chloé", "Driss"]
CLIENTS = ["Emma", "Farid", "Gaëlle"]
PARTNERS = ["Hugo", "Inès"]
SHARES = {"Students": "1/2", "Clients": "3/10", "Partners": "1/5"}


async def in_colleges(world: World, inner: dict[str, Any]) -> None:
    """A circle of three colleges that decides by the rule within, weighed as the statutes say."""
    people = {"Students": STUDENTS, "Clients": CLIENTS, "Partners": PARTNERS}
    ids = await colleges.in_colleges(world, people, SHARES)
    weights = {ids[name]: weight for name, weight in SHARES.items()}
    rule = {"slug": "colleges", "options": {"inner": inner, "weights": weights}}
    await world.do("Salomé", "PUT", f"/v1/circles/{world.circles['gestion'].id}/decision-rule", rule, If_Match="*")


async def test_colleges_weigh_what_the_statutes_say(world: World) -> None:
    await in_colleges(world, {"rule": "majority"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote([*STUDENTS[:2], "Emma", *PARTNERS], path, "for")
    await world.vote([*STUDENTS[2:], "Farid", "Gaëlle"], path, "against")
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted", "1/4 + 1/10 + 1/5 of all votes are for, five of nine heads"
    assert page["outcome"]["reasons"][0]["facts"]["for"] == "11/20"
    tables = {table["name"]: table for table in page["outcome"]["readable"]}
    assert {row[0] for row in tables["colleges"]["rows"]} >= set(SHARES)
    assert all(reason["sentence"] != reason["code"] for reason in page["outcome"]["reasons"])
    french = (await world.call("Ana", "GET", path, Accept_Language="fr")).json()
    assert "Students" in str(french["outcome"]["readable"])
    assert (await replayed(world, path)).outcome is not None


async def test_w15_colleges_out_of_bounds_are_refused_in_the_readers_language(world: World) -> None:
    await world.circle("gestion", STUDENTS)
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    before = await world.do("Ana", "GET", address)
    for weights, code in (
        ({"s": "3/5", "b": "1/4", "p": "3/20"}, "college_weight"),
        ({"s": "1/2", "b": "9/20", "p": "1/20"}, "college_weight"),
        ({"s": "1/2", "b": "1/2"}, "too_few_colleges"),
        ({"s": "1/2", "b": "1/5", "p": "1/5"}, "college_weights"),
    ):
        rule = {"slug": "colleges", "options": {"inner": {"rule": "majority"}, "weights": weights}}
        refused = await world.call("Salomé", "PUT", address, rule, If_Match="*", Accept_Language="fr")
        fault = refused.json()["errors"][0]
        assert (refused.status_code, fault["code"]) == (422, code)
        assert fault["pointer"].startswith("/body/options/weights")
        assert "collège" in fault["detail"]
    assert await world.do("Ana", "GET", address) == before


async def test_a_small_college_is_not_told_apart_in_secret(world: World) -> None:
    await in_colleges(world, {"rule": "majority", "options": {"visibility": "secret"}})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    refused = await world.call("Bilal", "POST", f"{path}/admission", Accept_Language="fr")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_for_secrecy")
    assert "ne compte que 2 personnes" in refused.json()["detail"]
    page = await world.do("Ana", "GET", path)
    assert (page["phase"], page["state"]) == (None, "submitted")


async def test_nor_in_a_phase_that_only_the_engine_sees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The admission meets the first phase, in which options are collected; the secret vote comes after it."""
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    options = {"visibility": "secret", "collecting": "P1D"}
    await in_colleges(world, {"rule": "approval", "options": options})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for title in ("Rue des Lilas", "Quai Nord"):
        await world.do("Ana", "POST", f"{path}/options", {"value": "option", "title": title, "revision": 1})
    await world.pass_time(days=2)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"]) == ("needs_attention", "too_few_for_secrecy")
    rounds = await world.do("Ana", "GET", f"{path}/rounds")
    assert [phase["kind"] for one in rounds for phase in one["phases"]] == ["collecting"]
    assert (await world.call("Ana", "POST", f"{path}/ballots", {"value": "abstain", "revision": 1})).status_code == 409
