"""Votes by proxy over HTTP: counted as the giver's, never passed on, and worth nothing once the giver votes."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from app.proposals.tables import Ballot
from tests.api.exports import exported, replayed
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]
COLLEGES = [{"name": "Students", "weight": "1/2"}, {"name": "B", "weight": "3/10"}, {"name": "P", "weight": "1/5"}]


async def give(world: World, giver: str, holder: str, **more: Any) -> httpx.Response:
    slug = more.pop("slug", "gestion")
    body = {"holder_id": str(world.members[holder].id), "circle_id": str(world.circles[slug].id), **more}
    return await world.call(giver, "POST", "/v1/proxies", body)


async def given(world: World, giver: str, holder: str, **more: Any) -> dict[str, Any]:
    answer = await give(world, giver, holder, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def vote_for(world: World, holder: str, giver: str, path: str, value: str = "for", **more: Any) -> httpx.Response:
    body = {"value": value, "revision": 1, "on_behalf_of": str(world.members[giver].id), **more}
    return await world.call(holder, "POST", f"{path}/ballots", body)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def counted(world: World, path: str) -> dict[str, Any]:
    """How the vote ended, and that its export tells the same."""
    await world.pass_time(days=6)
    facts = (await world.do("Ana", "GET", f"{path}/outcome"))["reasons"][0]["facts"]
    assert (await replayed(world, path)).outcome is not None
    return {name: facts.get(name) for name in ("for", "against")}


async def told(world: World, *kinds: str) -> list[dict[str, Any]]:
    leaves = [json.loads(line["leaf"]) for line in await exported(world)]
    return [leaf for leaf in leaves if leaf["type"] in kinds]


async def test_a_holder_votes_for_who_gave_them_a_proxy(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    proxy = await given(world, "Ana", "Bilal")
    await world.vote(["Bilal", "Chloé"], path, "against")
    taken = await vote_for(world, "Bilal", "Ana", path)
    assert (taken.status_code, taken.json()["value"]) == (201, "for")
    assert (await vote_for(world, "Bilal", "Ana", path, "against")).status_code == 201, "a ballot may be replaced"
    assert (await vote_for(world, "Bilal", "Ana", path)).status_code == 201
    page = await world.do("Ana", "GET", path)
    assert [one["due"] for one in page["available_steps"] if one["name"] == "ballot"] == [False]
    assert await counted(world, path) == {"for": 1, "against": 2}
    ana, bilal = (str(world.members[name].pseudonym) for name in ("Ana", "Bilal"))
    cast = [(one["actor"], one["data"]["voter"], one["data"]["proxy"]) for one in await told(world, "ballot.cast")]
    assert [one for one in cast if one[1] == ana] == [(bilal, ana, proxy["id"])] * 3
    assert all(proxy is None and actor == voter for actor, voter, proxy in cast if voter != ana)


async def test_who_votes_themselves_overrides_and_is_voted_for_no_more(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    await given(world, "Chloé", "Bilal")
    await vote_for(world, "Bilal", "Ana", path, "against")
    await world.vote(["Ana"], path, "for")
    await world.vote(["Chloé"], path, "for")
    before = await contents(world)
    for giver in ("Ana", "Chloé"):
        assert refusal(await vote_for(world, "Bilal", giver, path, "against")) == (409, "giver_has_voted")
    assert changed(before, await contents(world)) == []
    async with world.database.read() as session:
        assert set((await session.execute(select(col(Ballot.by_proxy)))).scalars()) == {""}
    assert await counted(world, path) == {"for": 2, "against": 0}


async def test_proxies_never_lead_back_to_who_gave_the_first(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    first = await given(world, "Ana", "Bilal")
    await given(world, "Bilal", "Chloé")
    before = await contents(world)
    for giver in ("Bilal", "Chloé"):
        back = await give(world, giver, "Ana", proposal_id=path.rpartition("/")[2])
        assert refusal(back) == (409, "proxy_overlaps" if giver == "Bilal" else "proxy_cycle")
    french = {"holder_id": str(world.members["Ana"].id), "circle_id": str(world.circles["gestion"].id)}
    told_so = await world.call("Chloé", "POST", "/v1/proxies", french, Accept_Language="fr")
    assert (refusal(told_so), told_so.json()["title"]) == (
        (409, "proxy_cycle"),
        "Les procurations reviendraient à vous",
    )
    assert changed(before, await contents(world)) == []
    await world.do("Ana", "POST", f"/v1/proxies/{first['id']}/revocation")
    await given(world, "Chloé", "Ana")
    assert refusal(await give(world, "Ana", "Chloé")) == (409, "proxy_cycle")


async def test_a_proxy_cannot_be_passed_on(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    await given(world, "Bilal", "Chloé")
    assert refusal(await vote_for(world, "Chloé", "Ana", path)) == (403, "no_proxy")
    assert (await vote_for(world, "Chloé", "Bilal", path)).is_success
    assert (await vote_for(world, "Bilal", "Ana", path)).is_success


async def test_a_third_proxy_of_one_holder_is_refused(world: World) -> None:
    """A4: two proxies at most for each holder."""
    await world.circle("gestion", PEOPLE)
    await given(world, "Ana", "Emma")
    await given(world, "Bilal", "Emma")
    refused = await give(world, "Chloé", "Emma")
    assert refusal(refused) == (409, "proxy_cap")
    assert refused.json()["facts"] == {"cap": "2", "held": "2"}
    assert "at most 2 proxies" in refused.json()["detail"]


async def test_it_is_counted_in_the_college_of_who_gave_it(world: World) -> None:
    """A4: the vote of somebody who is represented weighs in their own college."""
    made = await world.do("Salomé", "PUT", "/v1/colleges", {"colleges": COLLEGES}, If_Match='"0"')
    ids = [one["id"] for one in made["colleges"]]
    weights = {one["id"]: one["weight"] for one in made["colleges"]}
    inner = {"rule": "majority", "options": {"proxies": True}}
    await world.circle("gestion", PEOPLE, rule="colleges", options={"inner": inner, "weights": weights})
    for place, name in enumerate(PEOPLE):
        await world.do("Salomé", "POST", f"/v1/members/{world.members[name].id}/college", {"college": ids[place % 3]})
    path = await world.admitted("Ana", "gestion", "Bilal")
    await given(world, "Ana", "Bilal")
    await vote_for(world, "Bilal", "Ana", path)
    await world.vote(["Bilal", "Chloé"], path, "against")
    await world.pass_time(days=6)
    outcome = await world.do("Ana", "GET", f"{path}/outcome")
    assert outcome["verdict"] == "not_adopted", "half of all votes for, half against"
    profile = (await replayed(world, path)).case.held[0].profile
    assert profile is not None
    assert {(ballot, college) for ballot, college, _ in profile.rows} == {
        ("for", ids[0]),
        ("against", ids[1]),
        ("against", ids[2]),
    }


async def test_nobody_votes_for_another_where_the_rule_does_not_say_so(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    consent = await world.at_objecting(PEOPLE, slug="atelier")
    await given(world, "Ana", "Bilal")
    await given(world, "Ana", "Bilal", slug="atelier")
    assert refusal(await vote_for(world, "Bilal", "Ana", path)) == (409, "proxies_not_allowed")
    assert refusal(await vote_for(world, "Bilal", "Ana", consent)) == (409, "proxies_not_allowed")
    position = {"value": "consent", "revision": 1, "on_behalf_of": str(world.members["Ana"].id)}
    assert (await world.call("Bilal", "POST", f"{consent}/positions", position)).status_code == 422


async def test_without_a_proxy_that_covers_the_vote_nobody_votes_for_another(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await world.circle("atelier", [*PEOPLE, "Gaël"], rule="majority", options={"proxies": True})
    other = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    await given(world, "Ana", "Bilal", slug="atelier")
    await given(world, "Gaël", "Bilal", slug="atelier")
    await given(world, "Chloé", "Bilal", proposal_id=other.rpartition("/")[2])
    before = await contents(world)
    for holder, giver in (("Bilal", "Ana"), ("Bilal", "Gaël"), ("Bilal", "Chloé"), ("Driss", "Ana"), ("Ana", "Ana")):
        assert refusal(await vote_for(world, holder, giver, path)) == (403, "no_proxy"), (holder, giver)
    nobody = {"value": "for", "revision": 1, "on_behalf_of": "0198c1d2-5b7e-7000-8000-0000000000a1"}
    assert refusal(await world.call("Bilal", "POST", f"{path}/ballots", nobody)) == (403, "no_proxy")
    unreadable = await world.call("Bilal", "POST", f"{path}/ballots", {**nobody, "on_behalf_of": "Ana"})
    assert (unreadable.status_code, unreadable.json()["errors"][0]["pointer"]) == (422, "/body/on_behalf_of")
    assert changed(before, await contents(world)) == []
    assert (await vote_for(world, "Bilal", "Chloé", other)).is_success


async def test_only_who_was_listed_at_the_admission_is_voted_for(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    await world.circle("atelier", [*PEOPLE, "Gaël"])
    place = {"member_id": str(world.members["Gaël"].id)}
    await world.do("Salomé", "POST", f"/v1/circles/{world.circles['gestion'].id}/memberships", place)
    await given(world, "Gaël", "Bilal")
    await given(world, "Ana", "Gaël")
    assert refusal(await vote_for(world, "Bilal", "Gaël", path)) == (403, "not_in_electorate")
    assert (await vote_for(world, "Gaël", "Ana", path)).is_success, (
        "a full member who joined later holds it all the same"
    )


async def test_who_is_recused_neither_votes_for_another_nor_is_voted_for(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={"proxies": True})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Driss", "POST", f"{path}/recusal", {"text": "My brother would get the contract."})
    await world.do("Bilal", "POST", f"{path}/admission")
    await given(world, "Ana", "Driss")
    await given(world, "Driss", "Bilal")
    for holder, giver in (("Driss", "Ana"), ("Bilal", "Driss")):
        assert refusal(await vote_for(world, holder, giver, path)) == (403, "recused")


async def test_a_proxy_that_was_taken_back_gives_no_vote_and_what_was_cast_stays(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    first = await given(world, "Ana", "Bilal")
    second = await given(world, "Chloé", "Bilal")
    await vote_for(world, "Bilal", "Ana", path)
    for who, proxy in (("Ana", first), ("Bilal", second)):
        ended = await world.do(who, "POST", f"/v1/proxies/{proxy['id']}/revocation")
        assert (ended["end_reason"], ended["ended_at"] is None) == ("revoked", False)
        assert refusal(await world.call(who, "POST", f"/v1/proxies/{proxy['id']}/revocation")) == (409, "proxy_over")
    for giver in ("Ana", "Chloé"):
        assert refusal(await vote_for(world, "Bilal", giver, path, "against")) == (403, "no_proxy")
    assert [one["data"]["reason"] for one in await told(world, "proxy.ended")] == ["revoked"] * 2
    await world.vote(["Chloé", "Driss"], path, "against")
    assert await counted(world, path) == {"for": 1, "against": 2}


@pytest.mark.parametrize(("who", "reason"), [("Ana", "giver_left"), ("Bilal", "holder_left")])
@pytest.mark.parametrize("how", ["leaves", "is suspended"])
async def test_proxies_end_with_the_part_of_giver_or_holder(world: World, who: str, reason: str, how: str) -> None:
    """A6: the proxies of those who leave are revoked."""
    path = await world.at_ballot(PEOPLE, proxies=True)
    await given(world, "Ana", "Bilal")
    await vote_for(world, "Bilal", "Ana", path)
    if how == "leaves":
        await world.leave(who)
    else:
        await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/suspension", {"reason": "Dues."})
        await world.worker.do_due()
    assert [one["data"]["reason"] for one in await told(world, "proxy.ended")] == [reason]
    if who == "Ana":
        assert refusal(await vote_for(world, "Bilal", "Ana", path)) == (403, "no_proxy")
    else:
        await given(world, "Ana", "Chloé")
        assert (await vote_for(world, "Chloé", "Ana", path)).is_success


async def test_a_proxy_ends_with_its_time_or_with_its_vote(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    dropped = await world.admitted("Bilal", "gestion", "Chloé", "Hours")
    until = "2026-03-04T11:00:00+02:00"
    timed = await given(world, "Ana", "Bilal", until=until)
    assert timed["until"] == "2026-03-04T09:00:00Z"
    for giver, vote in (("Chloé", path), ("Driss", dropped)):
        await given(world, giver, "Farid", proposal_id=vote.rpartition("/")[2])
    await world.pass_time(days=2, minutes=2)
    assert refusal(await vote_for(world, "Bilal", "Ana", path)) == (403, "no_proxy")
    await world.do("Bilal", "POST", f"{dropped}/withdrawal", {})
    assert len(await told(world, "proxy.ended")) == 2
    await counted(world, path)
    assert [one["data"]["reason"] for one in await told(world, "proxy.ended")] == ["expired"] * 3
    for vote in (path, dropped, "/v1/proposals/0198c1d2-5b7e-7000-8000-0000000000a1"):
        late = await give(world, "Ana", "Emma", proposal_id=vote.rpartition("/")[2])
        assert (refusal(late), late.json()["errors"][0]["pointer"]) == ((422, "unknown_vote"), "/body/proposal_id")


async def test_nobody_votes_for_another_in_secret(world: World) -> None:
    path = await world.at_ballot(PEOPLE, visibility="secret")
    await given(world, "Ana", "Bilal")
    assert refusal(await vote_for(world, "Bilal", "Ana", path)) == (409, "proxies_not_allowed")
    rule = {"slug": "majority", "options": {"visibility": "secret", "proxies": True}}
    circle = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    refused = await world.call("Salomé", "PUT", circle, rule, If_Match='"1"')
    assert refusal(refused) == (422, "invalid_rule_options")
    assert [one["code"] for one in refused.json()["errors"]] == ["secret_by_proxy"]
