"""Casting ballots: many in one transaction, without a row that all of them must touch.

Each voter's ballots are a stream of their own. The phase is locked in shared mode, so that casts do not wait for one
another while closing waits for them; whether everybody has voted is asked after the commit, once for a rush.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.columns import dumps
from app.foundation.database import Executor
from app.foundation.errors import Fault, Invalid, Refusal
from app.journal.actor import new_pseudonym
from app.journal.record import hold, record
from app.proposals import events, queries
from app.proposals.deliberation import engine
from app.proposals.deliberation.cases import Running, load_alone
from app.proposals.deliberation.early import is_foregone
from app.proposals.deliberation.floors import Room
from app.proposals.deliberation.hearing import Scene, hear, marked
from app.proposals.deliberation.openings import open_urns, plan_of
from app.proposals.deliberation.represented import Voting, note_present, require_away, votings, with_all_in_hand
from app.proposals.deliberation.urns import Folded, folded, put
from app.proposals.deliberation.utterances import Utterance
from app.proposals.lifecycle import ProposalState
from app.proposals.refusals import AlreadyVoted, GiverHasVoted, RuleUnavailable, StepClosed, VotedInSecret
from app.proposals.streams import stream_of
from app.proposals.tables import Ballot, Elector, Participation
from app.rules.catalogue import Catalogue, UnknownRule

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_BALLOT: Table = Ballot.__table__  # type: ignore[attr-defined]
_VOTED: Table = Participation.__table__  # type: ignore[attr-defined]

Key = tuple[UUID, int, str]
"""A voter's place in a vote: process, round, pseudonym."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A ballot as it lies in the urn. A secret one has no event and no proxy, and a tracker that whoever cast it alone
    is shown; ``proxy`` is the one by which it was cast for somebody else."""

    event: UUID | None
    row: dict[str, Any]
    phase: int
    slip: Folded | None = None
    proxy: UUID | None = None
    once: bool = False

    @property
    def key(self) -> Key:
        """Whose ballot it is, in which round of which vote."""
        return self.row["process_id"], self.row["round"], self.row["voter"]


async def cast(
    session: AsyncSession, ballots: Sequence[Utterance], *, rules: Catalogue, now: datetime
) -> list[Taken | Refusal]:
    """Put each ballot into its urn; a later one of the same voter replaces the earlier, but who has voted themselves
    is voted for by nobody else.

    The answer to each is the ballot taken, or the refusal that concerns it alone. All belong to one organisation.
    """
    organisation_id = ballots[0].actor.organisation_id
    asked = await votings(session, ballots, now)
    voters = {(one.ballot.proposal_id, one.voter) for one in asked}
    found = await open_urns(session, organisation_id, voters, lying=any(one.held is not None for one in asked))
    asked = await with_all_in_hand(session, asked, found.values())
    answers: list[Taken | Refusal] = []
    for voting in asked:
        urn = found.get((voting.ballot.proposal_id, voting.voter))
        try:
            if urn is None:
                await _refuse_without_urn(session, voting.ballot)
            answers.append(_take(voting, urn, rules, now))
        except Refusal as refusal:
            answers.append(refusal)
    await _fold(session, answers)
    await _lay(session, answers)
    await note_present(session, [one.row for one in answers if isinstance(one, Taken) and one.proxy is not None])
    return [_signed(session, ballot, one, now) for ballot, one in zip(ballots, answers, strict=True)]


async def _fold(session: AsyncSession, answers: list[Taken | Refusal]) -> None:
    """Put the secret ones among them into their urns; who cannot vote again is told so."""
    secret = [(n, one, one.slip) for n, one in enumerate(answers) if isinstance(one, Taken) and one.slip is not None]
    if secret:
        for (n, one, _), refusal in zip(secret, await put(session, [slip for *_, slip in secret]), strict=True):
            once = isinstance(refusal, VotedInSecret) and one.once
            answers[n] = AlreadyVoted(step="ballot", reason="said_before") if once else refusal or answers[n]


async def _lay(session: AsyncSession, answers: list[Taken | Refusal]) -> None:
    """Put the others into theirs, one for each voter.

    Raises GiverHasVoted or StepClosed for the whole lot when a ballot that may not be replaced came in before, or at
    this very moment: each is then tried alone.
    """
    chosen = _one_of_each(answers)
    dialect = session.get_bind().dialect.name
    plain = [chosen[key].row for key in sorted(chosen) if not chosen[key].once and chosen[key].proxy is None]
    if plain:
        await session.execute(_UPSERT[dialect], plain)
    guarded = [chosen[key] for key in sorted(chosen) if chosen[key].once or chosen[key].proxy is not None]
    for once, upsert in ((False, _YIELDING), (True, _ONCE)):
        rows = [one.row for one in guarded if one.once is once]
        if rows and len((await session.execute(upsert[dialect], rows)).all()) < len(rows):
            raise StepClosed(step="ballot", reason="said_before") if once else GiverHasVoted


def _one_of_each(answers: list[Taken | Refusal]) -> dict[Key, Taken]:
    """The ballot of each voter that goes into the urn: the last one, or the first where nobody votes twice, and the
    voter's own before one that was cast for them. Whoever's is left out because of that is told."""
    chosen: dict[Key, Taken] = {}
    for n, one in enumerate(answers):
        if not isinstance(one, Taken) or one.slip is not None:
            continue
        before = chosen.get(one.key)
        if before is not None and before.proxy is None and one.proxy is not None:
            answers[n] = GiverHasVoted()
        elif before is not None and one.once and (before.proxy is None) is (one.proxy is None):
            answers[n] = StepClosed(step="ballot", reason="said_before")
        else:
            chosen[one.key] = one
    for n, one in enumerate(answers):
        if isinstance(one, Taken) and one.key in chosen and one.proxy is not None and chosen[one.key].proxy is None:
            answers[n] = GiverHasVoted()
    return chosen


def _signed(session: AsyncSession, ballot: Utterance, answer: Taken | Refusal, now: datetime) -> Taken | Refusal:
    """The ballot with its event, which whoever cast it has signed; a secret one has none."""
    if isinstance(answer, Refusal) or answer.slip is not None:
        return answer
    event = events.BallotCast(
        proposal=answer.row["process_id"],
        phase=answer.phase,
        voter=answer.row["voter"],
        revision=ballot.body.revision,
        proxy=answer.proxy,
        choice=answer.row["choice"],
    )
    return replace(answer, event=record(session, ballot.actor, event, now))


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
    """End a ballot in which everybody has voted, or whose end is foregone, unless somebody has ended it already."""
    await hold(session, organisation_id, [stream_of(process_id)])
    running = await load_alone(session, organisation_id, process_id)
    row = running.open_phase
    if row is None or row.number != phase or running.proposal.state is not ProposalState.DECIDING:
        return
    if await nobody_is_missing(session, running) or is_foregone(running, rules):
        await engine.ask(session, running, "complete", rules=rules, now=now)


async def _refuse_without_urn(session: AsyncSession, ballot: Utterance) -> NoReturn:
    """No phase is open: NotFound for what the actor may not know of, else StepClosed with the proposal's state."""
    proposal = await queries.visible_proposal(session, ballot.actor, ballot.proposal_id)
    raise StepClosed(step=ballot.form, reason=f"state_{proposal.state.value}")


def _take(voting: Voting, urn: Any, rules: Catalogue, now: datetime) -> Taken:
    ballot, voter = voting.ballot, voting.voter
    try:
        form = rules.form(urn.rule_slug, urn.rule_version, ballot.form)
    except UnknownRule:
        raise RuleUnavailable(rule=f"{urn.rule_slug}@{urn.rule_version}") from None
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
    proxy = voting.proxy(plan, urn)
    floor, _ = hear(ballot, scene, now, voter)
    if proxy is not None:
        require_away(urn)
    if form is None or not isinstance(ballot.body, form):
        raise Invalid(faults=[Fault("/body", "other_form", {"form": ballot.form})])
    row = {
        "organisation_id": ballot.actor.organisation_id,
        "process_id": urn.id,
        "round": urn.round,
        "voter": voter,
        "choice": marked(floor, ballot.body.value),
        "college": urn.college,
        "unit": urn.unit,
        "weights": weights(urn.measures),
        "cast_at": now,
        "by_proxy": voting.cast_by,
    }
    taken = Taken(None, row, urn.number, proxy=proxy, once=floor.once)
    return _secret(ballot, urn, taken) if plan.sight == "secret" else taken


def _secret(ballot: Utterance, urn: Any, taken: Taken) -> Taken:
    """Without time, and with nothing of the voter but what the rule tells votes apart by."""
    row = taken.row
    place = {name: row[name] for name in ("organisation_id", "process_id", "round")}
    kind = {name: row[name] if name in urn.reads else "" for name in ("college", "unit", "weights")}
    former = None if taken.once else getattr(ballot.body, "tracker", None)
    slip = folded(place, row["voter"], {"choice": row["choice"], **kind}, UUID(former) if former else None)
    return replace(taken, row={**row, "cast_at": urn.opened_at}, slip=slip)


def weights(measures: Mapping[str, str]) -> str:
    """What a voter weighs besides their one head, in canonical JSON; nothing for most."""
    beside = {name: figure for name, figure in measures.items() if name != "heads"}
    return dumps(dict(sorted(beside.items()))) if beside else ""


def _upsert(insert: Any, *, yields: bool = False, once: bool = False) -> Any:
    """``yields``: what would replace a voter's own ballot by one cast for them stays out; ``once``: what would replace
    any but one cast for the voter by their own. Both tell which are in."""
    statement = insert(_BALLOT)
    new = statement.excluded
    replaced = {"choice": new.choice, "cast_at": new.cast_at, "by_proxy": new.by_proxy}
    names = ["organisation_id", "process_id", "round", "voter"]
    if not yields and not once:
        return statement.on_conflict_do_update(index_elements=names, set_=replaced)
    own, by_another = new.by_proxy == "", _BALLOT.c.by_proxy != ""
    may = and_(own, by_another) if once else or_(own, by_another)
    return statement.on_conflict_do_update(index_elements=names, set_=replaced, where=may).returning(_BALLOT.c.voter)


_UPSERT = {"sqlite": _upsert(sqlite_insert), "postgresql": _upsert(postgresql_insert)}
_YIELDING = {"sqlite": _upsert(sqlite_insert, yields=True), "postgresql": _upsert(postgresql_insert, yields=True)}
_ONCE = {"sqlite": _upsert(sqlite_insert, once=True), "postgresql": _upsert(postgresql_insert, once=True)}
_FIRST_MISSING = (
    select(_ELECTOR.c.voter)
    .where(
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == bindparam("process"),
        _ELECTOR.c.left_in_phase.is_(None),
        _ELECTOR.c.recused.is_(None),
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
