"""Votes over HTTP beyond for and against in time: early closes, running counts, late quorums, no second vote."""

import asyncio

import pytest

from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


async def test_a_vote_closes_as_soon_as_its_end_is_certain(world: World) -> None:
    path = await world.at_ballot(PEOPLE, early_close=True)
    await world.vote(["Ana", "Bilal"], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"
    await world.vote(["Chloé"], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_it_waits_for_everybody_unless_the_rule_says_so(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(PEOPLE[:4], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"


async def test_an_open_vote_shows_how_it_stands(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Ana", "Bilal"], path, "for")
    await world.vote(["Chloé"], path, "against")
    found = await world.do("Driss", "GET", f"{path}/tally")
    assert (found["ballots"], found["choices"]) == (3, {"for": 2, "against": 1})


async def test_a_sealed_and_a_secret_vote_show_how_many_came(world: World) -> None:
    for slug, sight in (("gestion", "sealed"), ("secret", "secret")):
        path = await world.at_ballot(PEOPLE, slug=slug, visibility=sight)
        await world.vote(["Ana", "Bilal"], path, "for")
        found = await world.do("Driss", "GET", f"{path}/tally")
        assert (found["ballots"], found["choices"]) == (2, None)


async def test_there_is_no_count_without_a_vote(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    refused = await world.call("Ana", "GET", f"{path}/tally")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("visibility", ["open", "sealed", "secret"])
async def test_who_is_not_of_the_electorate_does_not_vote(world: World, visibility: str) -> None:
    path = await world.at_ballot(PEOPLE, visibility=visibility)
    await world.circle("atelier", ["Gaël"])
    before = await contents(world)
    for who in ("Gaël", "Salomé"):
        refused = await world.call(who, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_in_electorate"), who
    assert changed(before, await contents(world)) == []


@pytest.mark.parametrize("visibility", ["open", "sealed", "secret"])
@pytest.mark.parametrize("value", ["maybe", "For", "for,against", "o1"])
async def test_what_stands_on_no_ballot_is_not_cast(world: World, visibility: str, value: str) -> None:
    path = await world.at_ballot(PEOPLE, visibility=visibility)
    before = await contents(world)
    for language, right in (
        ("en", "In this phase one of: for,"),
        ("fr", "Dans cette phase, l'une de ces valeurs : for,"),
    ):
        ballot = {"value": value, "revision": 1}
        refused = await world.call("Ana", "POST", f"{path}/ballots", ballot, Accept_Language=language)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "ballot_unknown_option")
        assert problem["facts"] == {"option": value, "allowed": "for, against, abstain, blank"}
        [fault] = problem["errors"]
        assert (fault["pointer"], fault["detail"].startswith(right)) == ("/body/value", True)
    assert changed(before, await contents(world)) == []


async def test_a_quorum_that_comes_late_leaves_time_to_the_others(world: World) -> None:
    path = await world.at_ballot(PEOPLE, quorum="3/5", late_quorum="P1D", window="P4D")
    await world.vote(["Ana", "Bilal"], path, "for")
    await world.pass_time(days=3, hours=16)
    await world.vote(["Chloé"], path, "for")
    await world.pass_time(days=1, hours=16)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["phase"]["number"]) == ("deciding", 3)
    assert page["phase"]["reasons"][0]["code"] == "late_quorum"
    await world.vote(["Emma"], path, "against")
    await world.pass_time(days=2)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["facts"]["against"]) == ("adopted", 1)


@pytest.mark.parametrize("visibility", ["open", "sealed", "secret"])
async def test_where_the_rule_says_so_nobody_votes_twice(world: World, visibility: str) -> None:
    path = await world.at_ballot(PEOPLE, revote=False, visibility=visibility)
    await world.vote(["Ana", "Bilal"], path, "for")
    before = await contents(world)
    for value in ("against", "for"):
        again = await world.call("Ana", "POST", f"{path}/ballots", {"value": value, "revision": 1})
        assert (again.status_code, again.json()["code"]) == (409, "already_voted")
    assert changed(before, await contents(world)) == []
    ballot = {"value": "against", "revision": 1}
    both = await asyncio.gather(*(world.call("Chloé", "POST", f"{path}/ballots", ballot) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [201, 409]
    assert [one.json()["code"] for one in both if one.status_code == 409] == ["already_voted"]
    assert "ballot" not in [one["name"] for one in (await world.do("Ana", "GET", path))["available_steps"]]
    await world.pass_time(days=6)
    facts = (await world.do("Ana", "GET", path))["outcome"]["reasons"][0]["facts"]
    assert (facts["for"], facts["against"]) == (2, 1)
