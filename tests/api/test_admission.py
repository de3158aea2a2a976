"""How a proposal gets in: by the facilitator, by who stands in, by lapse of a day; and how a refusal is appealed."""

from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.circles.tables import CircleMembership, Domain, RuleInForce
from app.proposals.tables import Revision
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
WHY = {"text": "They differ."}
UPHELD = {"upheld": True, "text": "They differ."}
DUPLICATE = {"reason": "duplicate", "text": "Proposal 12 says the same."}


async def _submitted(world: World, who: str = "Ana", title: str = "Refund of expenses") -> str:
    path = f"/v1/proposals/{(await world.draft(who, 'gestion', title))['id']}"
    await world.do(who, "POST", f"{path}/submission")
    return path


async def test_nobody_but_the_facilitator_lets_a_proposal_in(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    before = await contents(world)
    for who in ("Ana", "Chloé", "Driss", "Salomé"):
        refused = await world.call(who, "POST", f"{path}/admission")
        assert (refused.status_code, refused.json()["code"]) == (403, "right_missing"), who
    assert changed(before, await contents(world)) == []
    page = await world.do("Bilal", "POST", f"{path}/admission")
    assert (page["state"], page["phase"]["kind"]) == ("deciding", "clarifying")
    again = await world.call("Bilal", "POST", f"{path}/admission")
    assert (again.status_code, again.json()["facts"]["reason"]) == (409, "state_deciding")


async def test_the_secretary_lets_in_what_the_facilitator_proposes(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world, "Bilal")
    for who in ("Bilal", "Driss"):
        assert (await world.call(who, "POST", f"{path}/admission")).json()["code"] == "right_missing"
    assert (await world.do("Chloé", "POST", f"{path}/admission"))["state"] == "deciding"


async def test_after_a_day_it_is_let_in_by_lapse_of_time(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    await world.pass_time(hours=23, minutes=59)
    assert (await world.do("Ana", "GET", path))["state"] == "submitted"
    await world.pass_time(minutes=1)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["rule"]["electors"]) == ("deciding", len(PEOPLE))
    log = await world.do("Ana", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    [admitted] = [one for one in log["items"] if one["envelope"]["type"] == "proposal.admitted"]
    assert admitted["envelope"]["actor"] == "system"


async def test_a_refusal_can_be_appealed_once_and_the_secretary_rules(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    page = await world.do("Bilal", "POST", f"{path}/refusal", DUPLICATE)
    assert (page["state"], page["refusal"], page["refusal_text"]) == ("inadmissible", "duplicate", DUPLICATE["text"])
    early = await world.call("Chloé", "POST", f"{path}/appeal-ruling", UPHELD)
    assert early.json()["facts"] == {"step": "rule_on_appeal", "reason": "not_appealed"}
    for who in ("Bilal", "Chloé", "Salomé"):
        assert (await world.call(who, "POST", f"{path}/appeal", WHY)).json()["code"] == "right_missing", who
    assert (await world.do("Ana", "POST", f"{path}/appeal", WHY))["appeal"] == "open"
    assert (await world.call("Ana", "POST", f"{path}/appeal", WHY)).json()["facts"]["reason"] == "appealed_before"
    for who in ("Ana", "Bilal", "Salomé"):
        assert (await world.call(who, "POST", f"{path}/appeal-ruling", UPHELD)).json()["code"] == "right_missing", who
    page = await world.do("Chloé", "POST", f"{path}/appeal-ruling", UPHELD)
    assert (page["state"], page["refusal"]) == ("submitted", None)
    await world.pass_time(days=1)
    assert (await world.do("Ana", "GET", path))["state"] == "deciding", "a day counts anew from the ruling"


async def test_a_dismissed_appeal_ends_it(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    await world.do("Bilal", "POST", f"{path}/refusal", DUPLICATE)
    await world.do("Ana", "POST", f"{path}/appeal", WHY)
    page = await world.do("Chloé", "POST", f"{path}/appeal-ruling", {"upheld": False, "text": "It is the same."})
    assert (page["state"], page["appeal"], page["available_steps"]) == ("inadmissible", "dismissed", [])


async def test_whoever_refused_does_not_rule_on_the_appeal(world: World) -> None:
    """The facilitator proposes, the secretary stands in and refuses: the office of the secretary passes on."""
    await world.circle("gestion", PEOPLE)
    made = await world.draft("Bilal", "gestion")
    path = f"/v1/proposals/{made['id']}"
    await world.do("Bilal", "POST", f"{path}/submission")
    await world.do("Chloé", "POST", f"{path}/refusal", DUPLICATE)
    await world.do("Bilal", "POST", f"{path}/appeal", WHY)
    for who in ("Bilal", "Chloé"):
        assert (await world.call(who, "POST", f"{path}/appeal-ruling", UPHELD)).json()["code"] == "right_missing", who


async def test_an_appeal_after_seven_days_is_too_late(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    await world.do("Bilal", "POST", f"{path}/refusal", DUPLICATE)
    await world.pass_time(days=7, seconds=1)
    refused = await world.call("Ana", "POST", f"{path}/appeal", WHY)
    assert (refused.status_code, refused.json()["facts"]) == (409, {"step": "appeal", "reason": "appeal_too_late"})


async def test_a_refusal_needs_one_of_the_named_reasons_and_words(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    for body, pointer in (
        ({"reason": "dislike", "text": "No."}, "/body/reason"),
        ({"reason": "duplicate"}, "/body/text"),
        ({"reason": "duplicate", "text": " "}, "/body/text"),
    ):
        refused = await world.call("Bilal", "POST", f"{path}/refusal", body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_proposal_can_be_taken_back_until_it_is_decided(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(["Bilal", "Chloé"], path)
    page = await world.do("Ana", "POST", f"{path}/withdrawal", {"text": "Another one is better."})
    assert (page["state"], page["phase"], page["available_steps"]) == ("withdrawn", None, [])
    for who, told in (("Driss", []), ("Bilal", ["Bilal"])):
        assert [word["by"]["name"] for word in (await world.do(who, "GET", f"{path}/words"))["items"]] == told
    late = await world.call("Driss", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert (late.status_code, late.json()["facts"]["reason"]) == (409, "state_withdrawn")
    await world.pass_time(days=20)
    assert (await world.do("Ana", "GET", path))["state"] == "withdrawn"
    adopted = await world.admitted("Ana", "gestion", "Bilal", "Keys")
    await world.answer(PEOPLE[1:], adopted)
    refused = await world.call("Ana", "POST", f"{adopted}/withdrawal", {})
    assert (refused.status_code, refused.json()["facts"]["reason"]) == (409, "state_adopted")


async def test_words_out_of_turn_are_refused_with_the_reason(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    await world.do("Bilal", "POST", f"{path}/admission")
    before = await contents(world)
    consent: dict[str, Any] = {"value": "consent", "revision": 1}
    for who, form, body, status, code in (
        ("Driss", "positions", consent, 409, "step_closed"),
        ("Driss", "reactions", {"value": "pass", "revision": 1}, 409, "step_closed"),
        ("Driss", "amendments", {"value": "substantive", "body": "Mine.", "revision": 1}, 409, "step_closed"),
        ("Driss", "answers", {"text": "Yes.", "about": "w00000001", "revision": 1}, 403, "floor_of_another"),
        ("Ana", "questions", {"text": "Why?", "revision": 1}, 403, "floor_of_another"),
        ("Ana", "answers", {"text": "Yes.", "about": "w00000001", "revision": 1}, 422, "invalid"),
        ("Salomé", "questions", {"text": "Why?", "revision": 1}, 403, "not_in_electorate"),
        ("Driss", "ballots", {"value": "for", "revision": 1}, 409, "step_closed"),
        ("Driss", "rulings", {"value": "adopted", "revision": 1}, 409, "step_closed"),
        ("Driss", "seeds", {"value": "1", "revision": 1}, 409, "step_closed"),
    ):
        answer = await world.call(who, "POST", f"{path}/{form}", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), f"{who} {form}: {answer.text}"
        if code == "step_closed":
            assert answer.json()["facts"]["reason"] == "not_in_this_phase"
    assert changed(before, await contents(world)) == []


async def test_a_reaction_is_said_once(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await _submitted(world)
    await world.do("Bilal", "POST", f"{path}/admission")
    await world.pass_time(days=4)
    await world.do("Driss", "POST", f"{path}/reactions", {"text": "Good.", "revision": 1})
    again = await world.call("Driss", "POST", f"{path}/reactions", {"value": "pass", "revision": 1})
    assert (again.status_code, again.json()["facts"]["reason"]) == (409, "said_before")
    steps = await world.do("Driss", "GET", f"{path}/steps")
    assert "reaction" not in [one["name"] for one in steps["available_steps"]]
    assert [one["reason"] for one in steps["closed_steps"] if one["name"] == "reaction"] == ["said_before"]


async def test_a_position_after_the_deadline_is_late_even_before_the_worker_has_closed(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    closes_at = (await world.do("Ana", "GET", path))["phase"]["closes_at"]
    world.clock.move_to(type(world.clock.now()).fromisoformat(closes_at))
    before = await contents(world)
    late = await world.call("Driss", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert (late.status_code, late.json()["facts"]) == (409, {"step": "position", "reason": "phase_over"})
    for body in (
        {"value": "substantive", "body": "Other.", "revision": 1},
        {"value": "editorial", "title": "T", "revision": 1},
    ):
        late = await world.call("Ana", "POST", f"{path}/amendments", body)
        assert (late.status_code, late.json()["facts"]["reason"]) == (409, "phase_over")
    assert changed(before, await contents(world)) == []


@pytest.mark.parametrize(
    "code", ["nobody_else", "proposer_without_voice", "no_rule_in_force", "rule_unavailable", "domains_held_apart"]
)
async def test_what_admission_would_refuse_is_not_offered(world: World, code: str) -> None:
    await world.circle("gestion", PEOPLE)
    await world.circle("atelier", PEOPLE[1:])
    path = await _submitted(world)
    assert "admit" in {one["name"] for one in (await world.do("Bilal", "GET", path))["available_steps"]}
    await _hinder(world, path, code)
    steps = await world.do("Bilal", "GET", f"{path}/steps")
    [closed] = [one for one in steps["closed_steps"] if one["name"] == "admit"]
    refused = await world.call("Bilal", "POST", f"{path}/admission")
    assert (closed["reason"], refused.json()["code"]) == (code, code)
    assert closed["detail"]
    assert "admit" not in {one["name"] for one in (await world.do("Bilal", "GET", path))["available_steps"]}


async def _hinder(world: World, path: str, code: str) -> None:
    """Make one thing wrong with what was right when the proposal was submitted."""
    ana, gestion = world.members["Ana"].id, world.circles["gestion"].id
    others = col(CircleMembership.circle_id) == gestion, col(CircleMembership.member_id) != ana
    hindrances: dict[str, Any] = {
        "nobody_else": update(CircleMembership).where(*others).values(until=world.clock.now()),
        "proposer_without_voice": update(Domain)
        .where(col(Domain.circle_id) == gestion)
        .values(circle_id=world.circles["atelier"].id),
        "no_rule_in_force": delete(RuleInForce),
        "rule_unavailable": update(RuleInForce).values(slug="forgotten"),
        "domains_held_apart": update(Revision).values(
            changes=[
                {"kind": "adopt_agreement", "domain_id": str(world.domains[slug].id)} for slug in ("gestion", "atelier")
            ]
        ),
    }
    async with world.database._writer.begin() as connection:
        await connection.execute(hindrances[code])
