"""Where counts went wrong elsewhere: a quorum that never failed, weights that moved, thresholds and paths that lied."""

from typing import Any

import pytest

from tests.api.test_choosing import opened
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


@pytest.mark.parametrize(("voting", "verdict"), [(2, "invalid"), (3, "adopted")])
async def test_trap_04_a_quorum_can_be_missed(world: World, voting: int, verdict: str) -> None:
    path = await world.at_ballot(PEOPLE, quorum="3/5")
    await world.vote(PEOPLE[:voting], path, "for")
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", path))["outcome"]["verdict"] == verdict


async def test_trap_06_weights_stand_still_once_the_vote_is_open(world: World) -> None:
    options = {"inner": {"rule": "majority"}, "measure": "votes"}
    await world.circle("gestion", PEOPLE[:3], rule="weighted", options=options)
    for who, votes in (("Ana", "1"), ("Bilal", "2"), ("Chloé", "2")):
        await _weigh(world, who, votes)
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(["Ana", "Bilal"], path, "for")
    for who, votes in (("Ana", "1"), ("Bilal", "1"), ("Chloé", "9")):
        await _weigh(world, who, votes)
    await world.vote(["Chloé"], path, "against")
    page = await world.do("Ana", "GET", path)
    facts = page["outcome"]["reasons"][0]["facts"]
    assert (page["outcome"]["verdict"], facts["for"], facts["against"]) == ("adopted", 3, 2)


async def test_trap_13_two_thirds_are_never_rounded(world: World) -> None:
    circle = await world.circle("gestion", PEOPLE, rule="majority", options={"threshold": "2/3", "op": "gte"})
    assert circle.slug == "gestion"
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(PEOPLE[:3], path, "for")
    await world.vote(PEOPLE[3:], path, "against")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["facts"]["bar"]) == ("not_adopted", "10/3")


async def test_trap_13_schulze_says_which_strength_it_counts(world: World) -> None:
    """P13: winning votes and margins elect different options, so that the variant is pinned and told."""
    path = await opened(world, "schulze", None, strength="margins")
    found = {}
    for strength in ("winning_votes", "margins"):
        body: dict[str, Any] = {
            "rule": "schulze",
            "options": {"strength": strength},
            "electors": 9,
            "on_ballot": ["a", "b", "c"],
            "ballots": {"b>a>c": 2, "c>b": 4, "a": 3},
        }
        told = await world.do("Ana", "POST", "/v1/decision-rules/simulation", body)
        found[strength] = [one["id"] for one in told["outcome"]["winners"]]
    assert found == {"winning_votes": ["b"], "margins": ["c"]}
    assert (await world.do("Ana", "GET", path))["rule"]["options"]["strength"] == "margins"


async def _weigh(world: World, who: str, votes: str) -> None:
    member = f"/v1/members/{world.members[who].id}/weight"
    await world.do("Salomé", "POST", member, {"measures": {"votes": votes}})
