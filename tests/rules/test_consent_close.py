"""The close of a round: who must have answered, what silence is worth, and what a deadlock leads to."""

from dataclasses import replace
from typing import Any

import pytest

from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.contract import Outcome, Reason
from app.rules.driver import Process
from tests.rules.stories import all_say, codes, consent, electors, object_, people, w37, w37_second_round, w37_variant


def ended(process: Process) -> Outcome:
    assert process.outcome is not None
    return process.outcome


class TestWorkedExamples:
    def test_w37_the_objection_is_tested(self) -> None:
        process = w37()
        assert process.kinds == ("objecting", "testing+")
        assert process.now.phase.subject is not None

    def test_w37_the_second_round_adopts(self) -> None:
        process = w37_second_round()
        assert process.version == 2
        all_say(process, people(13)[1:10])
        process.deadline()
        figures = {"answered": 9, "needed": 8, "of": 12, "consents": 9, "silent": 3, "qualified": 0, "tolerance": 0}
        assert ended(process).verdict == "adopted"
        assert ended(process).reasons == (Reason("consent", figures), Reason("silence_is_consent", {"silent": 3}))

    def test_w37_a_resignation_lowers_what_is_needed(self) -> None:
        process = w37_second_round()
        process.leave("m13")
        all_say(process, people(13)[1:10])
        process.deadline()
        facts = ended(process).reasons[0].facts
        assert ended(process).verdict == "adopted"
        assert (facts["answered"], facts["needed"], facts["of"], facts["silent"]) == (9, 8, 11, 2)
        assert any(word.by == "m10" for word in process.case.held[0].words), "what was said stays on record"

    def test_w37_variant_is_extended_then_escalated_then_lapses(self) -> None:
        process = w37_variant()
        assert process.kinds == ("objecting", "objecting+", "escalated+")
        assert process.case.held[1].phase.lasts == "PT48H"
        assert codes(process.case.held[1].phase) == ("extended", "silence_is_consent")
        figures = {"answered": 6, "needed": 8, "of": 12, "consents": 6, "silent": 6, "qualified": 0, "tolerance": 0}
        assert ended(process).verdict == "lapsed"
        assert ended(process).reasons[0] == Reason("participation", figures)
        assert codes(ended(process))[-1] == "no_broader_circle"

    def test_a1_an_expense_rule_is_decided_in_two_rounds(self) -> None:
        names = ("ana", "bilal", "chloe", "driss", "emma", "farid")
        rule = Consent(ConsentOptions.model_validate({"judge": "facilitator_logic", "min_participation": "2/3"}))
        process = Process(rule, electors(names), "ana", offices={"facilitator": ("emma", "farid")})
        for _ in range(3):
            process.deadline()
        all_say(process, ("bilal", "chloe", "emma", "farid"))
        objection = object_(process, "driss", criteria=("higher_rule",))
        process.say("emma", "judgment", "valid")
        assert codes(process.now.phase) == ("objection_to_integrate", "objection_qualified")
        process.say("ana", "amendment", "substantive", facts={"touches": ("body",)})
        process.say("driss", "settlement", "amend")
        process.say("ana", "settlement", "amend")
        all_say(process, ("bilal", "chloe", "driss", "farid"))
        concern = process.say("emma", "position", "consent_with_concern")
        figures = {"answered": 5, "needed": 4, "of": 5, "consents": 5, "silent": 0, "qualified": 0, "tolerance": 0}
        assert ended(process) == Outcome("adopted", reasons=(Reason("consent", figures),))
        assert process.version == 2
        told = {matter.ref: (matter.kind, matter.status) for matter in rule.matters(process.case)}
        assert told == {objection: ("objection", "resolved"), concern: ("concern", "noted")}
        assert rule.matters(process.case)[0].facts["criteria"] == ("higher_rule",)


class TestParticipation:
    def test_silence_of_all_lapses_although_silence_is_consent(self) -> None:
        process = consent(4, silence_policy="silence_is_consent", min_participation="0")
        outcome = process.run_out()
        assert outcome.verdict == "lapsed"
        assert outcome.reasons[0].facts["needed"] == 1

    def test_answers_without_any_consent_lapse(self) -> None:
        process = consent(3, stand_aside=True)
        all_say(process, ("m02", "m03"), "stand_aside")
        assert process.kinds == ("objecting", "objecting+"), "the extension gives time to think again"
        process.deadline()
        assert codes(ended(process))[0] == "no_consent"
        assert ended(process).verdict == "lapsed"

    def test_those_who_stand_aside_take_part(self) -> None:
        process = consent(5, stand_aside=True, min_participation="1")
        all_say(process, ("m02", "m03", "m04"), "stand_aside")
        process.say("m05", "position", "consent")
        assert ended(process).verdict == "adopted"
        assert ended(process).reasons[0].facts["consents"] == 1

    def test_the_extension_closes_early_when_the_silent_answer(self) -> None:
        process = consent(4, min_participation="1")
        all_say(process, ("m02", "m03"))
        process.deadline()
        process.say("m04", "position", "consent")
        assert ended(process).verdict == "adopted"

    def test_a_low_turnout_may_lapse_at_once(self) -> None:
        process = consent(5, on_low_participation="lapse", min_participation="3/4")
        process.say("m02", "position", "consent")
        process.deadline()
        process.deadline()
        assert codes(ended(process)) == ("participation", "silence_is_absent")
        assert process.kinds == ("objecting", "objecting+")

    @pytest.mark.parametrize(("consents", "verdict"), [(1, "adopted"), (0, "lapsed")])
    def test_a_low_turnout_may_adopt_if_somebody_consents_and_nobody_objects(self, consents: int, verdict: str) -> None:
        process = consent(5, on_low_participation="adopt_if_no_objection", min_participation="3/4")
        all_say(process, people(5)[1 : 1 + consents])
        assert process.run_out().verdict == verdict

    def test_an_objection_that_is_tolerated_is_still_an_objection(self) -> None:
        process = consent(5, on_low_participation="adopt_if_no_objection", min_participation="1", tolerance=1)
        process.say("m02", "position", "consent")
        object_(process, "m03")
        assert process.run_out().verdict == "lapsed"

    def test_the_broader_circle_decides(self) -> None:
        for ruling in ("adopted", "not_adopted"):
            process = consent(5, forums={"broader_circle": ruling})
            assert process.run_out().verdict == ruling
            assert codes(ended(process))[1] == "participation"

    def test_the_broader_circle_sends_back_once(self) -> None:
        process = consent(4, forums={"broader_circle": "sent_back"})
        process.deadline()
        process.deadline()
        assert process.kinds == ("objecting", "objecting+", "escalated+", "objecting")
        assert codes(process.now.phase) == ("sent_back", "participation")
        assert process.run_out().verdict == "lapsed"


class TestSilence:
    def test_every_answer_is_waited_for(self) -> None:
        process = consent(4, silence_policy="explicit_required", on_low_participation="lapse")
        all_say(process, ("m02", "m03"))
        assert process.run_out().verdict == "lapsed"
        assert codes(ended(process)) == ("participation", "explicit_required")
        assert ended(process).reasons[0].facts["needed"] == 3

    def test_every_answer_given_adopts(self) -> None:
        process = consent(4, silence_policy="explicit_required")
        all_say(process, ("m02", "m03", "m04"))
        assert ended(process).verdict == "adopted"

    def test_silence_escalates_whatever_low_participation_says(self) -> None:
        process = consent(4, silence_policy="silence_escalates", on_low_participation="lapse")
        all_say(process, ("m02", "m03"))
        assert process.run_out().verdict == "lapsed"
        assert process.kinds == ("objecting", "objecting+", "escalated+")


class TestTolerance:
    @pytest.mark.parametrize(
        ("tolerance", "policy", "verdict"),
        [
            (1, "silence_is_consent", "adopted"),
            ("1/10", "silence_is_consent", "adopted"),  # floor(10 / 10) = 1
            ("1/11", "silence_is_consent", None),  # floor(10 / 11) = 0
            ("1/10", "silence_is_absent", None),  # floor(6 / 10) = 0: of those who answered
            ("1/6", "silence_is_absent", "adopted"),
        ],
    )
    def test_a_share_is_rounded_down(self, tolerance: int | str, policy: str, verdict: str | None) -> None:
        process = consent(11, tolerance=tolerance, silence_policy=policy, judge="none")
        all_say(process, people(11)[1:6])
        objection = object_(process, "m07")
        process.deadline()
        assert (process.outcome.verdict if process.outcome else None) == verdict
        if verdict:
            assert Reason("objection_tolerated", about=objection) in ended(process).reasons
        else:
            assert process.now.phase.kind == "integrating"

    def test_an_objector_is_not_counted_as_consenting(self) -> None:
        process = consent(3, tolerance=1, judge="none")
        object_(process, "m02")
        process.deadline()
        process.deadline()
        assert codes(ended(process))[0] == "no_consent"


class TestLadder:
    def deadlock(self, **options: Any) -> Process:
        """One round, one qualified objection, three consents."""
        process = consent(5, judge="none", max_rounds=1, **options)
        all_say(process, ("m02", "m03", "m04"))
        object_(process, "m05")
        return process

    def test_the_default_escalates_then_defers_and_asks_again(self) -> None:
        process = self.deadlock()
        assert process.kinds == ("objecting", "escalated+", "deferred+")
        assert codes(process.now.phase) == ("rounds_spent", "no_broader_circle")
        process.say("m02", "resume", "resume")
        assert codes(process.now.phase) == ("resumed",)
        process.deadline()
        all_say(process, ("m02", "m03", "m04"))
        object_(process, "m05")
        assert ended(process).verdict == "not_adopted"
        assert codes(ended(process))[0] == "rounds_spent"
        assert ended(process).reasons[0].facts["round"] == 2

    def test_a_deferral_runs_out(self) -> None:
        process = self.deadlock(on_deadlock=("defer",))
        process.leave("m04")
        assert process.now.phase.kind == "deferred"
        process.deadline()
        assert codes(process.now.phase) == ("deferral_over",)

    def test_a_trial_has_an_end(self) -> None:
        process = self.deadlock(on_deadlock=("trial",), trial="P3M")
        assert (ended(process).verdict, ended(process).lasts) == ("adopted", "P3M")
        assert codes(ended(process)) == ("trial", "rounds_spent")

    def test_a_trial_needs_answers_to_this_very_text(self) -> None:
        process = consent(5, judge="none", on_deadlock=("trial",))
        all_say(process, ("m02", "m03", "m04"))
        object_(process, "m05")
        process.say("m01", "amendment", "substantive")
        process.run_out()
        assert (ended(process).verdict, codes(ended(process))[0]) == ("not_adopted", "not_integrated")

    def test_a_trial_needs_enough_answers(self) -> None:
        process = consent(5, judge="none", max_rounds=1, on_deadlock=("trial",), min_participation="3/4")
        process.say("m02", "position", "consent")
        object_(process, "m05")
        process.deadline()
        assert ended(process).verdict == "not_adopted"

    def test_no_ladder_is_an_end(self) -> None:
        assert ended(self.deadlock(on_deadlock=())).verdict == "not_adopted"

    def test_nobody_left_lapses(self) -> None:
        process = consent(2)
        process.leave("m02")
        assert process.kinds == ("objecting", "escalated+")
        assert ended(process).reasons[0] == Reason("nobody_left", {"of": 0})
        assert ended(process).verdict == "lapsed"

    def test_people_may_leave_while_the_broader_circle_decides(self) -> None:
        process = consent(3, forums={"broader_circle": "adopted"})
        process.deadline()
        process.deadline()
        case = process.case
        held = replace(case.held[-1], words=(), ended="shrunk")
        assert process.rule.after(replace(case, held=(*case.held[:-1], held))) is None
