"""One proposal as its page shows it to one reader: read in one statement, two more only where the phase needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, exists, func, literal, select

from app.circles.tables import Basis, Circle, CircleMembership
from app.foundation.database import Executor
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.tables import Member
from app.proposals.deliberation.floors import Room
from app.proposals.deliberation.openings import plan_of
from app.proposals.lifecycle import ProposalState
from app.proposals.policy import Permission, Standing, require
from app.proposals.steps import Offer, envelope, on_floors
from app.proposals.tables import Elector, PhaseHeld, Process, Proposal, Revision, Tension, WordSaid
from app.roles.lifecycle import AssignmentState
from app.roles.queries import office_holders
from app.roles.tables import Assignment, Role, RoleKind
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
_ROLE: Table = Role.__table__  # type: ignore[attr-defined]
_MANDATE: Table = Assignment.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Detail:
    """The row of the one statement, the open phase as planned, and what the reader may do now."""

    row: Any
    plan: Phase | None
    standing: Standing
    offers: Sequence[Offer] = field(default=())


async def detail(session: Executor, actor: Actor, proposal_id: UUID, now: datetime) -> Detail:
    """The proposal with its text, circle, proposer, tension, process, open phase, and every step open or closed.

    Raises NotFound.
    """
    require(Permission.READ_PROPOSALS, Standing(actor))
    parameters = {
        "organisation": actor.organisation_id,
        "proposal": proposal_id,
        "me": actor.member_id,
        "my_pseudonym": actor.pseudonym,
    }
    row = (await session.execute(_DETAIL, parameters)).one_or_none()
    if row is None or (row.shown_at is None and row.proposer_id != actor.member_id):
        raise NotFound
    standing = Standing(
        actor=actor,
        has_voice=bool(row.my_voice),
        offices=frozenset(RoleKind(word) for word in (row.my_offices or "").split(",") if word),
        is_proposer=actor.member_id == row.proposer_id,
        facilitator_is_proposer=bool(row.facilitator_is_proposer),
    )
    plan = None if row.plan is None else plan_of(row.id, row.number, row.plan)
    offers = list(envelope(row, standing, now))
    if plan is not None and row.state is ProposalState.DECIDING:
        offers.extend(await _offers(session, actor, row, plan, now))
    return Detail(row, plan, standing, offers)


async def _offers(session: Executor, actor: Actor, row: Any, plan: Phase, now: datetime) -> list[Offer]:
    """What may be said: other people's words are read only where a floor answers words, offices only where one is
    held by an office."""
    answered = sorted({floor.about for floor in plan.floors if floor.about is not None})
    said: list[Word] = await _said(session, actor, row, answered) if answered else []
    offices: Mapping[RoleKind, Sequence[str]] = {}
    if any(floor.who.what == "office" for floor in plan.floors):
        offices = await office_holders(session, actor.organisation_id, row.circle_id)
    elector = row.elector is not None and row.elector_left is None
    room = Room(row.proposer_voice, frozenset({actor.pseudonym} if elector else ()), frozenset(), offices)
    mine = (word.split(":") for word in (row.my_words or "").split(",") if word)
    done = {(actor.pseudonym, form, about or None) for form, about in mine}
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
        Word(ref=ref, by=by, form=form, value="", about=about, version=revision)
        for ref, by, form, about, revision in await session.execute(_SAID, parameters)
    ]


def _same(left: Any, right: Any, table: Table) -> Any:
    return and_(table.c.organisation_id == _PROPOSAL.c.organisation_id, left == right)


def _mandates(*where: Any) -> Any:
    return (
        _MANDATE.join(
            _ROLE, and_(_ROLE.c.organisation_id == _MANDATE.c.organisation_id, _ROLE.c.id == _MANDATE.c.role_id)
        ),
        and_(
            _MANDATE.c.organisation_id == _PROPOSAL.c.organisation_id,
            _MANDATE.c.state == AssignmentState.ACTIVE,
            _ROLE.c.circle_id == _PROPOSAL.c.circle_id,
            *where,
        ),
    )


def _my_offices() -> Any:
    mine, where = _mandates(_MANDATE.c.member_id == bindparam("me"))
    return (
        select(func.aggregate_strings(_ROLE.c.kind, ","))
        .select_from(mine)
        .where(where)
        .correlate(_PROPOSAL)
        .scalar_subquery()
    )


def _my_voice() -> Any:
    mine = (
        select(literal(1))
        .select_from(_PLACE)
        .where(
            _PLACE.c.organisation_id == _PROPOSAL.c.organisation_id,
            _PLACE.c.circle_id == _PROPOSAL.c.circle_id,
            _PLACE.c.member_id == bindparam("me"),
            _PLACE.c.until.is_(None),
            _PLACE.c.basis != Basis.GUEST,
        )
    )
    return exists(mine)


def _my_words() -> Any:
    """What the reader has said in this round of the revision in force, as `form:about` joined by commas."""
    return (
        select(func.aggregate_strings(_WORD.c.form.concat(":").concat(func.coalesce(_WORD.c.about, "")), ","))
        .where(
            _WORD.c.organisation_id == _PROPOSAL.c.organisation_id,
            _WORD.c.process_id == _PROPOSAL.c.id,
            _WORD.c.round == _PHASE.c.round,
            _WORD.c.by == bindparam("my_pseudonym"),
            _WORD.c.revision == _PROPOSAL.c.revision,
        )
        .correlate(_PROPOSAL, _PHASE)
        .scalar_subquery()
    )


def _facilitator_is_proposer() -> Any:
    facilitating, where = _mandates(
        _ROLE.c.kind == RoleKind.FACILITATOR, _MANDATE.c.member_id == _PROPOSAL.c.proposer_id
    )
    return exists(select(literal(1)).select_from(facilitating).where(where))


def _joined() -> Any:
    text = and_(
        _same(_REVISION.c.proposal_id, _PROPOSAL.c.id, _REVISION),
        _REVISION.c.number == _PROPOSAL.c.revision,
        _REVISION.c.edition == _PROPOSAL.c.edition,
    )
    place = and_(_same(_ELECTOR.c.process_id, _PROCESS.c.id, _ELECTOR), _ELECTOR.c.voter == bindparam("my_pseudonym"))
    return (
        _PROPOSAL.join(_REVISION, text)
        .join(_TENSION, _same(_TENSION.c.id, _PROPOSAL.c.tension_id, _TENSION))
        .join(_CIRCLE, _same(_CIRCLE.c.id, _PROPOSAL.c.circle_id, _CIRCLE))
        .join(_MEMBER, _same(_MEMBER.c.id, _PROPOSAL.c.proposer_id, _MEMBER))
        .outerjoin(_PROCESS, _same(_PROCESS.c.id, _PROPOSAL.c.id, _PROCESS))
        .outerjoin(_PHASE, and_(_same(_PHASE.c.process_id, _PROCESS.c.id, _PHASE), _PHASE.c.ended.is_(None)))
        .outerjoin(_ELECTOR, place)
    )


_SAID = (
    select(_WORD.c.ref, _WORD.c.by, _WORD.c.form, _WORD.c.about, _WORD.c.revision)
    .where(
        _WORD.c.organisation_id == bindparam("organisation"),
        _WORD.c.process_id == bindparam("process"),
        _WORD.c.round == bindparam("held_round"),
        _WORD.c.form.in_(bindparam("forms", expanding=True)),
    )
    .order_by(_WORD.c.ref)
)
_DETAIL = (
    select(
        *(column for column in _PROPOSAL.c if column.name not in ("organisation_id", "title")),
        *(_REVISION.c[name] for name in ("title", "body", "changes", "review_on", "evaluation")),
        *(_TENSION.c[name] for name in ("driver", "example", "requirement")),
        _CIRCLE.c.name.label("circle_name"),
        _MEMBER.c.name.label("proposer_name"),
        *(_PROCESS.c[name] for name in ("rule_slug", "rule_version", "options", "electors", "outcome")),
        _PROCESS.c.proposer.label("proposer_voice"),
        _PROCESS.c.opened_at.label("admitted_at"),
        *(_PHASE.c[name] for name in ("number", "round", "plan", "opened_at", "closes_at", "awaited")),
        _ELECTOR.c.voter.label("elector"),
        _ELECTOR.c.left_in_phase.label("elector_left"),
        _my_offices().label("my_offices"),
        _my_voice().label("my_voice"),
        _my_words().label("my_words"),
        _facilitator_is_proposer().label("facilitator_is_proposer"),
    )
    .select_from(_joined())
    .where(_PROPOSAL.c.organisation_id == bindparam("organisation"), _PROPOSAL.c.id == bindparam("proposal"))
)
