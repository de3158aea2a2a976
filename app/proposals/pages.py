"""The one statement behind a proposal's page, read together for all who open a page at the same time.

A crowd that opens a proposal when its round begins costs little more than its first member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Row, Select, Table, and_, bindparam, exists, func, literal, select

from app.circles.tables import Basis, Circle, CircleMembership
from app.foundation.asking import Asking, follow
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database, Executor
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.tables import Member, Organisation
from app.proposals.tables import (
    Ballot,
    Elector,
    Participation,
    PhaseHeld,
    Process,
    Proposal,
    Recusal,
    Revision,
    Tension,
    WordSaid,
)

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_REVISION: Table = Revision.__table__  # type: ignore[attr-defined]
_TENSION: Table = Tension.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_RECUSAL: Table = Recusal.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]
_CIRCLE: Table = Circle.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]
_PLACE: Table = CircleMembership.__table__  # type: ignore[attr-defined]
_ORGANISATION: Table = Organisation.__table__  # type: ignore[attr-defined]


PageRow = Row[Any]
"""What the one statement found for one reader."""


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


async def rows_of(session: Executor, actor: Actor, proposals: Sequence[UUID]) -> list[PageRow]:
    """Several proposals for one reader in one statement, in this order, without those that they may not know of."""
    found = await _rows(session, [_Asked(one, actor) for one in proposals]) if proposals else []
    return [row for row in found if row is not None and _may_know(row, actor)]


@dataclass(frozen=True, slots=True)
class _Asked:
    proposal_id: UUID
    actor: Actor


async def _rows(session: Executor, asked: Sequence[_Asked]) -> list[PageRow | None]:
    """A row for each who asks; None where there is no such proposal. All belong to one organisation."""
    keys = [(one.proposal_id, one.actor.member_id, one.actor.pseudonym) for one in asked]
    rows = await _PAGES.rows(session, list(dict.fromkeys(keys)), organisation=asked[0].actor.organisation_id)
    found = {(row.id, row.reader): row for row in rows}
    return [found.get(key[:2]) for key in keys]


def _visible(row: PageRow | None, actor: Actor) -> PageRow:
    if row is None or not _may_know(row, actor):
        raise NotFound
    return row


def _may_know(row: PageRow, actor: Actor) -> bool:
    return row.shown_at is not None or row.proposer_id == actor.member_id


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
    said = func.aggregate_strings(_WORD.c.form.concat(":").concat(func.coalesce(_WORD.c.about, "")), ",")
    in_force = _WORD.c.revision == _PROPOSAL.c.revision
    return _in_this_round(_WORD, said, _WORD.c.by == asked.c.my_pseudonym, in_force, asked=asked)


def _my_recusal(asked: FromClause) -> Any:
    """The reader's own pseudonym where they have stepped out of the decision."""
    return (
        select(_RECUSAL.c.voter)
        .where(
            _RECUSAL.c.organisation_id == _PROPOSAL.c.organisation_id,
            _RECUSAL.c.proposal_id == _PROPOSAL.c.id,
            _RECUSAL.c.voter == asked.c.my_pseudonym,
        )
        .correlate(_PROPOSAL, asked)
        .scalar_subquery()
    )


def _my_ballot(asked: FromClause) -> Any:
    """The reader's own pseudonym where they have cast a ballot in this round."""
    return func.coalesce(
        *(
            _in_this_round(table, table.c.voter, table.c.voter == asked.c.my_pseudonym, asked=asked)
            for table in (_BALLOT, _VOTED)
        )
    )


def _in_this_round(table: Table, wanted: Any, *which: Any, asked: FromClause) -> Any:
    return (
        select(wanted)
        .where(
            table.c.organisation_id == _PROPOSAL.c.organisation_id,
            table.c.process_id == _PROPOSAL.c.id,
            table.c.round == _PHASE.c.round,
            *which,
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


def _page_of(asked: FromClause) -> Select[Any]:
    return (
        select(
            asked.c.me.label("reader"),
            *(column for column in _PROPOSAL.c if column.name not in ("organisation_id", "title")),
            *(_REVISION.c[name] for name in ("title", "body", "changes", "review_on", "evaluation")),
            _REVISION.c.options.label("ballot_options"),
            *(_TENSION.c[name] for name in ("driver", "example", "requirement")),
            _CIRCLE.c.name.label("circle_name"),
            _MEMBER.c.name.label("proposer_name"),
            _MEMBER.c.pseudonym.label("proposer_pseudonym"),
            *(_PROCESS.c[name] for name in ("rule_slug", "rule_version", "electors", "outcome", "reads")),
            _PROCESS.c.options.label("pinned_options"),
            _PROCESS.c.proposer.label("proposer_voice"),
            _PROCESS.c.opened_at.label("admitted_at"),
            *(_PHASE.c[name] for name in ("number", "round", "plan", "opened_at", "closes_at", "awaited")),
            _ELECTOR.c.voter.label("elector"),
            _ELECTOR.c.left_in_phase.label("elector_left"),
            _my_voice(asked).label("my_voice"),
            _my_words(asked).label("my_words"),
            _my_recusal(asked).label("my_recusal"),
            _my_ballot(asked).label("my_ballot"),
            _ORGANISATION.c.time_zone,
        )
        .select_from(_joined(asked))
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"))
    )


_PAGES = Asking(_page_of, proposal=UUID, me=UUID, my_pseudonym=str)
