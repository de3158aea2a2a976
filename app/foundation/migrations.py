"""The database's schema and the program belong together: which one is there, which one is needed, and the way from
one to the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import column, event, inspect, select, table
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.foundation.database import Database
from app.foundation.revisions import folder, head, revisions

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = [
    "BASE",
    "MigrationsPending",
    "ReferencesBroken",
    "Schema",
    "SchemaOfOthers",
    "SchemaTooNew",
    "UnknownRevision",
    "WrongSchema",
    "check",
    "connected",
    "current",
    "downgrade",
    "head",
    "prepare",
    "revision",
    "revisions",
    "upgrade",
]

BASE: Final = "base"
"""Before the first migration: an empty database."""

_VERSION: Final = table("alembic_version", column("version_num"))


class WrongSchema(Exception):
    """Program and database do not belong together; nothing was changed. ``code`` names a sentence with ``facts``."""

    code = "schema"

    def __init__(self, **facts: object) -> None:
        super().__init__(f"{self.code}: {facts}")
        self.facts = facts


class MigrationsPending(WrongSchema):
    """The database is older than the program: an operator migrates it, when a copy of it is safe."""

    code = "schema_pending"


class SchemaTooNew(WrongSchema):
    """The database was migrated by a newer program, whose revisions this one does not know."""

    code = "schema_too_new"


class SchemaOfOthers(WrongSchema):
    """There are tables, and none of our migrations made them."""

    code = "schema_of_others"


class UnknownRevision(WrongSchema):
    """There is no such revision to go to."""

    code = "schema_unknown_revision"


class ReferencesBroken(WrongSchema):
    """A migration would leave rows that refer to nothing: it is undone whole."""

    code = "schema_references"

    def __init__(self, tables: list[str]) -> None:
        super().__init__(tables=", ".join(tables))


@dataclass(frozen=True, slots=True)
class Schema:
    """What is in a database: the revision of its schema, None before the first, and whether it has any table."""

    revision: str | None
    is_empty: bool


async def current(database_url: str) -> Schema:
    """What is in the database now."""
    async with connected(database_url) as connection:
        return await connection.run_sync(_read)


async def revision(session: AsyncSession) -> str | None:
    """The revision of the schema that a session works in. Raises SQLAlchemyError when no migration has been there."""
    found: str | None = (await session.execute(select(_VERSION.c.version_num))).scalar_one_or_none()
    return found


async def upgrade(database_url: str) -> None:
    """Bring the database to :func:`head`, in one transaction. Raises SchemaTooNew, SchemaOfOthers, ReferencesBroken."""
    check(await current(database_url))
    await _alembic(database_url, "upgrade", "head")


async def downgrade(database_url: str, to: str) -> None:
    """Take the schema back to an earlier revision, or to :data:`BASE`; what only the newer one could hold is lost.

    Raises UnknownRevision, SchemaTooNew, SchemaOfOthers, ReferencesBroken.
    """
    if to not in {BASE, *revisions()}:
        raise UnknownRevision(to=to, known=", ".join(revisions()))
    check(await current(database_url))
    await _alembic(database_url, "downgrade", to)


async def prepare(database_url: str) -> str:
    """See to it that the service can start; returns the revision.

    An empty database and one in an SQLite file are migrated at once. A PostgreSQL in use is not: several processes
    may serve it, and its operator decides when. Raises MigrationsPending, SchemaTooNew, SchemaOfOthers.
    """
    needed = head()
    found = await current(database_url)
    if found.revision == needed:
        return needed
    check(found)
    if not (found.is_empty or database_url.startswith("sqlite")):
        raise MigrationsPending(found=found.revision, needed=needed)
    await upgrade(database_url)
    return needed


def check(found: Schema) -> None:
    """Raises SchemaTooNew, SchemaOfOthers unless our migrations lead on from ``found``."""
    if found.revision is None:
        if not found.is_empty:
            raise SchemaOfOthers
        return
    if found.revision not in revisions():
        raise SchemaTooNew(found=found.revision, needed=head())


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection of its own to the database, whose folder is made if need be."""
    database = Database(database_url, pool_size=1)
    if database.is_sqlite:
        event.listen(database.writer.sync_engine, "connect", _let_tables_be_rebuilt)
        if database.url.database:
            Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        async with database.writer.connect() as connection:
            yield connection
    finally:
        await database.close()


async def _alembic(database_url: str, way: Literal["upgrade", "downgrade"], to: str) -> None:
    from alembic import command  # a service whose database is as it should be starts without it

    async with connected(database_url) as connection:
        await connection.run_sync(lambda given: getattr(command, way)(_config(given), to))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _read(connection: Connection) -> Schema:
    tables = set(inspect(connection).get_table_names())
    revision = None
    if _VERSION.name in tables:
        revision = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    return Schema(revision, is_empty=tables <= {_VERSION.name})


def _let_tables_be_rebuilt(connection: Any, _: Any) -> None:
    """SQLite changes a table by rebuilding it, which no reference to it would survive; all are checked at the end."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()
