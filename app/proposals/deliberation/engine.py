"""The engine: it owns clocks, storage and order, asks the pinned rule what follows, and never looks at a kind.

A process fails closed: a missing rule, a reference digest that differs, an exception in a rule stop it as *needs
attention*; nothing falls through to another rule and nothing is adopted.
"""

import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import system
from app.journal.record import record
from app.proposals import events
from app.proposals.deliberation import clocks, floors, outcomes
from app.proposals.deliberation.cases import Running
from app.proposals.deliberation.cover import uncovered
from app.proposals.deliberation.sealing import close_vote, exposed
from app.proposals.deliberation.utterances import next_ref
from app.proposals.lifecycle import ProposalState
from app.proposals.lots import seed_of_draw
from app.proposals.tables import PhaseHeld, WordSaid
from app.rules.canonical import to_json
from app.rules.catalogue import Catalogue, InvalidOptions, UnknownRule
from app.rules.contract import DecisionRule, Ended, Held, Outcome, Phase, Profile, Word

_MOST_PHASES = 500
_log = logging.getLogger("cercle.engine")


class NeedsAttention(Exception):
    """The process cannot go on by itself; ``reason`` is a code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def pinned(running: Running, rules: Catalogue) -> DecisionRule:
    """The very rule under which the process was admitted: same version, same options, same reference digest.

    Raises NeedsAttention when it is missing or has changed its meaning.
    """
    process = running.process
    try:
        rule = rules.bind(process.rule_slug, process.rule_version, process.options)
    except UnknownRule as error:
        raise NeedsAttention("rule_missing", f"{process.rule_slug}@{process.rule_version}") from error
    except InvalidOptions as error:
        raise NeedsAttention("rule_changed", f"{process.rule_slug}@{process.rule_version}") from error
    if rules.reference_digest(process.rule_slug, process.rule_version) != process.reference_digest:
        raise NeedsAttention("rule_changed", f"{process.rule_slug}@{process.rule_version}")
    return rule


async def ask(session: AsyncSession, running: Running, why: Ended | None, *, rules: Catalogue, now: datetime) -> None:
    """Ask the rule what follows, and do it, until a phase waits for people or the process has ended.

    ``why`` is what happened to the running phase; None opens the first one.
    """
    try:
        rule = pinned(running, rules)
        for _ in range(_MOST_PHASES):
            following = await _follow(session, running, rule, why, now)
            if following is None:
                return
            why = following
        raise NeedsAttention("rule_endless")
    except NeedsAttention as stop:
        await stop_for_attention(session, running, stop, now)


async def go_on(session: AsyncSession, running: Running, *, wakes: bool, rules: Catalogue, now: datetime) -> None:
    """After a word: ask the rule when the phase is complete or the word wakes it; count what is still awaited."""
    phase = running.open_phase
    if phase is None:
        return
    if _recounted(running, phase):
        await ask(session, running, "complete", rules=rules, now=now)
    elif wakes:
        await ask(session, running, "woken", rules=rules, now=now)
    await session.flush()


async def shrink(session: AsyncSession, running: Running, *, rules: Catalogue, now: datetime) -> None:
    """After somebody has left the electorate: the phase may be complete without them, or the rule wants to know."""
    phase = running.open_phase
    if phase is None:
        return
    await ask(session, running, "complete" if _recounted(running, phase) else "shrunk", rules=rules, now=now)
    await session.flush()


def _recounted(running: Running, phase: PhaseHeld) -> bool:
    """Count what is still awaited; whether all that was due has been said."""
    held = running.case.held[-1]
    phase.awaited = len(floors.awaited(held, running.case.round()[:-1], running.room))
    return floors.has_due(held.phase) and phase.awaited == 0


async def stop_for_attention(session: AsyncSession, running: Running, stop: NeedsAttention, now: datetime) -> None:
    """Stop the process where it is, clock included; somebody must look at the rule before it is resumed."""
    proposal, phase = running.proposal, running.open_phase
    if phase is not None:
        phase.left = clocks.seconds_left(phase, now)
    _log.error("process %s needs attention: %s %s", proposal.id, stop.reason, stop.detail)
    proposal.state = ProposalState.NEEDS_ATTENTION
    proposal.refusal = stop.reason
    event = events.AttentionNeeded(proposal=proposal.id, reason=stop.reason, detail=stop.detail[:500])
    record(session, system(proposal.organisation_id), event, now)
    await session.flush()


async def take_up(session: AsyncSession, running: Running, *, rules: Catalogue, now: datetime) -> None:
    """Go on after a stop, once the clock runs again."""
    phase = running.open_phase
    if phase is None:
        await ask(session, running, None, rules=rules, now=now)
    elif phase.closes_at is not None and phase.closes_at <= now:
        await ask(session, running, "deadline", rules=rules, now=now)
    else:
        await clocks.wake(session, phase)
        await shrink(session, running, rules=rules, now=now)


async def _follow(
    session: AsyncSession, running: Running, rule: DecisionRule, why: Ended | None, now: datetime
) -> Ended | None:
    """One step of the fold; returns why the rule must be asked again at once, or None."""
    if why is not None:
        running.replace_now(ended=why)
    try:
        step = rule.after(running.case)
    except Exception as error:
        _log.exception("rule %s failed in process %s", rule.slug, running.process.id)
        raise NeedsAttention("rule_failed", type(error).__name__) from error
    if step is None:
        running.replace_now(ended=None)
        if why in ("deadline", "complete"):
            raise NeedsAttention("rule_stuck", str(why))
        return None
    instead = await exposed(session, running)
    step = instead or step
    if isinstance(step, Phase) and step.sight == "secret":
        _require_secrecy(running, step)
    await _end_phase(session, running, why, now, is_counted=instead is None)
    if isinstance(step, Outcome):
        await outcomes.apply(session, running, step, rule.matters(running.case), now=now)
        return None
    return await _open_phase(session, running, step, now)


def _require_secrecy(running: Running, step: Phase) -> None:
    """Words are never secret, no ballot joins those that were counted already or is cast by another's hand, and a vote
    is where nobody is told apart in too small a group; the admission sees the first phase only. Raises NeedsAttention.
    """
    counted_before = step.carries and any(held.profile is not None for held in running.case.round())
    if step.yields != "profile" or counted_before or any(floor.proxies for floor in step.floors):
        raise NeedsAttention("secrecy_unavailable", step.kind)
    smallest = uncovered(running.case.electorate.without(running.gone), running.process.reads)
    if smallest is not None:
        raise NeedsAttention("too_few_for_secrecy", str(smallest))


async def _end_phase(
    session: AsyncSession, running: Running, why: Ended | None, now: datetime, *, is_counted: bool
) -> None:
    row = running.open_phase
    if row is None or why is None:
        return
    row.ended, row.ended_at, row.left = why, now, clocks.seconds_left(row, now)
    vote = await close_vote(session, running, now, is_counted=is_counted)
    event = events.PhaseEnded(proposal=running.proposal.id, number=row.number, ended=why, **vote)
    record(session, system(row.organisation_id), event, now)
    await session.flush()


async def _open_phase(session: AsyncSession, running: Running, plan: Phase, now: datetime) -> Ended | None:
    closes_at = await clocks.closes_at(session, running, plan, now)
    before = running.phases[-1] if running.phases else None
    row = PhaseHeld.model_validate(
        {
            "organisation_id": running.proposal.organisation_id,
            "process_id": running.process.id,
            "number": len(running.phases) + 1,
            "round": (before.round if plan.carries else before.round + 1) if before else 1,
            "revision": running.proposal.revision,
            "kind": plan.kind,
            "plan": to_json(plan),
            "opened_at": now,
            "closes_at": closes_at,
            "awaited": 0,
        }
    )
    _hold(running, plan, row)
    is_complete = _recounted(running, row)
    session.add(row)
    running.proposal.phase_kind, running.proposal.phase_closes_at = plan.kind, closes_at
    running.proposal.settled = plan.settled
    event = events.PhaseOpened(
        proposal=running.proposal.id,
        number=row.number,
        round=row.round,
        revision=row.revision,
        kind=plan.kind,
        closes_at=closes_at,
        plan=to_json(plan),
    )
    record(session, system(row.organisation_id), event, now)
    await session.flush()
    await clocks.wake(session, row)
    if _the_outside_speaks(session, running, row, now):
        await session.flush()
        _recounted(running, row)
        return "complete" if row.awaited == 0 else "woken"
    return "complete" if is_complete else None


def _hold(running: Running, plan: Phase, row: PhaseHeld) -> None:
    before = running.case.held[-1] if running.case.held else None
    electorate = running.case.electorate.without(running.gone)
    held = Held(plan, row.revision, electorate)
    if plan.yields == "profile" and before is not None and plan.carries:
        held = replace(held, profile=before.profile, by_proposer=before.by_proposer)
    elif plan.yields == "profile":
        held = replace(held, profile=Profile(), by_proposer=None if plan.sight == "secret" else ())
    running.case = replace(running.case, held=(*running.case.held, held))
    running.phases.append(row)


def _the_outside_speaks(session: AsyncSession, running: Running, row: PhaseHeld, now: datetime) -> bool:
    """Lots are drawn here; any other forum does not exist yet and says ``absent``."""
    spoken = False
    for floor in running.case.held[-1].phase.floors:
        if floor.who.what != "forum":
            continue
        is_lot = floor.who.name == "lots"
        value = seed_of_draw(running.process.seed, running.process.id, row.number) if is_lot else "absent"
        subject = running.case.held[-1].phase.subject
        word = Word(
            ref=next_ref(session, running.proposal),
            by=floors.speaker(floor.who),
            form=floor.form,
            value=value,
            about=subject,
            version=running.proposal.revision,
        )
        _say(session, running, row, word, now)
        spoken = True
    return spoken


def _say(session: AsyncSession, running: Running, row: PhaseHeld, word: Word, now: datetime) -> None:
    running.replace_now(words=(*running.case.held[-1].words, word))
    session.add(
        WordSaid.model_validate(
            {
                "organisation_id": row.organisation_id,
                "process_id": row.process_id,
                "ref": word.ref,
                "phase": row.number,
                "round": row.round,
                "by": word.by,
                "form": word.form,
                "value": word.value,
                "about": word.about,
                "revision": word.version,
                "facts": {},
                "prose": {},
                "said_at": now,
            }
        )
    )
    event = events.Said(
        proposal=row.process_id,
        phase=row.number,
        ref=word.ref,
        form=word.form,
        about=word.about,
        revision=word.version,
        office=word.by,
        content={"value": word.value, "facts": {}, "text": None},
        prose={},
    )
    record(session, system(row.organisation_id), event, now)
