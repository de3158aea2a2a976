"""Proxies over HTTP: who reads and gives them, what is refused at the door, what they cost, what cannot be forged."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.proposals.deliberation.openings import open_urns
from app.proposals.deliberation.urns import folded, put
from app.proposals.exported import Told
from app.proposals.refusals import TrackerUnknown
from app.proposals.replay import ReplayDiffers, replay
from tests.api.exports import exported, told
from tests.api.observing import changed, contents, statements
from tests.api.test_proxies import PEOPLE, give, given, refusal, vote_for
from tests.api.world import World

NOWHERE = "0198c1d2-5b7e-7000-8000-0000000000a1"


async def test_giver_and_holder_read_it_and_nobody_else(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    made = await give(world, "Ana", "Bilal")
    proxy = made.json()
    assert made.headers["location"] == f"/v1/proxies/{proxy['id']}"
    assert (proxy["giver"]["name"], proxy["holder"]["name"]) == ("Ana", "Bilal")
    assert (proxy["proposal_id"], proxy["until"], proxy["ended_at"], proxy["end_reason"]) == (None,) * 4
    await given(world, "Bilal", "Chloé")
    await given(world, "Driss", "Chloé")
    for who in ("Ana", "Bilal"):
        assert await world.do(who, "GET", f"/v1/proxies/{proxy['id']}") == proxy
    await world.neighbour()
    for who in ("Chloé", "Salomé", "Odile"):
        for method, rest in (("GET", ""), ("POST", "/revocation")):
            hidden = await world.call(who, method, f"/v1/proxies/{proxy['id']}{rest}")
            assert refusal(hidden) == (404, "not_found"), who
    first = await world.call("Bilal", "GET", "/v1/proxies?limit=1")
    assert first.json()["items"] == [proxy]
    rest = await world.do("Bilal", "GET", first.headers["link"].split(";")[0].strip("<>"))
    assert ([one["holder"]["name"] for one in rest["items"]], rest["next"]) == (["Chloé"], None)
    assert (await world.do("Emma", "GET", "/v1/proxies"))["items"] == []


async def test_the_log_tells_everybody_under_pseudonyms(world: World) -> None:
    circle = await world.circle("gestion", PEOPLE)
    proxy = await given(world, "Ana", "Bilal")
    await world.do("Bilal", "POST", f"/v1/proxies/{proxy['id']}/revocation")
    leaves = [json.loads(line["leaf"]) for line in await exported(world, "Emma")]
    ours = [leaf for leaf in leaves if leaf["stream"] == f"proxy/{proxy['id']}"]
    ana, bilal = (world.members[name].pseudonym for name in ("Ana", "Bilal"))
    assert [(leaf["type"], leaf["actor"]) for leaf in ours] == [("proxy.given", ana), ("proxy.ended", bilal)]
    data = {"proxy": proxy["id"], "circle": str(circle.id), "vote": None, "giver": ana, "holder": bilal, "until": None}
    assert ours[0]["data"] == data


async def test_what_is_refused_at_the_door(world: World) -> None:
    circle = await world.circle("gestion", PEOPLE)
    await world.circle("atelier", ["Ana", "Gaël", "Hawa"])
    here, bilal = str(circle.id), str(world.members["Bilal"].id)
    before = await contents(world)
    for who, body, code, pointer in (
        ("Ana", {"circle_id": here}, (422, "blank_proxy"), "/body/holder_id"),
        ("Ana", {"circle_id": here, "holder_id": None}, (422, "blank_proxy"), "/body/holder_id"),
        ("Bilal", {"circle_id": here, "holder_id": bilal}, (422, "proxy_to_oneself"), "/body/holder_id"),
        ("Ana", {"circle_id": here, "holder_id": NOWHERE}, (422, "holder_without_voice"), "/body/holder_id"),
        ("Ana", {"circle_id": NOWHERE, "holder_id": bilal}, (422, "unknown_circle"), "/body/circle_id"),
        ("Ana", {"holder_id": bilal}, (422, "invalid"), "/body/circle_id"),
        ("Ana", {"circle_id": here, "holder_id": bilal, "scope": "all"}, (422, "invalid"), "/body/scope"),
    ):
        refused = await world.call(who, "POST", "/v1/proxies", body)
        assert (refusal(refused), [one["pointer"] for one in refused.json()["errors"]]) == (code, [pointer]), body
    too_early, without_zone = "2026-03-02T09:00:00Z", "2027-03-02T09:00:00"
    for moment in (too_early, without_zone, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"):
        refused = await give(world, "Ana", "Bilal", until=moment)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/body/until"), moment
    for outsider in ("Gaël", "Salomé"):
        assert refusal(await give(world, outsider, "Bilal")) == (403, "right_missing")
    french = await world.call("Ana", "POST", "/v1/proxies", {"circle_id": here}, Accept_Language="fr")
    assert "en blanc" in french.json()["detail"]
    assert changed(before, await contents(world)) == []
    await given(world, "Ana", "Bilal")
    assert refusal(await give(world, "Ana", "Chloé")) == (409, "proxy_overlaps")


async def test_another_organisation_has_no_part_in_it(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    await world.neighbour()
    assert refusal(await give(world, "Odile", "Bilal")) == (422, "unknown_circle")
    assert refusal(await vote_for(world, "Odile", "Ana", path)) == (404, "not_found")
    draft = await world.draft("Chloé", "gestion")
    for hidden in (draft["id"], NOWHERE):
        assert refusal(await give(world, "Driss", "Bilal", proposal_id=hidden)) == (422, "unknown_vote")
    await given(world, "Chloé", "Bilal", proposal_id=draft["id"])


async def test_a_ballot_by_proxy_takes_three_statements_more_however_many_there_are(world: World) -> None:
    costs = {}
    for slug, people in (("few", PEOPLE), ("many", [*PEOPLE, *(f"Member{n:02}" for n in range(16))])):
        path = await world.at_ballot(people, slug=slug, proxies=True)
        await given(world, "Ana", "Emma", slug=slug)
        await world.do("Emma", "GET", "/v1/me")
        with statements(world) as plain:
            await world.vote(["Emma"], path, "for")
        with statements(world) as first:
            assert (await vote_for(world, "Emma", "Ana", path)).is_success
        with statements(world) as again:
            assert (await vote_for(world, "Emma", "Ana", path, "against")).is_success
        costs[slug] = (len(plain), len(first), len(again))
    plain_cost, *by_proxy = costs["few"]
    assert plain_cost <= 9
    assert by_proxy == [plain_cost + 3] * 2, "the proxy, what else its holder has, and that its holder is there"
    assert costs["many"] == costs["few"], "the same in a circle several times as large"


async def test_a_kept_answer_serves_a_ballot_by_proxy_too(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    body = {"value": "for", "revision": 1, "on_behalf_of": str(world.members["Ana"].id)}
    first, again = [await world.call("Bilal", "POST", f"{path}/ballots", body, Idempotency_Key="k") for _ in "12"]
    assert (first.status_code, again.content) == (201, first.content)
    await world.vote(["Ana"], path, "against")
    refused = await world.call("Bilal", "POST", f"{path}/ballots", body, Idempotency_Key="k2")
    assert refusal(refused) == (409, "giver_has_voted")


async def test_the_urn_itself_keeps_a_proxy_from_replacing_the_voters_own_ballot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the giver's ballot comes in after it was looked up what lies in the urn."""
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    await world.vote(["Ana"], path, "for")

    async def too_soon(*asked: Any, lying: bool) -> dict[Any, Any]:
        found = await open_urns(*asked, lying=lying)
        return {key: SimpleNamespace(**{**row._mapping, "by_proxy": None}) for key, row in found.items()}

    monkeypatch.setattr("app.proposals.deliberation.ballots.open_urns", too_soon)
    before = await contents(world)
    assert refusal(await vote_for(world, "Bilal", "Ana", path, "against")) == (409, "giver_has_voted")
    assert changed(before, await contents(world)) == []


async def test_a_slip_is_replaced_by_one_of_the_same_college_only(world: World) -> None:
    """With somebody else's tracker, a voice would move from one college to another."""
    path = await world.at_ballot(PEOPLE, visibility="secret")
    place = {
        "organisation_id": world.steward.organisation_id,
        "process_id": UUID(path.rpartition("/")[2]),
        "round": 1,
    }
    students = {"choice": "for", "college": "s", "unit": "", "weights": ""}
    async with world.database.write() as session:
        own = folded(place, "s:holder", students, None)
        assert await put(session, [own, folded(place, "s:giver", {**students, "college": "p"}, None)]) == [None, None]
    async with world.database.write() as session:
        moved = folded(place, "s:giver", {**students, "college": "p"}, own.tracker)
        recast = folded(place, "s:holder", {**students, "choice": "against"}, own.tracker)
        first, second = await put(session, [moved, recast])
    assert isinstance(first, TrackerUnknown)
    assert second is None


@pytest.mark.parametrize("forgery", ["no proxy", "no floor", "after their own", "own with a proxy"])
async def test_a_log_in_which_somebody_votes_for_another_without_right_is_refused(world: World, forgery: str) -> None:
    path = await world.at_ballot(PEOPLE, proxies=forgery != "no floor")
    if forgery != "no floor":
        await given(world, "Ana", "Bilal")
        await vote_for(world, "Bilal", "Ana", path)
    await world.vote(["Ana", "Chloé"], path, "for")
    events = told(await exported(world), path.rpartition("/")[2])
    assert replay(events, world.app.state.catalogue).outcome is None
    ana, bilal = (str(world.members[name].pseudonym) for name in ("Ana", "Bilal"))
    forged = [_forged(event, forgery, ana, bilal) for event in events]
    with pytest.raises(ReplayDiffers) as differs:
        replay(forged, world.app.state.catalogue)
    assert differs.value.code == "no_floor"


def _forged(event: Told, forgery: str, ana: str, bilal: str) -> Told:
    """The event as somebody would like it: Ana's ballot, cast otherwise."""
    if event.type != "ballot.cast" or event.data["voter"] != ana:
        return event
    by_proxy = event.data["proxy"] is not None
    envelope: dict[str, Any] = {**event.envelope, "data": {**event.data}}
    if forgery == "no proxy" and by_proxy:
        envelope["data"]["proxy"] = None
    elif forgery in ("no floor", "after their own"):
        envelope["actor"], envelope["data"]["proxy"] = (bilal, NOWHERE) if not by_proxy else (ana, None)
    elif forgery == "own with a proxy" and not by_proxy:
        envelope["data"]["proxy"] = NOWHERE
    return Told(envelope, event.leaf_hash, event.disclosed)
