"""A circle whose people are in weighed colleges, for all who vote by them."""

from collections.abc import Mapping, Sequence

from tests.api.world import World


async def in_colleges(world: World, people: Mapping[str, Sequence[str]], shares: Mapping[str, str]) -> dict[str, str]:
    """The circle ``gestion`` of these people, by college, with the weights of the colleges set; gives their ids."""
    await world.circle("gestion", [who for members in people.values() for who in members])
    setting = {"colleges": [{"name": name, "weight": weight} for name, weight in shares.items()]}
    made = (await world.do("Salomé", "PUT", "/v1/colleges", setting, If_Match="*"))["colleges"]
    ids = {one["name"]: one["id"] for one in made}
    for college, members in people.items():
        for who in members:
            await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/college", {"college": ids[college]})
    return ids
