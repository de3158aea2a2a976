"""An objection is resolved in the text, taken over from somebody who left, set aside, or continued."""

from typing import Any

import pytest

from app.rules.builtin.consent_1_objections import objections
from app.rules.contract import Matter, Reason
from app.rules.driver import Process, Refused
from tests.rules.stories import all_say, codes, consent, object_, objected, settle, status


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

    def test_no_resolution_in_time_ends_on_the_ladder(self) -> None:
        process, ref = objected(judge="none", on_deadlock=())
        process.deadline()
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
            travels=True,
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

    def test_what_the_proposer_confirmed_stands_when_the_objection_changes_hands(self) -> None:
        process, ref = objected(judge="none")
        process.say("m01", "settlement", "amend")
        process.leave("m05")
        process.say("m04", "adoption", "adopted")
        process.say("m04", "settlement", "amend")
        assert status(process, ref) == "resolved"
        assert codes(process.now.phase) == ("resolved_without_change", "objection_resolved")

    def test_a_confirmation_of_a_text_that_is_gone_does_not_stand(self) -> None:
        process, ref = objected(judge="none")
        process.say("m01", "settlement", "amend")
        process.leave("m05")
        process.say("m04", "adoption", "adopted")
        process.say("m01", "amendment", "substantive")
        process.say("m04", "settlement", "amend")
        assert status(process, ref) == "qualified"
        process.say("m01", "settlement", "amend")
        assert status(process, ref) == "resolved"

    def test_judgments_stand_when_the_objection_changes_hands_but_not_those_of_its_new_holder(self) -> None:
        process, ref = objected()
        all_say(process, ("m02", "m03"), "dispute", "judgment")
        process.leave("m05")
        process.say("m03", "adoption", "adopted")
        process.say("m04", "judgment", "valid")
        facts = next(matter.facts for matter in process.rule.matters(process.case) if matter.ref == ref)
        assert (facts["valid"], facts["dispute"]) == (1, 1)
        assert status(process, ref) == "qualified"


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
