"""The PostgreSQL that the tests bring is a real one, is shared by the run and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests import databases
from tests.databases import Server

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def server() -> Server:
    return databases.server_or_skip()


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    server.create_database("bringing")
    yield "bringing"
    server.drop_database("bringing")


async def test_a_query_runs_through_sqlalchemy_and_asyncpg(server: Server, database: str) -> None:
    engine = create_async_engine(server.url(database))
    async with engine.connect() as connection:
        version = await connection.scalar(text("SELECT version()"))
    await engine.dispose()
    assert version.startswith("PostgreSQL ")


async def test_a_copy_of_a_template_has_its_rows_and_leads_its_own_life(server: Server, database: str) -> None:
    server.execute("CREATE TABLE circle (name text)", database)
    server.execute("INSERT INTO circle VALUES ('Atelier')", database)
    server.create_database("copied", template=database)
    try:
        server.execute("INSERT INTO circle VALUES ('Accueil')", "copied")
        assert await _count(server.dsn("copied")) == 2
        assert await _count(server.dsn(database)) == 1
    finally:
        server.drop_database("copied")


async def test_a_dropped_database_is_gone_even_when_somebody_is_still_connected(server: Server) -> None:
    server.create_database("passing")
    connection = await asyncpg.connect(server.dsn("passing"))
    server.drop_database("passing")
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(server.dsn("passing"))
    connection.terminate()


def test_one_server_serves_the_whole_run(server: Server) -> None:
    assert databases.start() is server


def test_a_given_server_keeps_only_its_own_databases(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERCLE_TEST_POSTGRES_URL", server.dsn())
    given = databases.start.__wrapped__()
    given.create_database("guest")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        server.execute("SELECT 1", "guest")
    given.stop()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        given.execute("SELECT 1", "guest")


def test_where_postgresql_is_required_its_absence_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "start", _none_starts)
    monkeypatch.setenv("CERCLE_REQUIRE_POSTGRES", "1")
    with pytest.raises(pytest.fail.Exception, match="nothing found"):
        databases.server_or_skip()


def test_elsewhere_its_absence_is_skipped_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "start", _none_starts)
    monkeypatch.setenv("CERCLE_REQUIRE_POSTGRES", "0")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"NOT TESTED ON POSTGRESQL.*nothing found"):
        databases.server_or_skip()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_ends_with_the_process_that_started_it(end: signal.Signals) -> None:
    program = "from tests.databases import start; print(start().url(), flush=True); input()"
    environment = {key: value for key, value in os.environ.items() if key != "CERCLE_TEST_POSTGRES_URL"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip().partition("host=")[2])
        assert (folder / "data" / "postmaster.pid").exists()
        process.send_signal(end)
    _wait_until_gone(folder)


def _none_starts() -> Server:
    raise databases.NoPostgres("nothing found")


async def _count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM circle")
    finally:
        await connection.close()
    return count


def _wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.05)
