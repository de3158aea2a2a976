"""A POST with a key can be sent twice and is done once; the first answer is given again."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.foundation.idempotency import IdempotentAnswer
from app.main import create_app
from app.settings import Settings
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
TENSION = {"driver": "d", "example": "e", "requirement": "r"}


async def test_the_second_time_gives_the_first_answer_and_does_nothing(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    first = await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")
    after_first = await contents(world)
    again = await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert changed(after_first, await contents(world)) == []


async def test_a_key_stands_for_one_request_of_one_caller(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    mine = await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")
    other_body = await world.call("Ana", "POST", "/v1/tensions", TENSION | {"driver": "x"}, Idempotency_Key="k1")
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    other_address = await world.call("Ana", "POST", "/v1/proposals", TENSION, Idempotency_Key="k1")
    assert other_address.json()["code"] == "idempotency_key_reused"
    theirs = await world.call("Bilal", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


@pytest.mark.parametrize(("form", "value"), [("positions", "consent"), ("ballots", "for")])
async def test_words_and_ballots_are_taken_once_too(world: World, form: str, value: str) -> None:
    path = await (world.at_objecting(PEOPLE) if form == "positions" else world.at_ballot(PEOPLE))
    body = {"value": value, "revision": 1}
    first = await world.call("Bilal", "POST", f"{path}/{form}", body, Idempotency_Key="vote")
    after_first = await contents(world)
    again = await world.call("Bilal", "POST", f"{path}/{form}", body, Idempotency_Key="vote")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert changed(after_first, await contents(world)) == []


@pytest.mark.parametrize(("form", "value"), [("positions", "consent"), ("ballots", "for")])
async def test_the_last_answer_with_a_key_closes_the_phase_like_any_other(world: World, form: str, value: str) -> None:
    path = await (world.at_objecting(PEOPLE) if form == "positions" else world.at_ballot(PEOPLE))
    names = PEOPLE[1:] if form == "positions" else PEOPLE
    for name in names:
        await world.do(name, "POST", f"{path}/{form}", {"value": value, "revision": 1}, Idempotency_Key="k")
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_while_the_first_is_in_flight_the_second_waits_outside(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    answers: list[httpx.Response] = []
    inside = asyncio.Event()
    released = asyncio.Event()
    real = world.app.state.limiter.spend

    async def slow(credential: Any) -> None:
        await real(credential)
        if not inside.is_set():
            inside.set()
            await released.wait()

    world.app.state.limiter.spend = slow
    first = asyncio.create_task(world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1"))
    await inside.wait()
    answers.append(await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1"))
    released.set()
    answers.append(await first)
    assert [(one.status_code, one.headers.get("retry-after")) for one in answers] == [(409, "1"), (201, None)]
    assert answers[0].json()["code"] == "idempotency_key_in_use"
    assert (await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")).status_code == 201


async def test_many_at_once_with_one_key_do_it_once(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    body = {"value": "for", "revision": 1}
    calls = [world.call("Bilal", "POST", f"{path}/ballots", body, Idempotency_Key="k1") for _ in range(8)]
    codes = {answer.status_code for answer in await asyncio.gather(*calls)}
    assert codes <= {201, 409}
    assert len([event for event in (await contents(world))["journal_event"] if "'ballot.cast'" in event]) == 1


async def test_the_kept_answer_survives_a_restart_and_is_forgotten_after_a_day(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    first = await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key="k1")
    settings: Settings = world.app.state.settings
    restarted = create_app(settings, clock=world.clock, catalogue=world.app.state.catalogue)
    async with restarted.router.lifespan_context(restarted):
        transport = httpx.ASGITransport(restarted, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            headers = {"Authorization": f"Bearer {world.secrets['Ana']}", "Idempotency-Key": "k1"}
            again = await client.post("/v1/tensions", json=TENSION, headers=headers)
            assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
            world.clock.move(timedelta(hours=24, seconds=1))
            anew = await client.post("/v1/tensions", json=TENSION, headers=headers)
    assert anew.status_code == 201
    assert anew.json()["id"] != first.json()["id"]


async def test_a_refused_request_keeps_no_answer_so_that_it_may_be_tried_again(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    body = {"value": "consent", "revision": 2}
    assert (await world.call("Bilal", "POST", f"{path}/positions", body, Idempotency_Key="k1")).status_code == 412
    assert (await contents(world))["idempotent_answer"] == []
    amendment = {"value": "substantive", "body": "Within two weeks.", "revision": 1}
    await world.do("Ana", "POST", f"{path}/amendments", amendment)
    assert (await world.call("Bilal", "POST", f"{path}/positions", body, Idempotency_Key="k1")).status_code == 201


async def test_no_secret_is_ever_kept(world: World) -> None:
    wanted = {"label": "script", "scopes": ["read"]}
    made = await world.call("Salomé", "POST", "/v1/me/tokens", wanted, Idempotency_Key="k1")
    assert made.status_code == 201
    async with world.database.read() as session:
        kept = (await session.execute(select(IdempotentAnswer))).all()
    assert kept == []
    assert made.json()["token"] not in repr(await contents(world))
    again = await world.call("Salomé", "POST", "/v1/me/tokens", wanted, Idempotency_Key="k1")
    assert again.json()["token"] != made.json()["token"]
    assert "idempotent-replayed" not in again.headers


async def test_a_key_has_between_1_and_200_characters(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    for key in ("", "x" * 201):
        refused = await world.call("Ana", "POST", "/v1/tensions", TENSION, Idempotency_Key=key)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/headers/Idempotency-Key")
