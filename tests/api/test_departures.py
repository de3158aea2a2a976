"""A member who leaves: their part in everything open ends in the same transaction, and what they said stays."""

from datetime import timedelta

from tests.api import stories
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]


async def test_the_electorate_shrinks_and_their_word_stops_counting(world: World) -> None:
    path = await world.at_objecting(PEOPLE, min_participation="1/1")
    await world.answer(["Emma", "Bilal", "Chloé", "Driss"], path)
    await world.leave("Emma")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["phase"]["awaited"]) == ("deciding", 1)
    electorate = (await world.do("Ana", "GET", f"{path}/electorate"))["items"]
    assert {one["member"]["name"]: one["has_left"] for one in electorate} == {name: name == "Emma" for name in PEOPLE}
    await world.answer(["Farid"], path)
    outcome = await world.do("Ana", "GET", f"{path}/outcome")
    assert outcome["verdict"] == "adopted"
    assert {key: outcome["reasons"][0]["facts"][key] for key in ("answered", "of")} == {"answered": 4, "of": 4}
    words = (await world.do("Ana", "GET", f"{path}/words?form=position"))["items"]
    assert "Emma" in [word["by"]["name"] for word in words], "what she said stays on record"


async def test_the_departure_of_the_last_who_was_silent_closes_the_round(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(PEOPLE[1:5], path)
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"
    await world.leave("Farid")
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_who_has_left_is_no_caller_any_more(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.leave("Emma")
    for method, address in (("GET", path), ("POST", f"{path}/positions")):
        refused = await world.call("Emma", method, address, {"value": "consent", "revision": 1})
        assert (refused.status_code, refused.json()["code"]) == (401, "member_left")


async def test_a_ballot_that_was_cast_stays_and_one_that_was_not_is_awaited_no_more(world: World) -> None:
    path = await world.at_ballot(PEOPLE, base="entitled")
    await world.vote(["Emma"], path, "against")
    await world.leave("Emma")
    await world.leave("Farid")
    await world.vote(["Ana", "Bilal", "Chloé"], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"
    await world.vote(["Driss"], path, "against")
    outcome = await world.do("Ana", "GET", f"{path}/outcome")
    figures = outcome["reasons"][0]["facts"]
    assert (figures["for"], figures["against"], figures["base"]) == (3, 2, 5)
    assert outcome["verdict"] == "adopted"


async def test_an_objection_without_its_objector_is_taken_over_or_lapses(world: World) -> None:
    path = await world.at_objecting(PEOPLE, judge="facilitator_logic")
    await world.do("Driss", "POST", f"{path}/positions", {**stories.OBJECTION, "revision": 1})
    await world.answer(["Bilal", "Chloé", "Emma", "Farid"], path)
    assert (await world.do("Ana", "GET", path))["phase"]["kind"] == "testing"
    await world.leave("Driss")
    page = await world.do("Emma", "GET", path)
    assert page["phase"]["kind"] == "orphaned"
    assert "adoption" in [step["name"] for step in page["available_steps"]]
    assert "adoption" not in [step["name"] for step in (await world.do("Ana", "GET", path))["available_steps"]]
    await world.do("Emma", "POST", f"{path}/adoptions", {"text": "I share it.", "revision": 1})
    assert (await world.do("Ana", "GET", path))["phase"]["kind"] == "testing"
    judgment = {"value": "valid", "text": "It names the law.", "revision": 1}
    await world.do("Bilal", "POST", f"{path}/judgments", judgment)
    page = await world.do("Emma", "GET", path)
    assert page["phase"]["kind"] == "integrating"
    assert "settlement" in [step["name"] for step in page["available_steps"]]


async def test_an_objection_that_nobody_takes_over_is_over_after_two_days(world: World) -> None:
    path = await world.at_objecting(PEOPLE, judge="facilitator_logic")
    await world.do("Driss", "POST", f"{path}/positions", {**stories.OBJECTION, "revision": 1})
    await world.answer(["Bilal", "Chloé", "Emma", "Farid"], path)
    await world.leave("Driss")
    await world.pass_time(hours=47)
    assert (await world.do("Ana", "GET", path))["phase"]["kind"] == "orphaned"
    await world.pass_time(hours=30)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"
    [objection] = [
        one for one in (await world.do("Ana", "GET", f"{path}/objections"))["items"] if one["kind"] == "objection"
    ]
    assert objection["status"] == "lapsed"


async def test_a_proposal_without_its_proposer_waits_a_fortnight_and_lapses(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(["Bilal"], path)
    await world.leave("Ana")
    page = await world.do("Bilal", "GET", path)
    assert (page["state"], page["available_steps"]) == ("awaiting_sponsor", [])
    refused = await world.call("Chloé", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert refused.json()["facts"] == {"step": "position", "reason": "state_awaiting_sponsor"}
    await world.pass_time(days=13, hours=23)
    assert (await world.do("Bilal", "GET", path))["state"] == "awaiting_sponsor", "the clock of the round stands"
    await world.pass_time(hours=2)
    page = await world.do("Bilal", "GET", path)
    assert (page["state"], page["refusal"], page["phase"]) == ("lapsed", "proposer_left", None)
    assert len((await world.do("Bilal", "GET", f"{path}/words"))["items"]) == 1


async def test_what_was_not_admitted_lapses_at_once_and_drafts_stay_unseen(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion", "A secret plan")
    submitted = f"/v1/proposals/{(await world.draft('Ana', 'gestion', 'Keys'))['id']}"
    await world.do("Ana", "POST", f"{submitted}/submission")
    await world.leave("Ana")
    assert (await world.do("Bilal", "GET", submitted))["state"] == "lapsed"
    assert (await world.call("Bilal", "GET", f"/v1/proposals/{draft['id']}")).status_code == 404
    [item] = (await world.do("Bilal", "GET", "/v1/proposals"))["items"]
    assert item["title"] == "Keys"
    world.clock.move(timedelta(days=2))
    await world.worker.do_due()
    assert (await world.do("Bilal", "GET", submitted))["state"] == "lapsed", "the day of admission comes too late"


async def test_what_was_refused_stays_refused_when_its_proposer_leaves(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion', 'Keys'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/refusal", {"reason": "duplicate", "text": "Said before."})
    before = await world.do("Bilal", "GET", path)
    await world.pass_time(days=20)
    await world.leave("Ana")
    after = await world.do("Bilal", "GET", path)
    told = ("state", "refusal", "refusal_text", "ended_at")
    assert {name: after[name] for name in told} == {name: before[name] for name in told}


async def test_only_a_steward_records_a_departure(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    address = f"/v1/members/{world.members['Emma'].id}/departure"
    refused = await world.call("Bilal", "POST", address, {})
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    await world.leave("Emma")
    again = await world.call("Salomé", "POST", address, {})
    assert (again.status_code, again.json()["code"]) == (409, "member_step_not_open")
