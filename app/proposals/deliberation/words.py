"""Saying something on a floor: words are kept in the order of the proposal's stream, and the last one counts.

Many may be said in one transaction, in the order in which they are given. A word that cannot move the process
(it neither wakes the rule, nor changes the text, nor opens a subject) takes a short way of five statements for all
such words together; any other is said with the whole case at hand. Both ask the same questions in the same order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.errors import NotFound, Refusal
from app.journal.record import hold, position, record
from app.proposals import events
from app.proposals.deliberation import engine
from app.proposals.deliberation.amendments import checked, put_in_force
from app.proposals.deliberation.cases import load, word_of
from app.proposals.deliberation.hearing import Scene, hear
from app.proposals.deliberation.openings import Opening, openings
from app.proposals.deliberation.utterances import Utterance
from app.proposals.refusals import RuleUnavailable
from app.proposals.streams import ref_at, stream_of
from app.proposals.tables import PhaseHeld, WordSaid
from app.rules.canonical import digest
from app.rules.catalogue import Catalogue, UnknownRule
from app.rules.contract import ACTS_ON_THE_ENGINE, Floor, Phase

_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]
_PHASE: Table = PhaseHeld.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Heard:
    """A word as it was taken down."""

    event: UUID
    row: dict[str, Any]


async def say(
    session: AsyncSession, utterances: Sequence[Utterance], *, rules: Catalogue, now: datetime
) -> list[Heard | Refusal]:
    """Say each in turn; the answer to each is the word taken down, or the refusal that concerns it alone.

    All utterances belong to one organisation. Holding the proposals' streams makes their order the only order.
    """
    organisation_id = utterances[0].actor.organisation_id
    await hold(session, organisation_id, [stream_of(one.proposal_id) for one in utterances])
    answers: dict[int, Heard | Refusal] = {}
    waiting = dict(enumerate(utterances))
    while waiting:
        taken = _Pass(session, organisation_id, rules, now)
        await taken.through(waiting)
        answers.update(taken.answers)
        waiting = {index: one for index, one in waiting.items() if index not in answers}
    return [answers[index] for index in range(len(utterances))]


class _Pass:
    """One reading of the openings, and all that can be said before one of the processes moves."""

    def __init__(self, session: AsyncSession, organisation_id: UUID, rules: Catalogue, now: datetime) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._rules = rules
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self._filled: dict[UUID, Opening] = {}
        self._moved: set[UUID] = set()
        self.answers: dict[int, Heard | Refusal] = {}

    async def through(self, waiting: dict[int, Utterance]) -> None:
        pairs = [(one.proposal_id, one.actor.pseudonym) for one in waiting.values()]
        found = await openings(self._session, self._organisation_id, pairs)
        for index, utterance in waiting.items():
            if utterance.proposal_id in self._moved:
                continue
            try:
                self.answers[index] = await self._take(utterance, found.get(utterance.proposal_id))
            except Refusal as refusal:
                self.answers[index] = refusal
        await self._write()
        for opening in self._filled.values():
            if opening.awaited <= 0:
                running = await load(self._session, self._organisation_id, opening.id)
                await engine.go_on(self._session, running, wakes=False, rules=self._rules, now=self._now)

    async def _take(self, utterance: Utterance, opening: Opening | None) -> Heard:
        if opening is None:
            raise NotFound
        _require_form(utterance, opening, self._rules)
        if opening.plan is None or _cannot_move(opening.plan, utterance):
            return self._take_down(utterance, opening)
        await self._write()
        self._filled.pop(opening.id, None)  # what it awaits is counted anew with the whole case
        self._moved.add(opening.id)
        return await _say_with_the_case(self._session, utterance, rules=self._rules, now=self._now)

    def _take_down(self, utterance: Utterance, opening: Opening) -> Heard:
        speaker = utterance.actor.pseudonym
        scene = Scene(
            state=opening.state,
            is_shown=opening.is_shown,
            revision=opening.revision,
            proposer_id=opening.proposer_id,
            plan=opening.plan,
            closes_at=opening.closes_at,
            room=opening.room(speaker),
            said=opening.said,
            words=(),
        )
        floor, about = hear(utterance, scene, self._now)
        heard = _heard(self._session, utterance, Place(opening.number, opening.round, about), self._now)
        self._rows.append(heard.row)
        slot = (speaker, utterance.form, about)
        if floor.due and slot not in opening.said:
            opening.awaited -= 1
            self._filled[opening.id] = opening
            if opening.awaited <= 0:
                self._moved.add(opening.id)
        opening.said[slot] += 1
        return heard

    async def _write(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        await self._session.execute(_WORD.insert(), rows)
        if self._filled:
            counts = [
                {"process": one.id, "phase": one.number, "left_to_fill": one.awaited} for one in self._filled.values()
            ]
            await self._session.execute(_count_down(self._organisation_id), counts)


async def _say_with_the_case(session: AsyncSession, utterance: Utterance, *, rules: Catalogue, now: datetime) -> Heard:
    running = await load(session, utterance.actor.organisation_id, utterance.proposal_id)
    phase = running.open_phase
    if phase is None:
        raise NotFound
    words = [word for held in running.case.round() for word in held.words]
    scene = Scene(
        state=running.proposal.state,
        is_shown=running.proposal.shown_at is not None,
        revision=running.proposal.revision,
        proposer_id=running.proposal.proposer_id,
        plan=running.case.held[-1].phase,
        closes_at=phase.closes_at,
        room=running.room,
        said=Counter((word.by, word.form, word.about) for word in words if word.version == running.proposal.revision),
        words=words,
    )
    floor, about = hear(utterance, scene, now)
    amended = await checked(session, running, utterance)
    heard = _heard(session, utterance, Place(phase.number, phase.round, about, _office(floor)), now)
    row = WordSaid.model_validate(heard.row)
    session.add(row)
    word = word_of(row)
    running.replace_now(words=(*running.case.held[-1].words, word))
    if amended is not None:
        put_in_force(session, running, amended, utterance, now=now)
    await session.flush()
    await engine.go_on(session, running, wakes=floor.wakes, rules=rules, now=now)
    return heard


def _cannot_move(plan: Phase, utterance: Utterance) -> bool:
    """Whether the word is of the plain kind: every floor of its form waits for electors, the proposer or named
    people, wakes nobody, answers no other word, and is answered by none."""
    if plan.yields == "profile" or utterance.form in ACTS_ON_THE_ENGINE:
        return False
    if any(floor.about == utterance.form for floor in plan.floors):
        return False
    mine = [floor for floor in plan.floors if floor.form == utterance.form]
    return all(
        floor.who.what in ("electors", "proposer", "named") and not floor.wakes and floor.about is None
        for floor in mine
    )


def _require_form(utterance: Utterance, opening: Opening, rules: Catalogue) -> None:
    """The form must be one of the pinned rule's. Raises RuleUnavailable when that rule is not installed."""
    if opening.rule is None:
        return
    slug, version = opening.rule
    try:
        form = rules.form(slug, version, utterance.form)
    except UnknownRule:
        raise RuleUnavailable(rule=f"{slug}@{version}") from None
    if form is None or not isinstance(utterance.body, form):
        raise NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word belongs: phase, round, subject, and the office in which it was said."""

    phase: int
    round: int
    about: str | None
    office: str | None = None


def _heard(session: AsyncSession, utterance: Utterance, place: Place, now: datetime) -> Heard:  # fmt: skip
    actor, body = utterance.actor, utterance.body
    ref = ref_at(position(session, actor.organisation_id, stream_of(utterance.proposal_id)))
    prose = body.prose()
    row: dict[str, Any] = {
        "organisation_id": actor.organisation_id,
        "process_id": utterance.proposal_id,
        "ref": ref,
        "phase": place.phase,
        "round": place.round,
        "by": actor.pseudonym,
        "form": utterance.form,
        "value": body.value,
        "about": place.about,
        "revision": body.revision,
        "office": place.office,
        "facts": body.facts(),
        "prose": prose,
        "text_digest": digest(prose) if prose else None,
        "said_at": now,
    }
    event = events.Said(
        proposal=utterance.proposal_id,
        phase=place.phase,
        ref=ref,
        form=utterance.form,
        about=place.about,
        revision=body.revision,
        office=place.office,
        content={"value": body.value, "facts": row["facts"], "text": row["text_digest"]},
        prose=prose,
    )
    return Heard(record(session, actor, event, now), row)


def _office(floor: Floor) -> str | None:
    return floor.who.name if floor.who.what == "office" else None


def _count_down(organisation_id: UUID) -> Any:
    return (
        update(_PHASE)
        .where(
            _PHASE.c.organisation_id == organisation_id,
            _PHASE.c.process_id == bindparam("process"),
            _PHASE.c.number == bindparam("phase"),
        )
        .values(awaited=bindparam("left_to_fill"))
    )
