"""Every member reads the whole log; some disclosures have their time, and what is withheld is counted."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.audit.policy import Permission, require
from app.foundation.permissions import RightMissing
from app.journal.actor import system
from app.organisations.actions import suspend
from app.organisations.tables import Member
from app.proposals.lifecycle import ProposalState
from tests.audit.deliberation import drafted
from tests.circles.structure import Structure

LOG = "/v1/organisations/ardoise/log"


async def test_only_sequenced_facts_are_read(structure: Structure) -> None:
    ana = await structure.person("Ana")
    async with structure.cooperative.as_(ana) as client:
        waiting, nothing = (await client.get(LOG)).json(), (await client.get(f"{LOG}/events")).json()
        indexed = await structure.index()
        head, events = (await client.get(LOG)).json(), (await client.get(f"{LOG}/events")).json()
    assert waiting == {"origin": "localhost/log/ardoise/1", "size": 0, "pending": indexed}
    assert nothing == {"items": [], "next": None}
    assert (head["size"], head["pending"]) == (indexed, 0)
    assert [one["idx"] for one in events["items"]] == list(range(indexed))
    assert {json.loads(one["leaf"])["type"] for one in events["items"]} >= {"organisation.founded", "circle.founded"}


async def test_lines_hold_the_same_as_pages(structure: Structure) -> None:
    for n in range(5):
        await structure.join(f"Person{n}", structure.gestion)
    size = await structure.index()
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        paged = await _pages(client, limit=4)
        lines = await client.get(f"{LOG}/events", headers={"Accept": "application/jsonl"})
        some = await client.get(
            f"{LOG}/events", params={"after": 2, "limit": 3}, headers={"Accept": "application/jsonl"}
        )
    assert lines.headers["content-type"] == "application/jsonl"
    assert [json.loads(line) for line in lines.text.splitlines()] == paged
    assert len(paged) == size
    assert [json.loads(line)["idx"] for line in some.text.splitlines()] == [3, 4, 5]


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [({"after": "-1"}, "/query/after"), ({"limit": "201"}, "/query/limit"), ({"limit": "0"}, "/query/limit")],
)
async def test_a_malformed_question_is_refused(structure: Structure, wanted: dict[str, str], pointer: str) -> None:
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        refused = await client.get(f"{LOG}/events", params=wanted)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_the_log_of_another_cooperative_is_not_there(structure: Structure, elsewhere: Structure) -> None:
    await structure.index()
    await elsewhere.index()
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        for slug in ("panier", "nobody"):
            for path in ("log", "log/events"):
                refused = await client.get(f"/v1/organisations/{slug}/{path}")
                assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        ours = {json.loads(one["leaf"])["log"] for one in await _pages(client)}
    assert ours == {"localhost/log/ardoise/1"}


async def test_a_draft_is_disclosed_to_its_proposer_alone(structure: Structure) -> None:
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    draft = await drafted(structure, ana)
    await structure.index()
    assert await _told(structure, ana, draft.id) == [({"digest": "0", "title": "Refunds", "body": "first draft"}, 0)]
    assert await _told(structure, bilal, draft.id) == [({}, 3)]
    assert await _told(structure, structure.cooperative.steward, draft.id) == [({}, 3)]
    await draft.turn(ProposalState.WITHDRAWN)
    await structure.index()
    assert [withheld for _, withheld in await _told(structure, bilal, draft.id)] == [3, 3]
    await draft.turn(ProposalState.SUBMITTED, shown_at=structure.now)
    await structure.index()
    assert [withheld for _, withheld in await _told(structure, bilal, draft.id)] == [0, 0, 0]


@pytest.mark.parametrize(("sight", "opens"), [("sealed", True), ("secret", False)])
async def test_words_of_a_running_sealed_round_are_for_nobody_else(
    structure: Structure, sight: str, opens: bool
) -> None:
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    decided = await drafted(structure, ana)
    await decided.turn(ProposalState.DECIDING, shown_at=structure.now)
    await decided.phase(1, "open")
    await decided.say(bilal, 1, "question", "Why?")
    await decided.end(1)
    await decided.phase(2, sight)
    await decided.say(bilal, 2, "objection", "No receipt.")
    await structure.index()
    asked = ({"content": {"value": "question"}, "prose": {"text": "Why?"}}, 0)
    objected = ({"content": {"value": "objection"}, "prose": {"text": "No receipt."}}, 0)
    for reader in (ana, structure.cooperative.steward):
        assert await _told(structure, reader, decided.id, "word.said") == [asked, ({}, 2)]
    assert await _told(structure, bilal, decided.id, "word.said") == [asked, objected]
    await decided.end(2)
    assert await _told(structure, ana, decided.id, "word.said") == [asked, objected if opens else ({}, 2)]


async def test_a_sealed_round_that_is_carried_on_stays_sealed(structure: Structure) -> None:
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    decided = await drafted(structure, ana)
    await decided.turn(ProposalState.DECIDING, shown_at=structure.now)
    await decided.phase(1, "sealed")
    await decided.say(bilal, 1, "objection", "No receipt.")
    await decided.end(1)
    await decided.phase(2, "sealed", carries=True)
    await structure.index()
    assert await _told(structure, ana, decided.id, "word.said") == [({}, 2)]
    await decided.end(2)
    assert [withheld for _, withheld in await _told(structure, ana, decided.id, "word.said")] == [0]


async def test_the_reason_of_a_suspension_is_for_few(structure: Structure) -> None:
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    async with structure.write() as session:
        held = await session.get_one(Member, (bilal.organisation_id, bilal.id))
        await suspend(session, held, reason="A long absence.", actor=structure.steward, now=structure.now)
    await structure.index()
    told = await _events(structure, structure.cooperative.steward, "member.suspended")
    assert [_values(one) for one in told] == [{"reason": "A long absence."}]
    told = await _events(structure, ana, "member.suspended")
    assert [(_values(one), one["withheld"]) for one in told] == [({}, 1)]


async def test_only_members_read_the_log(structure: Structure) -> None:
    with pytest.raises(RightMissing) as refused:
        require(Permission.READ_LOG, system(structure.gestion.organisation_id))
    assert refused.value.facts["permission"] == "read_log"
    async with structure.cooperative.as_(None) as client:
        assert (await client.get(LOG)).status_code == 401


async def _told(
    structure: Structure, reader: Member, proposal: UUID, kind: str = "proposal.text_written"
) -> list[tuple[dict[str, Any], int]]:
    found = await _events(structure, reader, kind)
    mine = [one for one in found if one["envelope"]["data"]["proposal"] == str(proposal)]
    return [(_values(one), one["withheld"]) for one in mine]


async def _events(structure: Structure, reader: Member, kind: str) -> list[dict[str, Any]]:
    async with structure.cooperative.as_(reader) as client:
        return [one for one in await _pages(client) if one["envelope"]["type"] == kind]


async def _pages(client: httpx.AsyncClient, limit: int = 200) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, int] = {}
    while True:
        page = (await client.get(f"{LOG}/events", params={"limit": limit, **after})).json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def _values(event: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in event["disclosures"]}
