"""The electorate of a process, read in groups of those who are alike: a row for each group, not for each elector."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Table, Text, and_, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.proposals.exported import voter
from app.proposals.tables import Elector, Process
from app.rules.contract import Electorate
from app.rules.electorate import Group

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]


async def electorate(session: AsyncSession, process: Process) -> tuple[Electorate, dict[str, int]]:
    """The electorate as it was frozen, and in which phase somebody left it; two statements, whatever its size."""
    place = {"organisation": process.organisation_id, "process": process.id}
    if process.alike is None:
        rows = (await session.execute(_GROUPS, place)).mappings().all()
        groups = [_group({**row, "measures": from_json(row["measures"])}, row["ids"]) for row in rows]
    else:
        groups = [_group(process.alike, (await session.execute(_IDS, place)).scalar_one())]
    left = await session.execute(_LEFT, place)
    return Electorate.of(groups), {row.voter: row.left_in_phase for row in left}


def remaining(everybody: Electorate, left: Mapping[str, int], number: int, cast_by: Collection[str] = ()) -> Electorate:
    """Who remained of the electorate in phase ``number``: those who left in it or before are out, unless their
    ballot of that phase is already cast, for a ballot stays."""
    return everybody.without(one for one, phase in left.items() if phase <= number and one not in cast_by)


def alike(electors: Collection[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What all electors have in common where nothing but their id tells them apart."""
    kinds = [{name: one.get(name) for name in (*_TOLD_APART, "measures")} for one in electors]
    return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else None


def _group(kind: Mapping[str, Any], ids: str) -> Group:
    return Group(voter({**kind, "voter": ""}), tuple(sorted(ids.split(" "))))  # no collation has a say


_TOLD_APART = ("college", "unit", "recused")
_MINE = and_(
    _ELECTOR.c.organisation_id == bindparam("organisation"),
    _ELECTOR.c.process_id == bindparam("process"),
)
_KIND = (*(_ELECTOR.c[name] for name in _TOLD_APART), cast(_ELECTOR.c.measures, Text).label("measures"))
_NAMES = func.aggregate_strings(_ELECTOR.c.voter, " ").label("ids")
_IDS = select(_NAMES).where(_MINE)
_GROUPS = select(*_KIND, _NAMES).where(_MINE).group_by(*_KIND)
_LEFT = select(_ELECTOR.c.voter, _ELECTOR.c.left_in_phase).where(_MINE, _ELECTOR.c.left_in_phase.is_not(None))
