"""One statement for the questions of many: what each asks goes in as a row of a table, however many they are.

The statement reads the same for one question and for sixty, so it is compiled once, prepared once and planned once; a
list written out behind ``IN`` would be another statement for every length.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Join,
    Row,
    Select,
    String,
    TypeCoerce,
    Uuid,
    bindparam,
    column,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

from app.foundation.columns import dumps
from app.foundation.database import Executor

KINDS: dict[type, TypeEngine[Any]] = {UUID: Uuid(), str: String()}
Build = Callable[[FromClause], Select[Any]]


class _InOrder(Join):
    """A join that SQLite makes in the order in which it is written: it would believe that many are asked for, and read
    all rows of an organisation first (https://sqlite.org/optoverview.html, manual control using CROSS JOIN)."""

    inherit_cache = True


def follow(asked: FromClause, *found: tuple[FromClause, ColumnElement[bool]]) -> Join:
    """What is asked, joined with one table after the other, each with its condition."""
    return cast(Join, functools.reduce(lambda left, one: _InOrder(left, *one), found, asked))


@compiles(_InOrder)
def _joined(join: _InOrder, compiler: Any, **how: Any) -> str:
    return str(compiler.visit_join(join, **how))


@compiles(_InOrder, "sqlite")
def _crossed(join: _InOrder, compiler: Any, *, from_linter: Any = None, **how: Any) -> str:
    left, right = (compiler.process(one, **{**how, "asfrom": True}) for one in (join.left, join.right))
    return f"{left} CROSS JOIN {right} ON {compiler.process(join.onclause, **how)}"


class Asking:
    """A statement whose FROM holds the table ``asked``, one row a question, with the columns that ``kinds`` name.

    ``build`` gets that table and returns the statement, once for each kind of database; what is found by it is joined
    with :func:`follow`.
    """

    def __init__(self, build: Build, **kinds: type) -> None:
        self._kinds = {name: KINDS[kind] for name, kind in kinds.items()}
        self._statements = {"postgresql": build(self._arrays()), "sqlite": build(self._document())}

    async def rows(
        self, session: Executor, asked: Sequence[Sequence[UUID | str | None]], **parameters: object
    ) -> Sequence[Row[Any]]:
        """All rows for the questions ``asked``, each with a value for every column of the table."""
        dialect = (session.get_bind() if isinstance(session, AsyncSession) else session).dialect.name
        if dialect == "postgresql":
            columns = zip(*asked, strict=True)
            parameters |= {f"asked_{name}": list(one) for name, one in zip(self._kinds, columns, strict=True)}
        else:  # SQLite keeps an identifier as 32 digits
            parameters["asked"] = dumps([[one.hex if isinstance(one, UUID) else one for one in row] for row in asked])
        return (await session.execute(self._statements[dialect], parameters)).all()

    def _arrays(self) -> FromClause:
        arrays = (bindparam(f"asked_{name}", type_=ARRAY(kind)) for name, kind in self._kinds.items())
        columns = (column(name, kind) for name, kind in self._kinds.items())
        return func.unnest(*arrays).table_valued(*columns, name="asked").render_derived()

    def _document(self) -> FromClause:
        each = func.json_each(bindparam("asked", type_=String())).table_valued("value", name="each")
        return select(*(self._field(each, n, name) for n, name in enumerate(self._kinds))).subquery("asked")

    def _field(self, each: Any, n: int, name: str) -> Any:
        found: TypeCoerce[Any] = type_coerce(
            func.json_extract(each.c.value, literal_column(f"'$[{n}]'")), self._kinds[name]
        )
        return found.label(name)
