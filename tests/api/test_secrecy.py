"""Only votes can be secret: words are kept under the name of who said them, and no phase promises otherwise."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from app.rules.contract import Case, Phase, Step
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé"]


def _secret_from(phase: int, after: Any) -> Any:
    """The rule, but that it wants to hear what is said in secret from that phase on."""

    def asked(rule: Any, case: Case) -> Step:
        step: Step = after(rule, case)
        return replace(step, sight="secret") if isinstance(step, Phase) and len(case.held) + 1 >= phase else step

    return asked


async def test_a_proposal_is_not_let_in_to_be_decided_in_secret(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    rule = world.app.state.catalogue.get("consent", 1)
    monkeypatch.setattr(rule, "after", _secret_from(1, rule.after))
    steps = await world.do("Bilal", "GET", f"{path}/steps")
    assert {one["name"]: one["reason"] for one in steps["closed_steps"]}["admit"] == "secrecy_unavailable"
    before = await contents(world)
    refused = await world.call("Bilal", "POST", f"{path}/admission", Accept_Language="fr")
    assert (refused.status_code, refused.json()["code"]) == (409, "secrecy_unavailable")
    assert "vote peut être secret" in refused.json()["detail"]
    assert changed(before, await contents(world)) == []
    await world.pass_time(days=2)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"]) == ("inadmissible", "secrecy_unavailable")


async def test_a_later_secret_phase_never_opens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    rule = world.app.state.catalogue.get("consent", 1)
    monkeypatch.setattr(rule, "after", _secret_from(2, rule.after))
    await world.circle("gestion", PEOPLE)
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.pass_time(days=4)
    page = await world.do("Bilal", "GET", path)
    assert (page["state"], page["refusal"]) == ("needs_attention", "secrecy_unavailable")
    assert page["refusal_title"]
    assert [one["number"] for found in await world.do("Ana", "GET", f"{path}/rounds") for one in found["phases"]] == [1]
    again = await world.do("Bilal", "POST", f"{path}/resumption")
    assert (again["state"], again["refusal"]) == ("needs_attention", "secrecy_unavailable")
