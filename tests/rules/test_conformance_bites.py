"""The suite that every rule must pass finds what it is there to find: each of these rules breaks one promise."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from typing import Any, ClassVar, Literal

import pytest

from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.catalogue import Catalogue
from app.rules.conformance import Conformance
from app.rules.contract import (
    Case,
    DecisionRule,
    Electorate,
    Floor,
    Held,
    Outcome,
    Phase,
    Profile,
    Reason,
    Step,
    electors,
)
from app.rules.driver import NeedsAttention


class Show(Majority):
    """Base of the rules below: one phase of words, then whatever ``end`` says."""

    claims = frozenset()

    def after(self, case: Case) -> Step:
        if case.now is None:
            return Phase("ballot", (Floor(electors(), "ballot", among=("for", "against"), due=True),), "P1D")
        return self.end(case, case.now) if case.now.ended in {"deadline", "complete"} else None

    def end(self, case: Case, now: Held) -> Outcome:
        return Outcome("not_adopted", reasons=(Reason("tie", dict.fromkeys(FACTS, 0)),))

    def foregone(self, case: Case) -> bool:
        return False


FACTS = ("for", "against", "abstain", "blank", "base", "base_is", "op", "bar", "threshold")


class NeverEnds(Show):
    def end(self, case: Case, now: Held) -> Any:
        return replace(now.phase, reasons=(Reason("tie"),))


class Stays(Show):
    def end(self, case: Case, now: Held) -> Any:
        return None


class Remembers(Show):
    asked = 0

    def end(self, case: Case, now: Held) -> Outcome:
        self.asked += 1
        return replace(super().end(case, now), winners=(str(self.asked),))


class SaysNothing(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        return Outcome("not_adopted")


class CannotExplain(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        return Outcome("not_adopted", reasons=(Reason("because"),))


class HasNoTitle(Show):
    def after(self, case: Case) -> Step:
        step = super().after(case)
        return replace(step, kind="show of hands") if isinstance(step, Phase) else step


class PrefersTheFirst(Majority):
    claims = frozenset({"anonymous"})

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        first = tuple(ballot for ballot, _, _ in profile.rows)[:1]
        return replace(super().count(profile, electorate, on_ballot), winners=first)


class PrefersNames(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        return replace(super().end(case, now), winners=tuple(sorted(now.electorate.ids)[:1]))


class SilenceAdopts(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        verdict: Any = "adopted" if not any(word.value == "against" for word in now.words) else "not_adopted"
        return replace(super().end(case, now), verdict=verdict)


class AuthorAdopts(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        verdict: Any = "adopted" if any(word.value == "for" for word in now.words) else "not_adopted"
        return replace(super().end(case, now), verdict=verdict)


class CountsAnybody(Show):
    def end(self, case: Case, now: Held) -> Outcome:
        others = sum(word.by != case.proposer for word in now.words)
        return replace(super().end(case, now), reasons=(Reason("would_have_passed", {"votes": others}),))


class TellsTooEarly(Show):
    def after(self, case: Case) -> Step:
        step = super().after(case)
        if isinstance(step, Phase):
            return replace(step, sight="sealed")
        if case.now is None or case.now.phase.carries or step is None:
            return step
        said = sum(word.value == "against" for word in case.now.words)
        return replace(case.now.phase, carries=True, reasons=(Reason("would_have_passed", {"votes": said}),))


class EndsTooEarly(Majority):
    claims = frozenset()

    def foregone(self, case: Case) -> bool:
        return case.now is not None and bool(case.now.profile and case.now.profile.rows.get(("for", "", "")))


class PrefersRefusal(Majority):
    claims = frozenset({"monotone"})

    def count(self, profile: Any, electorate: Any, options: Any) -> Outcome:
        adopted = profile.total().get("against", Fraction(0)) > profile.total().get("for", Fraction(0))
        return Outcome("adopted" if adopted else "not_adopted", reasons=(Reason("tie"),))


class SaysNotWhatIsBetter(Majority):
    claims = frozenset({"monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {}


class ClaimsTheUnknown(Majority):
    claims = frozenset({"wise"})


class MajorityAndMore(MajorityOptions):
    colour: Literal["green", "red"] = "green"


class HidesAnOption(Show):
    Options = MajorityAndMore


class NeverHurries(Show):
    foregone = DecisionRule.foregone


class ForegoneWithoutAnOutcome(Majority):
    claims = frozenset()

    def foregone(self, case: Case) -> bool:
        return True

    def after(self, case: Case) -> Step:
        step = super().after(case)
        again = case.now is not None and len(case.held) == 1 and isinstance(step, Outcome)
        return replace(case.held[0].phase, reasons=(Reason("tie"),)) if again else step


ENDS = Conformance.test_it_always_ends_and_every_prefix_gives_the_same_step
SAYS = Conformance.test_every_step_says_why_in_both_languages
OFFERED = Conformance.test_every_option_is_told_in_both_languages
SEEN = Conformance.test_what_people_see_has_words_in_both_languages
NAMES = Conformance.test_names_and_order_do_not_matter
SILENT = Conformance.test_silence_never_passes
ALONE = Conformance.test_an_author_alone_never_passes
OUTSIDE = Conformance.test_an_outsider_never_counts
SEALED = Conformance.test_what_is_sealed_stays_sealed
FOREGONE = Conformance.test_foregone_is_foregone
CLAIMS = Conformance.test_its_claims_hold


@pytest.fixture(autouse=True)
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """These rules share the words of the rules they are made from, and their vectors are not looked at."""
    monkeypatch.setattr("app.rules.vectors.differences", lambda rule, vectors: iter(()))
    monkeypatch.setattr("app.rules.catalogue._folder", lambda rule: files("app.rules.builtin"))
    monkeypatch.setattr("app.rules.wander.STEPS", 60)


@pytest.mark.parametrize(
    ("broken", "promise", "complaint"),
    [
        (NeverEnds, ENDS, "no end after"),
        (Remembers, ENDS, "replayed|asked twice"),
        (SaysNothing, SAYS, "has no reason"),
        (HasNoTitle, SEEN, r"no text for phases\.show of hands\.title"),
        (PrefersTheFirst, CLAIMS, "in another order"),
        (PrefersNames, NAMES, "under other names"),
        (SilenceAdopts, SILENT, "all silent"),
        (AuthorAdopts, ALONE, "the author alone"),
        (CountsAnybody, OUTSIDE, "an outsider turned"),
        (TellsTooEarly, SEALED, "told before its time"),
        (HidesAnOption, OFFERED, r"no text for options\.colour\.title in en"),
        (NeverHurries, FOREGONE, "offers to close early, and never does"),
        (EndsTooEarly, FOREGONE, "promised"),
        (ForegoneWithoutAnOutcome, FOREGONE, "but followed by"),
        (PrefersRefusal, CLAIMS, "moved in favour"),
        (SaysNotWhatIsBetter, CLAIMS, "names what is favourable"),
        (ClaimsTheUnknown, CLAIMS, "nobody knows how to check the claim wise"),
    ],
)
def test_a_broken_promise_is_found(
    broken: type[DecisionRule], promise: Callable[[Conformance], None], complaint: str
) -> None:
    suite = type("Suite", (Conformance,), {"rule": broken, "runs": 200})()
    with pytest.raises(AssertionError, match=complaint):
        promise(suite)


def test_a_reason_without_words_is_found() -> None:
    suite = type("Suite", (Conformance,), {"rule": CannotExplain})()
    with pytest.raises(LookupError, match=r"no text for reasons\.because"):
        SAYS(suite)


def test_a_rule_that_gives_no_step_needs_attention() -> None:
    suite = type("Suite", (Conformance,), {"rule": Stays})()
    with pytest.raises(NeedsAttention):
        ENDS(suite)


def test_a_rule_that_keeps_its_promises_passes_here_too() -> None:
    for rule in (Show, Majority, Consent):
        suite = type("Suite", (Conformance,), {"rule": rule, "runs": 10})()
        for promise in (ENDS, SAYS, OFFERED, SEEN, NAMES, SILENT, ALONE, OUTSIDE, SEALED, FOREGONE, CLAIMS):
            promise(suite)
        Catalogue([rule])
