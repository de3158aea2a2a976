"""A vote by colleges over HTTP: frozen with the electorate, counted by weight, told under the colleges' names."""

from tests.api.exports import replayed
from tests.api.world import World

STUDENTS = ["Ana", "Bilal", "Chloé", "Driss"]
CLIENTS = ["Emma", "Farid", "Gaëlle"]
PARTNERS = ["Hugo", "Inès"]
SHARES = {"Students": "1/2", "Clients": "3/10", "Partners": "1/5"}


async def test_colleges_weigh_what_the_statutes_say(world: World) -> None:
    await world.circle("gestion", [*STUDENTS, *CLIENTS, *PARTNERS])
    setting = {"colleges": [{"name": name, "weight": weight} for name, weight in SHARES.items()]}
    made = (await world.do("Salomé", "PUT", "/v1/colleges", setting, If_Match="*"))["colleges"]
    ids = {one["name"]: one["id"] for one in made}
    for college, people in (("Students", STUDENTS), ("Clients", CLIENTS), ("Partners", PARTNERS)):
        for who in people:
            await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/college", {"college": ids[college]})
    weights = {ids[name]: weight for name, weight in SHARES.items()}
    rule = {"slug": "colleges", "options": {"inner": {"rule": "majority"}, "weights": weights}}
    circle = world.circles["gestion"].id
    await world.do("Salomé", "PUT", f"/v1/circles/{circle}/decision-rule", rule, If_Match="*")
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote([*STUDENTS[:2], "Emma", *PARTNERS], path, "for")
    await world.vote([*STUDENTS[2:], "Farid", "Gaëlle"], path, "against")
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted", "1/4 + 1/10 + 1/5 of all votes are for, five of nine heads"
    assert page["outcome"]["reasons"][0]["facts"]["for"] == "11/20"
    tables = {table["name"]: table for table in page["outcome"]["readable"]}
    assert {row[0] for row in tables["colleges"]["rows"]} >= set(SHARES)
    assert all(reason["sentence"] != reason["code"] for reason in page["outcome"]["reasons"])
    french = (await world.call("Ana", "GET", path, Accept_Language="fr")).json()
    assert "Students" in str(french["outcome"]["readable"])
    assert (await replayed(world, path)).outcome is not None


async def test_w15_colleges_out_of_bounds_are_refused_in_the_readers_language(world: World) -> None:
    await world.circle("gestion", STUDENTS)
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    before = await world.do("Ana", "GET", address)
    for weights, code in (
        ({"s": "3/5", "b": "1/4", "p": "3/20"}, "college_weight"),
        ({"s": "1/2", "b": "9/20", "p": "1/20"}, "college_weight"),
        ({"s": "1/2", "b": "1/2"}, "too_few_colleges"),
        ({"s": "1/2", "b": "1/5", "p": "1/5"}, "college_weights"),
    ):
        rule = {"slug": "colleges", "options": {"inner": {"rule": "majority"}, "weights": weights}}
        refused = await world.call("Salomé", "PUT", address, rule, If_Match="*", Accept_Language="fr")
        fault = refused.json()["errors"][0]
        assert (refused.status_code, fault["code"]) == (422, code)
        assert fault["pointer"].startswith("/body/options/weights")
        assert "collège" in fault["detail"]
    assert await world.do("Ana", "GET", address) == before


async def test_a_small_college_is_not_told_apart_in_secret(world: World) -> None:
    await world.circle("gestion", [*STUDENTS, *CLIENTS, *PARTNERS])
    setting = {"colleges": [{"name": name, "weight": weight} for name, weight in SHARES.items()]}
    made = (await world.do("Salomé", "PUT", "/v1/colleges", setting, If_Match="*"))["colleges"]
    ids = {one["name"]: one["id"] for one in made}
    for college, people in (("Students", STUDENTS), ("Clients", CLIENTS), ("Partners", PARTNERS)):
        for who in people:
            await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/college", {"college": ids[college]})
    inner = {"rule": "majority", "options": {"visibility": "secret"}}
    weights = {ids[name]: weight for name, weight in SHARES.items()}
    rule = {"slug": "colleges", "options": {"inner": inner, "weights": weights}}
    await world.do("Salomé", "PUT", f"/v1/circles/{world.circles['gestion'].id}/decision-rule", rule, If_Match="*")
    draft = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{draft['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.call("Bilal", "POST", f"{path}/admission")
    page = await world.do("Ana", "GET", path)
    assert (page["phase"], page["state"]) in ((None, "submitted"), (None, "needs_attention"))
    assert (await world.call("Ana", "POST", f"{path}/ballots", {"value": "for", "revision": 1})).status_code == 409
