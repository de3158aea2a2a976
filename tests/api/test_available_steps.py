"""What is offered is exactly what would succeed: tried for everybody, at every moment of a decision.

An open step is tried up to its commit, which is then made to fail: so nothing of it stays, and the next can be tried.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.proposals.steps import PATHS
from tests.api import stories
from tests.api.observing import changed, contents
from tests.api.world import World

EVERYBODY = ("Ana", "Bilal", "Driss", "Salomé")
"""The proposer, the facilitator, an elector who objects, and the steward, who has no voice."""
BODIES: dict[str, dict[str, Any]] = {
    "recuse": {"text": "A stake of mine."},
    "option": {"value": "option", "title": "Another one"},
    "sponsorship": {"value": "sponsored"},
    "stance": {"value": "seen"},
    "confirmation": {"value": "confirmed"},
    "nomination": {"value": "s:nobody"},
    "why": {"value": "pass"},
    "change": {"value": "keep"},
    "proposed": {"value": "s:nobody", "text": "Open books."},
    "acceptance": {"value": "accept"},
    "refuse": {"reason": "duplicate", "text": "Said before."},
    "appeal": {"text": "They differ."},
    "rule_on_appeal": {"upheld": True, "text": "They differ."},
    "position": {"value": "consent"},
    "ballot": {"value": "for"},
    "casting_vote": {"value": "for"},
    "casting_choice": {"value": "o1"},
    "judgment": {"value": "valid"},
    "amendment": {"value": "substantive", "body": "Quite another text."},
    "ruling": {"value": "adopted"},
    "seed": {"value": "0"},
}
TEXT: dict[str, Any] = {
    "title": "T",
    "body": "B.",
    "changes": [{"kind": "adopt_agreement", "domain_id": "0198c1d2-5b7e-7000-8000-00000000d001"}],
    "review_on": "2027-03-01",
}
ENVELOPE = {step.value for step in PATHS}
ENVELOPE_CLOSED = {"right_missing": (403, "right_missing")}
BALLOT_CLOSED = {"phase_over": "ballot_closed", "said_before": "already_voted", "state_adopted": "ballot_closed"}
"""A late and a second ballot have types of their own; before the vote they are closed like any other step."""
FLOOR_CLOSED = {"floor_of_another": (403, "floor_of_another"), "not_in_electorate": (403, "not_in_electorate")}


class Undone(Exception):
    """The step would have been committed."""


async def test_exactly_what_is_offered_would_succeed(world: World) -> None:
    tried: set[tuple[str, bool]] = set()
    async for moment, path in stories.told(world):
        before = await contents(world)
        for who in EVERYBODY:
            tried |= await _try_everything(world, moment, who, path)
        assert changed(before, await contents(world)) == [], moment
    opened = {name for name, is_open in tried if is_open}
    assert opened >= {
        *("edit", "start_forming", "submit", "admit", "refuse", "withdraw", "question", "answer", "reaction"),
        *("amendment", "keep", "position", "judgment", "settlement", "objection_withdrawal"),
    }


async def test_the_same_for_a_vote_a_refusal_a_stop_and_a_departure(world: World) -> None:
    path = await world.at_ballot(["Ana", "Bilal", "Chloé", "Driss", "Emma"])
    for who in ("Ana", "Salomé"):
        await _try_everything(world, "ballot", who, path)
    await _cast_once_and_closed(world)
    refused = await _submitted(world, "Keys")
    await world.do("Bilal", "POST", f"{refused}/refusal", BODIES["refuse"])
    for who in ("Ana", "Chloé"):
        assert ("rule_on_appeal", False) in await _try_everything(world, "inadmissible", who, refused)
    await world.do("Ana", "POST", f"{refused}/appeal", BODIES["appeal"])
    for who in ("Ana", "Chloé"):
        assert ("rule_on_appeal", who == "Chloé") in await _try_everything(world, "appealed", who, refused)
    stopped = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    await _stop(world, stopped)
    for who in ("Bilal", "Emma"):
        assert ("resume_process", who == "Bilal") in await _try_everything(world, "needs attention", who, stopped)
    await world.leave("Ana")
    before = await contents(world)
    for who in ("Bilal", "Salomé"):
        await _try_everything(world, "awaiting a sponsor", who, path)
    assert changed(before, await contents(world)) == []


async def _cast_once_and_closed(world: World) -> None:
    people = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
    path = await world.at_ballot(people, slug="atelier", revote=False)
    await world.vote(people[:4], path, "for")
    for who in ("Ana", "Emma"):
        assert ("ballot", who == "Emma") in await _try_everything(world, "cast once", who, path)
    await world.vote(people[4:], path, "for")
    assert ("ballot", False) in await _try_everything(world, "counted", "Ana", path)


async def test_a_step_closes_with_its_phase_even_before_the_worker_has_looked(world: World) -> None:
    path = await world.at_objecting(["Ana", "Bilal", "Chloé", "Driss", "Emma"])
    closes_at = (await world.do("Ana", "GET", path))["phase"]["closes_at"]
    world.clock.move_to(type(world.clock.now()).fromisoformat(closes_at))
    for who in ("Ana", "Driss"):
        tried = await _try_everything(world, "over", who, path)
        assert not {name for name, is_open in tried if is_open} - {"withdraw"}


async def _try_everything(world: World, moment: str, who: str, path: str) -> set[tuple[str, bool]]:
    """Every step there is, tried by one person: those offered must come through, the others must be refused."""
    steps = (await world.call(who, "GET", f"{path}/steps")).json()
    page = (await world.call(who, "GET", path)).json()
    offered = {one["name"]: one for one in steps.get("available_steps", ())}
    closed = {one["name"]: one for one in steps.get("closed_steps", ())}
    assert not offered.keys() & closed.keys()
    for name, address in _every_step(world).items():
        method = "PUT" if name == "edit" else "POST"
        where = f"{who}, {moment}: {name}"
        if name in offered:
            assert (offered[name]["method"], offered[name]["href"]) == (method, f"{path}/{address}"), where
            assert name in ENVELOPE or offered[name]["values"], f"{where}: it is not said what may be answered"
            await _comes_through(world, where, who, offered[name], _body(name, page, offered[name]))
        else:
            body = _body(name, page, {"about": ["w00000001"]})
            answer = await world.call(who, method, f"{path}/{address}", body, If_Match="*")
            _is_refused(where, answer.status_code, answer.json(), closed.get(name))
    return {(name, name in offered) for name in _every_step(world)}


async def _comes_through(world: World, where: str, who: str, step: dict[str, Any], body: Any) -> None:
    with _undoing(world) as undone:
        answer = await world.call(who, step["method"], step["href"], body, If_Match="*")
    assert undone, f"{where}: {answer.status_code} {answer.text}"
    assert answer.status_code == 500


def _is_refused(where: str, status: int, problem: dict[str, Any], told: dict[str, Any] | None) -> None:
    assert status in {403, 404, 409}, f"{where}: {status} {problem}"
    if told is None:  # it belongs to another phase, to another rule, or the proposal is not there for the caller
        return
    assert told["detail"], where
    known = {**ENVELOPE_CLOSED, **FLOOR_CLOSED}
    of_ballots = BALLOT_CLOSED if told["name"] == "ballot" else {}
    status_told, code = known.get(told["reason"], (409, of_ballots.get(told["reason"], "step_closed")))
    assert (status, problem["code"]) == (status_told, code), f"{where}: {told} {problem}"
    if status == 409:
        assert problem["facts"]["reason"] == told["reason"], where


def _every_step(world: World) -> dict[str, str]:
    forms = {name: form.plural for name, form in world.app.state.catalogue.forms().items()}
    return {step.value: address for step, address in PATHS.items()} | forms


def _body(name: str, page: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    if name == "edit":
        return {**TEXT, "changes": page.get("changes", TEXT["changes"])}
    if name in ENVELOPE:
        return BODIES.get(name, {})
    spoken = (
        {"text": "Because."}
        if name in {"question", "answer", "reaction", "judgment", "abandonment", "abandonment_appeal", "contest"}
        else {}
    )
    about = {"about": step["about"][0]} if step.get("about") and name in {"answer", "contest"} else {}
    return {"revision": page.get("revision", 1), **spoken, **about, **BODIES.get(name, {})}


@contextmanager
def _undoing(world: World) -> Iterator[list[bool]]:
    """Every transaction gets as far as its commit, and not further."""
    undone: list[bool] = []
    database = world.database
    record = database._before_commit
    assert record is not None

    async def undo(session: AsyncSession) -> None:
        await record(session)
        undone.append(True)
        raise Undone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_before_commit", undo)
        patch.setattr(logging.getLogger("cercle.problems"), "disabled", True)
        yield undone


async def _submitted(world: World, title: str) -> str:
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion', title))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    return path


async def _stop(world: World, path: str) -> None:
    """The rule fails once; from then on it is whole again."""
    rule = world.app.state.catalogue.get("majority", 1)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "after", broken)
        patch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
        await world.vote(["Ana", "Bilal", "Chloé", "Driss", "Emma"], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "needs_attention"
