"""An objector may withdraw at any time while objections are tested and resolved, also while another has its turn."""

from dataclasses import replace
from typing import Any

import pytest

from app.rules.driver import Process, Refused
from tests.rules.stories import all_say, codes, consent, object_, status


def two_objections(judge: str, **options: Any) -> tuple[Process, str, str]:
    process = consent(6, judge=judge, **options)
    all_say(process, ("m02", "m03", "m04"))
    return process, object_(process, "m05"), object_(process, "m06")


def withdraw(process: Process, by: str, ref: str | None = None) -> None:
    process.say(by, "objection_withdrawal", "withdrawn", ref)


@pytest.mark.parametrize(("judge", "kind"), [("group", "testing"), ("none", "integrating")])
class TestWhileAnotherHasItsTurn:
    def test_an_objection_that_waits_is_withdrawn_and_the_phase_goes_on(self, judge: str, kind: str) -> None:
        process, first, second = two_objections(judge)
        withdraw(process, "m06", second)
        assert (process.now.phase.kind, process.now.phase.subject) == (kind, first)
        assert status(process, second) == "withdrawn"
        withdraw(process, "m05")
        assert codes(process.now.phase) == ("confirm", "objection_withdrawn", "objection_withdrawn")

    def test_nobody_withdraws_what_others_hold(self, judge: str, kind: str) -> None:
        process, first, second = two_objections(judge)
        for person, ref in (("m05", second), ("m06", first), ("m02", second), ("m01", first)):
            with pytest.raises(Refused):
                withdraw(process, person, ref)

    def test_a_withdrawal_of_somebody_else_counts_for_nothing(self, judge: str, kind: str) -> None:
        process, _, second = two_objections(judge)
        withdraw(process, "m06", second)
        now = process.now
        intruded = replace(now, words=(replace(now.words[0], by="m02"),))
        process.case = replace(process.case, held=(*process.case.held[:-1], intruded))
        assert status(process, second) != "withdrawn"

    def test_what_is_withdrawn_is_not_offered_again(self, judge: str, kind: str) -> None:
        process, first, second = two_objections(judge)
        withdraw(process, "m05", first)
        assert (process.now.phase.kind, process.now.phase.subject) == (kind, second)
        floors = [(who, about) for who, floor, about in process.open_floors() if floor.form == "objection_withdrawal"]
        assert floors == [("m06", second)]


def test_a_qualified_objection_is_withdrawn_while_the_next_is_tested() -> None:
    process, first, second = two_objections("group")
    process.deadline()
    withdraw(process, "m05", first)
    assert (process.now.phase.kind, process.now.phase.subject) == ("testing", second)
    assert status(process, first) == "withdrawn"


def test_whoever_took_an_objection_over_may_withdraw_it_and_their_own() -> None:
    process, first, second = two_objections("group")
    process.leave("m05")
    process.say("m06", "adoption", "adopted")
    withdraw(process, "m06", second)
    assert (process.now.phase.kind, process.now.phase.subject) == ("testing", first)
    withdraw(process, "m06", first)
    assert {status(process, first), status(process, second)} == {"withdrawn"}


def test_what_the_circle_can_live_with_need_not_be_resolved_any_more() -> None:
    process, first, second = two_objections("none", tolerance=1)
    withdraw(process, "m06", second)
    assert process.outcome is not None
    assert codes(process.outcome) == ("consent", "objection_tolerated", "objection_withdrawn")
    assert process.outcome.reasons[1].about == first


def test_a_withdrawal_is_told_even_if_nothing_is_resolved_in_time() -> None:
    process, _, second = two_objections("none", on_deadlock=())
    withdraw(process, "m06", second)
    process.deadline()
    assert codes(process.now.phase) == ("not_resolved_yet", "objection_withdrawn")
    process.deadline()
    assert process.outcome is not None
    assert codes(process.outcome) == ("not_integrated",)
