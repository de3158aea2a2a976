"""What people want to know of objections and concerns: how each ended, and what became of the one just spoken of."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.consent_1_objections import ObjectionView, Status, concerns, objections
from app.rules.contract import Case, Figure, Matter, Reason

ENDED: Final[Mapping[Status, str]] = {
    "raised": "objection_adopted",
    "qualified": "objection_qualified",
    "not_qualified": "objection_not_qualified",
    "withdrawn": "objection_withdrawn",
    "resolved": "objection_resolved",
    "abandoned": "objection_abandoned",
    "lapsed": "objection_lapsed",
}
"""The code of the reason that says how the phase about an objection ended."""

STANDS_AGAIN: Final[Mapping[str, str]] = {"orphaned": "objection_adopted", "appeal": "objection_reinstated"}
"""The same, by the kind of a phase after which an objection that was about to fall is open again."""

_NOT_ANSWERED: Final = frozenset({"qualified", "not_qualified", "abandoned"})
"""How an objection stands that no text has answered: it becomes a concern of the review."""


def matters(case: Case, judge: str) -> tuple[Matter, ...]:
    """Objections with their status and concerns as noted, of every closed round, in the order of saying."""
    raised = [
        Matter(view.ref, "objection", view.status, view.holder, _facts(view), travels=view.status in _NOT_ANSWERED)
        for view in objections(case, judge)
    ]
    latest = case.held[-1].latest if case.held else 1
    noted = [
        Matter(word.ref, "concern", "noted", word.by, {"version": word.version}, travels=word.version == latest)
        for word in concerns(case)
    ]
    return tuple(sorted((*raised, *noted), key=lambda matter: matter.ref))


def news(case: Case, views: tuple[ObjectionView, ...]) -> tuple[Reason, ...]:
    """What the phase that has just ended changed for objections, as reasons of the step that follows."""
    now = case.held[-1].phase
    if now.kind == "drawing":
        return ()
    if now.kind == "objecting":
        return tuple(_inherited(view) for view in views if view.verdict and view.verdict.inherited)
    withdrawn = {word.about for word in case.held[-1].words if word.form == "objection_withdrawal"}
    ended = (view for view in views if view.ref in {now.subject, *withdrawn} and view.status in ENDED)
    return tuple(_ended(view, now.kind) for view in ended if not (view.is_open and now.kind == "integrating"))


def _inherited(view: ObjectionView) -> Reason:
    qualified = view.verdict is not None and view.verdict.qualified
    return Reason("verdict_inherited", {"verdict": "qualified" if qualified else "not_qualified"}, view.ref)


def _ended(view: ObjectionView, kind: str) -> Reason:
    code = STANDS_AGAIN.get(kind, ENDED[view.status]) if view.is_open else ENDED[view.status]
    figures: dict[str, Figure] = {}
    if code in {"objection_qualified", "objection_not_qualified"} and view.verdict is not None:
        figures = {"valid": view.verdict.valid, "dispute": view.verdict.dispute}
    if view.resolved_in_version is not None:
        figures = {"revision": view.resolved_in_version}
    return Reason(code, figures, view.ref)


def _facts(view: ObjectionView) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "raised_by": view.by,
        "version": view.version,
        "harms": view.harms,
        "criteria": view.criteria,
        "continues": view.continues,
        "resolved_in_version": view.resolved_in_version,
    }
    if view.verdict is not None:
        facts |= {"valid": view.verdict.valid, "dispute": view.verdict.dispute, "inherited": view.verdict.inherited}
    return {name: fact for name, fact in facts.items() if fact not in (None, ())}
