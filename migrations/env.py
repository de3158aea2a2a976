"""How migrations run: in one transaction, one at a time, the same on SQLite and on PostgreSQL.

The service hands over its connection. The ``alembic`` command brings none and gets one to the database that the
``CERCLE_...`` variables name.
"""

import asyncio
from typing import Any, Final, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, MigrationScript
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import app.main  # noqa: F401 - loads every room, and with it every table
from app.foundation import migrations
from app.foundation.columns import Choice, Document
from app.settings import Settings

_OURS: Final = 0x43657263_6C65  # the key of the advisory lock: "Cercle"
_MOST_WAIT: Final = "10s"


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=_render,
        process_revision_directives=_finish,
        compare_type=True,
        transactional_ddl=True,
        **context.config.attributes.get("options", {}),
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            _queue_up(connection)
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            _check_references(connection)


def _queue_up(connection: Connection) -> None:
    """Wait for whoever migrates already; then wait for no table so long that the service queues up behind us."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_OURS)))
    connection.execute(sa.select(sa.func.set_config("lock_timeout", _MOST_WAIT, True)))


def _check_references(connection: Connection) -> None:
    """References are not enforced while tables are rebuilt, so all of them are checked before the end."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise migrations.ReferencesBroken(sorted({str(row[0]) for row in broken}))


def _finish(_: Any, __: Any, directives: list[MigrationScript]) -> None:
    """Number a new migration; what our code knows of a table besides its columns is no part of it."""
    for script in directives:
        script.rev_id = f"{len(migrations.revisions()) + 1:04}"
        for step in script.upgrade_ops.ops if script.upgrade_ops else []:
            if isinstance(step, CreateTableOp):
                step.info.clear()


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Our types by what they are in a database: a migration means the same when our code has changed."""
    if kind != "type":
        return False
    if isinstance(item, Document):
        return "sa.JSON()"
    if isinstance(item, Choice | AutoString):
        length = getattr(item.impl_instance, "length", None)
        return "sa.String()" if length is None else f"sa.String({length})"
    if type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


async def _run_for_developers() -> None:
    async with migrations.connected(Settings().database) as connection:
        await connection.run_sync(_run)


if context.is_offline_mode():
    raise SystemExit("The migrations read the database: there is no offline mode.")
given: Connection | None = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_run_for_developers())
else:
    _run(given)
