"""One request is one transaction: what is answered is committed, what fails leaves no trace, nothing goes unsigned."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, event, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.record import UnrecordedChange
from app.proposals.tables import Elector, Proposal, Tension, TensionText
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
TENSION = {"driver": "d", "example": "e", "requirement": "r"}


class LostConnection(Exception):
    """The database goes away at the worst moment."""


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "k1"}], ids=["plain", "with a key"])
async def test_a_commit_that_fails_is_a_500_and_leaves_no_trace(
    world: World, monkeypatch: pytest.MonkeyPatch, key: dict[str, str]
) -> None:
    consent = await world.at_objecting(PEOPLE)
    vote = await world.at_ballot(["Ana", "Bilal", "Chloé"], slug="atelier")
    draft = await world.draft("Ana", "gestion")
    before = await contents(world)

    async def fails(_session: AsyncSession) -> None:
        raise LostConnection

    monkeypatch.setattr(AsyncSession, "commit", fails)
    monkeypatch.setattr(logging.getLogger("cercle.problems"), "disabled", True)
    for who, address, body in (
        ("Ana", "/v1/tensions", TENSION),
        ("Ana", f"/v1/proposals/{draft['id']}/submission", None),
        ("Bilal", f"{consent}/positions", {"value": "consent", "revision": 1}),
        ("Ana", f"{consent}/amendments", {"value": "substantive", "body": "Other.", "revision": 1}),
        ("Bilal", f"{vote}/ballots", {"value": "for", "revision": 1}),
        ("Salomé", f"/v1/members/{world.members['Driss'].id}/departure", {}),
    ):
        answer = await world.call(who, "POST", address, body, **key)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal"), f"{address}: {answer.text}"
        assert "location" not in answer.headers
    monkeypatch.undo()
    assert changed(before, await contents(world)) == []
    done = await world.call("Bilal", "POST", f"{consent}/positions", {"value": "consent", "revision": 1}, **key)
    assert done.status_code == 201, "the same can be asked again"


async def test_an_answer_leaves_only_after_the_commit(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    order: list[str] = []
    engine = world.database.writer.sync_engine
    event.listen(engine, "commit", lambda _: order.append("committed"))
    await world.do("Ana", "POST", "/v1/tensions", TENSION)
    order.append("answered")
    assert order == ["committed", "answered"]


async def test_a_refusal_after_a_change_undoes_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await world.at_objecting(PEOPLE)
    before = await contents(world)

    def fails(*_: Any, **__: Any) -> None:
        raise LostConnection

    monkeypatch.setattr("app.proposals.deliberation.engine._open_phase", fails)
    monkeypatch.setattr(logging.getLogger("cercle.problems"), "disabled", True)
    body = {"value": "substantive", "body": "Other.", "revision": 1}
    answer = await world.call("Ana", "POST", f"{path}/amendments", body)
    assert answer.status_code == 500
    assert changed(before, await contents(world)) == []


async def test_one_bad_word_does_not_spoil_those_that_share_its_transaction(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    bodies = {"Bilal": 1, "Chloé": 9, "Salomé": 1, "Driss": 1}
    calls = [
        world.call(name, "POST", f"{path}/positions", {"value": "consent", "revision": revision})
        for name, revision in bodies.items()
    ]
    assert [answer.status_code for answer in await asyncio.gather(*calls)] == [201, 412, 403, 201]
    assert len((await world.do("Bilal", "GET", f"{path}/words"))["items"]) == 1


@pytest.mark.parametrize("way", ["orm", "core insert", "core update", "core delete"])
async def test_a_governed_table_never_changes_without_an_event(world: World, way: str) -> None:
    path = await world.at_objecting(PEOPLE)
    before = await contents(world)
    with pytest.raises(UnrecordedChange):
        async with world.database.write() as session:
            await _change(session, way, world, path)
    assert changed(before, await contents(world)) == []


async def _change(session: AsyncSession, way: str, world: World, path: str) -> None:
    organisation = world.steward.organisation_id
    if way == "orm":
        text = TensionText(driver="d", example="e", requirement="r")
        fields = {"organisation_id": organisation, "sensed_by": world.steward.id, "created_at": world.clock.now()}
        session.add(Tension.model_validate(text.model_dump() | fields))
    elif way == "core insert":
        row = {"organisation_id": organisation, "process_id": UUID(path.rpartition("/")[2]), "voter": "s:x"}
        await session.execute(insert(Elector), [row | {"measures": {}}])
    elif way == "core update":
        await session.execute(update(Proposal).values(title="Mine"))
    else:
        await session.execute(delete(Elector))
