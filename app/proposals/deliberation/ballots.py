"""Casting ballots: many in one transaction, without a row that all of them must touch.

Each voter's ballots are a stream of their own. The phase is locked in shared mode, so that casts do not wait for one
another while closing waits for them; whether everybody has voted is asked after the commit, once for a rush.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import FromClause, Select, Table, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.asking import Asking, follow
from app.foundation.columns import dumps
from app.foundation.database import Executor
from app.foundation.errors import Fault, Invalid, Refusal
from app.journal.actor import new_pseudonym
from app.journal.record import hold, record
from app.proposals import events, queries
from app.proposals.deliberation import engine
from app.proposals.deliberation.cases import Running, load_alone
from app.proposals.deliberation.floors import Room
from app.proposals.deliberation.hearing import Scene, hear, marked
from app.proposals.deliberation.openings import plan_of
from app.proposals.deliberation.urns import Folded, folded, put
from app.proposals.deliberation.utterances import Utterance
from app.proposals.lifecycle import ProposalState
from app.proposals.refusals import RuleUnavailable, StepClosed
from app.proposals.streams import stream_of
from app.proposals.tables import Ballot, Elector, Participation, PhaseHeld, Process, Proposal
from app.rules.catalogue import Catalogue, UnknownRule

_PROPOSAL: Table = Proposal.__table__  # type: ignore[attr-defined]
_PROCESS: Table = Process.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]
_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Taken:
    """A ballot as it lies in the urn. A secret one has no event, and a tracker that its voter alone is shown."""

    event: UUID | None
    row: dict[str, Any]
    phase: int
    slip: Folded | None = None


async def cast(
    session: AsyncSession, ballots: Sequence[Utterance], *, rules: Catalogue, now: datetime
) -> list[Taken | Refusal]:
    """Put each ballot into its urn; a later one of the same voter replaces the earlier.

    The answer to each is the ballot taken, or the refusal that concerns it alone. All belong to one organisation.
    """
    organisation_id = ballots[0].actor.organisation_id
    found = await _urns(session, organisation_id, {(one.proposal_id, one.actor.pseudonym) for one in ballots})
    answers: list[Taken | Refusal] = []
    rows: dict[tuple[UUID, int, str], dict[str, Any]] = {}
    for ballot in ballots:
        urn = found.get((ballot.proposal_id, ballot.actor.pseudonym))
        try:
            if urn is None:
                await _refuse_without_urn(session, ballot)
            taken = _take(session, ballot, urn, rules, now)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        answers.append(taken)
        if taken.slip is None:
            rows[taken.row["process_id"], taken.row["round"], taken.row["voter"]] = taken.row
    await _fold(session, answers)
    if rows:
        await session.execute(_UPSERT[session.get_bind().dialect.name], [rows[key] for key in sorted(rows)])
    return answers


async def _fold(session: AsyncSession, answers: list[Taken | Refusal]) -> None:
    """Put the secret ones among them into their urns; who cannot vote again is told so."""
    secret = [(n, one.slip) for n, one in enumerate(answers) if isinstance(one, Taken) and one.slip is not None]
    if secret:
        for (n, _), refusal in zip(secret, await put(session, [slip for _, slip in secret]), strict=True):
            answers[n] = refusal or answers[n]


async def everybody_voted(session: Executor, organisation_id: UUID, process_id: UUID, round_: int) -> bool:
    """Whether no elector is without a ballot; one statement.

    The search begins at a random pseudonym, so that it meets a missing ballot at once while many are missing, in
    whatever order people vote; only when it finds none from there on does it begin at the first.
    """
    place = {"organisation": organisation_id, "process": process_id, "held_round": round_}
    return (await session.execute(_MISSING, {**place, "somewhere": new_pseudonym()})).scalar_one() is None


async def nobody_is_missing(session: AsyncSession, running: Running) -> bool:
    """Whether the running phase, which the caller has locked, is a vote in which everybody still there has voted."""
    row = running.open_phase
    if row is None or running.case.held[-1].phase.yields != "profile":
        return False
    return await everybody_voted(session, row.organisation_id, row.process_id, row.round)


async def close_complete(
    session: AsyncSession, organisation_id: UUID, process_id: UUID, phase: int, *, rules: Catalogue, now: datetime
) -> None:
    """End a ballot in which everybody has voted, unless somebody has ended it already."""
    await hold(session, organisation_id, [stream_of(process_id)])
    running = await load_alone(session, organisation_id, process_id)
    row = running.open_phase
    if row is not None and row.number == phase and running.proposal.state is ProposalState.DECIDING:
        await engine.ask(session, running, "complete", rules=rules, now=now)


async def _urns(
    session: AsyncSession, organisation_id: UUID, voters: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Any]:
    """State, open phase and electorship of each (proposal, pseudonym); the phases are locked against closing."""
    rows = await _URNS.rows(session, sorted(voters), organisation=organisation_id)
    return {(row.id, row.asked_voter): row for row in rows}


async def _refuse_without_urn(session: AsyncSession, ballot: Utterance) -> NoReturn:
    """No phase is open: NotFound for what the actor may not know of, else StepClosed with the proposal's state."""
    proposal = await queries.visible_proposal(session, ballot.actor, ballot.proposal_id)
    raise StepClosed(step=ballot.form, reason=f"state_{proposal.state.value}")


def _take(session: AsyncSession, ballot: Utterance, urn: Any, rules: Catalogue, now: datetime) -> Taken:
    try:
        form = rules.form(urn.rule_slug, urn.rule_version, ballot.form)
    except UnknownRule:
        raise RuleUnavailable(rule=f"{urn.rule_slug}@{urn.rule_version}") from None
    voter = ballot.actor.pseudonym
    elector = frozenset({voter} if urn.voter == voter else ())
    plan = plan_of(urn.id, urn.number, urn.plan)
    scene = Scene(
        state=urn.state,
        is_shown=True,
        revision=urn.revision,
        proposer_id=urn.proposer_id,
        plan=plan,
        closes_at=urn.closes_at,
        room=Room(urn.proposer, elector, frozenset(), {}),
        said={},
        words=(),
    )
    floor, _ = hear(ballot, scene, now)
    if form is None or not isinstance(ballot.body, form):
        raise Invalid(faults=[Fault("/body", "other_form", {"form": ballot.form})])
    choice = marked(floor, ballot.body.value)
    row = {
        "organisation_id": ballot.actor.organisation_id,
        "process_id": urn.id,
        "round": urn.round,
        "voter": voter,
        "choice": choice,
        "college": urn.college,
        "unit": urn.unit,
        "weights": weights(urn.measures),
        "cast_at": now,
    }
    if plan.sight == "secret":
        return _secret(ballot, urn, row)
    event = events.BallotCast(proposal=urn.id, phase=urn.number, voter=voter, revision=urn.revision, choice=choice)
    return Taken(record(session, ballot.actor, event, now), row, urn.number)


def _secret(ballot: Utterance, urn: Any, row: dict[str, Any]) -> Taken:
    """Without time, and with nothing of the voter but what the rule tells votes apart by."""
    place = {name: row[name] for name in ("organisation_id", "process_id", "round")}
    kind = {name: row[name] if name in urn.reads else "" for name in ("college", "unit", "weights")}
    former = getattr(ballot.body, "tracker", None)
    slip = folded(place, row["voter"], {"choice": row["choice"], **kind}, UUID(former) if former else None)
    return Taken(None, {**row, "cast_at": urn.opened_at}, urn.number, slip)


def weights(measures: Mapping[str, str]) -> str:
    """What a voter weighs besides their one head, in canonical JSON; nothing for most."""
    beside = {name: figure for name, figure in measures.items() if name != "heads"}
    return dumps(dict(sorted(beside.items()))) if beside else ""


def _of_proposal(table: Table, key: Any) -> Any:
    return and_(table.c.organisation_id == _PROPOSAL.c.organisation_id, key == _PROPOSAL.c.id)


def _upsert(insert: Any) -> Any:
    statement = insert(_BALLOT)
    return statement.on_conflict_do_update(
        index_elements=["organisation_id", "process_id", "round", "voter"],
        set_={"choice": statement.excluded.choice, "cast_at": statement.excluded.cast_at},
    )


_UPSERT = {"sqlite": _upsert(sqlite_insert), "postgresql": _upsert(postgresql_insert)}
_FIRST_MISSING = (
    select(_ELECTOR.c.voter)
    .where(
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == bindparam("process"),
        _ELECTOR.c.left_in_phase.is_(None),
        *(
            select(table.c.voter)  # looked up for one elector after the other, where EXISTS may read the whole urn
            .where(
                table.c.organisation_id == _ELECTOR.c.organisation_id,
                table.c.process_id == _ELECTOR.c.process_id,
                table.c.round == bindparam("held_round"),
                table.c.voter == _ELECTOR.c.voter,
            )
            .scalar_subquery()
            .is_(None)
            for table in (_BALLOT, _VOTED)
        ),
    )
    .order_by(_ELECTOR.c.voter)
    .limit(1)
)
_MISSING = select(
    func.coalesce(
        _FIRST_MISSING.where(_ELECTOR.c.voter >= bindparam("somewhere")).scalar_subquery(),
        _FIRST_MISSING.scalar_subquery(),
    )
)


def _urns_of(asked: FromClause) -> Select[Any]:
    process = _of_proposal(_PROCESS, _PROCESS.c.id)
    phase = and_(_of_proposal(_PHASE, _PHASE.c.process_id), _PHASE.c.ended.is_(None))
    elector = and_(  # by what was asked alone, so that one look-up by the whole key is the only plan
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == asked.c.proposal,
        _ELECTOR.c.voter == asked.c.voter,
        _ELECTOR.c.left_in_phase.is_(None),
    )
    return (
        select(
            asked.c.voter.label("asked_voter"),
            *(_PROPOSAL.c[name] for name in ("id", "state", "revision", "proposer_id")),
            *(_PROCESS.c[name] for name in ("rule_slug", "rule_version", "proposer", "reads")),
            *(_PHASE.c[name] for name in ("number", "round", "plan", "opened_at", "closes_at")),
            *(_ELECTOR.c[name] for name in ("voter", "college", "unit", "measures")),
        )
        .select_from(
            follow(
                asked, (_PROPOSAL, _PROPOSAL.c.id == asked.c.proposal), (_PROCESS, process), (_PHASE, phase)
            ).outerjoin(_ELECTOR, elector)
        )
        .where(_PROPOSAL.c.organisation_id == bindparam("organisation"))
        .with_for_update(read=True, of=_PHASE)
    )


_URNS = Asking(_urns_of, proposal=UUID, voter=str)
