"""An author never decides alone: neither with the proxies they hold, nor by taking back what others have decided."""

import pytest

from tests.api.exports import replayed
from tests.api.test_proxies import given, vote_for
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]


async def ended(world: World, path: str) -> tuple[str, list[str]]:
    await world.pass_time(days=7)
    page = await world.do("Ana", "GET", path)
    assert (await replayed(world, path)).outcome is not None, "the export tells the same"
    return page["outcome"]["verdict"], [reason["code"] for reason in page["outcome"]["reasons"]]


async def test_who_votes_for_others_too_is_still_alone(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Bilal", "Ana")
    await world.vote(["Ana"], path, "for")
    assert (await vote_for(world, "Ana", "Bilal", path)).status_code == 201
    assert await ended(world, path) == ("invalid", ["author_alone"])


async def test_somebody_else_who_only_abstains_leaves_the_author_alone(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Bilal", "Ana")
    await world.vote(["Ana"], path, "for")
    await vote_for(world, "Ana", "Bilal", path)
    await world.vote(["Chloé"], path, "blank")
    assert await ended(world, path) == ("invalid", ["author_alone"])


async def test_one_other_who_says_yes_decides(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Bilal"], path, "for")
    await world.vote(["Ana", "Chloé", "Driss"], path, "abstain")
    verdict, codes = await ended(world, path)
    assert (verdict, codes[0]) == ("adopted", "reached")


@pytest.mark.parametrize("shown", ["open", "sealed"])
async def test_whom_the_author_represents_may_answer_themselves(world: World, shown: str) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True, visibility=shown)
    await given(world, "Bilal", "Ana")
    await world.vote(["Ana"], path, "for")
    await vote_for(world, "Ana", "Bilal", path)
    await world.vote(["Bilal"], path, "for")
    assert (await ended(world, path))[0] == "adopted"


async def test_in_secret_nobody_knows_whose_the_single_ballot_is(world: World) -> None:
    people = [*PEOPLE, "Emma", "Farid"]
    path = await world.at_ballot(people, visibility="secret")
    await world.vote(["Bilal"], path, "for")
    assert await ended(world, path) == ("invalid", ["perhaps_author_alone"])


async def test_what_was_adopted_and_waits_is_not_taken_back(world: World) -> None:
    options = {"inner": {"rule": "majority", "options": {}}, "delay": "P3D"}
    await world.circle("gestion", PEOPLE, rule="delayed", options=options)
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(PEOPLE, path, "for")
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] == "waiting"
    steps = (await world.do("Ana", "GET", f"{path}/steps"))["closed_steps"]
    [step] = [one for one in steps if one["name"] == "withdraw"]
    assert step["reason"] == "already_decided"
    refused = await world.call("Ana", "POST", f"{path}/withdrawal", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "step_closed")
    await world.pass_time(days=4)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_what_was_adopted_takes_effect_although_its_author_leaves(world: World) -> None:
    options = {"inner": {"rule": "majority", "options": {}}, "delay": "P3D"}
    await world.circle("gestion", PEOPLE, rule="delayed", options=options)
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(PEOPLE, path, "for")
    await world.leave("Ana")
    await world.pass_time(days=4)
    assert (await world.do("Bilal", "GET", path))["state"] == "adopted"
