"""Whether somebody may say something now: the one order of refusals, for the fast way and for the thorough one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.foundation.errors import Fault, Invalid, NotFound
from app.proposals.deliberation import floors
from app.proposals.deliberation.floors import Room, Slot
from app.proposals.deliberation.utterances import Utterance
from app.proposals.lifecycle import ProposalState
from app.proposals.refusals import (
    BAD_BALLOTS,
    BallotUnknownOption,
    FloorOfAnother,
    NotInElectorate,
    Recused,
    SaidEnough,
    StaleRevision,
    StepClosed,
)
from app.rules.contract import Floor, Phase, Word
from app.rules.papers import BadBallot, canonical

Said = Mapping[Slot, int]
"""How often each has been said in this round, on the revision in force."""

MOST_WORDS: Final = 50
"""So many words of one form does one person say about one subject in a round: room for every change of mind, and none
for drowning what the others say."""

_MOST_ECHOED: Final = 40
"""Characters of what is no option that are said back: as many as an option's id has at most."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The proposal and the phase in which something is said; ``words`` are those of the round, where they are known."""

    state: ProposalState
    is_shown: bool
    revision: int
    proposer_id: UUID
    plan: Phase | None
    closes_at: datetime | None
    room: Room
    said: Said
    words: Collection[Word]


def hear(utterance: Utterance, scene: Scene, now: datetime, voter: str | None = None) -> tuple[Floor, str | None]:
    """The floor on which the utterance is said and what it is about. ``voter``: for whom it is said, if not for
    oneself.

    Raises, in this order: NotFound, StepClosed (no deliberation), NotInElectorate, Recused or FloorOfAnother,
    StepClosed (not in this phase, over, said before), StaleRevision, Invalid, SaidEnough.
    """
    if not scene.is_shown and utterance.actor.member_id != scene.proposer_id:
        raise NotFound
    if scene.state is not ProposalState.DECIDING or scene.plan is None:
        raise StepClosed(step=utterance.form, reason=f"state_{scene.state.value}")
    speaker = voter or utterance.actor.pseudonym
    floor = _floor(utterance, scene, scene.plan, speaker)
    if scene.closes_at is not None and scene.closes_at <= now:
        raise StepClosed(step=utterance.form, reason="phase_over")
    if utterance.body.revision != scene.revision:
        raise StaleRevision(answered=utterance.body.revision, current=scene.revision)
    if floor.paper is None and floor.among and utterance.body.value not in floor.among:
        raise _not_among(floor, scene.plan, utterance.body.value)
    about = _about(utterance, scene, scene.plan, floor)
    slot = (speaker, utterance.form, about)
    if floor.once and slot in scene.said:
        raise StepClosed(step=utterance.form, reason="said_before")
    if max(scene.said.get(slot, 0), sum((w.by, w.form, w.about) == slot for w in scene.words)) >= MOST_WORDS:
        raise SaidEnough(step=utterance.form, limit=MOST_WORDS)
    return floor, about


def marked(floor: Floor, value: str) -> str:
    """A ballot in the canonical form of its paper; what is no paper's stays as it is.

    Raises the refusal of :data:`BAD_BALLOTS` that says what is wrong with it.
    """
    if floor.paper is None:
        return value
    try:
        return canonical(floor.paper, floor.among, value)
    except BadBallot as bad:
        facts: dict[str, Any] = bad.facts
        if bad.code == BallotUnknownOption.code:
            facts = {**facts, "allowed": ", ".join((*floor.among, *floor.paper.alone))}
        raise BAD_BALLOTS[bad.code](faults=[Fault("/body/value", bad.code, facts)], **facts) from None


def _not_among(floor: Floor, plan: Phase, value: str) -> Invalid:
    allowed = ", ".join(floor.among)
    faults = [Fault("/body/value", "not_among", {"allowed": allowed})]
    if plan.yields != "profile":
        return Invalid(faults=faults)
    return BallotUnknownOption(faults=faults, option=value[:_MOST_ECHOED], allowed=allowed)


def _floor(utterance: Utterance, scene: Scene, plan: Phase, speaker: str) -> Floor:
    mine = floors.floors_for(plan, speaker, scene.room, utterance.form)
    if mine:
        return mine[0]
    if speaker not in scene.room.electorate and speaker != scene.room.proposer:
        raise NotInElectorate(step=utterance.form)
    if any(floor.form == utterance.form for floor in plan.floors):
        if floors.is_recused(plan, speaker):
            raise Recused(step=utterance.form)
        raise FloorOfAnother(step=utterance.form)
    raise StepClosed(step=utterance.form, reason="not_in_this_phase")


def _about(utterance: Utterance, scene: Scene, plan: Phase, floor: Floor) -> str | None:
    about = plan.subject if utterance.body.about is None else utterance.body.about
    subjects = floor.open_subjects(plan.subject, scene.words)
    if about in subjects:
        return about
    if floor.about is not None:
        raise Invalid(faults=[Fault("/body/about", "no_such_word", {"form": floor.about})])
    named = ", ".join(subject for subject in subjects if subject is not None)
    raise Invalid(faults=[Fault("/body/about", "not_the_subject", {"subject": named or "-"})])
