"""One proposal as its page shows it to one reader: read in one statement, two more only where the phase needs them.

Readers who come at the same time share the one statement: a crowd that opens a proposal when its round begins costs
little more than its first member.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Row, Select, Table, and_, bindparam, exists, func, literal, select

from app.circles.tables import Basis, Circle, CircleMembership
from app.foundation.asking import Asking, follow
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database, Executor, Reading
from app.foundation.deadlines import local_date
from app.foundation.errors import NotFound
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.organisations.tables import Member, Organisation
from app.proposals.deliberation.admissible import Candidate, obstacle
from app.proposals.deliberation.floors import Offices, Room
from app.proposals.deliberation.openings import plan_of
from app.proposals.lifecycle import ProposalState, Step
from app.proposals.policy import Permission, Standing, require
from app.proposals.queries import guards
from app.proposals.steps import Offer, envelope, on_floors
from app.proposals.tables import Elector, PhaseHeld, Process, Proposal, Revision, Tension, WordSaid
from app.roles.queries import office_holders
from app.rules.catalogue import Catalogue
from app.rules.contract import Phase, Word

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_REVISION: Table = Revision.__table__  # type: ignore[attr-defined]
_TENSION: Table = Tension.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_CIRCLE: Table = Circle.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]
_PLACE: Table = CircleMembership.__table__  # type: ignore[attr-defined]
_ORGANISATION: Table = Organisation.__table__  # type: ignore[attr-defined]


PageRow = Row[Any]
"""What the one statement found for one reader."""


@dataclass(frozen=True, slots=True)
class Detail:
    """The row of the one statement, the open phase as planned, and what the reader may do now."""

    row: Any
    plan: Phase | None
    standing: Standing
    offers: Sequence[Offer] = field(default=())


class Pages:
    """What pages show, read together for all who ask at the same time; each gets what is committed at that moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: Coalescer[_Asked, PageRow | None] = Coalescer(self._together)

    async def row(self, actor: Actor, proposal_id: UUID) -> PageRow:
        """The proposal for one reader. Raises NotFound."""
        found = await self._rows.ask(actor.organisation_id, _Asked(proposal_id, actor))
        return _visible(found, actor)

    async def settle(self) -> None:
        """Wait until everybody has been answered."""
        await self._rows.settle()

    async def _together(self, asked: Sequence["_Asked"]) -> Sequence[PageRow | None]:
        async with self._database.glance() as connection:
            return await _rows(connection, asked)


async def row_of(session: Executor, actor: Actor, proposal_id: UUID) -> PageRow:
    """The same inside a transaction, which sees what it has changed itself. Raises NotFound."""
    [found] = await _rows(session, [_Asked(proposal_id, actor)])
    return _visible(found, actor)


async def detail(
    session: Reading,
    actor: Actor,
    row: PageRow,
    rules: Catalogue,
    now: datetime,
    *,
    closed_too: bool = False,
) -> Detail:
    """The proposal with its text, circle, proposer, tension, process, open phase, and every step open or closed.

    ``closed_too``: the reasons of closed steps are asked for, which needs to know the circle's offices in any state.
    """
    require(Permission.READ_PROPOSALS, Standing(actor))
    offices: Offices = {}
    if closed_too or row.state in _GUARDED or _asks_an_office(row):
        offices = await office_holders(session, actor.organisation_id, row.circle_id)
    facilitates, keeps = guards(offices, actor, row.proposer_pseudonym, row.refused_by)
    standing = Standing(
        actor=actor,
        has_voice=bool(row.my_voice),
        is_proposer=actor.member_id == row.proposer_id,
        acts_as_facilitator=facilitates,
        acts_as_secretary=keeps,
    )
    plan = None if row.plan is None else plan_of(row.id, row.number, row.plan)
    offers = list(envelope(row, standing, now, await _obstacles(session, standing, row, rules, now)))
    if plan is not None and row.state is ProposalState.DECIDING:
        offers.extend(await _offers(session, actor, row, plan, offices, now))
    if Scope.PARTICIPATE not in actor.scopes:
        offers = [replace(offer, open=False, reason=offer.reason or "scope_missing") for offer in offers]
    return Detail(row, plan, standing, offers)


@dataclass(frozen=True, slots=True)
class _Asked:
    proposal_id: UUID
    actor: Actor


async def _rows(session: Executor, asked: Sequence[_Asked]) -> list[PageRow | None]:
    """A row for each who asks; None where there is no such proposal. All belong to one organisation."""
    keys = [(one.proposal_id, one.actor.member_id, one.actor.pseudonym) for one in asked]
    rows = await _DETAIL.rows(session, list(dict.fromkeys(keys)), organisation=asked[0].actor.organisation_id)
    found = {(row.id, row.reader): row for row in rows}
    return [found.get(key[:2]) for key in keys]


def _visible(row: PageRow | None, actor: Actor) -> PageRow:
    if row is None or (row.shown_at is None and row.proposer_id != actor.member_id):
        raise NotFound
    return row


_GUARDED = frozenset({ProposalState.SUBMITTED, ProposalState.INADMISSIBLE, ProposalState.NEEDS_ATTENTION})


def _asks_an_office(row: Any) -> bool:
    if row.plan is None:
        return False
    return any(floor.who.what == "office" for floor in plan_of(row.id, row.number, row.plan).floors)


async def _obstacles(
    session: Reading, standing: Standing, row: Any, rules: Catalogue, now: datetime
) -> dict[Step, str]:
    """Why a step would be refused although the table and the charter allow it."""
    found: dict[Step, str] = {}
    if row.review_on <= local_date(now, row.time_zone):
        found[Step.SUBMIT] = "review_date_passed"
    if row.state is ProposalState.SUBMITTED and standing.acts_as_facilitator:
        candidate = Candidate(standing.actor.organisation_id, row.proposer_id, row.changes)
        reason = await obstacle(session, candidate, rules, now)
        if reason is not None:
            found[Step.ADMIT] = reason
    return found


async def _offers(
    session: Executor, actor: Actor, row: Any, plan: Phase, offices: Offices, now: datetime
) -> list[Offer]:
    """What may be said: other people's words are read only where a floor answers words."""
    answered = sorted({floor.about for floor in plan.floors if floor.about is not None})
    said: list[Word] = await _said(session, actor, row, answered) if answered else []
    elector = row.elector is not None and row.elector_left is None
    room = Room(row.proposer_voice, frozenset({actor.pseudonym} if elector else ()), frozenset(), offices)
    mine = (word.split(":") for word in (row.my_words or "").split(",") if word)
    done = Counter((actor.pseudonym, form, about or None) for form, about in mine)
    over = row.closes_at is not None and row.closes_at <= now
    return list(on_floors(plan, actor.pseudonym, room, done, said, over=over))


async def _said(session: Executor, actor: Actor, row: Any, answered: list[str]) -> list[Word]:
    """The words of the round that floors answer."""
    parameters = {
        "organisation": actor.organisation_id,
        "process": row.id,
        "held_round": row.round,
        "forms": answered,
    }
    return [
        Word(ref=ref, by=by, form=form, value=value, about=about, version=revision)
        for ref, by, form, value, about, revision in await session.execute(_SAID, parameters)
    ]


def _same(left: Any, right: Any, table: Table) -> Any:
    return and_(table.c.organisation_id == _PROPOSAL.c.organisation_id, left == right)


def _my_voice(asked: FromClause) -> Any:
    mine = (
        select(literal(1))
        .select_from(_PLACE)
        .where(
            _PLACE.c.organisation_id == _PROPOSAL.c.organisation_id,
            _PLACE.c.circle_id == _PROPOSAL.c.circle_id,
            _PLACE.c.member_id == asked.c.me,
            _PLACE.c.until.is_(None),
            _PLACE.c.basis != Basis.GUEST,
        )
    )
    return exists(mine.correlate(_PROPOSAL, asked))


def _my_words(asked: FromClause) -> Any:
    """What the reader has said in this round of the revision in force, as `form:about` joined by commas."""
    return (
        select(func.aggregate_strings(_WORD.c.form.concat(":").concat(func.coalesce(_WORD.c.about, "")), ","))
        .where(
            _WORD.c.organisation_id == _PROPOSAL.c.organisation_id,
            _WORD.c.process_id == _PROPOSAL.c.id,
            _WORD.c.round == _PHASE.c.round,
            _WORD.c.by == asked.c.my_pseudonym,
            _WORD.c.revision == _PROPOSAL.c.revision,
        )
        .correlate(_PROPOSAL, _PHASE, asked)
        .scalar_subquery()
    )


def _joined(asked: FromClause) -> Any:
    text = and_(
        _same(_REVISION.c.proposal_id, _PROPOSAL.c.id, _REVISION),
        _REVISION.c.number == _PROPOSAL.c.revision,
        _REVISION.c.edition == _PROPOSAL.c.edition,
    )
    place = and_(  # by what was asked alone, so that one look-up by the whole key is the only plan
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == asked.c.proposal,
        _ELECTOR.c.voter == asked.c.my_pseudonym,
    )
    return (
        follow(
            asked,
            (_PROPOSAL, _PROPOSAL.c.id == asked.c.proposal),
            (_REVISION, text),
            (_TENSION, _same(_TENSION.c.id, _PROPOSAL.c.tension_id, _TENSION)),
            (_ORGANISATION, _ORGANISATION.c.organisation_id == _PROPOSAL.c.organisation_id),
            (_CIRCLE, _same(_CIRCLE.c.id, _PROPOSAL.c.circle_id, _CIRCLE)),
            (_MEMBER, _same(_MEMBER.c.id, _PROPOSAL.c.proposer_id, _MEMBER)),
        )
        .outerjoin(_PROCESS, _same(_PROCESS.c.id, _PROPOSAL.c.id, _PROCESS))
        .outerjoin(_PHASE, and_(_same(_PHASE.c.process_id, _PROCESS.c.id, _PHASE), _PHASE.c.ended.is_(None)))
        .outerjoin(_ELECTOR, place)
    )


_SAID = (
    select(_WORD.c.ref, _WORD.c.by, _WORD.c.form, _WORD.c.value, _WORD.c.about, _WORD.c.revision)
    .where(
        _WORD.c.organisation_id == bindparam("organisation"),
        _WORD.c.process_id == bindparam("process"),
        _WORD.c.round == bindparam("held_round"),
        _WORD.c.form.in_(bindparam("forms", expanding=True)),
    )
    .order_by(_WORD.c.ref)
)


def _detail(asked: FromClause) -> Select[Any]:
    return (
        select(
            asked.c.me.label("reader"),
            *(column for column in _PROPOSAL.c if column.name not in ("organisation_id", "title")),
            *(_REVISION.c[name] for name in ("title", "body", "changes", "review_on", "evaluation")),
            *(_TENSION.c[name] for name in ("driver", "example", "requirement")),
            _CIRCLE.c.name.label("circle_name"),
            _MEMBER.c.name.label("proposer_name"),
            _MEMBER.c.pseudonym.label("proposer_pseudonym"),
            *(_PROCESS.c[name] for name in ("rule_slug", "rule_version", "options", "electors", "outcome")),
            _PROCESS.c.proposer.label("proposer_voice"),
            _PROCESS.c.opened_at.label("admitted_at"),
            *(_PHASE.c[name] for name in ("number", "round", "plan", "opened_at", "closes_at", "awaited")),
            _ELECTOR.c.voter.label("elector"),
            _ELECTOR.c.left_in_phase.label("elector_left"),
            _my_voice(asked).label("my_voice"),
            _my_words(asked).label("my_words"),
            _ORGANISATION.c.time_zone,
        )
        .select_from(_joined(asked))
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"))
    )


_DETAIL = Asking(_detail, proposal=UUID, me=UUID, my_pseudonym=str)
