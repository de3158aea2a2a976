"""The operator's own check recomputes the stored log and names the first fault, whatever was touched."""

import pytest
from sqlalchemy import text

from app.audit import verification
from app.audit.verification import Report, verify_streams
from app.foundation.language import LANGUAGES
from app.foundation.language import text as say
from app.journal.leaves import leaf_hash
from tests.circles.structure import Structure


async def test_a_whole_log_is_reported_whole(structure: Structure, elsewhere: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.index()
    await structure.join("Bilal", structure.gestion)
    await elsewhere.join("Zoé", elsewhere.gestion)
    report = await _verify(structure)
    assert report.is_whole
    assert (report.events, report.pending) == (report.size + 2, 2)
    assert (report.streams, report.erased) == (1 + 1 + 2 + 2, 0)
    assert report.disclosures > 0


async def test_an_empty_or_unknown_log_is_whole(structure: Structure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure.anchor, "organisation_id", structure.gestion.id)
    assert await _verify(structure) == Report()


async def test_an_erased_disclosure_breaks_no_proof(structure: Structure) -> None:
    await structure.index()
    whole = await _verify(structure)
    await _tamper(structure, "DELETE FROM journal_disclosure WHERE n = 0")
    report = await _verify(structure)
    assert report.is_whole
    assert (report.erased, report.disclosures + report.erased) == (4, whole.disclosures)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM journal_leaf WHERE idx = 1", "index_gap"),
        ("DELETE FROM journal_leaf WHERE idx = (SELECT max(idx) FROM journal_leaf)", "index_gap"),
        ("UPDATE journal_log SET size = size - 1", "index_gap"),
        ("DELETE FROM journal_event WHERE type = 'circle.joined'", "event_missing"),
        ("UPDATE journal_event SET leaf = leaf || X WHERE type = 'circle.joined'", "leaf_changed"),
        ("UPDATE journal_event SET type = 'circle.left' WHERE type = 'circle.joined'", "leaf_elsewhere"),
        ("UPDATE journal_event SET stream_seq = 9 WHERE type = 'circle.joined'", "leaf_elsewhere"),
        ("UPDATE journal_log SET origin = 'elsewhere/log/ardoise/1'", "leaf_elsewhere"),
        ("UPDATE journal_stream SET seq = seq + 1 WHERE seq = 2", "stream_gap"),
        ("DELETE FROM journal_stream WHERE seq = 2", "stream_gap"),
        ("UPDATE journal_stream SET leaf_hash = X WHERE seq = 2", "link_broken"),
        ("UPDATE journal_disclosure SET disclosure = 'WyJhIiwiYiIsImMiXQ' WHERE n = 0", "disclosure_unknown"),
    ],
)
async def test_whatever_is_touched_is_found(structure: Structure, statement: str, code: str) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.index()
    await _tamper(structure, statement)
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert broken.code == code
    assert all(say(f"broken.{code}", language) for language in LANGUAGES)


async def test_an_event_that_lost_its_place_in_the_queue_is_found(structure: Structure) -> None:
    await _tamper(structure, "DELETE FROM journal_pending")
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert (broken.code, broken.seq) == ("never_sequenced", 0)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (
            "INSERT INTO journal_stream SELECT organisation_id, 'circle/x', 1, leaf_hash FROM journal_event LIMIT 1",
            "stream_gap",
        ),
        (
            "INSERT INTO journal_disclosure SELECT organisation_id, organisation_id, 0, NULL, 'x' FROM journal_log",
            "disclosure_unknown",
        ),
    ],
)
async def test_what_belongs_to_no_event_is_found(structure: Structure, statement: str, code: str) -> None:
    await structure.index()
    await _tamper(structure, statement)
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert broken.code == code


async def test_an_event_taken_out_before_it_had_an_index_is_missed(structure: Structure) -> None:
    await structure.index()
    for name in ("Ana", "Bilal"):
        await structure.join(name, structure.gestion)
    first = "SELECT id FROM journal_event WHERE type = 'circle.joined' AND stream_seq = 1"
    await _tamper(structure, f"DELETE FROM journal_pending WHERE event_id = ({first})")  # noqa: S608 - a constant
    await _tamper(structure, "DELETE FROM journal_event WHERE type = 'circle.joined' AND stream_seq = 1")
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert (broken.code, broken.stream, broken.seq) == ("stream_gap", f"circle/{structure.gestion.id}", 1)


@pytest.mark.parametrize("leaf", [b"not JSON", b"[]", b"{}", b"\xff"])
async def test_a_leaf_that_nobody_can_read_is_found(structure: Structure, leaf: bytes) -> None:
    async with structure.database.writer.begin() as connection:
        await connection.execute(
            text("UPDATE journal_event SET leaf = :leaf, leaf_hash = :hash"), {"leaf": leaf, "hash": leaf_hash(leaf)}
        )
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert broken.code == "leaf_elsewhere"


async def test_a_leaf_written_anew_is_betrayed_by_its_link(structure: Structure) -> None:
    """Leaf and hash are changed together, for a first event that has a follower."""
    await structure.join("Ana", structure.gestion)
    await structure.index()
    async with structure.database.writer.begin() as connection:
        row = (
            await connection.execute(
                text("SELECT pos, leaf FROM journal_event WHERE stream_seq = 0 AND stream = :s"),
                {"s": f"circle/{structure.gestion.id}"},
            )
        ).one()
        leaf = bytes(row.leaf).replace(b"2026-", b"2025-")
        await connection.execute(
            text("UPDATE journal_event SET leaf = :leaf, leaf_hash = :hash WHERE pos = :pos"),
            {"leaf": leaf, "hash": leaf_hash(leaf), "pos": row.pos},
        )
    broken = (await _verify(structure)).broken
    assert broken is not None
    assert (broken.code, broken.stream, broken.seq) == ("link_broken", f"circle/{structure.gestion.id}", 1)


async def test_it_reads_page_by_page(structure: Structure, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(9):
        await structure.join(f"Person{n}", structure.gestion)
    await structure.index()
    whole = await _verify(structure)
    sizes: list[int] = []
    monkeypatch.setattr(verification, "_PAGE", 4)
    original = verification._disclosures

    async def counted(*told: object) -> dict[object, list[str]]:
        sizes.append(len(told[2]))  # type: ignore[arg-type]
        return await original(*told)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(verification, "_disclosures", counted)
    assert await _verify(structure) == whole
    assert max(sizes) == 4
    assert sum(sizes) == whole.events


async def _verify(structure: Structure) -> Report:
    async with structure.database.read() as session:
        return await verify_streams(session, structure.anchor.organisation_id)


async def _tamper(structure: Structure, statement: str) -> None:
    """Change the stored log behind the service's back."""
    octets = "X'00'" if structure.database.is_sqlite else "'\\x00'"
    async with structure.database.writer.begin() as connection:
        await connection.execute(text(statement.replace(" X ", f" {octets} ")))
