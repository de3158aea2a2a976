"""The case as the rule sees it, rebuilt from the rows of a process: the same fold as from the exported events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.proposals.deliberation import counts, electors
from app.proposals.deliberation.floors import Offices, Room
from app.proposals.tables import Ballot, Participation, PhaseHeld, Process, Proposal, WordSaid
from app.roles.queries import office_holders
from app.rules.canonical import phase_from_json
from app.rules.contract import Case, Electorate, Ended, Held, Phase, Word

_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]
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
    """Read a process whole: seven statements, and one or two more for each vote that it has held, whatever its size.
    The caller holds the proposal's stream."""
    key = (organisation_id, process_id)
    proposal = await session.get_one(Proposal, key, populate_existing=True)
    process = await session.get_one(Process, key, populate_existing=True)
    phases = await _phases(session, organisation_id, process_id)
    electorate, left = await electors.electorate(session, process)
    words = await _words(session, organisation_id, process_id)
    held = []
    for row in phases:
        plan = phase_from_json(row.plan)
        profile = await counts.profile(session, row, plan, electorate) if plan.yields == "profile" else None
        cast_by = await _voters(session, row, plan) if left and profile else frozenset()
        there = electors.remaining(electorate, left, row.number, cast_by)
        one = _held(row, plan, there, words)
        if profile is not None:
            own = await counts.by_proposer(session, row, plan, process.proposer)
            one = replace(one, profile=profile, by_proposer=own)
        held.append(one)
    offices = await office_holders(session, organisation_id, proposal.circle_id)
    on_ballot = tuple(process.on_ballot)
    case = Case(process.proposer, electorate, tuple(held), process.matter, on_ballot)
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


def _held(row: PhaseHeld, plan: Phase, electorate: Electorate, words: Any) -> Held:
    said: Sequence[Word] = words.get(row.number, ())
    ended = row.ended if row.ended in get_args(Ended) else None  # the end of the process ends no phase for the rule
    return Held(plan, row.revision, electorate, tuple(said), ended=cast(Ended | None, ended))


async def _phases(session: AsyncSession, organisation_id: UUID, process_id: UUID) -> list[PhaseHeld]:
    query = (
        select(PhaseHeld)
        .where(col(PhaseHeld.organisation_id) == organisation_id, col(PhaseHeld.process_id) == process_id)
        .order_by(col(PhaseHeld.number))
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


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
