"""An objection is raised and tested: who judges, what a verdict does, and what people are told of it."""

from dataclasses import replace
from typing import Any

import pytest

from app.rules.contract import Matter, Reason
from app.rules.driver import Process, Refused
from app.rules.lots import drawn
from tests.rules.stories import OBJECTION, all_say, codes, consent, object_, objected, people, settle, status


class TestTesting:
    def test_the_group_judges_without_objector_and_proposer(self) -> None:
        process, ref = objected()
        assert status(process, ref) == "under_test"
        for person in ("m01", "m05"):
            with pytest.raises(Refused):
                process.say(person, "judgment", "dispute")
        all_say(process, ("m02", "m03", "m04"), "dispute", "judgment")
        assert status(process, ref) == "not_qualified"
        assert codes(process.now.phase) == ("confirm", "objection_not_qualified")
        assert process.now.phase.reasons[1].facts == {"valid": 0, "dispute": 3}

    @pytest.mark.parametrize(
        ("valid", "dispute", "expected"),
        [(0, 0, "qualified"), (1, 1, "qualified"), (0, 1, "not_qualified"), (1, 2, "not_qualified")],
    )
    def test_only_more_disputes_than_support_disqualify(self, valid: int, dispute: int, expected: str) -> None:
        process, ref = objected()
        judges = ["m02", "m03", "m04"]
        all_say(process, judges[:valid], "valid", "judgment")
        all_say(process, judges[valid : valid + dispute], "dispute", "judgment")
        if valid + dispute < 3:
            process.deadline()
        assert status(process, ref) == expected

    def test_an_argued_objection_needs_no_licence_where_nobody_judges(self) -> None:
        process, ref = objected(judge="none")
        assert process.kinds == ("objecting", "integrating+")
        assert status(process, ref) == "qualified"

    def test_the_facilitator_judges_on_logic(self) -> None:
        process, ref = objected(judge="facilitator_logic")
        process.say("m02", "judgment", "dispute")
        assert status(process, ref) == "not_qualified"

    def test_an_objecting_facilitator_has_a_surrogate(self) -> None:
        process, ref = objected(judge="facilitator_logic", by="m02")
        with pytest.raises(Refused):
            process.say("m02", "judgment", "dispute")
        process.say("m03", "judgment", "valid")
        assert status(process, ref) == "qualified"

    def test_without_any_facilitator_the_objection_is_qualified(self) -> None:
        process, ref = objected(judge="facilitator_logic", offices={})
        assert status(process, ref) == "qualified"

    def test_a_panel_is_drawn_by_lots_anybody_can_draw_again(self) -> None:
        process, ref = objected(8, judge="panel", forums={"lots": "the seed"})
        assert process.kinds == ("objecting", "drawing+", "testing+")
        pool = [name for name in people(8) if name not in {"m01", "m05"}]
        panel = process.now.phase.floors[0].who.ids
        assert panel == tuple(sorted(drawn(pool, "the seed")[:3]))
        assert codes(process.now.phase) == ("objection_to_test", "panel_drawn")
        assert process.now.phase.reasons[1].facts == {"panel": 3, "of": 6}
        all_say(process, panel[:2], "dispute", "judgment")
        process.leave(panel[0])
        process.deadline()
        assert status(process, ref) == "not_qualified"
        assert process.case.held[2].electorate.ids == frozenset(people(8)) - {panel[0]}

    def test_without_lots_nobody_judges(self) -> None:
        process, ref = objected(6, judge="panel")
        assert process.kinds == ("objecting", "drawing+", "testing+", "integrating+")
        assert codes(process.case.held[2].phase) == ("objection_to_test", "no_panel")
        assert status(process, ref) == "qualified"

    def test_a_departure_does_not_end_the_test_nor_the_drawing(self) -> None:
        process, ref = objected()
        process.leave("m04")
        assert status(process, ref) == "under_test"
        drawing, _ = objected(6, judge="panel")
        held = replace(drawing.case.held[1], words=(), ended="shrunk")
        assert drawing.rule.after(replace(drawing.case, held=(drawing.case.held[0], held))) is None

    def test_the_objector_may_withdraw(self) -> None:
        process, ref = objected()
        process.say("m05", "objection_withdrawal", "withdrawn")
        assert status(process, ref) == "withdrawn"
        assert codes(process.now.phase) == ("confirm", "objection_withdrawn")

    def test_objections_are_tested_one_at_a_time(self) -> None:
        process = consent(5)
        all_say(process, ("m02", "m03"))
        first, second = object_(process, "m04"), object_(process, "m05")
        assert process.now.phase.subject == first
        assert process.now.phase.reasons == (Reason("objection_to_test", {"place": 1, "objections": 2}, first),)
        assert status(process, second) == "raised"
        process.deadline()
        assert process.now.phase.subject == second
        assert codes(process.now.phase) == ("objection_to_test", "objection_qualified")


class TestConfirming:
    def dismissed(self, **options: Any) -> tuple[Process, str]:
        process, ref = objected(**options)
        all_say(process, ("m02", "m03", "m04"), "dispute", "judgment")
        return process, ref

    def test_a_last_look_of_a_day_then_adoption(self) -> None:
        process, _ = self.dismissed()
        assert (process.now.phase.lasts, process.now.phase.carries) == ("PT24H", True)
        process.deadline()
        assert process.outcome is not None
        assert codes(process.outcome) == ("consent",)
        assert process.outcome.reasons[0].facts["consents"] == 3, "an objector did not consent"

    def test_it_may_be_skipped(self) -> None:
        process, _ = self.dismissed(skip_confirm=True)
        assert process.outcome is not None
        assert codes(process.outcome) == ("consent", "objection_not_qualified")

    def test_an_objection_raised_again_is_tested_again_and_only_once(self) -> None:
        process, first = self.dismissed()
        second = object_(process, "m05")
        process.deadline()
        assert process.now.phase.subject == second
        all_say(process, ("m02", "m03", "m04"), "dispute", "judgment")
        assert process.outcome is not None
        assert (status(process, first), status(process, second)) == ("not_qualified", "not_qualified")

    def test_a_continued_objection_keeps_its_verdict(self) -> None:
        process, first = self.dismissed()
        object_(process, "m05", continues=first)
        process.deadline()
        assert process.outcome is not None
        assert codes(process.outcome) == ("consent", "verdict_inherited")

    def test_somebody_who_consents_after_all_has_taken_the_objection_back(self) -> None:
        process = consent(5, tolerance=1, min_participation="1")
        all_say(process, ("m02", "m03"))
        ref = object_(process, "m05")
        process.deadline()
        process.deadline()
        assert codes(process.now.phase)[0] == "extended"
        assert status(process, ref) == "qualified"
        all_say(process, ("m05", "m04"))
        assert codes(process.now.phase) == ("confirm",)
        process.deadline()
        assert process.outcome is not None
        assert status(process, ref) == "withdrawn"
        assert process.outcome.reasons[0].facts["consents"] == 4

    def test_what_is_said_while_positions_stay_sealed_can_be_unsaid(self) -> None:
        process = consent(5, judge="none", tolerance=1, min_participation="1")
        all_say(process, ("m02", "m03"))
        object_(process, "m05")
        process.deadline()
        assert process.now.phase.reasons[0] == Reason("extended", {"answered": 3, "needed": 4, "of": 4, "silent": 1})
        all_say(process, ("m05", "m04"))
        assert process.outcome is not None
        assert process.rule.matters(process.case) == ()


class TestRegister:
    def test_what_is_sealed_is_not_told(self) -> None:
        process = consent(5)
        process.say("m02", "position", "objection", facts=OBJECTION)
        process.say("m03", "position", "consent_with_concern")
        assert process.rule.matters(process.case) == ()
        process.say("m01", "amendment", "editorial")
        assert process.rule.matters(process.case) == ()

    def test_concerns_are_noted_for_the_agreement(self) -> None:
        process = consent(3)
        ref = process.say("m02", "position", "consent_with_concern")
        process.say("m03", "position", "consent")
        assert process.rule.matters(process.case) == (
            Matter(ref, "concern", "noted", "m02", {"version": 1}, travels=True),
        )

    def test_only_what_no_text_has_answered_travels(self) -> None:
        process = consent(4, judge="group", max_rounds=3)
        process.say("m02", "position", "consent_with_concern")
        ref = object_(process, "m03")
        process.say("m04", "position", "consent")
        process.deadline()
        process.say("m01", "amendment", "substantive")
        process.say("m01", "settlement", "settled", ref)
        process.say("m03", "settlement", "settled", ref)
        all_say(process, ("m02", "m03", "m04"))
        assert process.outcome is not None
        assert {(one.kind, one.status): one.travels for one in process.rule.matters(process.case)} == {
            ("concern", "noted"): False,
            ("objection", "resolved"): False,
        }

    def test_an_untested_objection_lapses_with_its_round(self) -> None:
        process = consent(4)
        ref = object_(process, "m02")
        process.say("m01", "amendment", "substantive")
        assert status(process, ref) == "lapsed"

    def test_a_qualified_objection_stays_qualified_when_its_round_is_over(self) -> None:
        process = consent(5, judge="none", tolerance=1)
        all_say(process, ("m02",))
        first, second = object_(process, "m03"), object_(process, "m04")
        process.deadline()
        process.say("m01", "amendment", "substantive")
        settle(process, "m03")
        assert process.now.phase.kind == "objecting"
        assert (status(process, first), status(process, second)) == ("resolved", "qualified")
