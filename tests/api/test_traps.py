"""Mistakes that decision software has made before: each is a test with the number of the trap."""

from typing import Any

import pytest

from app.circles import actions as circles
from app.circles.tables import Basis
from app.organisations.actions import admit_member
from app.organisations.tables import Admission
from tests.api import stories
from tests.api.observing import changed, contents
from tests.api.world import World, as_actor

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
QUIET: dict[str, Any] = {
    "silence_policy": "silence_is_consent",
    "min_participation": "0",
    "on_low_participation": "adopt_if_no_objection",
}
LOUD: dict[str, Any] = {"tolerance": 5, "min_participation": "0"}


async def test_trap_01_consent_needs_somebody_else_than_the_author(world: World) -> None:
    path = await world.at_objecting(PEOPLE, **QUIET)
    alone = await world.call("Ana", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert (alone.status_code, alone.json()["code"]) == (403, "floor_of_another")
    await world.pass_time(days=12)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["verdict"]) == ("lapsed", "lapsed")
    assert (await world.do("Ana", "GET", "/v1/agreements"))["items"] == []


async def test_trap_01_standing_aside_is_no_consent(world: World) -> None:
    path = await world.at_objecting(PEOPLE, stand_aside=True, **QUIET)
    await world.answer(PEOPLE[1:], path, "stand_aside")
    await world.pass_time(days=12)
    assert (await world.do("Ana", "GET", path))["state"] == "lapsed"


async def test_trap_01_the_same_with_one_consent_besides_the_author_is_adopted(world: World) -> None:
    path = await world.at_objecting(PEOPLE, **QUIET)
    await world.answer(["Emma"], path)
    await world.pass_time(days=12)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_trap_01_the_ballot_of_the_author_alone_decides_nothing(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Ana"], path, "for")
    await world.pass_time(days=7)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["verdict"]) == ("not_adopted", "invalid")
    assert [reason["code"] for reason in page["outcome"]["reasons"]] == ["author_alone"]


async def test_trap_01_a_circle_of_one_does_not_even_begin_to_decide(world: World) -> None:
    await world.circle("gestion", ["Ana"])
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.pass_time(days=2)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"]) == ("inadmissible", "nobody_else")


@pytest.mark.parametrize("form", ["positions", "ballots"])
async def test_trap_02_people_outside_the_electorate_are_not_counted(world: World, form: str) -> None:
    path = await (world.at_objecting(PEOPLE) if form == "positions" else world.at_ballot(PEOPLE))
    await world.circle("atelier", ["Gaël", "Hawa", "Inès"])
    await _join_late(world, "Jules", "gestion")
    before = await contents(world)
    value = "consent" if form == "positions" else "for"
    for outsider in ("Gaël", "Jules", "Salomé"):
        refused = await world.call(outsider, "POST", f"{path}/{form}", {"value": value, "revision": 1})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_in_electorate"), outsider
    assert changed(before, await contents(world)) == []


async def test_trap_03_nobody_edits_what_was_said_written_or_logged(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(["Chloé"], path)
    await world.worker.sequence_all()
    before = await contents(world)
    records = (path, f"{path}/text", f"{path}/positions", f"{path}/words", f"{path}/revisions", f"{path}/outcome")
    log = ("/v1/organisations/ardoise/log", "/v1/organisations/ardoise/log/events")
    change = {"kind": "adopt_agreement", "domain_id": str(world.domains["gestion"].id)}
    text = {"title": "Mine", "body": "Mine.", "changes": [change], "review_on": "2027-03-01"}
    for who in ("Ana", "Bilal", "Salomé"):
        for address in (*records, *log):
            for method in ("PUT", "PATCH", "DELETE"):
                refused = await world.call(who, method, address, text, If_Match="*")
                assert refused.status_code in {403, 405, 409}, f"{who} {method} {address}: {refused.text}"
    assert changed(before, await contents(world)) == []


async def test_trap_03_nobody_answers_for_somebody_else(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    for sneaked in ("by", "voter", "member_id", "on_behalf_of", "said_at", "phase"):
        body = {"value": "objection", "text": "No.", "harms": "aim", "revision": 1, sneaked: "Emma"}
        refused = await world.call("Bilal", "POST", f"{path}/positions", body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == f"/body/{sneaked}"
    await world.answer(["Bilal"], path)
    [word] = (await world.do("Bilal", "GET", f"{path}/words"))["items"]
    assert word["by"]["name"] == "Bilal"


async def test_trap_05_the_electorate_stands_still_while_people_decide(world: World) -> None:
    path = await world.at_objecting(PEOPLE, min_participation="1/1")
    frozen = await world.do("Ana", "GET", f"{path}/electorate")
    await _join_late(world, "Jules", "gestion")
    [place] = [
        place
        for place in (await world.do("Ana", "GET", f"/v1/circles/{world.circles['gestion'].id}/memberships"))["items"]
        if place["member"]["name"] == "Emma"
    ]
    end = f"/v1/circles/{world.circles['gestion'].id}/memberships/{place['id']}/end"
    await world.do("Salomé", "POST", end)
    assert await world.do("Ana", "GET", f"{path}/electorate") == frozen
    assert len(frozen["items"]) == len(PEOPLE)
    late = await world.call("Jules", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert (late.status_code, late.json()["code"]) == (403, "not_in_electorate")
    await world.answer(["Bilal", "Chloé", "Driss"], path)
    assert (await world.do("Ana", "GET", path))["state"] == "deciding", "Emma was there when it was admitted"
    await world.answer(["Emma"], path)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_trap_07_a_new_rule_changes_neither_what_is_open_nor_what_is_past(world: World) -> None:
    past = await world.at_objecting(PEOPLE, min_participation="1/1")
    await world.answer(PEOPLE[1:], past)
    decided = await world.do("Ana", "GET", f"{past}/outcome")
    open_ = await world.admitted("Ana", "gestion", "Bilal", "Keys of the workshop")
    pinned = (await world.do("Ana", "GET", open_))["rule"]
    await _set_rule(world, "majority", {})
    assert (await world.do("Ana", "GET", open_))["rule"] == pinned
    assert pinned["options"]["min_participation"] == "1/1"
    assert await world.do("Ana", "GET", f"{past}/outcome") == decided
    await world.answer(["Bilal", "Chloé", "Driss"], open_)
    await world.pass_time(days=12)
    page = await world.do("Ana", "GET", open_)
    assert (page["state"], page["rule"]["slug"]) == ("lapsed", "consent"), "everybody had to answer, as was agreed"
    later = await world.admitted("Ana", "gestion", "Bilal", "Opening hours")
    assert (await world.do("Ana", "GET", later))["rule"]["slug"] == "majority"


async def test_trap_08_a_rule_that_fails_decides_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await world.at_objecting(PEOPLE, **LOUD)
    rule = world.app.state.catalogue.get("consent", 1)

    def broken(_rule: Any, _case: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rule, "after", broken)
    await world.answer(PEOPLE[1:], path)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"], page["outcome"]) == ("needs_attention", "rule_failed", None)
    assert (await world.do("Ana", "GET", "/v1/agreements"))["items"] == []
    await world.pass_time(days=20)
    assert (await world.do("Ana", "GET", path))["state"] == "needs_attention", "no other rule takes over"
    monkeypatch.undo()
    await world.do("Bilal", "POST", f"{path}/resumption")
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_trap_09_nobody_is_above_the_states(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Bilal', 'gestion'))['id']}"
    await world.do("Bilal", "POST", f"{path}/submission")
    before = await contents(world)
    refused = {
        ("Salomé", "admission"): "right_missing",
        ("Bilal", "admission"): "right_missing",  # the facilitator wrote it: the secretary lets it in
        ("Emma", "admission"): "right_missing",
        ("Salomé", "withdrawal"): "right_missing",
        ("Chloé", "withdrawal"): "right_missing",
        ("Salomé", "refusal"): "right_missing",
        ("Salomé", "resumption"): "step_closed",
        ("Bilal", "appeal"): "step_closed",
        ("Bilal", "submission"): "step_closed",
        ("Bilal", "forming"): "step_closed",
        ("Salomé", "positions"): "step_closed",
        ("Bilal", "ballots"): "step_closed",
    }
    bodies: dict[str, Any] = {
        "refusal": {"reason": "illegal", "text": "No."},
        "positions": {"value": "consent", "revision": 1},
        "ballots": {"value": "for", "revision": 1},
        "withdrawal": {},
        "appeal": {"text": "No."},
    }
    for (who, step), code in refused.items():
        answer = await world.call(who, "POST", f"{path}/{step}", bodies.get(step))
        assert answer.json()["code"] == code, f"{who} {step}: {answer.text}"
    assert changed(before, await contents(world)) == []


async def test_trap_10_nothing_that_was_cast_is_ever_destroyed(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Bilal", "Chloé"], path, "for")
    await world.vote(["Bilal"], path, "against")
    await world.do("Ana", "POST", f"{path}/withdrawal", {"text": "Another time."})
    rows = await contents(world)
    assert len(rows["ballot"]) == 2
    await world.worker.sequence_all()
    log = await world.do("Ana", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    cast = [
        one["value"]
        for event in log["items"]
        if event["envelope"]["type"] == "ballot.cast"
        for one in event["disclosures"]
        if one["name"] == "choice"
    ]
    assert cast == ["for", "for", "against"], "the ballot that was replaced is on record as well"


async def test_trap_10_a_new_text_keeps_the_positions_on_the_old_one(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(["Bilal", "Chloé"], path)
    amendment = {"value": "substantive", "body": "Within two weeks.", "revision": 1}
    await world.do("Ana", "POST", f"{path}/amendments", amendment)
    await world.answer(PEOPLE[1:], path, revision=2)
    words = (await world.do("Ana", "GET", f"{path}/words?form=position"))["items"]
    assert [word["revision"] for word in words] == [1, 1, 2, 2, 2, 2]
    first, _ = (await world.do("Ana", "GET", f"{path}/revisions"))["items"]
    assert first["body"].startswith("An expense")


async def test_trap_11_every_way_to_ask_gives_the_same_state(world: World) -> None:
    page = item = path = None
    async for moment, path in stories.told(world):
        page = await world.do("Ana", "GET", path)
        [item] = (await world.do("Ana", "GET", "/v1/proposals"))["items"]
        phase = page["phase"] or {"kind": None, "closes_at": None}
        assert (item["state"], item["phase_kind"], item["phase_closes_at"], item["revision"]) == (
            page["state"],
            phase["kind"],
            phase["closes_at"],
            page["revision"],
        )
        assert [one["id"] for one in (await world.do("Ana", "GET", f"/v1/proposals?state={page['state']}"))["items"]]
        steps = await world.do("Ana", "GET", f"{path}/steps")
        assert steps["available_steps"] == page["available_steps"]
        if page["rule"] is None:
            continue
        phases = [phase for one in await world.do("Ana", "GET", f"{path}/rounds") for phase in one["phases"]]
        running = [one["kind"] for one in phases if one["ended"] is None]
        assert running == ([phase["kind"]] if page["phase"] else []), moment
    outcome = await world.do("Ana", "GET", f"{path}/outcome")
    [agreement] = (await world.do("Ana", "GET", "/v1/agreements"))["items"]
    assert item is not None
    assert page is not None
    assert item["verdict"] == page["outcome"]["verdict"] == outcome["verdict"] == "adopted"
    assert agreement["title"] == page["title"]


async def _join_late(world: World, name: str, circle: str) -> None:
    now, actor = world.clock.now(), as_actor(world.steward)
    async with world.database.write() as session:
        text = Admission(name=name, email=f"{name.lower()}@ardoise.example", language="fr")
        world.members[name] = await admit_member(session, text, actor=actor, now=now)
        await circles.join(session, world.circles[circle], world.members[name], Basis.APPOINTED, actor=actor, now=now)
    world.secrets[name] = await world._secret(world.members[name])


async def _set_rule(world: World, slug: str, options: dict[str, Any]) -> None:
    async with world.database.write() as session:
        wanted = circles.WantedRule(slug, None, options)
        await circles.set_rule(
            session,
            world.circles["gestion"],
            wanted,
            catalogue=world.app.state.catalogue,
            actor=as_actor(world.steward),
            now=world.clock.now(),
        )
