"""A process whose rule is missing, has changed or fails stops and says so; nothing else decides in its place."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule
from app.worker import Worker
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


@asynccontextmanager
async def installed(world: World, catalogue: Catalogue) -> AsyncIterator[World]:
    """The same cooperative behind a service with other rules."""
    app = create_app(world.app.state.settings, clock=world.clock, catalogue=catalogue)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            worker = Worker(app.state.database, world.clock, catalogue)
            yield World(app, world.clock, worker, client, world.steward, world.members, world.secrets)


def without(catalogue: Catalogue, slug: str) -> Catalogue:
    """A catalogue in which that rule is not installed, nor any that holds others."""
    return Catalogue([rule for rule in catalogue.rules() if rule.slug != slug and not rule.wraps()])


class ChangedMeaning(Catalogue):
    """A catalogue whose rules mean something else under the same name and version."""

    def reference_digest(self, slug: str, version: int | None = None) -> str:
        return super().reference_digest(slug, version)[::-1]


@pytest.mark.parametrize("how", ["rule_missing", "rule_changed"])
async def test_a_rule_that_is_not_what_was_pinned_stops_the_process(
    world: World, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    path = await world.at_objecting(PEOPLE)
    catalogue: Catalogue = world.app.state.catalogue
    other = without(catalogue, "consent") if how == "rule_missing" else ChangedMeaning(catalogue.rules())
    async with installed(world, other) as elsewhere:
        await elsewhere.pass_time(days=5)
        page = await elsewhere.do("Bilal", "GET", path)
        assert (page["state"], page["refusal"], page["outcome"]) == ("needs_attention", how, None)
        assert "resume_process" in [step["name"] for step in page["available_steps"]]
        for refused in ("positions", "amendments"):
            body = {"value": "consent" if refused == "positions" else "substantive", "body": "B", "revision": 1}
            answer = await elsewhere.call("Chloé", "POST", f"{path}/{refused}", body)
            assert answer.status_code in {404, 409, 422}, answer.text
        read = await elsewhere.call("Bilal", "GET", f"{path}/objections")
        assert (read.status_code, read.json()["code"]) == (409, "rule_unavailable"), "an empty list would be a lie"
        again = await elsewhere.do("Bilal", "POST", f"{path}/resumption")
        assert again["state"] == "needs_attention", "the rule is still not back"
        assert (await elsewhere.do("Ana", "GET", "/v1/agreements"))["items"] == []
    await world.do("Bilal", "POST", f"{path}/resumption")
    page = await world.do("Bilal", "GET", path)
    assert (page["state"], page["refusal"]) == ("deciding", None)
    await world.answer(PEOPLE[1:], path)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_the_clock_stands_while_nobody_can_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence during an outage is no consent: the time that was left comes back, and a day at least."""
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    path = await world.at_objecting(PEOPLE, silence_policy="silence_is_consent")
    before = (await world.do("Ana", "GET", path))["phase"]["closes_at"]
    await world.answer(["Bilal", "Chloé"], path)
    async with installed(world, without(world.app.state.catalogue, "consent")) as elsewhere:
        for who in PEOPLE:
            page = await elsewhere.do(who, "GET", path)
            assert not {one["name"] for one in page["available_steps"]} & {"position", "amendment"}
        left = datetime.fromisoformat(before) - world.clock.now()
        await elsewhere.worker.check_pins()
        assert (await elsewhere.do("Bilal", "GET", path))["state"] == "needs_attention"
        await elsewhere.pass_time(days=6)
    page = await world.do("Bilal", "POST", f"{path}/resumption")
    assert page["state"] == "deciding"
    closes_at = datetime.fromisoformat(page["phase"]["closes_at"])
    assert abs(closes_at - world.clock.now() - max(left, timedelta(days=1))) < timedelta(minutes=1)
    objection = {"value": "objection", "harms": "aim", "text": "Unpaid invoices pile up.", "revision": 1}
    await world.do("Driss", "POST", f"{path}/positions", objection)
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"
    assert (await world.do("Ana", "GET", path))["phase"]["kind"] != "objecting"


async def test_a_past_decision_is_readable_without_its_rule(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(PEOPLE[1:], path)
    before = await world.do("Ana", "GET", f"{path}/outcome")
    async with installed(world, without(world.app.state.catalogue, "consent")) as elsewhere:
        outcome = await elsewhere.do("Ana", "GET", f"{path}/outcome")
        page = await elsewhere.do("Ana", "GET", path)
        rounds = await elsewhere.do("Ana", "GET", f"{path}/rounds")
    assert (outcome["verdict"], page["state"]) == ("adopted", "adopted")
    assert [one["facts"] for one in outcome["reasons"]] == [one["facts"] for one in before["reasons"]]
    assert [one["kind"] for one in rounds[0]["phases"]] == ["objecting"]


async def test_a_circle_whose_rule_is_not_installed_admits_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("cercle.worker"), "disabled", True)
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    async with installed(world, without(world.app.state.catalogue, "consent")) as elsewhere:
        refused = await elsewhere.call("Bilal", "POST", f"{path}/admission")
        assert (refused.status_code, refused.json()["code"]) == (409, "rule_unavailable")
        assert refused.json()["facts"] == {"rule": "consent@1"}
        await elsewhere.pass_time(days=2)
        assert (await elsewhere.do("Ana", "GET", path))["state"] == "submitted", "it is no fault of the proposal"
    await world.do("Bilal", "POST", f"{path}/admission")


async def test_a_rule_that_never_ends_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    path = await world.at_objecting(PEOPLE)
    rule: type[DecisionRule] = world.app.state.catalogue.get("consent", 1)

    def stuck(_rule: Any, _case: Any) -> None:
        return None

    monkeypatch.setattr(rule, "after", stuck)
    await world.answer(PEOPLE[1:], path)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"]) == ("needs_attention", "rule_stuck")
    await world.worker.sequence_all()
    events = await world.do("Ana", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    [stop] = [one for one in events["items"] if one["envelope"]["type"] == "process.needs_attention"]
    assert stop["envelope"]["data"]["reason"] == "rule_stuck"


async def test_only_the_facilitator_or_the_steward_resumes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    path = await world.at_objecting(PEOPLE)
    with monkeypatch.context() as patch:
        patch.setattr(world.app.state.catalogue.get("consent", 1), "after", lambda *_: 1 / 0)
        await world.answer(PEOPLE[1:], path)
    for who in ("Ana", "Chloé", "Driss"):
        assert (await world.call(who, "POST", f"{path}/resumption")).json()["code"] == "right_missing"
    assert (await world.do("Salomé", "POST", f"{path}/resumption"))["state"] == "adopted"
