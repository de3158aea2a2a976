"""Roles and mandates over HTTP, and every refusal with its problem type."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.circles.tables import Basis
from app.roles.tables import RoleKind
from tests.circles.structure import Structure

ROLE = {"name": "Treasurer", "purpose": "Bills are paid.", "accountabilities": ["Pay bills"], "term_months": 12}


async def test_a_role_is_made_filled_read_and_freed(structure: Structure) -> None:
    ana = await structure.person("Ana")
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        made = await client.post(f"/v1/circles/{structure.gestion.id}/roles", json=ROLE)
        path = made.headers["Location"]
        filled = await client.post(f"{path}/assignments", json={"member_id": str(ana.id)})
        read = await client.get(path)
        ended = await client.post(f"/v1/assignments/{filled.json()['id']}/end", json={"reason": "term_end"})
        free = await client.get(path)
    assert (made.status_code, filled.status_code, ended.status_code) == (201, 201, 200)
    assert (filled.json()["member"]["name"], filled.json()["elected_until"]) == ("Ana", "2027-03-02")
    assert read.json()["mandates"] == [filled.json()]
    assert (ended.json()["state"], ended.json()["ended_for"]) == ("ended", "term_end")
    assert free.json() == {**made.json(), "mandates": []}


async def test_any_member_reads_who_fills_what_page_by_page(structure: Structure) -> None:
    for n in range(3):
        await structure.fill(await structure.role(structure.gestion, name=f"Role {n}"), "Ana")
    async with structure.cooperative.as_(await structure.person("Bilal")) as client:
        first = await client.get(f"/v1/circles/{structure.gestion.id}/roles", params={"limit": 2})
        second = await client.get(first.links["next"]["url"])
    roles = first.json()["items"] + second.json()["items"]
    assert [role["name"] for role in roles] == ["Role 0", "Role 1", "Role 2"]
    assert [mandate["member"]["name"] for role in roles for mandate in role["mandates"]] == ["Ana"] * 3


async def test_describing_asks_for_the_version_that_was_read(structure: Structure) -> None:
    role = await structure.role(structure.gestion)
    path, body = f"/v1/roles/{role.id}", {"name": "Bookkeeper"}
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        unread = await client.put(path, json=body)
        described = await client.put(path, json=body, headers={"If-Match": '"1"'})
        late = await client.put(path, json=body, headers={"If-Match": '"1"'})
    assert [_problem(unread), _problem(late)] == [(428, "if_match_required"), (412, "stale")]
    assert (described.json()["name"], described.json()["accountabilities"]) == ("Bookkeeper", [])
    assert described.headers["ETag"] == '"2"'


async def test_every_refusal_has_its_problem_type(structure: Structure) -> None:
    lead, rep = [await structure.role(structure.gestion, one) for one in (RoleKind.LEAD_LINK, RoleKind.REP_LINK)]
    office, role = (
        await structure.role(structure.gestion, RoleKind.FACILITATOR),
        await structure.role(structure.gestion),
    )
    await structure.join("Ana", structure.gestion)
    await structure.fill(lead, "Ana")
    mandate, _ = await structure.fill(role, "Ana"), await structure.fill(office, "Ana")
    ana, emma = await structure.person("Ana"), await structure.person("Emma")
    await structure.join("Emma", structure.gestion, Basis.GUEST)
    async with structure.cooperative.as_(structure.cooperative.steward, **{"Accept-Language": "fr"}) as client:
        told = {
            "links_must_differ": await _assign(client, rep.id, ana.id),
            "already_assigned": await _assign(client, role.id, ana.id),
            "office_filled": await _assign(client, office.id, emma.id),
            "holder_not_in_circle": await _assign(client, rep.id, emma.id),
            "unknown_member": await _assign(client, role.id, uuid4()),
            "office_exists": await client.post(
                f"/v1/circles/{structure.gestion.id}/roles", json={**ROLE, "kind": "facilitator"}
            ),
            "anchor_has_no_links": await client.post(
                f"/v1/circles/{structure.anchor.id}/roles", json={**ROLE, "kind": "rep_link"}
            ),
        }
        await client.post(f"/v1/assignments/{mandate.id}/end", json={})
        told["mandate_over"] = await client.post(f"/v1/assignments/{mandate.id}/end", json={})
        await structure.govern()
        told["structure_by_decision"] = await client.post(f"/v1/circles/{structure.gestion.id}/roles", json=ROLE)
    assert {code: answer.json()["code"] for code, answer in told.items()} == {code: code for code in told}
    assert {code for code, answer in told.items() if answer.status_code == 422} == {
        "links_must_differ", "holder_not_in_circle", "unknown_member", "anchor_has_no_links",
    }  # fmt: skip
    assert {answer.status_code for answer in told.values()} == {409, 422}
    assert (
        told["office_filled"]
        .json()["detail"]
        .startswith("Une seule personne à la fois tient la fonction « facilitation »")
    )
    assert told["links_must_differ"].json()["errors"][0]["detail"] == "Cette personne est l'autre lien du cercle."


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/body/name"),
        ({"name": "a\nb"}, "/body/name"),
        ({"accountabilities": ["x"] * 51}, "/body/accountabilities"),
        ({"accountabilities": ["\u0000"]}, "/body/accountabilities/0"),
        ({"term_months": 0}, "/body/term_months"),
        ({"kind": "monarch"}, "/body/kind"),
    ],
)
async def test_a_malformed_role_is_refused_where_it_is_wrong(
    structure: Structure, change: dict[str, Any], pointer: str
) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.post(f"/v1/circles/{structure.gestion.id}/roles", json={**ROLE, **change})
    assert _problem(refused) == (422, "invalid")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_roles_of_another_cooperative_are_not_there(structure: Structure, elsewhere: Structure) -> None:
    role = await elsewhere.role(elsewhere.gestion)
    mandate = await elsewhere.fill(role, "Zoé")
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        told = [
            await client.get(f"/v1/roles/{role.id}"),
            await client.put(f"/v1/roles/{role.id}", json={"name": "x"}, headers={"If-Match": "*"}),
            await _assign(client, role.id, structure.cooperative.steward.id),
            await client.post(f"/v1/assignments/{mandate.id}/end", json={}),
            await client.get(f"/v1/circles/{elsewhere.gestion.id}/roles"),
            await client.post(f"/v1/circles/{elsewhere.gestion.id}/roles", json=ROLE),
        ]
    assert {_problem(one) for one in told} == {(404, "not_found")}


async def test_leaving_a_circle_is_recorded_where_it_was_joined(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion)
    link = await structure.join("Bilal", structure.gestion, Basis.LINK_REP)
    path = f"/v1/circles/{structure.gestion.id}/memberships"
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        misplaced = await client.post(f"/v1/circles/{structure.anchor.id}/memberships/{place.id}/end")
        left = await client.post(f"{path}/{place.id}/end")
        twice = await client.post(f"{path}/{place.id}/end")
        by_role = await client.post(f"{path}/{link.id}/end")
    assert _problem(misplaced) == (404, "not_found")
    assert (left.status_code, left.json()["member"]["name"]) == (200, "Ana")
    assert left.json()["until"] is not None
    assert [_problem(twice), _problem(by_role)] == [(409, "membership_ended"), (409, "ends_with_its_role")]


async def _assign(client: httpx.AsyncClient, role_id: UUID, member_id: UUID) -> httpx.Response:
    return await client.post(f"/v1/roles/{role_id}/assignments", json={"member_id": str(member_id)})


def _problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]
