"""What a circle decided beforehand to do when it cannot agree: each step of the deadlock ladder once, then the end."""

from typing import Final

from app.rules.builtin import consent_1_phases as phases
from app.rules.builtin.consent_1_options import ConsentOptions, Rung
from app.rules.builtin.consent_1_poll import poll
from app.rules.contract import Case, Outcome, Reason, Step

Reasons = tuple[Reason, ...]

TOO_FEW: Final = ("participation", "no_consent", "nobody_left")
"""Codes after which only the broader circle can still decide, and the proposal otherwise lapses."""


def climb(case: Case, options: ConsentOptions, why: Reason, notes: Reasons) -> Step:
    """The next step of the ladder that was not taken yet, or the end."""
    rungs: tuple[Rung, ...] = ("escalate",) if why.code in TOO_FEW else options.on_deadlock
    for rung in rungs:
        step = _taken(case, options, rung, (why, *notes))
        if step is not None:
            return step
    return Outcome("lapsed" if why.code in TOO_FEW else "not_adopted", reasons=(why, *notes))


def _taken(case: Case, options: ConsentOptions, rung: Rung, reasons: Reasons) -> Step:
    if rung == "escalate":
        return None if _was(case, "escalated") else phases.escalated(reasons)
    if rung == "defer":
        return None if _was(case, "deferred") else phases.deferred(case, options, reasons)
    return _on_trial(case, options, reasons)


def _on_trial(case: Case, options: ConsentOptions, reasons: Reasons) -> Outcome | None:
    """Adopted for a time despite the objections, if enough people answered this very text and one consented."""
    held = case.round()
    now = poll(case, options)
    if held[-1].latest != held[0].version or not now.is_heard:
        return None
    return Outcome("adopted", reasons=(Reason("trial", now.facts()), *reasons), lasts=options.trial)


def _was(case: Case, kind: str) -> bool:
    return any(held.phase.kind == kind for held in case.held)
