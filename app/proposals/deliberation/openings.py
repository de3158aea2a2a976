"""Where a speaker meets a proposal: one statement tells, for many at once, what is open and who may answer."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Select, Table, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.asking import Asking, follow
from app.proposals.deliberation.floors import Room, Slot
from app.proposals.lifecycle import ProposalState
from app.proposals.tables import Ballot, Elector, PhaseHeld, Process, Proposal, WordSaid
from app.rules.canonical import phase_from_json
from app.rules.contract import Phase

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]

_COLUMNS = (
    _PROPOSAL.c.id,
    _PROPOSAL.c.state,
    _PROPOSAL.c.shown_at,
    _PROPOSAL.c.revision,
    _PROPOSAL.c.proposer_id,
    _PROCESS.c.rule_slug,
    _PROCESS.c.rule_version,
    _PROCESS.c.proposer,
    _PHASE.c.number,
    _PHASE.c.round,
    _PHASE.c.plan,
    _PHASE.c.closes_at,
    _PHASE.c.awaited,
)
_PLANS: dict[tuple[UUID, int], Phase] = {}
_MOST_PLANS = 2_000


@dataclass(slots=True)
class Opening:
    """What is open on a proposal: its phase as planned, and what the speakers asked about have said in the round."""

    id: UUID
    state: ProposalState
    is_shown: bool
    revision: int
    proposer_id: UUID
    rule: tuple[str, int] | None
    proposer: str
    number: int
    round: int
    plan: Phase | None
    closes_at: datetime | None
    awaited: int
    electors: set[str] = field(default_factory=set)
    said: Counter[Slot] = field(default_factory=Counter)

    def room(self, speaker: str) -> Room:
        """The room as far as one speaker is concerned; offices are not looked up here."""
        return Room(self.proposer, frozenset({speaker} & self.electors), frozenset(), {})


async def openings(
    session: AsyncSession, organisation_id: UUID, speakers: Collection[tuple[UUID, str]]
) -> dict[UUID, Opening]:
    """What is open for each (proposal, pseudonym), by proposal; one statement, whatever their number."""
    return _gather(await _OPENINGS.rows(session, sorted(set(speakers)), organisation=organisation_id))


async def open_urns(
    session: AsyncSession, organisation_id: UUID, voters: Collection[tuple[UUID, str]], *, lying: bool = False
) -> dict[tuple[UUID, str], Any]:
    """State, open phase and electorship of each (proposal, pseudonym) that votes; the phases are locked against
    closing. ``lying``: also who cast the ballot that lies in the urn for them, empty for themselves, and since when
    people have voted in this round: a vote that is prolonged goes on in another phase."""
    urns = _URNS_AS_THEY_LIE if lying else _URNS
    rows = await urns.rows(session, sorted(voters), organisation=organisation_id)
    return {(row.id, row.asked_voter): row for row in rows}


def plan_of(process_id: UUID, number: int, stored: dict[str, Any]) -> Phase:
    """The plan of a phase, parsed once: it never changes."""
    key = (process_id, number)
    found = _PLANS.get(key)
    if found is None:
        if len(_PLANS) >= _MOST_PLANS:
            _PLANS.clear()
        found = _PLANS[key] = phase_from_json(stored)
    return found


def hurries(process_id: UUID, number: int) -> bool:
    """Whether the vote, of which somebody has just been told, may close early."""
    plan = _PLANS.get((process_id, number))
    return plan is not None and plan.hurries and plan.sight == "open"


def _gather(rows: Sequence[Any]) -> dict[UUID, Opening]:
    found: dict[UUID, Opening] = {}
    for row in rows:
        opening = found.get(row.id)
        if opening is None:
            opening = found[row.id] = Opening(
                id=row.id,
                state=row.state,
                is_shown=row.shown_at is not None,
                revision=row.revision,
                proposer_id=row.proposer_id,
                rule=None if row.rule_slug is None else (row.rule_slug, row.rule_version),
                proposer=row.proposer or "",
                number=row.number or 0,
                round=row.round or 0,
                plan=None if row.plan is None else plan_of(row.id, row.number, row.plan),
                closes_at=row.closes_at,
                awaited=row.awaited or 0,
            )
        if row.voter is not None:
            opening.electors.add(row.voter)
            if row.form is not None:
                opening.said[row.voter, row.form, row.about] += 1
    return found


def _same(left: Any, right: Any, table: Table) -> Any:
    """Rows of one organisation whose keys match."""
    return and_(table.c.organisation_id == _PROPOSAL.c.organisation_id, left == right)


def _openings(asked: FromClause) -> Select[Any]:
    elector = and_(  # by what was asked alone, so that one look-up by the whole key is the only plan
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == asked.c.proposal,
        _ELECTOR.c.voter == asked.c.speaker,
        _ELECTOR.c.left_in_phase.is_(None),
    )
    word = and_(
        _same(_WORD.c.process_id, _PROCESS.c.id, _WORD),
        _WORD.c.by == _ELECTOR.c.voter,
        _WORD.c.round == _PHASE.c.round,
        _WORD.c.revision == _PROPOSAL.c.revision,
    )
    return (
        select(*_COLUMNS, _ELECTOR.c.voter, _WORD.c.form, _WORD.c.about)
        .select_from(
            follow(asked, (_PROPOSAL, _PROPOSAL.c.id == asked.c.proposal))
            .outerjoin(_PROCESS, _same(_PROCESS.c.id, _PROPOSAL.c.id, _PROCESS))
            .outerjoin(_PHASE, and_(_same(_PHASE.c.process_id, _PROCESS.c.id, _PHASE), _PHASE.c.ended.is_(None)))
            .outerjoin(_ELECTOR, elector)
            .outerjoin(_WORD, word)
        )
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"))
    )


_OPENINGS = Asking(_openings, proposal=UUID, speaker=str)


def _urns_of(asked: FromClause) -> Select[Any]:
    process = _same(_PROCESS.c.id, _PROPOSAL.c.id, _PROCESS)
    phase = and_(_same(_PHASE.c.process_id, _PROPOSAL.c.id, _PHASE), _PHASE.c.ended.is_(None))
    elector = and_(  # by what was asked alone, as above
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == asked.c.proposal,
        _ELECTOR.c.voter == asked.c.voter,
        _ELECTOR.c.left_in_phase.is_(None),
    )
    return (
        select(
            asked.c.voter.label("asked_voter"),
            *(_PROPOSAL.c[name] for name in ("id", "state", "revision", "circle_id", "proposer_id")),
            *(_PROCESS.c[name] for name in ("rule_slug", "rule_version", "proposer", "reads", "proxy_cap")),
            *(_PHASE.c[name] for name in ("number", "round", "plan", "opened_at", "closes_at")),
            *(_ELECTOR.c[name] for name in ("voter", "college", "unit", "measures", "voted_for_another")),
        )
        .select_from(
            follow(
                asked, (_PROPOSAL, _PROPOSAL.c.id == asked.c.proposal), (_PROCESS, process), (_PHASE, phase)
            ).outerjoin(_ELECTOR, elector)
        )
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"))
        .with_for_update(read=True, of=_PHASE)
    )


def _urns_as_they_lie(asked: FromClause) -> Select[Any]:
    lying = and_(
        _BALLOT.c.organisation_id == bindparam("organisation"),
        _BALLOT.c.process_id == asked.c.proposal,
        _BALLOT.c.round == _PHASE.c.round,
        _BALLOT.c.voter == asked.c.voter,
    )
    earlier = _PHASE.alias("earlier")
    began = select(func.min(earlier.c.opened_at)).where(
        earlier.c.organisation_id == bindparam("organisation"),
        earlier.c.process_id == asked.c.proposal,
        earlier.c.round == _PHASE.c.round,
    )
    urns = _urns_of(asked)
    [found] = urns.get_final_froms()
    told = (_BALLOT.c.by_proxy, began.scalar_subquery().label("began_at"))
    return urns.add_columns(*told).select_from(found.outerjoin(_BALLOT, lying))


_URNS = Asking(_urns_of, proposal=UUID, voter=str)
_URNS_AS_THEY_LIE = Asking(_urns_as_they_lie, proposal=UUID, voter=str)
