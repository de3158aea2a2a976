"""What a test looks at from outside: everything that is stored, and the statements that a request sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, select
from sqlmodel import SQLModel

from tests.api.world import World

Contents = dict[str, list[str]]
_NOTES_OF_USE = {"credential": {"last_used_at"}}
_ENDS = ("BEGIN", "COMMIT", "ROLLBACK")


async def contents(world: World) -> Contents:
    """Every row of every table, so that "nothing was changed" can be compared; the note of a token's use apart."""
    found: Contents = {}
    async with world.database.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            columns = [one for one in table.c if one.name not in _NOTES_OF_USE.get(table.name, ())]
            rows = await session.execute(select(*columns))
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


def changed(before: Contents, after: Contents) -> list[str]:
    """The tables that differ."""
    return sorted(name for name in before if before[name] != after[name])


@dataclass
class Sent:
    """The statements of a stretch of the test; BEGIN and COMMIT are not among them."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def statements(world: World) -> Iterator[Sent]:
    """Counts what is sent to the database, on both its doors: one for each round trip that is not BEGIN or COMMIT."""
    sent = Sent()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_ENDS):
            sent.statements.append(statement)

    engines = (world.database.writer.sync_engine, world.database._reader.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
