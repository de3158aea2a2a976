"""Circles over HTTP: what a newcomer reads, what a steward lays down, and every refusal with its problem type."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.foundation.language import text
from tests.circles.structure import Structure

FRENCH = {"Accept-Language": "fr"}


async def test_any_member_reads_the_structure(structure: Structure) -> None:
    await structure.domain("books", structure.gestion)
    await structure.join("Ana", structure.gestion)
    async with structure.cooperative.as_(await structure.person("Bilal")) as client:
        circles = (await client.get("/v1/circles")).json()
        one = await client.get(f"/v1/circles/{structure.gestion.id}")
        places = (await client.get(f"/v1/circles/{structure.gestion.id}/memberships")).json()
        domains = (await client.get("/v1/domains")).json()
        none = (await client.get(f"/v1/circles/{structure.anchor.id}/domains")).json()
        narrowed = (await client.get("/v1/domains", params={"circle_id": str(structure.gestion.id)})).json()
    assert [circle["slug"] for circle in circles["items"]] == ["coeur", "gestion"]
    assert (one.json(), one.headers["ETag"]) == (circles["items"][1], '"1"')
    (place,) = places["items"]
    assert (place["member"]["name"], place["basis"], place["has_voice"]) == ("Ana", "appointed", True)
    assert [domain["slug"] for domain in domains["items"]] == ["books"]
    assert narrowed["items"] == domains["items"]
    assert none == {"items": [], "next": None}


async def test_lists_are_read_page_by_page(structure: Structure) -> None:
    for n in range(3):
        await structure.circle(f"circle-{n}")
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        first = await client.get("/v1/circles", params={"limit": 3})
        second = await client.get(first.links["next"]["url"])
    slugs = [circle["slug"] for page in (first, second) for circle in page.json()["items"]]
    assert slugs == ["coeur", "gestion", "circle-0", "circle-1", "circle-2"]
    assert second.json()["next"] is None


async def test_a_steward_lays_down_a_circle_with_its_domain(structure: Structure) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        founded = await client.post("/v1/circles", json=_circle(structure))
        read = await client.get(founded.headers["Location"])
        body = {**_domain(structure), "circle_id": founded.json()["id"]}
        entrusted = await client.post("/v1/domains", json=body)
        ana = await structure.person("Ana")
        joined = await client.post(
            f"/v1/circles/{founded.json()['id']}/memberships", json={"member_id": str(ana.id), "basis": "guest"}
        )
    assert (founded.status_code, entrusted.status_code, joined.status_code) == (201, 201, 201)
    assert read.json() == founded.json()
    assert (joined.json()["has_voice"], joined.json()["member"]["name"]) == (False, "Ana")


async def test_describing_asks_for_the_version_that_was_read(structure: Structure) -> None:
    path, body = f"/v1/circles/{structure.gestion.id}", {"name": "Gestion", "aim": "Clear money."}
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        unread = await client.put(path, json=body)
        described = await client.put(path, json=body, headers={"If-Match": '"1"'})
        late = await client.put(path, json=body, headers={"If-Match": '"1"'})
    assert _problem(unread) == (428, "if_match_required")
    assert (described.status_code, described.json()["aim"], described.headers["ETag"]) == (200, "Clear money.", '"2"')
    assert _problem(late) == (412, "stale")


async def test_a_domain_needs_a_circle_that_is_there(structure: Structure, elsewhere: Structure) -> None:
    body = {**_domain(structure), "circle_id": str(elsewhere.gestion.id)}
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.post("/v1/domains", json=body)
        await client.post("/v1/domains", json=_domain(structure))
        twice = await client.post("/v1/domains", json=_domain(structure))
    assert _problem(refused) == (422, "unknown_circle")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/body/circle_id"]
    assert _problem(twice) == (409, "domain_slug_taken")


async def test_what_is_not_there_is_not_found_before_it_is_forbidden(
    structure: Structure, elsewhere: Structure
) -> None:
    ana = await structure.person("Ana")
    async with structure.cooperative.as_(ana) as client:
        for circle in (elsewhere.gestion.id, uuid4()):
            path = f"/v1/circles/{circle}"
            asked = [await client.get(path + rest) for rest in ("", "/memberships", "/domains", "/decision-rule")]
            body = {"member_id": str(ana.id)}
            await _with_scope(structure, asked, path, body)
            assert {_problem(one) for one in asked} == {(404, "not_found")}


async def _with_scope(structure: Structure, asked: list[httpx.Response], path: str, body: dict[str, str]) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as steward:
        asked.append(await steward.post(path + "/memberships", json=body))
        asked.append(await steward.put(path, json={"name": "x", "aim": "y"}, headers={"If-Match": "*"}))
        asked.append(await steward.put(path + "/decision-rule", json={"slug": "consent"}))


@pytest.mark.parametrize(
    ("path", "change", "pointer"),
    [
        ("/v1/circles", {"slug": "Grand Cercle"}, "/body/slug"),
        ("/v1/circles", {"slug": "x" * 61}, "/body/slug"),
        ("/v1/circles", {"name": "a\u0000b"}, "/body/name"),
        ("/v1/circles", {"aim": "  "}, "/body/aim"),
        ("/v1/circles", {"aim": "x" * 2001}, "/body/aim"),
        ("/v1/circles", {"kind": "pyramid"}, "/body/kind"),
        ("/v1/circles", {"parent_id": "no id"}, "/body/parent_id"),
        ("/v1/circles", {"boss": "Ana"}, "/body/boss"),
    ],
)
async def test_a_malformed_circle_is_refused_where_it_is_wrong(
    structure: Structure, path: str, change: dict[str, Any], pointer: str
) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.post(path, json={**_circle(structure), **change})
    assert _problem(refused) == (422, "invalid")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_a_place_of_a_link_cannot_be_recorded_by_hand(structure: Structure) -> None:
    ana = await structure.person("Ana")
    path = f"/v1/circles/{structure.gestion.id}/memberships"
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.post(path, json={"member_id": str(ana.id), "basis": "link_lead"})
    assert _problem(refused) == (422, "invalid")
    assert await structure.places(structure.gestion) == set()


async def test_refusals_speak_both_languages(structure: Structure) -> None:
    ana = await structure.person("Ana")
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        english = await client.post("/v1/circles", json={**_circle(structure), "slug": "gestion"})
        french = await client.post("/v1/circles", json={**_circle(structure), "slug": "gestion"}, headers=FRENCH)
        path, body = f"/v1/circles/{structure.gestion.id}/memberships", {"member_id": str(ana.id)}
        await client.post(path, json=body)
        twice = await client.post(path, json=body, headers=FRENCH)
        await structure.govern()
        late = await client.post("/v1/circles", json=_circle(structure))
    assert _problem(english) == _problem(french) == (409, "circle_slug_taken")
    assert "already uses the short name “gestion”" in english.json()["detail"]
    assert french.json()["title"] == "Nom court déjà pris par un autre cercle"
    assert _problem(twice) == (409, "already_in_circle")
    assert "(sur désignation)" in twice.json()["detail"]
    assert _problem(late) == (409, "structure_by_decision")


async def test_a_member_who_keeps_no_register_changes_nothing(structure: Structure) -> None:
    ana = await structure.person("Ana")
    async with structure.cooperative.as_(ana) as client:
        refused = [
            await client.post("/v1/circles", json=_circle(structure)),
            await client.post("/v1/domains", json=_domain(structure)),
            await client.post(f"/v1/circles/{structure.gestion.id}/memberships", json={"member_id": str(ana.id)}),
            await client.put(f"/v1/circles/{structure.gestion.id}/decision-rule", json={"slug": "consent"}),
        ]
        french = await client.post("/v1/circles", json=_circle(structure), headers=FRENCH)
    assert {_problem(one) for one in refused} == {(403, "right_missing")}
    assert refused[0].json()["facts"]["permission"] == "shape_circles"
    assert text("permission.shape_circles", "en") in refused[0].json()["detail"]
    assert text("permission.shape_circles", "fr") in french.json()["detail"]
    assert await structure.places(structure.gestion) == set()


def _circle(structure: Structure) -> dict[str, Any]:
    return {
        "slug": "prestations",
        "name": "Prestations",
        "aim": "Missions.",
        "kind": "operational",
        "parent_id": str(structure.anchor.id),
    }


def _domain(structure: Structure) -> dict[str, Any]:
    circle = str(structure.gestion.id)
    return {"circle_id": circle, "slug": "prices", "name": "Prices", "description": "What it costs."}


def _problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]
