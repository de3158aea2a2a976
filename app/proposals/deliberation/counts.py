"""Counting the ballots of a vote in SQL: each distinct ballot is told once, and no voter by themselves."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from json import loads
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.proposals.deliberation.kinds import TOLD_APART, by_kind, counted
from app.proposals.deliberation.urns import kinds_in_urn
from app.proposals.tables import Ballot, PhaseHeld
from app.rules.canonical import profile_from_json
from app.rules.contract import Cell, Electorate, Phase, Profile
from app.rules.electorate import NOTHING
from app.rules.profile import Heads, heads

_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]


async def profile(session: AsyncSession, row: PhaseHeld, plan: Phase, electorate: Electorate) -> Profile:
    """The ballots of a phase: as they were counted when it ended, else as they lie now."""
    if row.profile is not None:
        return profile_from_json(row.profile)
    if plan.sight == "secret":
        return profile_of((await session.execute(kinds_in_urn(row))).all())
    place = {"organisation": row.organisation_id, "process": row.process_id, "held_round": row.round}
    if len(electorate.groups) != 1:
        return profile_of((await session.execute(BY_KIND, place)).all())
    [group] = electorate.groups
    like = group.like
    weights = {name: figure for name, figure in like.measures.items() if name != "heads"}
    numbers = await _numbers(session, plan, place)
    if not weights:
        return Profile(Heads(numbers, like.college, like.unit))
    return Profile({(one, like.college, like.unit): _weighing(weights, n) for one, n in numbers.items()})


async def _numbers(session: AsyncSession, plan: Phase, place: Mapping[str, Any]) -> dict[str, int]:
    """How many cast each ballot; where few answers can be given, they are counted in passing, without sorting."""
    [floor, *_] = plan.floors
    if floor.paper is None:
        everybody, *numbers = (await session.execute(in_passing(floor.among), place)).one()
        if sum(numbers) == everybody:  # unless an earlier phase, carried on by this one, allowed other answers
            return {value: number for value, number in zip(floor.among, numbers, strict=True) if number}
    found = await session.execute(BY_CHOICE, place)
    return dict(counted(*found.one()))


async def by_proposer(session: AsyncSession, row: PhaseHeld, plan: Phase, proposer: str) -> tuple[str, ...] | None:
    """The ballots of the round that the proposer's own hand cast; nobody knows them of a secret vote."""
    if plan.sight == "secret":
        return None
    place = {"organisation": row.organisation_id, "process": row.process_id, "held_round": row.round}
    may_hold = any(floor.proxies for floor in plan.floors)
    found = await session.execute(_IN_HAND if may_hold else _OWN, {**place, "proposer": proposer})
    return tuple(sorted(found.scalars()))


def profile_of(rows: Iterable[Sequence[Any]]) -> Profile:
    """The profile of ballots by kind: rows of choices and how many cast each of them, college, unit and weights."""
    cells: dict[Cell, Mapping[str, Fraction]] = {}
    for choices, numbers, college, unit, weights in rows:
        read = {name: Fraction(one) for name, one in loads(weights or "{}").items()}
        for choice, number in counted(choices, numbers):
            measures, before = _weighing(read, number), cells.get((choice, college, unit))
            cells[choice, college, unit] = measures if before is None else _together(before, measures)
    return Profile(cells)


def _weighing(weights: Mapping[str, Fraction], number: int) -> Mapping[str, Fraction]:
    if not weights:
        return heads(number)
    return {"heads": Fraction(number)} | {name: number * one for name, one in weights.items()}


def _together(before: Mapping[str, Fraction], more: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    names = sorted(before.keys() | more.keys())
    return {name: before.get(name, NOTHING) + more.get(name, NOTHING) for name in names}


@lru_cache(maxsize=100)
def in_passing(values: tuple[str, ...]) -> Select[Any]:
    """The statement that counts all ballots, and those with each of these answers, in one pass."""
    columns: list[ColumnElement[Any]] = [func.count().filter(_BALLOT.c.choice == value) for value in values]
    return select(func.count(), *columns).where(*_MINE)


_MINE = (
    _BALLOT.c.organisation_id == bindparam("organisation"),
    _BALLOT.c.process_id == bindparam("process"),
    _BALLOT.c.round == bindparam("held_round"),
)
BY_KIND = by_kind(_BALLOT, TOLD_APART, *_MINE)
BY_CHOICE = by_kind(_BALLOT, (), *_MINE)
_OF_THEIRS = and_(_BALLOT.c.voter == bindparam("proposer"), _BALLOT.c.by_proxy == "")
_OWN = select(_BALLOT.c.choice).where(*_MINE, _OF_THEIRS)
_IN_HAND = select(_BALLOT.c.choice).where(*_MINE, or_(_OF_THEIRS, _BALLOT.c.by_proxy == bindparam("proposer")))
