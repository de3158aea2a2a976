"""Selection without candidates: who is proposed, what parts ties, and that nobody is elected by silence."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.rules.builtin.selection_1 import Selection
from app.rules.conformance import Conformance
from app.rules.driver import Process, Refused
from tests.rules.stories import codes, people
from tests.rules.told.selection_1 import accepted, begun, consented, declined_then_next, named, talked


class TestConforms(Conformance):
    rule = Selection
    variants = ({}, {"basis": "count", "allow_pass": True}, {"min_participation": "0/1", "max_integrations": 0})


COUNTED: Mapping[str, Any] = {"basis": "count"}


class TestDefining:
    def test_nobody_is_named_before_the_role_is_confirmed(self) -> None:
        process = begun()
        assert process.kinds == ("defining", "nominating")
        assert process.now.phase.sight == "sealed"

    def test_a_role_that_nobody_confirms_is_not_filled(self) -> None:
        process = Process(begun().rule, begun().electorate, "m01", {"facilitator": ("m03",)})
        with pytest.raises(Refused):
            process.say("m02", "nomination", "m03")
        assert process.run_out().code == "role_not_defined"

    def test_a_changed_mandate_is_confirmed_anew(self) -> None:
        process = Process(begun().rule, begun().electorate, "m01", {"facilitator": ("m03",)})
        process.say("m01", "amendment", "substantive")
        process.say("m03", "confirmation", "confirmed")
        assert (process.kinds, process.version) == (("defining", "nominating"), 2)


class TestNaming:
    def test_only_electors_are_named_and_passing_is_for_circles_that_allow_it(self) -> None:
        for name in ("m09", "pass", "keep"):
            with pytest.raises(Refused):
                begun().say("m01", "nomination", name)
        process = begun(allow_pass=True)
        process.say("m01", "nomination", "pass")

    @pytest.mark.parametrize(("number", "goes_on"), [(2, False), (3, True)])
    def test_half_must_have_named_somebody(self, number: int, goes_on: bool) -> None:
        process = begun()
        for name in people(5)[:number]:
            process.say(name, "nomination", "m02")
        process.deadline()
        assert (process.kinds[-1] == "sharing") == goes_on
        assert goes_on or process.run_out().code == "too_few_named"

    def test_where_all_pass_nobody_is_elected(self) -> None:
        assert named(["pass"] * 4, allow_pass=True).run_out().code == "too_few_named"

    def test_one_changes_once_and_only_to_somebody_who_was_named(self) -> None:
        process = named(("m02", "m02", "m05", "m02", "m05"))
        for by in people(5):
            process.say(by, "why", "said")
        with pytest.raises(Refused):
            process.say("m01", "change", "m04")
        process.say("m01", "change", "m05")
        with pytest.raises(Refused):
            process.say("m01", "change", "m02")


class TestProposing:
    def test_the_facilitator_gives_way_when_among_the_best_named(self) -> None:
        process = talked(("m03", "m03", "m05", "m03", "m05"))
        with pytest.raises(Refused):
            process.say("m03", "proposed", "m03")
        process.say("m04", "proposed", "m05")
        assert process.now.phase.subject == "m05"

    def test_silence_of_the_facilitator_leaves_it_to_the_numbers(self) -> None:
        process = talked(("m02", "m02", "m05", "m02", "m05"))
        process.deadline()
        assert (process.now.phase.subject, codes(process.now.phase)) == ("m02", ("nobody_proposed", "named_by"))

    def test_a_tie_goes_to_the_only_one_who_named_themselves(self) -> None:
        process = talked(("m02", "m05", "m02", "m01", "m05"), **COUNTED)
        assert process.now.phase.subject == "m05"

    def test_a_tie_is_switched_by_the_others_once(self) -> None:
        process = talked(("m02", "m05", "m02", "m05", "m01", "m03"), **COUNTED)
        [floor] = process.now.phase.floors
        assert (process.kinds[-1], floor.who.ids, floor.among) == ("switching", ("m05", "m06"), ("keep", "m02", "m05"))
        process.say("m05", "change", "keep")
        process.say("m06", "change", "m05")
        assert (process.kinds[-1], process.now.phase.subject) == ("consenting", "m05")
        process = talked(("m02", "m05", "m02", "m05", "m01", "m03"), **COUNTED)
        process.deadline()
        assert process.kinds[-2:] == ("drawing", "consenting")

    def test_without_lots_a_tie_elects_nobody(self) -> None:
        process = talked(("m02", "m03", "m02", "m03"), **COUNTED)
        other = Process(process.rule, process.electorate, "m01", {"facilitator": ("m03",)})
        other.say("m03", "confirmation", "confirmed")
        for by, name in zip(people(4), ("m02", "m03", "m02", "m03"), strict=True):
            other.say(by, "nomination", name)
        assert other.run_out().code == "no_lots"


class TestConsent:
    def test_the_author_alone_elects_nobody(self) -> None:
        process = talked(("m01", "m01", "m01", "m01"), **COUNTED)
        process.say("m01", "position", "consent")
        assert process.run_out().verdict == "not_elected"

    def test_silence_elects_nobody(self) -> None:
        assert talked(("m02", "m02", "m02", "m02"), **COUNTED).run_out().verdict == "not_elected"

    def test_nobody_is_elected_who_does_not_accept(self) -> None:
        assert consented(talked(("m02", "m02", "m02", "m02"), **COUNTED)).run_out().verdict == "not_elected"
        assert declined_then_next().run_out().winners == ("m05",)

    def test_an_objection_that_is_not_settled_brings_the_next(self) -> None:
        process = consented(talked(("m02", "m02", "m02", "m05", "m05"), **COUNTED), "m02")
        assert (process.kinds[-1], process.now.phase.reasons[0].facts) == (
            "integrating",
            {"objections": 1, "nominee": 1},
        )
        process.deadline()
        assert (process.now.phase.subject, codes(process.now.phase)) == ("m05", ("not_integrated", "named_by"))

    def test_after_so_many_attempts_the_role_stays_vacant(self) -> None:
        process = talked(("m01", "m02", "m03", "m04", "m05"), basis="count", max_attempts=2, max_integrations=0)
        while not process.is_over:
            process.deadline()
        outcome = process.run_out()
        assert (outcome.code, outcome.reasons[0].facts["attempts"]) == ("exhausted", 2)

    def test_who_leaves_is_neither_named_nor_elected(self) -> None:
        process = talked(("m02", "m02", "m02", "m05", "m05"), **COUNTED)
        process.leave("m02")
        assert process.now.phase.subject == "m05"
        assert accepted(consented(process)).run_out().winners == ("m05",)
