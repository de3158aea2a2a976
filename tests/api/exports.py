"""A process as its export tells it: read over HTTP by a member, opened with nothing but the leaves and disclosures."""

import json
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.journal.leaves import b64url, leaf_hash
from app.journal.tables import JournalDisclosure, JournalEvent
from app.proposals.deliberation.cases import load
from app.proposals.exported import Told, tell
from app.proposals.replay import Replayed, replay
from app.rules.canonical import canonical_bytes
from tests.api.world import World


async def exported(world: World, who: str = "Salomé") -> list[dict[str, Any]]:
    """Every line of the log, as ``who`` downloads it."""
    await world.worker.sequence_all()
    path = "/v1/organisations/ardoise/log/events"
    answer = await world.call(who, "GET", path, accept="application/jsonl")
    assert answer.is_success, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["idx"] for line in lines] == list(range(len(lines)))
    return lines


def told(lines: list[dict[str, Any]], proposal: str) -> list[Told]:
    """The events of one process, in the order of the log; each leaf must hash to what the log says."""
    found = []
    for line in lines:
        leaf = line["leaf"].encode()
        assert b64url(leaf_hash(leaf)) == line["leaf_hash"]
        event = tell(leaf, [one["disclosure"] for one in line["disclosures"]])
        if event.data.get("proposal") == proposal:
            found.append(event)
    return found


async def recorded(world: World, proposal: str) -> list[Told]:
    """The events of one process, read from the tables: quicker than the whole log, which grows with every story."""
    query = (
        select(col(JournalEvent.leaf), col(JournalDisclosure.disclosure))
        .outerjoin(JournalDisclosure, col(JournalDisclosure.event_id) == col(JournalEvent.id))
        .where(
            col(JournalEvent.organisation_id) == world.steward.organisation_id,
            col(JournalEvent.stream) == f"proposal/{proposal}",
        )
        .order_by(col(JournalEvent.stream_seq))
    )
    found: dict[bytes, list[str]] = {}
    async with world.database.read() as session:
        for leaf, disclosure in await session.execute(query):
            found.setdefault(leaf, []).extend([disclosure] if disclosure else [])
    return [tell(leaf, disclosures) for leaf, disclosures in found.items()]


async def replayed(world: World, path: str, who: str = "Salomé") -> Replayed:
    """What the export of a proposal makes, as ``who`` downloads it."""
    return await _as_loaded(world, replay(told(await exported(world, who), _id(path)), world.app.state.catalogue))


async def replayed_inside(world: World, path: str) -> Replayed:
    """The same from the tables, while sealed words are not for anybody to download."""
    return await _as_loaded(world, replay(await recorded(world, _id(path)), world.app.state.catalogue))


async def _as_loaded(world: World, found: Replayed) -> Replayed:
    """The case must be, byte for byte, the one that the engine loads, and the outcome the one that is stored."""
    async with world.database.read() as session:
        running = await load(session, world.steward.organisation_id, found.process)
    assert canonical_bytes(running.case) == canonical_bytes(found.case)
    assert (found.outcome is None) == (running.process.outcome is None)
    assert canonical_bytes(found.outcome) == canonical_bytes(running.process.outcome)
    return found


def _id(path: str) -> str:
    return path.rpartition("/")[2]
