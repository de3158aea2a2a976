"""The tests' own PostgreSQL with its promises kept: without fsync and synchronous_commit, commits would be free."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests import databases
from tests.benchmarks.machine import parent

_TOLD = "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')"


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL: the server, its first process, its release, and pgbench where it is installed."""

    server: databases.Server
    pid: int
    version: str
    pgbench: Path | None

    def url(self, database: str, driver: str) -> str:
        """Address of a database for a driver of SQLAlchemy."""
        return self.server.url(database).replace("+asyncpg", f"+{driver}", 1)

    def dsn(self, database: str) -> str:
        """Address of a database for everything that is not SQLAlchemy."""
        return self.server.dsn(database)

    def create(self, database: str) -> None:
        """Create an empty database."""
        self.server.create_database(database)

    def run(self, database: str, *statements: str) -> None:
        """Run statements one after the other, each outside any transaction."""
        for statement in statements:
            self.server.execute(statement, database)


def start() -> Postgres:
    """The server; it ends with this process.

    Raises NoPostgres if none can be started, RuntimeError if the one that was given does not keep its commits.
    """
    server = databases.start(durable=True)
    pid, (version, fsync, synchronous_commit) = asyncio.run(_ask(server.dsn()))
    if (fsync, synchronous_commit) != ("on", "on"):
        raise RuntimeError(f"this PostgreSQL has fsync {fsync} and synchronous_commit {synchronous_commit}")
    pgbench = Path(f"/proc/{pid}/exe").resolve().with_name("pgbench")
    kept = f"{version}, fsync and synchronous_commit on"
    return Postgres(server, pid, kept, pgbench if pgbench.exists() else None)


async def _ask(dsn: str) -> tuple[int, asyncpg.Record]:
    """The process that all of the server's processes come from, and what it says of itself."""
    connection = await asyncpg.connect(dsn)
    try:
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        return parent(backend), await connection.fetchrow(_TOLD)
    finally:
        await connection.close()
