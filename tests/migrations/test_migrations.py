"""Migrations make and remove every table, once, whole or not at all, on SQLite and on PostgreSQL."""

import asyncio
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlmodel import SQLModel

import app.main
from app.foundation import migrations
from app.foundation.clock import SystemClock
from app.foundation.database import Database
from app.foundation.migrations import Schema
from app.journal.record import Journal
from app.organisations.founding import found
from app.organisations.tables import Category, LegalForm, MemberCategory, MemberText, OrganisationText
from tests.migrations.conftest import next_version

ROOT = Path(app.main.__file__).parents[1]


async def test_an_upgrade_makes_every_table_and_a_downgrade_removes_them(database_url: str) -> None:
    assert await migrations.current(database_url) == Schema(None, is_empty=True)
    await migrations.upgrade(database_url)
    assert await migrations.current(database_url) == Schema(migrations.head(), is_empty=False)
    assert await _tables(database_url) == set(SQLModel.metadata.tables) | {"alembic_version"}
    await migrations.downgrade(database_url, migrations.BASE)
    assert await migrations.current(database_url) == Schema(None, is_empty=True)


async def test_tables_and_migrations_say_the_same(database_url: str) -> None:
    """As a developer asks: ``alembic check`` fails when a table has changed and no migration says so."""
    await migrations.upgrade(database_url)
    checked = await asyncio.to_thread(_alembic, database_url, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    async with migrations.connected(database_url) as connection:
        await connection.execute(text("DROP INDEX ix_job_dead"))
        await connection.commit()
    checked = await asyncio.to_thread(_alembic, database_url, "check")
    assert checked.returncode != 0
    assert "ix_job_dead" in checked.stdout + checked.stderr


async def test_two_who_migrate_at_once_do_it_once(database_url: str) -> None:
    program = (
        f"import asyncio\nfrom app.foundation import migrations\nasyncio.run(migrations.prepare({database_url!r}))"
    )
    both = [asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT) for _ in range(2)]
    processes = await asyncio.gather(*both)
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0]
    assert await migrations.current(database_url) == Schema(migrations.head(), is_empty=False)


async def test_a_migration_that_fails_leaves_no_trace(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(database_url)
    before = await _tables(database_url)
    next_version(
        tmp_path,
        monkeypatch,
        further="op.create_table('half', sa.Column('n', sa.Integer())); op.drop_table('no_such_table')",
    )
    with pytest.raises(Exception, match="no_such_table"):
        await migrations.upgrade(database_url)
    assert await migrations.current(database_url) == Schema("0001", is_empty=False)
    assert await _tables(database_url) == before


async def test_a_table_is_rebuilt_under_the_rows_that_refer_to_it_and_back(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(database_url)
    await _found(database_url)
    next_version(tmp_path, monkeypatch)
    await migrations.upgrade(database_url)
    assert "motto" in await _columns(database_url, "member")
    await migrations.downgrade(database_url, "0001")
    assert "motto" not in await _columns(database_url, "member")
    async with migrations.connected(database_url) as connection:
        assert (await connection.execute(select(func.count()).select_from(MemberCategory))).scalar_one() == 1


async def test_on_sqlite_a_migration_that_orphans_rows_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'cercle.sqlite3'}"
    await migrations.upgrade(url)
    orphan = (
        'op.execute("INSERT INTO member_category (organisation_id, id, member_id, category, valid_from) '
        "VALUES ('0', '1', '2', 'employee', '2026-01-01')\")"
    )
    next_version(tmp_path, monkeypatch, further=orphan)
    with pytest.raises(migrations.ReferencesBroken, match="member_category"):
        await migrations.upgrade(url)
    assert (await migrations.current(url)).revision == "0001"


async def test_a_migration_waits_for_no_table_for_ever(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(postgresql_url)
    asked = "op.execute(\"DO $$ BEGIN IF current_setting('lock_timeout') <> '10s' THEN RAISE 'none'; END IF; END $$\")"
    next_version(tmp_path, monkeypatch, further=asked)
    await migrations.upgrade(postgresql_url)
    assert (await migrations.current(postgresql_url)).revision == "0002"


async def test_the_service_prepares_an_empty_database_by_itself(database_url: str) -> None:
    assert await migrations.prepare(database_url) == migrations.head()
    assert await migrations.prepare(database_url) == migrations.head()
    assert await migrations.current(database_url) == Schema(migrations.head(), is_empty=False)


async def test_the_service_migrates_a_file_of_its_own_but_no_postgresql_in_use(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(database_url)
    next_version(tmp_path, monkeypatch)
    if database_url.startswith("sqlite"):
        assert await migrations.prepare(database_url) == "0002"
        return
    with pytest.raises(migrations.MigrationsPending):
        await migrations.prepare(database_url)
    assert (await migrations.current(database_url)).revision == "0001"


async def test_a_database_of_a_newer_version_is_left_alone(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        next_version(tmp_path, later)
        await migrations.upgrade(database_url)
    for refused in (migrations.prepare(database_url), migrations.upgrade(database_url)):
        with pytest.raises(migrations.SchemaTooNew):
            await refused
    assert (await migrations.current(database_url)).revision == "0002"


async def test_a_database_of_somebody_else_is_left_alone(database_url: str) -> None:
    async with migrations.connected(database_url) as connection:
        await connection.execute(text("CREATE TABLE invoice (number integer)"))
        await connection.commit()
    for refused in (migrations.prepare(database_url), migrations.upgrade(database_url)):
        with pytest.raises(migrations.SchemaOfOthers):
            await refused
    assert await _tables(database_url) == {"invoice"}


async def test_there_is_no_way_to_a_revision_that_does_not_exist(database_url: str) -> None:
    await migrations.upgrade(database_url)
    with pytest.raises(migrations.UnknownRevision, match="0001"):
        await migrations.downgrade(database_url, "9999")


def test_the_migrations_are_one_line_and_numbered() -> None:
    line = list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())
    assert [one.revision for one in reversed(line)] == migrations.revisions()
    assert migrations.revisions() == [f"{number:04}" for number in range(1, len(line) + 1)]


def test_a_wheel_brings_the_migrations_and_finds_them(tmp_path: Path) -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert built["force-include"] == {"migrations": "app/migrations"}
    installed = tmp_path / "site" / "app"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", installed, ignore=without)
    shutil.copytree(ROOT / "migrations", installed / "migrations", ignore=without)
    program = (
        "import asyncio, sys; from app.foundation import migrations; "
        "print(migrations.__file__, asyncio.run(migrations.prepare(sys.argv[1])))"
    )
    asked = subprocess.run(  # noqa: S603 - a fixed command line
        [sys.executable, "-P", "-c", program, f"sqlite+aiosqlite:///{tmp_path / 'cercle.sqlite3'}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.split() == [str(installed / "foundation" / "migrations.py"), migrations.head()]


async def _found(url: str) -> None:
    """A cooperative with one member, to whose row a category refers."""
    database = Database(url, before_commit=Journal().before_commit)
    text_ = OrganisationText(slug="ardoise", name="Ardoise", legal_form=LegalForm.SCIC_SAS, time_zone="Europe/Paris")
    now = SystemClock().now()
    async with database.write() as session:
        born, member = await found(session, text_, MemberText(name="Ana"), host="localhost", now=now)
        session.add(
            MemberCategory.model_validate(
                {
                    "organisation_id": born.organisation_id,
                    "member_id": member.id,
                    "category": Category.EMPLOYEE,
                    "valid_from": now.date(),
                }
            )
        )
    await database.close()


async def _tables(url: str) -> set[str]:
    async with migrations.connected(url) as connection:
        return set(await connection.run_sync(lambda given: inspect(given).get_table_names()))


async def _columns(url: str, table: str) -> set[str]:
    async with migrations.connected(url) as connection:
        columns = await connection.run_sync(lambda given: inspect(given).get_columns(table))
    return {column["name"] for column in columns}


def _alembic(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - a fixed command line
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env={**os.environ, "CERCLE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
