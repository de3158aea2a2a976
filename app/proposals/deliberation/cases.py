"""The case as the rule sees it, rebuilt from the rows of a process: the same fold as from the exported events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from json import loads
from typing import Any, cast, get_args
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.proposals.deliberation.floors import Offices, Room
from app.proposals.deliberation.urns import kinds_in_urn
from app.proposals.tables import Ballot, Elector, Participation, PhaseHeld, Process, Proposal, WordSaid
from app.roles.queries import office_holders
from app.rules.canonical import phase_from_json, profile_from_json
from app.rules.contract import Case, Electorate, Ended, Held, Phase, Profile, Voter, Word

_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]


@dataclass
class Running:
    """A process in the hands of the engine: its rows, and the case they make."""

    proposal: Proposal
    process: Process
    phases: list[PhaseHeld]
    case: Case
    gone: frozenset[str]
    offices: Offices = field(default_factory=dict)

    @property
    def open_phase(self) -> PhaseHeld | None:
        """The row of the phase that is held now."""
        return self.phases[-1] if self.phases and self.phases[-1].ended is None else None

    @property
    def room(self) -> Room:
        """Those among whom the running phase is held."""
        now = self.case.now
        present = now.electorate.ids if now is not None else self.case.electorate.ids - self.gone
        return Room(self.process.proposer, present - self.gone, self.gone, self.offices)

    def replace_now(self, **changes: Any) -> None:
        """Change what is held of the running phase."""
        now = self.case.held[-1]
        self.case = replace(self.case, held=(*self.case.held[:-1], replace(now, **changes)))


async def load(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> Running:
    """Read a process whole: six statements, whatever its size. The caller holds the proposal's stream."""
    key = (organisation_id, process_id)
    proposal = await session.get_one(Proposal, key, populate_existing=True)
    process = await session.get_one(Process, key, populate_existing=True)
    phases = await _phases(session, organisation_id, process_id)
    voters, left = await _electors(session, organisation_id, process_id)
    words = await _words(session, organisation_id, process_id)
    held = []
    for row in phases:
        plan = phase_from_json(row.plan)
        profile = await _profile(session, row, plan) if plan.yields == "profile" else None
        cast_by = await _voters(session, row, plan) if left and profile else frozenset()
        held.append(_held(row, plan, Electorate(remaining(voters, left, row.number, cast_by)), words, profile))
    offices = await office_holders(session, organisation_id, proposal.circle_id)
    on_ballot = tuple(process.on_ballot)
    case = Case(process.proposer, Electorate(tuple(voters)), tuple(held), process.matter, on_ballot)
    return Running(proposal, process, phases, case, frozenset(left), offices)


async def load_alone(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> Running:
    """The same for whoever may end a phase: casts under way are waited for, and later ones wait.

    The open phase is locked by a statement of its own before anything is counted, so that no ballot that was
    acknowledged is missing from the count.
    """
    await session.execute(_LOCK, {"organisation": organisation_id, "process": process_id})
    return await load(session, organisation_id, process_id)


_LOCK = (
    select(_PHASE.c.number)
    .where(
        _PHASE.c.organisation_id == bindparam("organisation"),
        _PHASE.c.process_id == bindparam("process"),
        _PHASE.c.ended.is_(None),
    )
    .with_for_update()
)


def remaining(
    voters: Iterable[Voter], left: dict[str, int], number: int, cast_by: frozenset[str] = frozenset()
) -> tuple[Voter, ...]:
    """Who remained of the electorate in phase ``number``: those who left in it or before are out, unless their
    ballot of that phase is already cast, for a ballot stays."""
    return tuple(voter for voter in voters if left.get(voter.id, number + 1) > number or voter.id in cast_by)


async def _profile(session: AsyncSession, row: PhaseHeld, plan: Phase) -> Profile:
    if row.profile is not None:
        return profile_from_json(row.profile)
    if plan.sight == "secret":
        return profile_of((await session.execute(kinds_in_urn(row))).all())
    return await count(session, row.organisation_id, row.process_id, row.round)


async def count(session: AsyncSession, organisation_id: UUID, process_id: UUID, round_: int) -> Profile:
    """The profile of a vote, from one ``GROUP BY``: ballots are never read one by one."""
    query = (
        select(*_KINDS, func.count())
        .where(
            _BALLOT.c.organisation_id == organisation_id,
            _BALLOT.c.process_id == process_id,
            _BALLOT.c.round == round_,
        )
        .group_by(*_KINDS)
    )
    return profile_of((await session.execute(query)).all())


_KINDS = (_BALLOT.c.choice, _BALLOT.c.college, _BALLOT.c.unit, _BALLOT.c.weights)


def profile_of(rows: Iterable[Sequence[Any]]) -> Profile:
    """The profile of ballots by kind: rows of choice, college, unit, weights and how many there are."""
    cells: dict[tuple[str, str, str], dict[str, Fraction]] = {}
    for choice, college, unit, weights, number in rows:
        cell = cells.setdefault((choice, college, unit), {})
        for measure, figure in {"heads": 1, **(loads(weights) if weights else {})}.items():
            cell[measure] = cell.get(measure, Fraction(0)) + number * Fraction(figure)
    return Profile(cells)


def word_of(row: Row[Any] | WordSaid) -> Word:
    """A stored word as the rule reads it, without its prose."""
    return Word(
        ref=row.ref,
        by=row.by,
        form=row.form,
        value=row.value,
        about=row.about,
        version=row.revision,
        office=row.office,
        text=row.text_digest,
        facts={name: tuple(fact) if isinstance(fact, list) else fact for name, fact in row.facts.items()},
    )


def _held(row: PhaseHeld, plan: Phase, electorate: Electorate, words: Any, profile: Profile | None) -> Held:
    said: Sequence[Word] = words.get(row.number, ())
    ended = row.ended if row.ended in get_args(Ended) else None  # the end of the process ends no phase for the rule
    return Held(plan, row.revision, electorate, tuple(said), profile, None, cast(Ended | None, ended))


async def _phases(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> list[PhaseHeld]:
    query = (
        select(PhaseHeld)
        .where(col(PhaseHeld.organisation_id) == organisation_id, col(PhaseHeld.process_id) == process_id)
        .order_by(col(PhaseHeld.number))
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def _electors(
    session: AsyncSession, organisation_id: UUID, process_id: UUID
) -> tuple[list[Voter], dict[str, int]]:
    query = select(
        _ELECTOR.c.voter,
        _ELECTOR.c.college,
        _ELECTOR.c.unit,
        _ELECTOR.c.measures,
        _ELECTOR.c.recused,
        _ELECTOR.c.left_in_phase,
    ).where(_ELECTOR.c.organisation_id == organisation_id, _ELECTOR.c.process_id == process_id)
    rows = sorted((await session.execute(query)).all(), key=lambda row: row.voter)  # no collation has a say
    voters = [
        Voter(row.voter, row.college, row.unit, {n: Fraction(one) for n, one in row.measures.items()}, row.recused)
        for row in rows
    ]
    return voters, {row.voter: row.left_in_phase for row in rows if row.left_in_phase is not None}


async def _words(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> dict[int, list[Word]]:
    columns = [column for column in _WORD.c if column.name != "prose"]
    query = (
        select(*columns)
        .where(_WORD.c.organisation_id == organisation_id, _WORD.c.process_id == process_id)
        .order_by(_WORD.c.ref)
    )
    found: dict[int, list[Word]] = defaultdict(list)
    for row in await session.execute(query):
        found[row.phase].append(word_of(row))
    return found


async def _voters(session: AsyncSession, row: PhaseHeld, plan: Phase) -> frozenset[str]:
    table = _VOTED if plan.sight == "secret" else _BALLOT
    query = select(table.c.voter).where(
        table.c.organisation_id == row.organisation_id,
        table.c.process_id == row.process_id,
        table.c.round == row.round,
    )
    return frozenset((await session.execute(query)).scalars())
