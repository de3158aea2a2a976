"""Ballots counted by kind in one statement, told in one row for each group however many kinds there are.

A row of a hundred thousand costs far more on its way than a line does: the choices of a group come in one text, and so
do the numbers of those who cast them. They are put in order here, at a fifth of what PostgreSQL takes for it. No ballot
in canonical form holds the end of a line.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, Table, cast, func, select

TOLD_APART: Final = ("college", "unit", "weights")
"""What tells ballots with the same choice apart."""
_LINE: Final = "\n"


def by_kind(table: Table, told_apart: Sequence[str], *where: ColumnElement[bool]) -> Select[Any]:
    """The statement that counts the ballots of a table by choice and by these columns besides. Shapes: the choices of a
    group, how many cast each of them, and the columns; see :func:`counted`."""
    columns = [table.c[name] for name in (*told_apart, "choice")]
    kinds = select(*columns, func.count().label("number")).where(*where).group_by(*columns).subquery("kinds")
    group: list[ColumnElement[Any]] = [kinds.c[name] for name in told_apart]
    texts = (kinds.c.choice, cast(kinds.c.number, String))
    told: list[ColumnElement[Any]] = [func.aggregate_strings(text, _LINE) for text in texts]
    return select(*told, *group).group_by(*group)


def counted(choices: str | None, numbers: str | None) -> Iterator[tuple[str, int]]:
    """Each choice of a row of :func:`by_kind`, in order, and how many cast it."""
    if not choices or not numbers:
        return iter(())
    number_of = dict(zip(choices.split(_LINE), map(int, numbers.split(_LINE)), strict=True))
    in_order = sorted(number_of)
    return zip(in_order, map(number_of.__getitem__, in_order), strict=True)
