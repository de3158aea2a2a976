"""What waits for one member: wherever a phase or a circle cannot go on without them, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Table, and_, bindparam, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.proposals.deliberation.floors import Offices
from app.proposals.deliberation.openings import plan_of
from app.proposals.details import answered_by, said_on_floors, standing_of, words_said
from app.proposals.lifecycle import ADMITTED_AFTER, Appeal, ProposalState, Step
from app.proposals.pages import PageRow, rows_of
from app.proposals.policy import Permission, Standing, require
from app.proposals.steps import Offer, envelope
from app.proposals.tables import Elector, Process, Proposal
from app.roles.lifecycle import AssignmentState
from app.roles.queries import offices_of
from app.roles.tables import Assignment, Role
from app.rules.catalogue import Catalogue
from app.rules.contract import Phase

MOST: Final = 200
"""So many proposals are looked at, those that close first: nobody reads a longer list."""

GUARDED: Final = (Step.ADMIT, Step.REFUSE, Step.RULE_ON_APPEAL, Step.RESUME)
"""The steps of the envelope that others wait for; all others are left to whoever may take them."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A proposal that waits for somebody, with what they may do about it. ``until``: when it goes on without them, if
    it ever does."""

    row: PageRow
    plan: Phase | None
    offers: Sequence[Offer]

    @property
    def until(self) -> datetime | None:
        """The end of the phase, or when a submitted proposal is admitted by lapse of time."""
        row = self.row
        if row.state is ProposalState.SUBMITTED and row.submitted_at is not None:
            lapse: datetime = row.submitted_at + ADMITTED_AFTER
            return lapse
        found: datetime | None = row.closes_at if self.plan is not None else None
        return found


async def duties(session: AsyncSession, actor: Actor, rules: Catalogue, now: datetime) -> Sequence[Duty]:
    """What waits for the actor, what ends first before the rest, in four statements however much it is.

    A floor waits for its holder while it is due and unfilled; the envelope for whoever guards the process. Raises
    RightMissing (403).
    """
    require(Permission.READ_PROPOSALS, Standing(actor))
    parameters = {"organisation": actor.organisation_id, "me": actor.member_id, "voice": actor.pseudonym, "most": MOST}
    wanted = (await session.execute(_OPEN, parameters)).scalars().all()
    rows = await rows_of(session, actor, wanted)
    plans = {row.id: plan_of(row.id, row.number, row.plan) for row in rows if _goes_on(row, rules)}
    answered = sorted({form for plan in plans.values() for form in answered_by(plan)})
    said = await words_said(session, actor.organisation_id, list(plans), answered) if answered else {}
    offices = await offices_of(session, actor.organisation_id, {row.circle_id for row in rows}) if rows else {}
    found = []
    for row in rows:
        theirs, plan = offices.get(row.circle_id, {}), plans.get(row.id)
        offers = _guarded(actor, row, theirs, now)
        if plan is not None:
            floors = said_on_floors(actor, row, plan, theirs, said.get(row.id, ()), now)
            offers += [offer for offer in floors if offer.open and offer.due]
        if offers:
            found.append(Duty(row, plan, offers))
    return sorted(found, key=lambda duty: (duty.until is None, duty.until or now))


def _goes_on(row: PageRow, rules: Catalogue) -> bool:
    in_phase = row.state is ProposalState.DECIDING and row.plan is not None
    return in_phase and rules.has(row.rule_slug, row.rule_version)


def _guarded(actor: Actor, row: PageRow, offices: Offices, now: datetime) -> list[Offer]:
    offers = envelope(row, standing_of(actor, row, offices), now, closed_too=False)
    return [offer for offer in offers if offer.open and offer.name in GUARDED]


_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_ROLE: Table = Role.__table__  # type: ignore[attr-defined]
_MANDATE: Table = Assignment.__table__  # type: ignore[attr-defined]


def _mine() -> Any:
    """Whoever holds the text, is asked, or fills an office of the circle."""
    asked = (
        select(literal(1))
        .select_from(_ELECTOR)
        .where(
            _ELECTOR.c.organisation_id == _PROPOSAL.c.organisation_id,
            _ELECTOR.c.process_id == _PROPOSAL.c.id,
            _ELECTOR.c.voter == bindparam("voice"),
            _ELECTOR.c.left_in_phase.is_(None),
        )
    )
    guards = (
        select(literal(1))
        .select_from(_ROLE)
        .join(
            _MANDATE,
            and_(_MANDATE.c.organisation_id == _ROLE.c.organisation_id, _MANDATE.c.role_id == _ROLE.c.id),
        )
        .where(
            _ROLE.c.organisation_id == _PROPOSAL.c.organisation_id,
            _ROLE.c.circle_id == _PROPOSAL.c.circle_id,
            _MANDATE.c.member_id == bindparam("me"),
            _MANDATE.c.state == AssignmentState.ACTIVE,
        )
    )
    return or_(_PROPOSAL.c.proposer_id == bindparam("me"), exists(asked), exists(guards))


_WAITING = or_(
    _PROPOSAL.c.state.in_((ProposalState.SUBMITTED, ProposalState.DECIDING, ProposalState.NEEDS_ATTENTION)),
    and_(_PROPOSAL.c.state == ProposalState.INADMISSIBLE, _PROPOSAL.c.appeal == Appeal.OPEN),
)
_OPEN = (
    select(_PROPOSAL.c.id)
    .where(_PROPOSAL.c.organisation_id == bindparam("organisation"), _WAITING, _mine())
    .order_by(_PROPOSAL.c.phase_closes_at.is_(None), _PROPOSAL.c.phase_closes_at, _PROPOSAL.c.id)
    .limit(bindparam("most", type_=Integer))
)
