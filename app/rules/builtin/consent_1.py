"""Decision by consent: a proposal is adopted when enough people answered and nobody's tested objection stands."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from app.rules.builtin import consent_1_phases as phases
from app.rules.builtin.consent_1_forms import FORMS
from app.rules.builtin.consent_1_ladder import climb
from app.rules.builtin.consent_1_objections import ObjectionView, of_this_round, words
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.consent_1_poll import Poll, electors_left, poll
from app.rules.builtin.consent_1_register import matters, news
from app.rules.contract import Case, DecisionRule, Form, Held, Matter, Outcome, Reason, Step

Reasons = tuple[Reason, ...]


class Consent(DecisionRule):
    """Consent as sociocratic practice knows it, answered from afar.

    Questions, reactions and amendments come first; then every elector but the proposer consents or objects, sealed
    until the round closes. Objections are tested one by one and the qualified ones resolved in the text, which opens a
    new round; after the last round the deadlock ladder of the circle follows. Silence never takes part, and the
    proposal needs the explicit consent of at least one elector other than the proposer.
    """

    slug = "consent"
    version = 1
    Options = ConsentOptions
    forms: ClassVar[Mapping[str, type[Form]]] = FORMS
    claims = frozenset({"anonymous", "monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"position": ("objection", "consent")}

    options: ConsentOptions

    def after(self, case: Case) -> Step:
        """The next phase, the outcome, or ``None``: see :meth:`DecisionRule.after`."""
        now = case.now
        if now is None:
            return self._opening(case)
        if now.phase.kind != "escalated" and not electors_left(case):
            return climb(case, self.options, Reason("nobody_left", {"of": 0}), ())
        return _AFTER[now.phase.kind](self, case, now)

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """Objections and concerns of every closed round, in the order of saying."""
        return matters(case, self.options.judge)

    def _opening(self, case: Case) -> Step:
        if self.options.begins_with == "objecting":
            return phases.objecting(case, self.options, ())
        return phases.clarifying(case, self.options)

    def _after_clarifying(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        said = (word for word in words(case, "question") if word.by in case.electorate.ids)
        asked = [word for word in said if word.value == "question"]
        answered = {word.about for word in words(case, "answer")}
        left = [word.ref for word in asked if word.ref not in answered]
        figures = {"asked": len(asked), "answered": len(asked) - len(left), "unanswered": len(left)}
        if left and not now.phase.carries:
            return phases.answering(self.options, (Reason("questions_left", figures),))
        unanswered = (Reason("question_unanswered", about=ref) for ref in left)
        return phases.reacting(case, self.options, (Reason("clarified", figures), *unanswered))

    def _after_reacting(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        electors = electors_left(case)
        said = {word.by for word in now.words if word.value == "reaction" and word.by in electors}
        return phases.amending(self.options, (Reason("reacted", {"reactions": len(said), "of": len(electors)}),))

    def _after_amending(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        code = "kept" if now.words else "kept_by_silence"
        if now.ended == "woken":
            code = "edited" if now.latest == now.version else "amended"
        return phases.objecting(case, self.options, (Reason(code, {"revision": now.latest}),))

    def _after_objecting(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        if now.latest != now.version:
            contested = any(word.form == "contest" for word in now.words)
            return self._new_round(case, Reason("contested" if contested else "amended", {"revision": now.latest}))
        if now.ended == "woken":
            return phases.contesting(case, self.options, (Reason("edited", {"revision": now.latest}),))
        return self._examine(case)

    def _after_testing(self, case: Case, now: Held) -> Step:
        return None if self._subject(case, now).status == "raised" else self._examine(case)

    def _after_waiting(self, case: Case, now: Held) -> Step:
        return None if now.ended == "shrunk" else self._examine(case)

    def _after_integrating(self, case: Case, now: Held) -> Step:
        view = self._subject(case, now)
        if view.status == "abandoned":
            return phases.appeal(self.options, view)
        figures = poll(case, self.options)
        if not view.is_qualified or (now.ended == "woken" and figures.qualified <= figures.tolerance):
            return self._examine(case)
        if now.ended != "deadline":
            return None
        said = news(case, of_this_round(case, self.options.judge))
        more = phases.insisting(case, self.options, view, (Reason("not_resolved_yet", about=view.ref), *said))
        if more is not None:
            return more
        facts = {**figures.facts(), "round": _rounds(case), "max_rounds": self.options.max_rounds}
        return climb(case, self.options, Reason("not_integrated", facts, view.ref), said)

    def _after_escalated(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        ruling = now.words[-1].value
        first, *notes = now.phase.reasons
        if ruling == "sent_back":
            return phases.objecting(case, self.options, (Reason("sent_back"), first))
        if ruling == "absent":
            return climb(case, self.options, first, (*notes, Reason("no_broader_circle")))
        if ruling == "adopted":
            return Outcome("adopted", reasons=(Reason("broader_circle_adopted"), first, *notes))
        return Outcome("not_adopted", reasons=(Reason("broader_circle_refused"), first, *notes))

    def _after_deferred(self, case: Case, now: Held) -> Step:
        if now.ended == "shrunk":
            return None
        return phases.amending(self.options, (Reason("resumed" if now.ended == "woken" else "deferral_over"),))

    def _new_round(self, case: Case, why: Reason) -> Step:
        if _rounds(case) < self.options.max_rounds:
            return phases.objecting(case, self.options, (why,))
        return self._rounds_spent(case, (why,))

    def _rounds_spent(self, case: Case, notes: Reasons) -> Step:
        figures = {**poll(case, self.options).facts(), "round": _rounds(case), "max_rounds": self.options.max_rounds}
        return climb(case, self.options, Reason("rounds_spent", figures), notes)

    def _examine(self, case: Case) -> Step:
        """What follows from the objections of this round: the next one to settle, or the close."""
        views = of_this_round(case, self.options.judge)
        said = news(case, views)
        for view in views:
            if view.status == "orphaned":
                return phases.orphaned(case, self.options, view, (Reason("objection_orphaned", about=view.ref), *said))
        for place, view in enumerate(views, start=1):
            if view.status == "raised":
                figures = {"place": place, "objections": len(views)}
                return self._test(case, view, (Reason("objection_to_test", figures, view.ref), *said))
        figures_now = poll(case, self.options)
        if figures_now.qualified > figures_now.tolerance:
            return self._integrate(case, views, figures_now, said)
        return self._close(case, views, figures_now, said)

    def _test(self, case: Case, view: ObjectionView, reasons: Reasons) -> Step:
        if self.options.judge != "panel":
            return phases.testing(case, self.options, view, reasons)
        if not any(words(case, "seed", view.ref)):
            return phases.drawing(view, reasons)
        drawn, pool = phases.panel(case, self.options, view)
        lots = Reason("panel_drawn", {"panel": len(drawn), "of": pool}) if drawn else Reason("no_panel", {"of": pool})
        return phases.testing(case, self.options, view, (*reasons, lots))

    def _integrate(self, case: Case, views: tuple[ObjectionView, ...], now: Poll, said: Reasons) -> Step:
        if _rounds(case) >= self.options.max_rounds:
            return self._rounds_spent(case, said)
        first = next(view for view in views if view.is_qualified)
        figures = {"qualified": now.qualified, "tolerance": now.tolerance}
        reasons = (Reason("objection_to_integrate", figures, first.ref), *said)
        return phases.integrating(case, self.options, first, reasons)

    def _close(self, case: Case, views: tuple[ObjectionView, ...], now: Poll, said: Reasons) -> Step:
        """Objections are within the tolerance: a changed text is asked again, otherwise the poll counts."""
        held = case.round()
        if held[-1].latest != held[0].version:
            return phases.objecting(case, self.options, (Reason("integrated", {"revision": held[-1].latest}), *said))
        if any(view.status == "resolved" for view in views):
            return phases.objecting(case, self.options, (Reason("resolved_without_change"), *said))
        if views and not now.qualified and not self.options.skip_confirm and not _was_confirmed(case):
            reasons = (Reason("confirm", {"objections": len(views)}), *said)
            return phases.confirming(case, self.options, reasons)
        return self._conclude(case, views, now, said)

    def _conclude(self, case: Case, views: tuple[ObjectionView, ...], now: Poll, said: Reasons) -> Step:
        silence = _silence(self.options, now)
        if now.passes:
            lived_with = tuple(Reason("objection_tolerated", about=view.ref) for view in views if view.is_qualified)
            return Outcome("adopted", reasons=(Reason("consent", now.facts()), *silence, *lived_with, *said))
        if not any(reason.code == "extended" for held in case.round() for reason in held.phase.reasons):
            return phases.extended(case, self.options, now, silence, said)
        return self._too_few(case, now, (*silence, *said))

    def _too_few(self, case: Case, now: Poll, notes: Reasons) -> Step:
        """The extension is over and the poll still fails: what the circle said follows."""
        low = self.options.on_low_participation
        if low == "adopt_if_no_objection" and now.consents and not now.qualified:
            return Outcome("adopted", reasons=(Reason("no_objection", now.facts()), *notes))
        code = "participation" if now.answered < now.needed else "no_consent"
        if low == "escalate" or self.options.silence_policy == "silence_escalates":
            return climb(case, self.options, Reason(code, now.facts()), notes)
        return Outcome("lapsed", reasons=(Reason(code, now.facts()), *notes))

    def _subject(self, case: Case, now: Held) -> ObjectionView:
        views = of_this_round(case, self.options.judge)
        return next(view for view in views if view.ref == now.phase.subject)


_AFTER: Final[Mapping[str, Callable[[Consent, Case, Held], Step]]] = {
    "clarifying": Consent._after_clarifying,
    "reacting": Consent._after_reacting,
    "amending": Consent._after_amending,
    "objecting": Consent._after_objecting,
    "drawing": Consent._after_waiting,
    "orphaned": Consent._after_waiting,
    "testing": Consent._after_testing,
    "integrating": Consent._after_integrating,
    "appeal": Consent._after_waiting,
    "escalated": Consent._after_escalated,
    "deferred": Consent._after_deferred,
}


def _rounds(case: Case) -> int:
    """How many rounds of consent there were: what carries a round is not a new one."""
    return sum(held.phase.kind == "objecting" and not held.phase.carries for held in case.held)


def _was_confirmed(case: Case) -> bool:
    """Whether the revision in force already had its last look."""
    now = case.held[-1].version
    return any(r.code == "confirm" for held in case.held if held.version == now for r in held.phase.reasons)


def _silence(options: ConsentOptions, now: Poll) -> Reasons:
    """How the silent are counted, if there are any."""
    return (Reason(options.silence_policy, {"silent": now.silent}),) if now.silent else ()
