"""What can be done now: exactly the steps that would succeed for the caller, and why the others would not.

The same function answers the question and guards the action, so that the two cannot differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.proposals.deliberation import floors
from app.proposals.deliberation.floors import Room
from app.proposals.deliberation.hearing import MOST_WORDS, Said
from app.proposals.lifecycle import APPEAL_WITHIN, Appeal, ProposalState, Step, is_open, open_in
from app.proposals.policy import STEP_NEEDS, Standing, may, require
from app.proposals.refusals import StepClosed
from app.rules.contract import Floor, Paper, Phase, Word

PATHS = {
    Step.EDIT: "text",
    Step.START_FORMING: "forming",
    Step.SUBMIT: "submission",
    Step.ADMIT: "admission",
    Step.REFUSE: "refusal",
    Step.APPEAL: "appeal",
    Step.RULE_ON_APPEAL: "appeal-ruling",
    Step.WITHDRAW: "withdrawal",
    Step.RESUME: "resumption",
    Step.RECUSE: "recusal",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One step, open or closed; ``on_floor`` when it is something said on a floor of the rule.

    ``values`` are the values allowed, ``about`` the words that may be answered, ``due`` whether the phase waits for it.
    """

    name: str
    open: bool
    reason: str | None = None
    on_floor: bool = False
    values: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    due: bool = False
    paper: Paper | None = None


class Stage(Protocol):
    """What a step needs to know of a proposal."""

    @property
    def state(self) -> ProposalState: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def appeal(self) -> Appeal | None: ...
    @property
    def settled(self) -> bool: ...


def require_step(step: Step, proposal: Stage, standing: Standing, now: datetime) -> None:
    """Refuse a step of the envelope that is not open to this actor now.

    Raises RightMissing (403) before StepClosed (409).
    """
    require(STEP_NEEDS[step], standing)
    reason = _closed_because(step, proposal, now)
    if reason is not None:
        raise StepClosed(step=step.value, reason=reason)


def envelope(
    proposal: Stage,
    standing: Standing,
    now: datetime,
    obstacles: Mapping[Step, str] | None = None,
    *,
    closed_too: bool = True,
) -> Iterator[Offer]:
    """The steps of the envelope for this actor; ``obstacles`` are reasons found elsewhere. Without ``closed_too``,
    those that the proposal's state closes to everybody are left out."""
    for step in Step if closed_too else open_in(proposal.state):
        reason = None if may(STEP_NEEDS[step], standing) else "right_missing"
        reason = reason or _closed_because(step, proposal, now) or (obstacles or {}).get(step)
        yield Offer(step.value, reason is None, reason)


def on_floors(
    plan: Phase, speaker: str, room: Room, said: Said, words: Sequence[Word], *, over: bool
) -> Iterator[Offer]:
    """What this person may say in the running phase, and the floors that are closed to them; ``over``: the phase's
    deadline has passed."""
    seen: set[str] = set()
    for floor in plan.floors:
        if floor.who.what == "forum" or floor.form in seen:
            continue
        held = floors.floors_for(plan, speaker, room, floor.form)
        seen.add(floor.form)
        if not held:
            yield Offer(floor.form, open=False, reason=_why_not_theirs(plan, speaker, room), on_floor=True)
            continue
        yield _offer(held[0], plan, speaker, said, words, over)


def _offer(floor: Floor, plan: Phase, speaker: str, said: Said, words: Sequence[Word], over: bool) -> Offer:
    all_subjects = floor.open_subjects(plan.subject, words)
    most = 1 if floor.once else MOST_WORDS
    subjects = tuple(subject for subject in all_subjects if said.get((speaker, floor.form, subject), 0) < most)
    reason = "phase_over" if over else None
    if reason is None and not subjects:
        reason = _why_nothing_is_left(floor, all_subjects)
    return Offer(
        floor.form,
        open=reason is None,
        reason=reason,
        on_floor=True,
        values=floor.among,
        about=tuple(subject for subject in subjects if subject is not None),
        paper=floor.paper,
        due=floor.due and any((speaker, floor.form, subject) not in said for subject in subjects),
    )


def _why_not_theirs(plan: Phase, speaker: str, room: Room) -> str:
    if speaker not in room.electorate and speaker != room.proposer:
        return "not_in_electorate"
    return "recused" if floors.is_recused(plan, speaker) else "floor_of_another"


def _why_nothing_is_left(floor: Floor, subjects: Sequence[str | None]) -> str:
    if floor.about is not None and (floor.once or not subjects):
        return "nothing_to_answer"
    return "said_before" if floor.once else "said_enough"


def _closed_because(step: Step, proposal: Stage, now: datetime) -> str | None:
    if not is_open(step, proposal.state):
        return f"state_{proposal.state.value}"
    if step is Step.WITHDRAW and proposal.settled:
        return "already_decided"
    if step is Step.RULE_ON_APPEAL and proposal.appeal is not Appeal.OPEN:
        return "not_appealed"
    if step is Step.APPEAL and proposal.appeal is not None:
        return "appealed_before"
    if step is Step.APPEAL and proposal.ended_at is not None and now > proposal.ended_at + APPEAL_WITHIN:
        return "appeal_too_late"
    return None
