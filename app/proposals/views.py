"""From rows to what people read: names for pseudonyms, sentences beside codes, nothing sealed before its time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.foundation.language import Language, has_text, text
from app.organisations.queries import MemberName
from app.proposals import changes
from app.proposals.details import Detail
from app.proposals.heard import MatterView, WordView
from app.proposals.lifecycle import ProposalState
from app.proposals.notices import notices
from app.proposals.reader import Pinned, Reader
from app.proposals.schemas import (
    Named,
    OutcomeView,
    PaperView,
    PhaseView,
    ProposalView,
    RoundView,
    RuleView,
    StepView,
    TodoItem,
    WinnerView,
)
from app.proposals.slate import OptionView
from app.proposals.steps import PATHS, Offer
from app.proposals.tables import PhaseHeld, TensionText, WordSaid
from app.proposals.todo import Duty
from app.rules.canonical import outcome_from_json, phase_from_json, to_json
from app.rules.catalogue import Catalogue, UnknownRule
from app.rules.contract import Matter, Phase

_BODIES = {
    "edit": ("PUT", "ProposalText"),
    "refuse": ("POST", "AdmissionRefusal"),
    "appeal": ("POST", "Grounds"),
    "recuse": ("POST", "Grounds"),
    "rule_on_appeal": ("POST", "AppealRuling"),
}
Names = Mapping[str, MemberName]


def proposal_view(found: Detail, rules: Catalogue, language: Language) -> ProposalView:
    """The proposal for one reader."""
    row = found.row
    pinned = Pinned(row.rule_slug, row.rule_version, row.pinned_options)
    reader = Reader(rules, language, pinned, found.names)
    return ProposalView.model_construct(  # as stored: what was checked when it came in is not checked again
        **{name: getattr(row, name) for name in _COPIED},
        refusal_title=text(f"refusal.{row.refusal}", language) if has_text(f"refusal.{row.refusal}") else row.refusal,
        changes=changes.parse(row.changes),
        options=[OptionView.model_construct(**option) for option in found.options],
        circle=Named.model_construct(id=row.circle_id, name=row.circle_name),
        proposer=Named.model_construct(id=row.proposer_id, name=row.proposer_name),
        tension=TensionText.model_construct(driver=row.driver, example=row.example, requirement=row.requirement),
        rule=_rule(row, reader),
        phase=None if found.plan is None else open_phase(row, found.plan, reader),
        outcome=None if row.outcome is None else outcome_view(row.outcome, reader),
        available_steps=[step_view(one, row.id, reader) for one in found.offers if one.open],
    )


_COPIED = (
    "id", "title", "body", "review_on", "evaluation", "state", "tension_id", "revision", "edition", "version",
    "created_at", "submitted_at", "admitted_at", "ended_at", "refusal", "refusal_text", "appeal",
)  # fmt: skip


def outcome_view(stored: dict[str, Any], reader: Reader) -> OutcomeView:
    """The recorded outcome, readable with or without its rule."""
    outcome = outcome_from_json(stored)
    return OutcomeView(
        verdict=outcome.verdict,
        winners=[WinnerView(id=one, title=reader.names.get(one)) for one in outcome.winners],
        reasons=reader.reasons(outcome.reasons),
        tables=to_json(dict(outcome.tables)),
        readable=reader.tables(outcome.tables),
        lasts=outcome.lasts,
    )


def open_phase(row: Any, plan: Phase, reader: Reader) -> PhaseView:
    """The phase that is held now."""
    said = reader.reasons(notices(plan, row.electors, row.reads))
    return _phase(row, plan, reader, revision=row.revision, ended=None, ended_at=None, notices=said)


def round_views(rows: Sequence[PhaseHeld], reader: Reader) -> list[RoundView]:
    """All phases, grouped into the rounds that they carry on."""
    rounds: dict[int, RoundView] = {}
    for row in rows:
        view = _phase(
            row, phase_from_json(row.plan), reader, revision=row.revision, ended=row.ended, ended_at=row.ended_at
        )
        rounds.setdefault(row.round, RoundView(number=row.round, phases=[])).phases.append(view)
    return list(rounds.values())


def todo_item(duty: Duty, rules: Catalogue, language: Language) -> TodoItem:
    """What waits for the reader, in their language."""
    row = duty.row
    reader = Reader(rules, language, Pinned(row.rule_slug, row.rule_version, row.pinned_options))
    return TodoItem(
        proposal_id=row.id,
        title=row.title,
        circle=Named(id=row.circle_id, name=row.circle_name),
        state=row.state,
        phase=None if duty.plan is None else reader.texts["phases"][duty.plan.kind]["title"],
        until=duty.until,
        steps=[step_view(offer, row.id, reader) for offer in duty.offers],
    )


def step_view(offer: Offer, proposal_id: UUID, reader: Reader) -> StepView:
    """A step with the address and the form of its body."""
    form = reader.rules.forms().get(offer.name) if offer.on_floor else None
    if form is not None:
        path, method, body = form.plural, "POST", form.__name__
        title = reader.texts.get("forms", {}).get(offer.name, {}).get("title", offer.name)
    else:
        path, (method, body) = _envelope(offer.name)
        title = text(f"step.{offer.name}", reader.language)
    key = f"reason.{offer.reason}"
    return StepView.model_construct(
        name=offer.name,
        title=title,
        method=method,
        href=f"/v1/proposals/{proposal_id}/{path}",
        form=f"/openapi.json#/components/schemas/{body}",
        due=offer.due,
        values=list(offer.values or (form.values() if form is not None else ())),
        paper=None if offer.paper is None else PaperView.model_validate(offer.paper),
        about=list(offer.about),
        reason=offer.reason,
        detail=text(key, reader.language) if offer.reason is not None and has_text(key) else None,
    )


def closed_forms(found: Detail, rules: Catalogue) -> list[Offer]:
    """The forms of the pinned rule that do not belong to the phase that is held now, or to any."""
    if found.row.rule_slug is None:
        return []
    try:
        forms = rules.get(found.row.rule_slug, found.row.rule_version).forms
    except UnknownRule:
        return []
    row, reason = found.row, f"state_{found.row.state.value}"
    if row.state is ProposalState.DECIDING:
        takes_part = found.standing.is_proposer or (row.elector is not None and row.elector_left is None)
        reason = "not_in_this_phase" if takes_part else "not_in_electorate"
    offered = {offer.name for offer in found.offers}
    return [Offer(name, open=False, reason=reason, on_floor=True) for name in sorted(forms) if name not in offered]


def word_view(row: WordSaid, names: Names) -> WordView:
    """A word with the name of who said it."""
    return WordView(
        by=named(row.by, names),
        texts=row.prose,
        **{
            name: getattr(row, name)
            for name in ("ref", "phase", "round", "form", "value", "about", "revision", "office", "facts", "said_at")
        },
    )


def matter_view(matter: Matter, names: Names, words: Mapping[str, WordSaid]) -> MatterView:
    """An objection or a concern with what was written about it."""
    word = words.get(matter.ref)
    return MatterView(
        ref=matter.ref,
        kind=matter.kind,
        status=matter.status,
        by=named(matter.by, names),
        facts=to_json(dict(matter.facts)),
        texts=word.prose if word is not None else {},
    )


def named(pseudonym: str, names: Names) -> Named:
    """The member behind a pseudonym; a forum has a name and no id, an erased person has neither."""
    found = names.get(pseudonym)
    if found is None:
        return Named(id=None, name=pseudonym if pseudonym.startswith("forum:") else None)
    return Named(id=found.id, name=found.name)


def _envelope(name: str) -> tuple[str, tuple[str, str]]:
    steps = {step.value: path for step, path in PATHS.items()}
    return steps[name], _BODIES.get(name, ("POST", "Statement"))


def _rule(row: Any, reader: Reader) -> RuleView | None:
    if row.rule_slug is None:
        return None
    return RuleView.model_construct(
        slug=row.rule_slug,
        version=row.rule_version,
        title=reader.texts.get("title"),
        options=row.pinned_options,
        electors=row.electors,
    )


def _phase(row: Any, plan: Phase, reader: Reader, **facts: Any) -> PhaseView:
    words = reader.texts.get("phases", {}).get(plan.kind, {})
    return PhaseView.model_construct(
        number=row.number,
        round=row.round,
        kind=plan.kind,
        title=words.get("title", plan.kind),
        help=words.get("help"),
        sight=plan.sight,
        subject=plan.subject,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        awaited=None if plan.yields == "profile" else row.awaited,
        reasons=reader.reasons(plan.reasons),
        **facts,
    )
