"""A stranger checks a downloaded log with the few lines that the documentation gives, and nothing else."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.audit.verification import verify_streams
from app.journal import leaves
from app.organisations.actions import suspend
from app.organisations.tables import Member
from tests.circles.structure import Structure

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "log.md"
Event = dict[str, Any]


async def test_a_whole_log_is_found_whole(structure: Structure, tmp_path: Path) -> None:
    events = await _downloaded(structure)
    checked = _check(tmp_path, events)
    async with structure.database.read() as session:
        report = await verify_streams(session, structure.gestion.organisation_id)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == (
        f"whole: {report.size} events in {report.streams} streams, {report.disclosures - 1} disclosures read, 1 not\n"
    )


def _drop(events: list[Event]) -> None:
    del events[3]


def _change(events: list[Event]) -> None:
    events[3]["leaf"] = events[3]["leaf"].replace("2026", "2025")


def _rehash(events: list[Event]) -> None:
    events[3]["leaf_hash"] = events[4]["leaf_hash"]


def _swap_link(events: list[Event]) -> None:
    """A stream's second event alone, written anew with its hash: only the link betrays it."""
    linked = next(event for event in events if event["envelope"]["prev"])
    envelope = {**linked["envelope"], "prev": "A" * 43}
    leaf = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = leaves.b64url(leaves.leaf_hash(leaf.encode()))
    linked.update(envelope=envelope, leaf=leaf, leaf_hash=digest)


def _disclose_more(events: list[Event]) -> None:
    events[0]["disclosures"].append(events[1]["disclosures"][0])


def _disclose_falsely(events: list[Event]) -> None:
    events[0]["disclosures"][0]["value"] = "Another name"


def _omit(events: list[Event]) -> None:
    del events[0]["disclosures"][0]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (_drop, "event 3: a gap in the index"),
        (_change, "event 3: a changed leaf"),
        (_rehash, "event 3: a changed leaf"),
        (_swap_link, "a broken link"),
        (_disclose_more, "event 0: a false disclosure"),
        (_disclose_falsely, "event 0: a false value"),
        (_omit, "event 0: a silent omission"),
    ],
)
async def test_whoever_tampers_is_named(
    structure: Structure, tmp_path: Path, tamper: Callable[[list[Event]], None], fault: str
) -> None:
    events = await _downloaded(structure)
    tamper(events)
    checked = _check(tmp_path, events)
    assert checked.returncode == 1
    assert fault in checked.stderr


async def _downloaded(structure: Structure) -> list[Event]:
    """The whole log as Ana gets it, in which one reason is withheld from her."""
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    await structure.join("Ana", structure.gestion)
    async with structure.write() as session:
        held = await session.get_one(Member, (bilal.organisation_id, bilal.id))
        await suspend(session, held, reason="A long absence.", actor=structure.steward, now=structure.now)
    await structure.index()
    async with structure.cooperative.as_(ana) as client:
        answer = await client.get("/v1/organisations/ardoise/log/events", headers={"Accept": "application/jsonl"})
    return [json.loads(line) for line in answer.text.splitlines()]


def _check(folder: Path, events: list[Event]) -> "subprocess.CompletedProcess[str]":
    (source,) = re.findall(r"```python\n(.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)
    script, log = folder / "check.py", folder / "log.jsonl"
    script.write_text(source, "utf-8")
    log.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    command = [sys.executable, "-I", str(script), str(log)]
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - the documented command
