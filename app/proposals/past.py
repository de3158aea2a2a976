"""What a circle has decided, read for a rehearsal: each decision as the rule saw it, from what was recorded.

Votes come from the count that was made when they closed; ballots are not read again, so a secret vote tells no more
than it has told already.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast, get_args
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, case, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.proposals import slate
from app.proposals.deliberation.cases import word_of
from app.proposals.deliberation.cover import TOO_FEW_TO_HIDE, may_be_told
from app.proposals.deliberation.electors import remaining
from app.proposals.exported import voter
from app.proposals.reader import Pinned
from app.proposals.tables import Ballot, Elector, Participation, PhaseHeld, Process, Proposal, Revision, WordSaid
from app.proposals.votes import college_names
from app.rules.canonical import outcome_from_json, phase_from_json, profile_from_json
from app.rules.contract import Case, Electorate, Ended, Held, Outcome, Word

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_REVISION: Table = Revision.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]

MOST_ELECTORS: Final = 100_000
"""So many electors are read for one rehearsal, over all of its decisions; the newest is always read."""

Rows = Mapping[UUID, Sequence[Row[Any]]]


@dataclass(frozen=True, slots=True)
class Past:
    """The rows of a circle's decisions, newest first, and whether there are older ones that were not read."""

    decisions: Sequence[Row[Any]]
    phases: Rows
    electors: Rows
    words: Rows
    kept: Rows
    own: Rows
    colleges: Mapping[str, str]
    more: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: the whole case, how it ended, and what its options and colleges are called.

    ``told_apart``: what the ballots tell of who cast them, ``None`` for everything; in a secret vote only what its rule
    asked for. ``withheld``: a secret vote was held of which the ballots are told to nobody, for they were too few.
    """

    id: UUID
    title: str
    at: datetime
    pinned: Pinned
    outcome: Outcome
    case: Case
    names: Mapping[str, str]
    told_apart: frozenset[str] | None
    withheld: bool


async def past(session: AsyncSession, actor: Actor, circle_id: UUID, limit: int) -> Past:
    """The circle's last decisions, ``limit`` at most; seven statements, however many there are."""
    found = (await session.execute(_decisions(actor, circle_id, limit + 1))).all()
    shown = _within_bounds(found[:limit])
    ids = [row.id for row in shown]
    return Past(
        shown,
        await _by_process(session, _of(_PHASE, actor, ids).order_by(_PHASE.c.process_id, _PHASE.c.number)),
        await _by_process(session, _of(_ELECTOR, actor, ids)),
        await _by_process(session, _words(actor, ids)),
        await _by_process(session, _ballots_that_stayed(actor, ids)),
        await _by_process(session, _ballots_of_proposers(actor, ids)),
        await college_names(session, actor.organisation_id),
        more=len(found) > len(shown),
    )


def decided(read: Past) -> list[Decided]:
    """Each decision as its rule saw it, newest first; pure, for it takes a while."""
    return [_decided(row, read) for row in read.decisions]


def _decisions(actor: Actor, circle_id: UUID, most: int) -> Select[Any]:
    """Decisions alone: what was withdrawn, lapsed on its way or stopped has no verdict."""
    process = and_(_PROCESS.c.organisation_id == _PROPOSAL.c.organisation_id, _PROCESS.c.id == _PROPOSAL.c.id)
    text = and_(
        _REVISION.c.organisation_id == _PROPOSAL.c.organisation_id,
        _REVISION.c.proposal_id == _PROPOSAL.c.id,
        _REVISION.c.number == _PROPOSAL.c.revision,
        _REVISION.c.edition == _PROPOSAL.c.edition,
    )
    pinned = ("rule_slug", "rule_version", "options", "electors", "proposer", "matter", "on_ballot", "reads")
    return (
        select(
            *(_PROPOSAL.c[name] for name in ("id", "title", "ended_at")),
            *(_PROCESS.c[name] for name in (*pinned, "outcome")),
            _REVISION.c.options.label("slate"),
        )
        .join(_PROCESS, process)
        .join(_REVISION, text)
        .where(
            _PROPOSAL.c.organisation_id == actor.organisation_id,
            _PROPOSAL.c.circle_id == circle_id,
            _PROPOSAL.c.verdict.is_not(None),
        )
        .order_by(_PROPOSAL.c.ended_at.desc(), _PROPOSAL.c.id.desc())
        .limit(most)
    )


def _within_bounds(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    electors = 0
    for place, row in enumerate(rows):
        electors += row.electors
        if place and electors > MOST_ELECTORS:
            return rows[:place]
    return rows


def _of(table: Table, actor: Actor, ids: Collection[UUID], *columns: Any) -> Select[Any]:
    query = select(*(columns or table.c))
    return query.where(table.c.organisation_id == actor.organisation_id, table.c.process_id.in_(ids))


def _words(actor: Actor, ids: Collection[UUID]) -> Select[Any]:
    """What was said, in its order, without its prose; an option that was added needs its title to be told of."""
    coded = [column for column in _WORD.c if column.name != "prose"]
    named = case((_WORD.c.form == slate.OPTION, _WORD.c.prose)).label("named")
    return _of(_WORD, actor, ids, *coded, named).order_by(_WORD.c.process_id, _WORD.c.ref)


def _ballots_that_stayed(actor: Actor, ids: Collection[UUID]) -> Any:
    """In which round somebody who left had voted: a ballot that was cast stays, and its voter counts there."""
    return union_all(*(_cast_by_who_left(urn, actor, ids) for urn in (_BALLOT, _VOTED)))


def _cast_by_who_left(urn: Table, actor: Actor, ids: Collection[UUID]) -> Select[Any]:
    phase = and_(
        _PHASE.c.organisation_id == _ELECTOR.c.organisation_id,
        _PHASE.c.process_id == _ELECTOR.c.process_id,
        _PHASE.c.number >= _ELECTOR.c.left_in_phase,
        _PHASE.c.profile.is_not(None),
    )
    ballot = and_(
        urn.c.organisation_id == _PHASE.c.organisation_id,
        urn.c.process_id == _PHASE.c.process_id,
        urn.c.round == _PHASE.c.round,
        urn.c.voter == _ELECTOR.c.voter,
    )
    return (
        select(_ELECTOR.c.process_id, _PHASE.c.number, _ELECTOR.c.voter)
        .join(_PHASE, phase)
        .join(urn, ballot)
        .where(
            _ELECTOR.c.organisation_id == actor.organisation_id,
            _ELECTOR.c.process_id.in_(ids),
            _ELECTOR.c.left_in_phase.is_not(None),
        )
    )


def _ballots_of_proposers(actor: Actor, ids: Collection[UUID]) -> Select[Any]:
    """What the proposers' own hands cast, for themselves and for those whose proxy they hold."""
    process = and_(_PROCESS.c.organisation_id == _BALLOT.c.organisation_id, _PROCESS.c.id == _BALLOT.c.process_id)
    own = and_(_BALLOT.c.voter == _PROCESS.c.proposer, _BALLOT.c.by_proxy == "")
    columns = (_BALLOT.c.process_id, _BALLOT.c.round, _BALLOT.c.choice)
    query = _of(_BALLOT, actor, ids, *columns).join_from(_BALLOT, _PROCESS, process)
    return query.where(or_(own, _BALLOT.c.by_proxy == _PROCESS.c.proposer)).order_by(_BALLOT.c.choice)


async def _by_process(session: AsyncSession, query: Any) -> Rows:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await session.execute(query):
        found[row.process_id].append(row)
    return found


def _decided(row: Row[Any], read: Past) -> Decided:
    electorate, left = _electorate(read.electors.get(row.id, ()))
    words: dict[int, list[Word]] = defaultdict(list)
    names = slate.names(row.slate) | dict(read.colleges)
    for word in read.words.get(row.id, ()):
        words[word.phase].append(word_of(word))
        if word.named:
            names[word.ref] = word.named.get("title", word.ref)
    stayed: dict[int, set[str]] = defaultdict(set)
    for ballot in read.kept.get(row.id, ()):
        stayed[ballot.number].add(ballot.voter)
    own: dict[int, list[str]] = defaultdict(list)
    for ballot in read.own.get(row.id, ()):
        own[ballot.round].append(ballot.choice)
    held = tuple(
        _held(phase, remaining(electorate, left, phase.number, stayed[phase.number]), words, own[phase.round])
        for phase in read.phases.get(row.id, ())
    )
    in_secret = any(one.phase.sight == "secret" for one in held)
    outcome = outcome_from_json(row.outcome)
    listed = (one for one in held if one.profile is not None and not may_be_told(one.phase, one.profile.heads))
    return Decided(
        id=row.id,
        title=row.title,
        at=row.ended_at,
        pinned=Pinned(row.rule_slug, row.rule_version, row.options),
        outcome=outcome,
        case=Case(row.proposer, electorate, held, row.matter, tuple(row.on_ballot)),
        names=names,
        told_apart=frozenset(row.reads) if in_secret else None,
        withheld=outcome.code == TOO_FEW_TO_HIDE or any(listed),
    )


def _electorate(rows: Sequence[Row[Any]]) -> tuple[Electorate, dict[str, int]]:
    """The electorate as it was frozen, and in which phase somebody left it."""
    voters = (voter(row._asdict()) for row in rows)
    return Electorate(voters), {row.voter: row.left_in_phase for row in rows if row.left_in_phase is not None}


def _held(row: Row[Any], electorate: Electorate, words: Mapping[int, Sequence[Word]], own: Sequence[str]) -> Held:
    plan = phase_from_json(row.plan)
    return Held(
        plan,
        row.revision,
        electorate,
        words=tuple(words.get(row.number, ())),
        profile=None if row.profile is None else profile_from_json(row.profile),
        ended=cast(Ended | None, row.ended if row.ended in get_args(Ended) else None),
        by_proposer=None if row.profile is None or plan.sight == "secret" else tuple(own),
    )
