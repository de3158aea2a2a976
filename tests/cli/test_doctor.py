"""The doctor finds what is wrong, says what to do about it, and is silent about what is not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.cli.checks import examine
from app.foundation import jobs
from app.foundation.clock import SystemClock
from app.foundation.database import Database
from app.foundation.ids import uuid7
from app.foundation.jobs import Job
from app.journal.tables import JournalEvent
from app.proposals.tables import Process
from app.settings import Settings
from tests.api.world import opened
from tests.cli.conftest import FOUNDING, Typed

Change = Callable[[AsyncSession], Awaitable[Any]]


@pytest.fixture
def founded(cercle: Typed, on_both: str) -> str:
    """A cooperative of which nothing is wrong."""
    made = cercle(*FOUNDING, "--json")
    found: str = json.loads(made.stdout)["organisation"]["id"]
    return found


def test_a_sound_installation_is_told_so(cercle: Typed, founded: str) -> None:
    told = cercle("doctor")
    assert told.exit_code == 0, told.output
    assert "✗" not in told.stdout
    assert "All is well." in told.stdout
    assert "Tout va bien." in cercle("--language", "fr", "doctor").stdout
    report = json.loads(cercle("doctor", "--json").stdout)
    assert report["wrong"] == 0
    assert {one["check"] for one in report["findings"]} == {
        "settings",
        "rules",
        "database",
        "schema",
        "jobs",
        "journal",
    }


def test_a_changed_leaf_is_found(cercle: Typed, founded: str) -> None:
    changed = update(JournalEvent).where(col(JournalEvent.type) == "organisation.founded").values(leaf=b"{}")
    _change(lambda session: session.execute(changed))
    assert _wrong(cercle) == {"log_broken"}
    told = cercle("doctor")
    assert told.exit_code == 1
    assert "ardoise" in told.stdout
    assert "The leaf does not hash to its stored hash." in told.stdout
    assert "Stop the service" in told.stdout


def test_late_and_dead_jobs_are_found(cercle: Typed, founded: str) -> None:
    now = SystemClock().now()

    async def leave(session: AsyncSession) -> None:
        for key, when in (("late", now - timedelta(hours=1)), ("soon", now + timedelta(hours=1))):
            await jobs.enqueue(session, uuid7(), "knock", key=key, run_at=when)
        await jobs.enqueue(session, uuid7(), "knock", key="dead", run_at=now)
        await session.execute(update(Job).where(col(Job.dedup_key) == "knock/dead").values(dead_at=now))

    _change(leave)
    assert _wrong(cercle) == {"jobs_late", "jobs_dead"}
    assert "cercle worker" in cercle("doctor").stdout


@pytest.mark.parametrize(
    ("pinned", "code"),
    [
        ({}, "rules_pinned"),
        ({"reference_digest": "0" * 64}, "rule_changed"),
        ({"rule_slug": "horoscope"}, "rule_missing"),
    ],
)
async def test_an_open_process_needs_the_rule_it_began_under(tmp_path: Path, pinned: dict[str, str], code: str) -> None:
    async with opened("sqlite", tmp_path) as world:
        await world.at_objecting(["Ana", "Bilal", "Chloé"])
        if pinned:
            async with unguarded(world.app.state.settings) as session:
                await session.execute(update(Process).values(**pinned))
        findings = await examine(world.app.state.settings, world.clock.now())
    assert code in {one.code for one in findings}
    assert [one.code for one in findings if one.state == "wrong"] == ([code] if pinned else [])


def test_a_foreign_or_newer_schema_is_found(cercle: Typed, founded: str) -> None:
    _change(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert _wrong(cercle) == {"schema_too_new"}
    _change(lambda session: session.execute(text("DELETE FROM alembic_version")))
    assert _wrong(cercle) == {"schema_of_others"}


def test_a_database_that_is_not_there_is_found_and_not_made(cercle: Typed, data_dir: Path) -> None:
    assert _wrong(cercle) == {"database_absent"}
    assert not data_dir.exists()
    told = cercle("doctor").stdout
    assert "Nothing has been started here yet" in told
    assert "cercle organisation create" in told
    assert "cercle migrate" not in told


def test_an_empty_database_is_where_nothing_has_been_started(cercle: Typed, on_both: str, data_dir: Path) -> None:
    if on_both == "sqlite":
        data_dir.mkdir()
        (data_dir / "cercle.sqlite3").touch()
    assert _wrong(cercle) == {"database_empty"}
    assert "cercle organisation create" in cercle("doctor").stdout


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("CERCLE_DATABASE_URL", "postgresql://cercle@127.0.0.1:1/cercle", "database_no_answer"),
        ("CERCLE_PUBLIC_URL", "cercle.example.org", "settings_address"),
        ("CERCLE_MAIL_URL", "mail.example.org", "settings_mail"),
        ("CERCLE_RATE_LIMIT", "often", "settings_rate"),
    ],
)
def test_unusable_settings_are_found(
    cercle: Typed, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, code: str
) -> None:
    assert cercle("migrate").exit_code == 0
    monkeypatch.setenv(variable, value)
    assert _wrong(cercle) == {code}
    assert variable in cercle("doctor").stdout


def test_what_is_only_unwise_is_noted_and_not_wrong(cercle: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cercle("migrate").exit_code == 0
    monkeypatch.setenv("CERCLE_PUBLIC_URL", "http://cercle.example.org")
    told = cercle("doctor")
    assert told.exit_code == 0
    assert "HTTPS" in told.stdout
    assert "CERCLE_MAIL_URL" in told.stdout


def _wrong(cercle: Typed) -> set[str]:
    told = cercle("doctor", "--json")
    report = json.loads(told.stdout)
    found = {one["code"] for one in report["findings"] if one["state"] == "wrong"}
    assert (told.exit_code, report["wrong"] > 0) == ((1, True) if found else (0, False))
    return found


def _change(change: Change) -> None:
    async def run() -> None:
        async with unguarded(Settings()) as session:
            await change(session)

    asyncio.run(run())


@asynccontextmanager
async def unguarded(settings: Settings) -> AsyncIterator[AsyncSession]:
    """Behind the journal's back, as a defect or somebody with the database's password would change things."""
    database = Database(settings.database, pool_size=1)
    try:
        async with database.write() as session:
            yield session
    finally:
        await database.close()
