"""An objection's life: raised, tested, resolved, taken over, set aside, continued."""

from dataclasses import replace
from typing import Any

import pytest

from app.rules.builtin.consent_1_objections import objections
from app.rules.contract import Matter, Reason
from app.rules.driver import Process, Refused
from app.rules.lots import drawn
from tests.rules.stories import OBJECTION, all_say, codes, consent, object_, people, settle


def objected(electorate: int = 5, judge: str = "group", by: str = "m05", **options: Any) -> tuple[Process, str]:
    """A round that has closed with one objection, everybody else consenting."""
    process = consent(electorate, judge=judge, **options)
    all_say(process, [name for name in people(electorate)[1:] if name != by])
    return process, object_(process, by)


def status(process: Process, ref: str) -> str:
    return next(matter.status for matter in process.rule.matters(process.case) if matter.ref == ref)


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
        all_say(process, panel[:2], "dispute", "judgment")
        process.leave(panel[0])
        process.deadline()
        assert status(process, ref) == "not_qualified"
        assert process.case.held[2].electorate.ids == frozenset(people(8)) - {panel[0]}

    def test_without_lots_nobody_judges(self) -> None:
        process, ref = objected(6, judge="panel")
        assert process.kinds == ("objecting", "drawing+", "testing+", "integrating+")
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


class TestIntegrating:
    def test_resolved_when_objector_and_proposer_confirm_the_same_revision(self) -> None:
        process, ref = objected(judge="none")
        process.say("m05", "settlement", "amend")
        process.say("m01", "amendment", "substantive")
        process.say("m01", "settlement", "amend")
        assert process.now.phase.kind == "integrating", "the objector confirmed a text that is gone"
        process.say("m05", "settlement", "amend")
        assert process.kinds == ("objecting", "integrating+", "objecting")
        assert process.now.version == 2
        assert process.now.phase.reasons == (
            Reason("integrated", {"revision": 2}),
            Reason("objection_resolved", {"revision": 2}, ref),
        )
        view = objections(process.case, "none")[0]
        assert (view.status, view.resolved_in_version) == ("resolved", 2)

    def test_resolved_without_changing_the_text_asks_everybody_again(self) -> None:
        process, _ = objected(judge="none")
        settle(process, "m05", "monitor_unchanged")
        assert process.now.version == 1
        assert codes(process.now.phase) == ("resolved_without_change", "objection_resolved")

    def test_each_objection_has_its_turn(self) -> None:
        process = consent(5, judge="none")
        all_say(process, ("m02", "m03"))
        first, second = object_(process, "m04"), object_(process, "m05")
        assert process.now.phase.reasons == (Reason("objection_to_integrate", {"qualified": 2, "tolerance": 0}, first),)
        process.say("m01", "amendment", "substantive")
        settle(process, "m04")
        assert (process.now.phase.subject, process.now.phase.kind) == (second, "integrating")
        process.say("m05", "objection_withdrawal", "withdrawn")
        assert codes(process.now.phase) == ("integrated", "objection_withdrawn")

    def test_a_withdrawal_without_a_change_leads_to_the_last_look(self) -> None:
        process, _ = objected(judge="none")
        process.say("m05", "objection_withdrawal", "withdrawn")
        assert codes(process.now.phase) == ("confirm", "objection_withdrawn")

    def test_only_the_facilitator_sets_an_objection_aside(self) -> None:
        process, ref = objected(judge="none")
        for person in ("m01", "m03", "m05"):
            with pytest.raises(Refused):
                process.say(person, "abandonment", "abandoned")
        process.say("m02", "abandonment", "abandoned")
        assert status(process, ref) == "abandoned"
        assert codes(process.now.phase) == ("confirm", "objection_abandoned")

    def test_an_objecting_facilitator_does_not_set_their_own_aside(self) -> None:
        process, _ = objected(judge="none", by="m02")
        with pytest.raises(Refused):
            process.say("m02", "abandonment", "abandoned")
        process.say("m03", "abandonment", "abandoned")

    def test_no_resolution_in_time_ends_on_the_ladder(self) -> None:
        process, ref = objected(judge="none", on_deadlock=())
        process.deadline()
        assert process.outcome is not None
        assert process.outcome.verdict == "not_adopted"
        reason = process.outcome.reasons[0]
        assert (reason.code, reason.about) == ("not_integrated", ref)
        assert (reason.facts["round"], reason.facts["max_rounds"], reason.facts["qualified"]) == (1, 3, 1)

    def test_a_departure_of_somebody_else_does_not_end_it(self) -> None:
        process, _ = objected(judge="none")
        process.leave("m04")
        assert process.now.phase.kind == "integrating"

    def test_the_last_round_does_not_integrate(self) -> None:
        process, _ = objected(max_rounds=1, on_deadlock=())
        process.deadline()
        assert process.outcome is not None
        assert codes(process.outcome) == ("rounds_spent", "objection_qualified")


class TestOrphans:
    def test_another_elector_takes_it_over(self) -> None:
        process, ref = objected()
        process.leave("m05")
        assert process.kinds == ("objecting", "testing+", "orphaned+")
        assert (process.now.phase.lasts, status(process, ref)) == ("PT48H", "orphaned")
        with pytest.raises(Refused):
            process.say("m01", "adoption", "adopted")
        process.say("m03", "adoption", "adopted")
        assert codes(process.now.phase) == ("objection_to_test", "objection_adopted")
        with pytest.raises(Refused):
            process.say("m03", "judgment", "valid")
        process.deadline()
        assert process.now.phase.floors[1].who.ids == ("m03",)
        assert process.rule.matters(process.case)[0] == Matter(
            ref,
            "objection",
            "qualified",
            "m03",
            {"raised_by": "m05", "version": 1, "harms": "aim", "valid": 0, "dispute": 0},
        )

    def test_otherwise_it_lapses(self) -> None:
        process, ref = objected()
        process.leave("m05")
        process.leave("m04")
        process.deadline()
        assert status(process, ref) == "lapsed"
        assert codes(process.now.phase) == ("confirm", "objection_lapsed")

    def test_it_is_offered_only_once(self) -> None:
        process, ref = objected()
        process.leave("m05")
        process.say("m03", "adoption", "adopted")
        process.leave("m03")
        assert status(process, ref) == "lapsed"

    def test_an_objector_who_left_before_the_close_leaves_an_orphan(self) -> None:
        process = consent(5)
        ref = object_(process, "m05")
        process.leave("m05")
        all_say(process, ("m02", "m03", "m04"))
        assert (process.now.phase.kind, process.now.phase.subject) == ("orphaned", ref)
        assert codes(process.now.phase) == ("objection_orphaned",)

    def test_an_objector_who_leaves_while_it_is_being_resolved(self) -> None:
        process, ref = objected(judge="none")
        process.say("m01", "amendment", "substantive")
        process.leave("m05")
        assert process.kinds[-1] == "orphaned+"
        process.deadline()
        assert codes(process.now.phase) == ("integrated", "objection_lapsed")
        assert status(process, ref) == "lapsed"

    def test_an_objector_who_leaves_before_confirming_has_confirmed_nothing(self) -> None:
        process, ref = objected(judge="none")
        process.say("m01", "settlement", "amend")
        process.leave("m05")
        assert process.kinds[-2:] == ("integrating+", "orphaned+")
        assert process.case.held[-2].ended == "complete"
        assert status(process, ref) == "orphaned"
        process.say("m04", "adoption", "adopted")
        assert (process.now.phase.kind, process.now.phase.floors[1].who.ids) == ("integrating", ("m04",))
        assert codes(process.now.phase) == ("objection_to_integrate", "objection_adopted")


class TestContinuing:
    def second_round(self, touches: tuple[str, ...] | None, **facts: Any) -> tuple[Process, str]:
        """An objection found valid is resolved by an amendment, and continued in the second round."""
        process, first = objected(5)
        process.deadline()
        changed = {} if touches is None else {"touches": touches}
        process.say("m01", "amendment", "substantive", facts=changed)
        settle(process, "m05")
        all_say(process, ("m02", "m03", "m04"))
        return process, object_(process, "m05", continues=first, **facts)

    def test_it_is_not_tested_again_when_its_part_of_the_text_stayed(self) -> None:
        process, ref = self.second_round(("title",), targets=("body",))
        assert process.now.phase.kind == "integrating"
        assert process.now.phase.reasons[-1] == Reason("verdict_inherited", {"verdict": "qualified"}, ref)

    @pytest.mark.parametrize(
        ("touches", "targets"),
        [(("body",), ("body",)), (("title",), ()), (None, ("body",)), (("x", "body"), ("body",))],
    )
    def test_it_is_tested_again_when_its_part_may_have_changed(
        self, touches: tuple[str, ...] | None, targets: tuple[str, ...]
    ) -> None:
        process, _ = self.second_round(touches, targets=targets)
        assert process.now.phase.kind == "testing"

    def test_the_verdict_of_somebody_elses_objection_is_not_inherited(self) -> None:
        process, first = objected(5)
        process.deadline()
        settle(process, "m05", "monitor_unchanged")
        all_say(process, ("m02", "m03", "m05"))
        object_(process, "m04", continues=first)
        assert process.now.phase.kind == "testing"

    def test_an_untested_objection_gives_no_verdict(self) -> None:
        process = consent(4)
        first = object_(process, "m04")
        process.say("m01", "amendment", "editorial", facts={"touches": ("title",)})
        change = process.now.words or process.case.held[0].words
        process.say("m02", "contest", "substantive", change[-1].ref)
        assert status(process, first) == "lapsed"
        all_say(process, ("m02", "m03"))
        object_(process, "m04", continues=first, targets=("body",))
        assert process.now.phase.kind == "testing"

    def test_a_contested_change_counts_by_what_it_touched(self) -> None:
        process, first = objected(5, on_deadlock=("defer",), max_rounds=2)
        process.deadline()
        settle(process, "m05", "monitor_unchanged")
        change = process.say("m01", "amendment", "editorial", facts={"touches": ("title",)})
        process.say("m02", "contest", "substantive", change)
        assert process.now.phase.kind == "deferred"
        process.deadline()
        process.deadline()
        all_say(process, ("m02", "m03", "m04"))
        ref = object_(process, "m05", continues=first, targets=("body",))
        assert process.outcome is not None
        assert Reason("verdict_inherited", {"verdict": "qualified"}, ref) in process.outcome.reasons


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
        assert process.rule.matters(process.case) == (Matter(ref, "concern", "noted", "m02", {"version": 1}),)

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
