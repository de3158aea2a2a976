"""Selection without candidates: a circle finds out who should fill a role by talking of reasons, and by consent."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from app.rules.builtin import selection_1_phases as phases
from app.rules.builtin.consent_1_forms import Amendment, Position, Settlement
from app.rules.builtin.selection_1_forms import Change, Confirmation, Nomination, Proposed, Why
from app.rules.builtin.selection_1_names import best, candidates, nominations, proposed, tried
from app.rules.builtin.sortition_1 import Acceptance
from app.rules.contract import Case, DecisionRule, Form, Held, Options, Outcome, Reason, Step
from app.rules.figures import Duration, Share
from app.rules.lots import Seed, drawn


class SelectionOptions(Options):
    """On what the facilitator goes, how often a circle tries, and how long each step lasts."""

    basis: Literal["reasons", "count"] = "reasons"
    allow_pass: bool = False
    min_participation: Share = Fraction(1, 2)
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    max_integrations: Annotated[int, Field(ge=0, le=5)] = 2
    talking: Duration = "P3D"
    answering: Duration = "P2D"


class Selection(DecisionRule):
    """Nobody stands: everybody names one person with reasons, hears the others, and may change their mind once.

    Then one person is proposed, by the strength of the reasons (the facilitator, who gives way to the next office when
    among the best named) or by the number of nominations. Ties are parted in this order: the only one who named
    themselves; whoever others switch to when asked once; lots. All are asked for consent; an objection, the nominee's
    own first, is worked on by changing the mandate, or the next best is proposed. Who is elected has accepted: silence
    is no acceptance. Every objection counts: it was said face to face with reasons, and is not tested. Nobody is named
    who is not an elector.

    Sources: sociocratic election (S3 patterns; Sociocracy For All), élection sans candidat (Université du Nous).
    """

    slug = "selection"
    version = 1
    Options = SelectionOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {
        "confirmation": Confirmation,
        "amendment": Amendment,
        "nomination": Nomination,
        "why": Why,
        "change": Change,
        "proposed": Proposed,
        "position": Position,
        "settlement": Settlement,
        "acceptance": Acceptance,
        "seed": Seed,
    }
    claims = frozenset({"anonymous"})

    options: SelectionOptions

    def after(self, case: Case) -> Step:
        """The next phase, or who is elected."""
        now = case.now
        if now is None:
            return phases.defining(case, self.options.talking)
        if now.ended == "woken" or (now.ended == "shrunk" and not _is_gone(now)):
            return None
        return _AFTER[now.phase.kind](self, case, now)

    def _after_defining(self, case: Case, now: Held) -> Step:
        if now.ended == "deadline":
            return Outcome("not_elected", reasons=(Reason("role_not_defined"),))
        return phases.nominating(case, self.options.talking, allow_pass=self.options.allow_pass)

    def _after_nominating(self, case: Case, now: Held) -> Step:
        turnout = self._turnout(now, "nomination")
        if turnout["answered"] < turnout["needed"] or not nominations(case):
            return Outcome("not_elected", reasons=(Reason("too_few_named", turnout),))
        return phases.sharing(case, self.options.answering)

    def _after_sharing(self, case: Case, now: Held) -> Step:
        return phases.changing(case, self.options.answering)

    def _after_changing(self, case: Case, now: Held) -> Step:
        return self._propose(case)

    def _propose(self, case: Case, *notes: Reason, counting: bool = False) -> Step:
        """The next person to ask: of those who are left, or nobody."""
        found = candidates(case)
        attempts = {"attempts": len(tried(case)), "max_attempts": self.options.max_attempts}
        if not found or attempts["attempts"] >= self.options.max_attempts:
            return Outcome("not_elected", reasons=(Reason("exhausted", attempts), *notes))
        if self.options.basis == "reasons" and len(found) > 1 and not counting:
            weigh = Reason("reasons_weigh", {"number": len(found)})
            return phases.proposing(case, found, self.options.answering, (*notes, weigh))
        top = best(found)
        alone = top if len(top) == 1 else [one for one in top if nominations(case).get(one) == one]
        if len(alone) == 1:
            return phases.consenting(case, alone[0], self.options.talking, (*notes, _named(case, alone[0])))
        return self._part(case, top, notes)

    def _part(self, case: Case, top: list[str], notes: tuple[Reason, ...]) -> Step:
        """A tie: others are asked once to switch to one of the tied, then lots are drawn."""
        tie = Reason("nominations_tied", {"number": len(top)})
        others = sorted(by for by, one in nominations(case).items() if one not in top)
        if others and not any(held.phase.kind == "switching" for held in case.held):
            return phases.switching(others, top, self.options.answering, (tie, *notes))
        seeds = [word.value for held in case.held for word in held.words if word.form == "seed"]
        if not seeds:
            return phases.drawing((tie, *notes))
        if seeds[-1] == "absent":
            return Outcome("not_elected", reasons=(Reason("no_lots"), tie, *notes))
        first = drawn(top, seeds[-1])[0]
        return phases.consenting(case, first, self.options.talking, (*notes, Reason("lots_drawn"), tie))

    def _after_proposing(self, case: Case, now: Held) -> Step:
        said = proposed(now)
        if said is None:
            return self._propose(case, Reason("nobody_proposed"), counting=True)
        return phases.consenting(case, said, self.options.talking, (_named(case, said),))

    def _after_consenting(self, case: Case, now: Held) -> Step:
        nominee = str(now.phase.subject)
        if nominee not in now.electorate.ids:
            return self._propose(case, Reason("nominee_left"))
        positions = case.standing("position")
        against = [word.by for word in positions if word.value == "objection"]
        if against:
            figures = {"objections": len(against), "nominee": int(nominee in against)}
            reason = Reason("objected_to_nominee", figures)
            worked = sum(held.phase.kind == "integrating" and held.phase.subject == nominee for held in case.held)
            if worked >= self.options.max_integrations:
                return self._propose(case, reason)
            return phases.integrating(nominee, against, self.options.talking, (reason,))
        turnout = self._turnout(now, "position")
        consents = sum(word.by != nominee for word in positions)
        if turnout["answered"] < turnout["needed"] or not consents:
            return self._propose(case, Reason("too_few_consented", {**turnout, "consents": consents}))
        return phases.accepting(nominee, self.options.answering, {**turnout, "consents": consents})

    def _turnout(self, now: Held, form: str) -> dict[str, int]:
        """How many of those who are asked have answered, and how many must."""
        asked = now.electorate.voting.ids
        answered = len({word.by for word in now.words if word.form == form} & asked)
        return {
            "answered": answered,
            "needed": max(1, ceil(self.options.min_participation * len(asked))),
            "of": len(asked),
        }

    def _after_integrating(self, case: Case, now: Held) -> Step:
        nominee = str(now.phase.subject)
        if now.ended == "complete" and nominee in now.electorate.ids:
            return phases.consenting(case, nominee, self.options.talking, (Reason("mandate_agreed"),))
        return self._propose(case, Reason("not_integrated"))

    def _after_accepting(self, case: Case, now: Held) -> Step:
        nominee = str(now.phase.subject)
        said = [word.value for word in now.words if word.by == nominee]
        if said[-1:] != ["accept"] or nominee not in now.electorate.ids:
            return self._propose(case, Reason("declined" if said else "not_accepted"))
        reasons = (Reason("elected", dict(now.phase.reasons[0].facts)), _named(case, nominee))
        return Outcome("elected", (nominee,), reasons, {"nominations": _table(case)})


_AFTER: Final[Mapping[str, Callable[[Selection, Case, Held], Step]]] = {
    "defining": Selection._after_defining,
    "nominating": Selection._after_nominating,
    "sharing": Selection._after_sharing,
    "changing": Selection._after_changing,
    "switching": Selection._after_changing,
    "drawing": Selection._after_changing,
    "proposing": Selection._after_proposing,
    "consenting": Selection._after_consenting,
    "integrating": Selection._after_integrating,
    "accepting": Selection._after_accepting,
}


def _is_gone(now: Held) -> bool:
    """Whether the person whom a phase is about has left."""
    return now.phase.subject is not None and now.phase.subject not in now.electorate.ids


def _named(case: Case, nominee: str) -> Reason:
    named = nominations(case)
    return Reason("named_by", {"nominations": sum(one == nominee for one in named.values()), "of": len(named)})


def _table(case: Case) -> tuple[tuple[str | int, ...], ...]:
    """How many named each person in the end, the most first."""
    named = list(nominations(case).values())
    ranked = sorted(dict.fromkeys(named), key=lambda one: (-named.count(one), one))
    return (("rank", "nominations"), *((place, named.count(one)) for place, one in enumerate(ranked, start=1)))
