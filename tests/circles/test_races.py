"""Two requests at the same moment get what two in a row would get."""

import asyncio

import httpx

from app.roles.tables import RoleKind
from tests.circles.structure import Structure


async def test_of_two_joining_at_once_one_is_refused(structure: Structure) -> None:
    ana = await structure.person("Ana")
    path, body = f"/v1/circles/{structure.gestion.id}/memberships", {"member_id": str(ana.id)}
    assert await _race(structure, path, [body] * 4) == [201, 409, 409, 409]
    assert await structure.places(structure.gestion) == {("Ana", "appointed")}


async def test_an_office_goes_to_one_of_two_at_once(structure: Structure) -> None:
    people = [await structure.person(name) for name in ("Ana", "Bilal")]
    for person in people:
        await structure.join(person.name, structure.gestion)
    office = await structure.role(structure.gestion, RoleKind.FACILITATOR)
    bodies = [{"member_id": str(person.id)} for person in people]
    assert await _race(structure, f"/v1/roles/{office.id}/assignments", bodies) == [201, 409]


async def test_of_two_circles_of_one_short_name_one_is_founded(structure: Structure) -> None:
    body = {"slug": "prices", "name": "Prices", "aim": "Prices.", "parent_id": str(structure.anchor.id)}
    assert await _race(structure, "/v1/circles", [body] * 3) == [201, 409, 409]


async def test_of_two_first_rules_at_once_one_asks_to_be_read(structure: Structure) -> None:
    path = f"/v1/circles/{structure.gestion.id}/decision-rule"
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        asked = [client.put(path, json={"slug": slug}) for slug in ("consent", "majority")]
        answers: list[httpx.Response] = await asyncio.gather(*asked)
    assert sorted(one.status_code for one in answers) == [200, 428]


async def _race(structure: Structure, path: str, bodies: list[dict[str, str]]) -> list[int]:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        answers: list[httpx.Response] = await asyncio.gather(*(client.post(path, json=body) for body in bodies))
    return sorted(one.status_code for one in answers)
