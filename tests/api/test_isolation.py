"""Nobody sees or changes what is not theirs, route by route: other organisations, other people's drafts, no token, or
one that was made for less."""

import pytest

from app.foundation.permissions import Scope
from tests.api.observing import Contents, contents
from tests.api.operations import operations
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
NOWHERE = "0198c1d2-5b7e-7000-8000-0000000000a1"


async def test_another_organisations_token_finds_nothing_on_any_route(world: World) -> None:
    ids = await _everything(world)
    await world.neighbour()
    before = _ours(world, await contents(world))
    tried = 0
    for one in operations(world.app):
        if one.is_public or "{" not in one.path:
            continue
        for filled in (ids, dict.fromkeys(ids, NOWHERE)):
            answer = await world.call("Odile", one.method, one.address(filled), one.body, If_Match="*")
            assert answer.status_code == 404, f"{one.method} {one.path}: {answer.status_code} {answer.text}"
            assert answer.json()["code"] == "not_found", answer.text
        tried += 1
    assert tried > 50
    assert _ours(world, await contents(world)) == before


async def test_another_organisations_lists_hold_nothing_of_ours(world: World) -> None:
    ids = await _everything(world)
    await world.neighbour()
    words = ("Ana", "Bilal", "Chloé", "Driss", "Gestion", "Ardoise", *ids.values())
    for one in operations(world.app):
        if one.is_public or "{" in one.path or one.method != "GET":
            continue
        answer = await world.call("Odile", "GET", one.path)
        assert answer.is_success, f"{one.path}: {answer.text}"
        assert not [word for word in words if word in answer.text], one.path
    for query in (f"/v1/proposals?circle_id={ids['circle_id']}", f"/v1/domains?circle_id={ids['circle_id']}"):
        answer = await world.call("Odile", "GET", query)
        assert answer.status_code == 404 or answer.json()["items"] == [], query


async def test_ids_of_another_organisation_in_a_body_are_unknown(world: World) -> None:
    ids = await _everything(world)
    await world.neighbour()
    before = _ours(world, await contents(world))
    circle = {"slug": "c", "name": "C", "aim": "A.", "kind": "operational", "parent_id": ids["circle_id"]}
    domain = {"slug": "d", "name": "D", "description": "All.", "circle_id": ids["circle_id"]}
    change = {"kind": "adopt_agreement", "domain_id": str(world.domains["gestion"].id)}
    proposal = {"title": "T", "body": "B", "changes": [change], "review_on": "2027-03-01"}
    own = await world.do("Odile", "POST", "/v1/tensions", {"driver": "d", "example": "e", "requirement": "r"})
    for address, body, statuses in (
        ("/v1/circles", circle, {422}),
        ("/v1/domains", domain, {422}),
        ("/v1/proposals", proposal | {"tension_id": ids["tension_id"]}, {404}),
        ("/v1/proposals", proposal | {"tension_id": own["id"]}, {422}),
    ):
        answer = await world.call("Odile", "POST", address, body)
        assert answer.status_code in statuses, f"{address}: {answer.text}"
    assert _ours(world, await contents(world)) == before


async def test_without_a_credential_every_route_but_the_public_ones_is_closed(world: World) -> None:
    ids = await _everything(world)
    before = await contents(world)
    wrong = {"Authorization": "Bearer cercle_pat_" + "x" * 51}
    for one in operations(world.app):
        if one.is_public:
            continue
        for headers in ({}, wrong, {"Authorization": "Basic QTpC"}, {"Authorization": "Bearer"}):
            answer = await world.client.request(one.method, one.address(ids), json=one.body, headers=headers)
            assert answer.status_code == 401, f"{one.method} {one.path} {headers}: {answer.status_code} {answer.text}"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
    assert await contents(world) == before


@pytest.mark.parametrize("held", list(Scope))
async def test_a_token_opens_what_it_was_made_for_and_nothing_else(world: World, held: Scope) -> None:
    ids = await _everything(world)
    who = await world.token("Salomé", held)
    before = await contents(world)
    for one in operations(world.app):
        if one.scope in (None, held):
            continue
        answer = await world.call(who, one.method, one.address(ids), one.body, If_Match="*")
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), f"{one.name}: {answer.text}"
        assert answer.json()["facts"]["scope"] == str(one.scope)
        assert "insufficient_scope" in answer.headers["www-authenticate"]
    assert await contents(world) == before
    assert (await world.call(who, "GET", "/v1/me")).is_success is (held is Scope.READ)


async def test_somebody_elses_draft_is_not_there_until_it_is_shown(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion")
    ids = dict.fromkeys(("proposal_id",), draft["id"])
    before = await contents(world)
    concerning = [one for one in operations(world.app) if "{proposal_id}" in one.path]
    assert len(concerning) > 30
    for who in ("Bilal", "Chloé", "Driss", "Salomé"):
        for one in concerning:
            answer = await world.call(who, one.method, one.address(ids), one.body, If_Match="*")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{one.name}: {answer.text}"
        assert (await world.do(who, "GET", "/v1/proposals"))["items"] == []
    assert await contents(world) == before
    for one in (one for one in concerning if one.method == "GET"):
        own = await world.call("Ana", "GET", one.address(ids))
        assert own.status_code in {200, 404}, f"{one.name}: {own.text}"
    await world.do("Ana", "POST", f"/v1/proposals/{draft['id']}/forming")
    assert (await world.do("Bilal", "GET", f"/v1/proposals/{draft['id']}"))["title"] == draft["title"]


async def test_a_draft_that_was_never_shown_stays_unseen_for_ever(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion", "A secret plan")
    path = f"/v1/proposals/{draft['id']}"
    await world.do("Ana", "POST", f"{path}/withdrawal", {})
    await world.worker.sequence_all()
    for address in (path, f"{path}/revisions", f"{path}/steps", f"{path}/words"):
        assert (await world.call("Bilal", "GET", address)).status_code == 404, address
    assert (await world.do("Bilal", "GET", "/v1/proposals"))["items"] == []
    log = await world.call("Bilal", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    assert "A secret plan" not in log.text


async def test_what_is_sealed_is_read_by_nobody_before_its_time(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    concern = {"value": "consent_with_concern", "text": "Paper gets lost.", "revision": 1}
    await world.do("Driss", "POST", f"{path}/positions", concern)
    await world.worker.sequence_all()
    reading = (f"{path}/words", f"{path}/objections", f"{path}/rounds", path)
    await _nobody_reads(world, reading)
    [own] = (await world.do("Driss", "GET", f"{path}/words"))["items"]
    assert own["texts"] == {"text": "Paper gets lost."}
    await world.pass_time(days=4, hours=16)
    page = await world.do("Ana", "GET", path)
    assert (page["phase"]["kind"], page["phase"]["number"]) == ("objecting", 2), "too few answered: it is extended"
    await _nobody_reads(world, reading)
    await world.answer(["Bilal", "Chloé"], path)
    assert "Paper gets lost." in (await world.call("Bilal", "GET", f"{path}/words")).text


async def _nobody_reads(world: World, addresses: tuple[str, ...]) -> None:
    for who in ("Ana", "Bilal", "Chloé", "Salomé"):
        for address in addresses:
            answer = await world.call(who, "GET", address)
            assert answer.is_success, address
            assert "Paper gets lost." not in answer.text, (who, address)
        assert (await world.do(who, "GET", addresses[0]))["items"] == []
        log = await world.do(who, "GET", "/v1/organisations/ardoise/log/events?limit=200")
        said = [one for one in log["items"] if one["envelope"]["type"] == "word.said"]
        assert [one["disclosures"] for one in said] == [[]] * len(said)


async def _everything(world: World) -> dict[str, str]:
    """One of each thing in our organisation, by the name of the path's parameter."""
    path = await world.at_objecting(PEOPLE)
    await world.answer(PEOPLE[1:], path)
    circle = str(world.circles["gestion"].id)
    roles = (await world.do("Salomé", "GET", f"/v1/circles/{circle}/roles"))["items"]
    role = await world.do("Salomé", "GET", f"/v1/roles/{roles[0]['id']}")
    token = await world.do("Ana", "POST", "/v1/me/tokens", {"label": "t", "scopes": ["read"]})
    to_bilal = {"circle_id": circle, "holder_id": str(world.members["Bilal"].id)}
    return {
        "proposal_id": path.rpartition("/")[2],
        "circle_id": circle,
        "member_id": str(world.members["Ana"].id),
        "membership_id": (await world.do("Ana", "GET", f"/v1/circles/{circle}/memberships"))["items"][0]["id"],
        "role_id": role["id"],
        "assignment_id": role["mandates"][0]["id"],
        "agreement_id": (await world.do("Ana", "GET", "/v1/agreements"))["items"][0]["id"],
        "proxy_id": (await world.do("Ana", "POST", "/v1/proxies", to_bilal))["id"],
        "tension_id": (await world.do("Ana", "GET", "/v1/tensions"))["items"][0]["id"],
        "token_id": token["id"],
        "session_id": (await world.do("Ana", "GET", "/v1/me/sessions"))["items"][0]["id"],
        "slug": "ardoise",
    }


def _ours(world: World, found: Contents) -> Contents:
    """The rows that name our organisation."""
    mine = repr(world.steward.organisation_id)
    return {name: [row for row in rows if mine in row] for name, rows in found.items()}
