"""Votes over HTTP beyond for and against in time: early closes, running counts, late quorums, no second vote."""

import asyncio

import pytest

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
    again = await world.call("Ana", "POST", f"{path}/ballots", {"value": "against", "revision": 1})
    assert again.status_code == 409
    ballot = {"value": "against", "revision": 1}
    both = await asyncio.gather(*(world.call("Chloé", "POST", f"{path}/ballots", ballot) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [201, 409]
    assert "ballot" not in [one["name"] for one in (await world.do("Ana", "GET", path))["available_steps"]]
    await world.pass_time(days=6)
    facts = (await world.do("Ana", "GET", path))["outcome"]["reasons"][0]["facts"]
    assert (facts["for"], facts["against"]) == (2, 1)
