"""An objection whose holder does not answer is set aside, and taken up again when its holder appeals."""

from typing import Any

import pytest

from app.rules.contract import Reason
from app.rules.driver import Process, Refused
from tests.rules.stories import all_say, codes, consent, object_, objected, status


def unanswered(**options: Any) -> tuple[Process, str]:
    """An objection that was not resolved while its holder had time to answer."""
    process, ref = objected(judge="none", **options)
    process.deadline()
    return process, ref


def set_aside(**options: Any) -> tuple[Process, str]:
    process, ref = unanswered(**options)
    process.say("m02", "abandonment", "abandoned")
    return process, ref


class TestAbandoning:
    def test_not_before_the_objector_had_time_to_answer(self) -> None:
        process, ref = objected(judge="none")
        with pytest.raises(Refused):
            process.say("m02", "abandonment", "abandoned")
        assert process.now.phase.lasts == "PT72H"
        process.deadline()
        assert process.kinds == ("objecting", "integrating+", "integrating+")
        assert (process.now.phase.lasts, process.now.phase.subject) == ("P2D", ref)
        assert process.now.phase.reasons == (Reason("not_resolved_yet", about=ref),)

    def test_what_was_settled_before_still_counts(self) -> None:
        process, ref = objected(judge="none")
        process.say("m05", "settlement", "amend")
        process.deadline()
        process.say("m01", "settlement", "amend")
        assert status(process, ref) == "resolved"

    @pytest.mark.parametrize(
        ("integrating", "response", "lasts"),
        [
            ("P5D", "PT72H", ("PT72H", "P2D")),
            ("P1W", "P1D", ("P1D", "P6D")),
            ("P5D", "PT60H", ("PT60H", "PT60H")),
            ("PT50H", "PT20H30M", ("PT20H30M", "PT29H30M")),
            ("P3D", "PT72H", ("P3D",)),
            ("P1D", "PT72H", ("P1D",)),
        ],
    )
    def test_the_whole_time_stays_what_the_circle_chose(
        self, integrating: str, response: str, lasts: tuple[str, ...]
    ) -> None:
        durations = {"integrating": integrating, "response": response}
        process, _ = objected(judge="none", on_deadlock=(), durations=durations)
        process.run_out()
        assert tuple(held.phase.lasts for held in process.case.held[1:]) == lasts

    def test_only_the_facilitator_sets_an_objection_aside(self) -> None:
        process, ref = unanswered()
        for person in ("m01", "m03", "m05"):
            with pytest.raises(Refused):
                process.say(person, "abandonment", "abandoned")
        process.say("m02", "abandonment", "abandoned")
        assert status(process, ref) == "abandoned"

    def test_an_objecting_facilitator_does_not_set_their_own_aside(self) -> None:
        process, _ = unanswered(by="m02")
        with pytest.raises(Refused):
            process.say("m02", "abandonment", "abandoned")
        process.say("m03", "abandonment", "abandoned")


class TestAppealing:
    def test_the_objector_has_time_to_appeal(self) -> None:
        process, ref = set_aside()
        assert process.kinds[-1] == "appeal+"
        assert (process.now.phase.lasts, process.now.phase.subject) == ("P2D", ref)
        assert process.now.phase.reasons == (Reason("objection_abandoned", about=ref),)
        for person in ("m01", "m02", "m03"):
            with pytest.raises(Refused):
                process.say(person, "abandonment_appeal", "appealed")

    def test_silence_leaves_it_set_aside(self) -> None:
        process, ref = set_aside()
        process.deadline()
        assert status(process, ref) == "abandoned"
        assert codes(process.now.phase) == ("confirm", "objection_abandoned")

    def test_an_appeal_makes_it_stand_again_and_it_is_not_set_aside_twice(self) -> None:
        process, ref = set_aside(on_deadlock=())
        process.say("m05", "abandonment_appeal", "appealed")
        assert status(process, ref) == "qualified"
        assert codes(process.now.phase) == ("objection_to_integrate", "objection_reinstated")
        assert process.now.phase.lasts == "P5D"
        with pytest.raises(Refused):
            process.say("m02", "abandonment", "abandoned")
        process.deadline()
        assert process.outcome is not None
        assert codes(process.outcome) == ("not_integrated",)

    def test_a_departure_does_not_end_the_appeal(self) -> None:
        process, _ = set_aside()
        process.leave("m04")
        assert process.now.phase.kind == "appeal"

    def test_an_appeal_of_somebody_else_counts_for_nothing(self) -> None:
        process = consent(5, judge="none")
        all_say(process, ("m02", "m03"))
        first, second = object_(process, "m04"), object_(process, "m05")
        process.deadline()
        process.say("m02", "abandonment", "abandoned")
        with pytest.raises(Refused):
            process.say("m05", "abandonment_appeal", "appealed")
        process.deadline()
        assert (status(process, first), process.now.phase.subject) == ("abandoned", second)
