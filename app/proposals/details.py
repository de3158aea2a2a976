"""One proposal as its page shows it to one reader: what may be done now, with a few statements more only where the
proposal's state asks for them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, select

from app.foundation.database import Executor, Reading
from app.foundation.deadlines import local_date
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.proposals import slate
from app.proposals.deliberation.admissible import Candidate, obstacle
from app.proposals.deliberation.floors import Offices, Room
from app.proposals.deliberation.openings import plan_of
from app.proposals.lifecycle import ProposalState, Step, is_open
from app.proposals.pages import PageRow
from app.proposals.policy import Permission, Standing, require
from app.proposals.queries import guards
from app.proposals.steps import Offer, envelope, on_floors
from app.proposals.tables import PhaseHeld, WordSaid
from app.proposals.votes import college_names, options_added, people_called
from app.roles.queries import office_holders
from app.rules.catalogue import Catalogue
from app.rules.contract import Phase, Word


@dataclass(frozen=True, slots=True)
class Detail:
    """The row of the one statement, the open phase as planned, and what the reader may do now."""

    row: PageRow
    plan: Phase | None
    standing: Standing
    offers: Sequence[Offer] = field(default=())
    options: Sequence[Mapping[str, Any]] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)


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
    plan = None if row.plan is None else plan_of(row.id, row.number, row.plan)
    offices: Offices = {}
    if closed_too or row.state in _GUARDED or _asks_an_office(plan):
        offices = await office_holders(session, actor.organisation_id, row.circle_id)
    standing = standing_of(actor, row, offices)
    obstacles = await _obstacles(session, standing, row, rules, now)
    offers = list(envelope(row, standing, now, obstacles, closed_too=closed_too))
    if plan is not None and row.state is ProposalState.DECIDING and rules.has(row.rule_slug, row.rule_version):
        answered = answered_by(plan)
        said = await words_said(session, actor.organisation_id, [row.id], answered) if answered else {}
        offers.extend(said_on_floors(actor, row, plan, offices, said.get(row.id, ()), now))
    if Scope.PARTICIPATE not in actor.scopes:
        offers = [replace(offer, open=False, reason=offer.reason or "scope_missing") for offer in offers]
    options = list(row.ballot_options)
    if slate.collects(row.pinned_options or {}):
        options += await options_added(session, actor.organisation_id, row.id)
    colleges = await college_names(session, actor.organisation_id) if "college" in (row.reads or ()) else {}
    subject = None if plan is None else plan.subject
    people = await people_called(session, actor.organisation_id, row.outcome, subject)
    return Detail(row, plan, standing, offers, options, slate.names(options) | colleges | people)


_GUARDED = frozenset({ProposalState.SUBMITTED, ProposalState.INADMISSIBLE, ProposalState.NEEDS_ATTENTION})


def _asks_an_office(plan: Phase | None) -> bool:
    return plan is not None and any(floor.who.what == "office" for floor in plan.floors)


async def _obstacles(
    session: Reading, standing: Standing, row: PageRow, rules: Catalogue, now: datetime
) -> dict[Step, str]:
    """Why a step would be refused although the table and the charter allow it."""
    found: dict[Step, str] = {}
    if is_open(Step.SUBMIT, row.state) and row.review_on <= local_date(now, row.time_zone):
        found[Step.SUBMIT] = "review_date_passed"
    if row.my_recusal is not None:
        found[Step.RECUSE] = "recused_before"
    if row.state is ProposalState.SUBMITTED and standing.acts_as_facilitator:
        candidate = Candidate(
            standing.actor.organisation_id, row.proposer_id, row.changes, slate.ids(row.ballot_options)
        )
        reason = await obstacle(session, candidate, rules, now)
        if reason is not None:
            found[Step.ADMIT] = reason
    return found


def standing_of(actor: Actor, row: PageRow, offices: Offices) -> Standing:
    """Where the actor stands towards a proposal, by its row and the offices of its circle."""
    facilitates, keeps = guards(offices, actor, row.proposer_pseudonym, row.refused_by) if offices else (False, False)
    return Standing(
        actor=actor,
        has_voice=bool(row.my_voice),
        is_proposer=actor.member_id == row.proposer_id,
        acts_as_facilitator=facilitates,
        acts_as_secretary=keeps,
    )


def answered_by(plan: Phase) -> list[str]:
    """The forms of the words that a phase answers: only where there are any need other people's words be read."""
    return sorted({floor.about for floor in plan.floors if floor.about is not None})


def said_on_floors(
    actor: Actor, row: PageRow, plan: Phase, offices: Offices, said: Sequence[Word], now: datetime
) -> list[Offer]:
    """What the reader may say in the running phase; ``said``: the words of its round that it answers."""
    elector = row.elector is not None and row.elector_left is None
    room = Room(row.proposer_voice, frozenset({actor.pseudonym} if elector else ()), frozenset(), offices)
    mine = (word.split(":") for word in (row.my_words or "").split(",") if word)
    done = Counter((actor.pseudonym, form, about or None) for form, about in mine)
    if row.my_ballot is not None:
        done.update((actor.pseudonym, floor.form, None) for floor in plan.floors)
    over = row.closes_at is not None and row.closes_at <= now
    return list(on_floors(plan, actor.pseudonym, room, done, said, over=over))


async def words_said(
    session: Executor, organisation_id: UUID, processes: Sequence[UUID], forms: Sequence[str]
) -> Mapping[UUID, Sequence[Word]]:
    """The words of these forms in the running round of each process, in the order of saying."""
    found: dict[UUID, list[Word]] = {}
    parameters = {"organisation": organisation_id, "processes": processes, "forms": forms}
    for process, ref, by, form, value, about, revision in await session.execute(_SAID, parameters):
        said = Word(ref=ref, by=by, form=form, value=value, about=about, version=revision)
        found.setdefault(process, []).append(said)
    return found


_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_SAID = (
    select(*(_WORD.c[name] for name in ("process_id", "ref", "by", "form", "value", "about", "revision")))
    .join_from(
        _PHASE,
        _WORD,
        and_(
            _WORD.c.organisation_id == _PHASE.c.organisation_id,
            _WORD.c.process_id == _PHASE.c.process_id,
            _WORD.c.round == _PHASE.c.round,
        ),
    )
    .where(
        _PHASE.c.organisation_id == bindparam("organisation"),
        _PHASE.c.process_id.in_(bindparam("processes", expanding=True)),
        _PHASE.c.ended.is_(None),
        _WORD.c.form.in_(bindparam("forms", expanding=True)),
    )
    .order_by(_WORD.c.ref)
)
