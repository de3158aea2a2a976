"""The limits of proxies over HTTP: how many, between whom, for how long, and only while their giver is away."""

import asyncio

import pytest
from sqlalchemy import update

from app.organisations.tables import LegalForm, Organisation
from tests.api.observing import changed, contents
from tests.api.test_proxies import PEOPLE, counted, give, given, refusal, told, vote_for
from tests.api.world import World

FORTY = [*PEOPLE, *(f"Member{n:02}" for n in range(34))]


async def become(world: World, form: LegalForm) -> None:
    async with world.database.writer.begin() as connection:
        await connection.execute(update(Organisation).values(legal_form=form))


async def test_who_votes_for_another_is_there_and_is_voted_for_no_more(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    other = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    await given(world, "Ana", "Bilal")
    await given(world, "Bilal", "Chloé")
    assert (await vote_for(world, "Chloé", "Bilal", path, "against")).is_success
    assert (await vote_for(world, "Bilal", "Ana", path)).is_success
    before = await contents(world)
    late = await vote_for(world, "Chloé", "Bilal", path)
    assert refusal(late) == (409, "giver_is_present")
    assert changed(before, await contents(world)) == []
    assert (await vote_for(world, "Chloé", "Bilal", other)).is_success, "it falls in that vote alone"
    assert (await vote_for(world, "Bilal", "Ana", path, "against")).is_success
    assert await counted(world, path) == {"for": 0, "against": 2}, "what was cast before stays"


async def test_the_statutes_say_how_many(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    for giver in ("Ana", "Bilal"):
        await given(world, giver, "Emma")
    read = await world.call("Ana", "GET", "/v1/proxy-cap")
    assert (read.json(), read.headers["etag"]) == ({"most": None}, '"0"')
    assert refusal(await give(world, "Chloé", "Emma")) == (409, "proxy_cap")
    done = await world.call("Salomé", "PUT", "/v1/proxy-cap", {"most": 3}, If_Match='"0"')
    assert (done.status_code, done.json(), done.headers["etag"]) == (200, {"most": 3}, '"1"')
    await given(world, "Chloé", "Emma")
    over = await give(world, "Driss", "Emma")
    assert (refusal(over), over.json()["facts"]) == ((409, "proxy_cap"), {"cap": "3", "held": "3"})
    await world.do("Salomé", "PUT", "/v1/proxy-cap", {"most": None}, If_Match='"1"')
    assert await world.do("Bilal", "GET", "/v1/proxy-cap") == {"most": None}
    assert refusal(await give(world, "Driss", "Emma")) == (409, "proxy_cap")
    assert (await give(world, "Driss", "Farid")).status_code == 201
    await world.worker.sequence_all()
    leaves = await told(world, "proxies.cap_set")
    assert [(one["stream"], one["data"]) for one in leaves] == [("organisation", {"most": n}) for n in (3, None)]


async def test_who_may_say_so_and_what_is_refused(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    for who, body, match, expected in (
        ("Ana", {"most": 3}, '"0"', (403, "right_missing")),
        ("Ana", {"most": 3}, '"7"', (403, "right_missing")),
        ("Salomé", {"most": 3}, '"7"', (412, "stale")),
        ("Salomé", {"most": 0}, '"0"', (422, "invalid")),
        ("Salomé", {"most": 1001}, '"0"', (422, "invalid")),
        ("Salomé", {"most": True}, '"0"', (422, "invalid")),
        ("Salomé", {"most": "3"}, '"0"', (422, "invalid")),
        ("Salomé", {}, '"0"', (422, "invalid")),
        ("Salomé", {"most": 3, "of": "all"}, '"0"', (422, "invalid")),
    ):
        assert refusal(await world.call(who, "PUT", "/v1/proxy-cap", body, If_Match=match)) == expected, body
    assert (await world.call("Salomé", "PUT", "/v1/proxy-cap", {"most": 3})).status_code == 428
    assert (await world.call(None, "GET", "/v1/proxy-cap")).status_code == 401
    assert changed(before, await contents(world)) == []
    await world.neighbour()
    await world.do("Odile", "PUT", "/v1/proxy-cap", {"most": 9}, If_Match='"0"')
    assert await world.do("Ana", "GET", "/v1/proxy-cap") == {"most": None}, "that of the neighbours is theirs"


async def test_two_who_record_it_at_once_do_not_overwrite_each_other(world: World) -> None:
    bodies = [{"most": 3}, {"most": 4}]
    answers = await asyncio.gather(
        *(world.call("Salomé", "PUT", "/v1/proxy-cap", body, If_Match='"0"') for body in bodies)
    )
    assert sorted(one.status_code for one in answers) == [200, 412]


async def test_a_vote_keeps_the_cap_that_was_in_force_when_it_was_let_in(world: World) -> None:
    path = await world.at_ballot(PEOPLE, proxies=True)
    for giver in ("Ana", "Bilal"):
        await given(world, giver, "Emma")
    await world.do("Salomé", "PUT", "/v1/proxy-cap", {"most": 1}, If_Match='"0"')
    later = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    for giver in ("Bilal", "Ana"):
        assert (await vote_for(world, "Emma", giver, path)).is_success
    before = await contents(world)
    over = await vote_for(world, "Emma", "Bilal", later)
    assert (refusal(over), over.json()["facts"]) == ((409, "too_many_proxies"), {"cap": "1"})
    assert changed(before, await contents(world)) == []
    assert (await vote_for(world, "Emma", "Ana", later)).is_success, "she gave hers first"


async def test_w40_a_scop_that_has_shrunk_allows_fewer_when_it_votes(world: World) -> None:
    await become(world, LegalForm.SCOP_SARL)
    await world.circle("gestion", FORTY, rule="majority", options={"proxies": True})
    await world.do("Salomé", "PUT", "/v1/proxy-cap", {"most": 9}, If_Match='"0"')
    for giver in ("Ana", "Bilal"):
        await given(world, giver, "Emma")
    over = await give(world, "Chloé", "Emma")
    assert (refusal(over), over.json()["facts"]) == ((409, "proxy_cap"), {"cap": "2", "held": "2"})
    of_forty = await world.admitted("Ana", "gestion", "Bilal")
    await world.leave("Member00")
    of_thirty_nine = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    for giver in ("Ana", "Bilal"):
        assert (await vote_for(world, "Emma", giver, of_forty)).is_success
    assert (await vote_for(world, "Emma", "Ana", of_thirty_nine)).is_success
    assert refusal(await vote_for(world, "Emma", "Bilal", of_thirty_nine)) == (409, "too_many_proxies")


async def test_nobody_gathers_votes_one_after_the_other(world: World) -> None:
    """A ballot stays when its proxy is taken back, so the next one does not come on top of it."""
    await world.do("Salomé", "PUT", "/v1/proxy-cap", {"most": 1}, If_Match='"0"')
    path = await world.at_ballot(PEOPLE, proxies=True)
    first = await given(world, "Ana", "Emma")
    await vote_for(world, "Emma", "Ana", path)
    await world.do("Ana", "POST", f"/v1/proxies/{first['id']}/revocation")
    await given(world, "Chloé", "Emma")
    assert refusal(await vote_for(world, "Emma", "Chloé", path)) == (409, "too_many_proxies")
    await world.pass_time(minutes=1)
    later = await world.admitted("Ana", "gestion", "Bilal", "Keys")
    assert (await vote_for(world, "Emma", "Chloé", later)).is_success, "what ended before does not count"


async def test_nor_in_a_vote_that_is_prolonged(world: World) -> None:
    """The last stretch is the same vote: what was held in the first one counts."""
    await world.do("Salomé", "PUT", "/v1/proxy-cap", {"most": 1}, If_Match='"0"')
    path = await world.at_ballot(PEOPLE, proxies=True, quorum="5/6", late_quorum="P1D", window="P4D")
    first = await given(world, "Ana", "Emma")
    await vote_for(world, "Emma", "Ana", path)
    await world.do("Ana", "POST", f"/v1/proxies/{first['id']}/revocation")
    await world.pass_time(days=3, hours=18)  # days end at midnight
    assert (await world.do("Ana", "GET", path))["phase"]["number"] == 2
    await given(world, "Chloé", "Emma")
    assert refusal(await vote_for(world, "Emma", "Chloé", path)) == (409, "too_many_proxies")


@pytest.mark.parametrize("form", [LegalForm.SCIC_SARL, LegalForm.SCOP_SARL])
async def test_of_two_members_of_a_sarl_neither_votes_for_the_other(world: World, form: LegalForm) -> None:
    await become(world, form)
    path = await world.at_ballot(["Ana", "Bilal", "Chloé"], proxies=True)
    await given(world, "Ana", "Bilal")
    await world.leave("Chloé")
    before = await contents(world)
    assert refusal(await give(world, "Bilal", "Ana")) == (409, "proxy_between_two")
    french = await world.call("Bilal", "POST", "/v1/proxies", _body(world, "Ana"), Accept_Language="fr")
    assert "il déciderait seul" in french.json()["detail"]
    assert changed(before, await contents(world)) == []
    of_two = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    over = await vote_for(world, "Bilal", "Ana", of_two)
    assert (refusal(over), over.json()["facts"]) == ((409, "too_many_proxies"), {"cap": "0"})
    assert (await vote_for(world, "Bilal", "Ana", path)).is_success, "three had a voice when it was let in"


@pytest.mark.parametrize("form", [LegalForm.SCIC_SA, LegalForm.SCOP_SA])
async def test_in_an_sa_a_proxy_has_an_end(world: World, form: LegalForm) -> None:
    await become(world, form)
    path = await world.at_ballot(PEOPLE, proxies=True)
    before = await contents(world)
    refused = await give(world, "Ana", "Bilal")
    assert (refusal(refused), refused.json()["errors"][0]["pointer"]) == ((422, "proxy_without_end"), "/body/until")
    french = await world.call("Ana", "POST", "/v1/proxies", _body(world, "Bilal"), Accept_Language="fr")
    assert "une seule assemblée" in french.json()["detail"]
    assert changed(before, await contents(world)) == []
    await given(world, "Ana", "Bilal", proposal_id=path.rpartition("/")[2])
    long = {**_body(world, "Driss"), "until": "2026-03-30T09:00:00Z"}
    for language, words in (("en", "at most 15 days from now"), ("fr", "à 15 jours d'ici au plus")):
        refused = await world.call("Chloé", "POST", "/v1/proxies", long, Accept_Language=language)
        [fault] = refused.json()["errors"]
        assert (refusal(refused), fault["pointer"]) == ((422, "proxy_too_long"), "/body/until")
        assert words in fault["detail"]
        assert words in refused.json()["detail"]
    await given(world, "Chloé", "Driss", until="2026-03-10T09:00:00Z")


def _body(world: World, holder: str) -> dict[str, str]:
    return {"holder_id": str(world.members[holder].id), "circle_id": str(world.circles["gestion"].id)}
