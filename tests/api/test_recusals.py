"""Stepping out of a decision because of a stake of one's own: before it opens, with a reason on record."""

from tests.api.exports import replayed
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaëlle", "Hugo", "Inès", "Jeanne"]
STAKE = {"text": "My brother would get the contract."}


async def test_w42_who_is_recused_does_not_vote_and_counts_for_the_quorum(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={"quorum": "1/2"})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    offered = await world.do("Jeanne", "GET", path)
    assert "recuse" in [step["name"] for step in offered["available_steps"]]
    stepped = await world.do("Jeanne", "POST", f"{path}/recusal", STAKE)
    assert "recuse" not in [step["name"] for step in stepped["available_steps"]]
    again = await world.call("Jeanne", "POST", f"{path}/recusal", STAKE)
    assert (again.status_code, again.json()["code"]) == (409, "step_closed")
    await world.do("Bilal", "POST", f"{path}/admission")
    refused = await world.call("Jeanne", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "floor_of_another")
    await world.vote(PEOPLE[:5], path, "for")
    await world.vote(PEOPLE[5:9], path, "against")
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted", "nobody waits for who is recused"
    facts = {reason["code"]: reason["facts"] for reason in page["outcome"]["reasons"]}
    assert (facts["reached"]["for"], facts["reached"]["base"]) == (5, 9)
    assert facts["quorum_reached"] == {"took_part": 9, "needed": 5, "of": 10}
    assert (await replayed(world, path)).outcome is not None


async def test_only_members_of_the_circle_and_only_before_it_opens(world: World) -> None:
    await world.circle("gestion", PEOPLE[:4])
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    assert (await world.call("Salomé", "POST", f"{path}/recusal", STAKE)).status_code == 403
    assert (await world.call("Driss", "POST", f"{path}/recusal", {})).status_code == 422
    await world.do("Bilal", "POST", f"{path}/admission")
    assert (await world.call("Driss", "POST", f"{path}/recusal", STAKE)).status_code == 409
