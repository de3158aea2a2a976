"""The database: one transaction for one request, committed before its answer leaves, and only here."""

import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from pydantic_core import from_json
from sqlalchemy import Executable, Result, Table, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.sql.dml import UpdateBase

from app.foundation.columns import dumps

Done = TypeVar("Done")
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]
AFTER_COMMIT = "after_commit"
CHANGED = "changed"
Session = AsyncSession
ATTEMPTS = 4
_MOMENT_SECONDS = 0.1
_RETRIABLE = frozenset({"40001", "40P01"})
_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",  # what was deleted, a secret ballot's first slip above all, is overwritten with zeros
)

_PLANNER = {
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""Statements are planned once, often while the tables of a young service are still nearly empty: what is right for
large tables, row by row through their keys, costs nothing on small ones, and the other way round it does."""


class Passing:
    """Statements that read, each on whichever connection is free: nothing is held between one and the next."""

    def __init__(self, engine: AsyncEngine, session: Callable[[], AsyncSession]) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self.session = session

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Result[*tuple[Any, ...]]:
        """All rows of the statement, read before the connection is given back."""
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, parameters)).freeze()()


Reading = AsyncSession | Passing
"""What a page is read on: a session, which sees what its transaction has changed, or no more than one needs to read."""
Executor = Reading | AsyncConnection
"""What Core statements run on: a session, or less than that on hot paths."""


class Database:
    """Two doors to one database: ``write`` for a transaction, ``read`` for statements that see committed facts.

    SQLite has one writer: a write engine with one connection and ``BEGIN IMMEDIATE``, so that writers queue in the
    process instead of fighting for the file's lock, and a read engine beside it. PostgreSQL has a pool for each door;
    reads run without a transaction block, which saves two round trips each.
    """

    def __init__(self, url: str, *, pool_size: int = 8, before_commit: BeforeCommit | None = None) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer, self._reader = _sqlite(url, pool_size) if self.is_sqlite else _postgresql(url, pool_size)
        self._write_sessions = async_sessionmaker(self._writer, expire_on_commit=False, autoflush=False)
        self._read_sessions = async_sessionmaker(self._reader, expire_on_commit=False, autoflush=False)
        self._before_commit = before_commit
        self.passing = Passing(self._reader, self._read_sessions)

    @property
    def writer(self) -> AsyncEngine:
        """The engine that changes things: for migrations and for tests."""
        return self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back whole when it raises."""
        async with self._write_sessions() as session:
            try:
                yield session
                await session.flush()
                if self._before_commit is not None:
                    await self._before_commit(session)
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
        for call in session.info.get(AFTER_COMMIT, ()):
            call()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Statements that change nothing; each sees what was committed when it began."""
        async with self._read_sessions() as session:
            yield session

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncConnection]:
        """The same without a session's bookkeeping: Core statements on hot paths."""
        async with self._reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Have ``call`` made once the transaction is committed: wake-ups, never effects."""
    session.info.setdefault(AFTER_COMMIT, []).append(call)


async def changed_tables(session: AsyncSession) -> set[str]:
    """Governed tables that this transaction changed, whichever way the statement was built."""
    if not session.in_transaction():
        return set()
    connection = await session.connection()
    return cast(set[str], connection.sync_connection.info.get(CHANGED, set()))  # type: ignore[union-attr]


def should_retry(error: BaseException) -> bool:
    """Whether a transaction failed only because of its neighbours (SQLSTATE 40001, 40P01)."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in _RETRIABLE


async def retried(transaction: Callable[[], Awaitable[Done]]) -> Done:
    """Run a whole transaction, and run it again, four times at most, when only its neighbours made it fail."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await transaction()
        except DBAPIError as error:
            if not should_retry(error):
                raise
    return await transaction()


def _sqlite(url: str, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    options: dict[str, Any] = {"hide_parameters": True, "json_serializer": dumps, "json_deserializer": from_json}
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=60, **options)
    reader = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=60, pool_reset_on_return=None, **options
    )
    for engine in (writer, reader):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(reader.sync_engine, "connect", _refuse_changes)
    event.listen(writer.sync_engine, "begin", _begin_immediate)
    _watch_changes(writer)
    return writer, reader


def _postgresql(url: str, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    settings = {"application_name": "cercle", **_PLANNER}
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 60,
        "hide_parameters": True,
        "json_serializer": dumps,
        "json_deserializer": from_json,
    }
    writer = create_async_engine(url, connect_args={"server_settings": settings}, **options)
    _watch_changes(writer)
    reader = create_async_engine(  # outside a transaction block: no round trip to begin, to end, or to reset one
        url,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        connect_args={"server_settings": {**settings, "default_transaction_read_only": "on"}},
        **options,
    )
    return writer, reader


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions lose updates silently; ours are explicit
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    _keep_a_log_of_writes(cursor)
    cursor.close()


def _keep_a_log_of_writes(cursor: Any) -> None:
    """Two who open a new file at once may find it locked for a moment, whatever the busy timeout."""
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(_MOMENT_SECONDS)
    cursor.execute("PRAGMA journal_mode=WAL")


def _refuse_changes(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _watch_changes(engine: AsyncEngine) -> None:
    event.listen(engine.sync_engine, "begin", _forget_changes)
    event.listen(engine.sync_engine, "before_execute", _note_change)


def _forget_changes(connection: Connection) -> None:
    connection.info[CHANGED] = set()


def _note_change(connection: Connection, statement: Any, *_: Any) -> None:
    if isinstance(statement, UpdateBase):
        table = statement.table
        if isinstance(table, Table) and table.info.get("governed"):
            connection.info.setdefault(CHANGED, set()).add(table.name)
