"""From the first question to the close of a round: what each step lets people say, and what follows."""

from dataclasses import replace

import pytest

from app.rules.contract import REST, Electorate, Floor, Phase, Reason
from app.rules.driver import Refused
from tests.rules.stories import all_say, codes, consent, electors, people


def floor(phase: Phase, form: str) -> Floor:
    return next(one for one in phase.floors if one.form == form)


class TestClarifying:
    def test_it_closes_early_when_all_have_asked_or_passed_and_all_is_answered(self) -> None:
        process = consent(3, begins_with="clarifying")
        question = process.say("m02", "question", "question")
        passed = process.say("m03", "question", "pass")
        with pytest.raises(Refused):
            process.say("m01", "answer", "declined", passed)
        assert process.kinds == ("clarifying",)
        process.say("m01", "answer", "answered", question)
        assert process.now.phase.kind == "reacting"
        assert process.now.phase.reasons == (Reason("clarified", {"asked": 1, "answered": 1, "unanswered": 0}),)

    def test_an_unanswered_question_gives_more_time_once_and_is_then_listed(self) -> None:
        process = consent(3, begins_with="clarifying")
        first, second = (process.say("m02", "question", "question") for _ in range(2))
        process.say("m01", "answer", "declined", first)
        process.deadline()
        assert process.kinds == ("clarifying", "clarifying+")
        assert process.now.phase.lasts == "PT48H"
        assert codes(process.now.phase) == ("questions_left",)
        assert process.now.phase.reasons[0].facts == {"asked": 2, "answered": 1, "unanswered": 1}
        with pytest.raises(Refused):
            process.say("m03", "question", "question")
        process.deadline()
        assert codes(process.now.phase) == ("clarified", "question_unanswered")
        assert process.now.phase.reasons[1].about == second

    def test_answering_in_the_added_time_goes_on_at_once(self) -> None:
        process = consent(3, begins_with="clarifying")
        question = process.say("m03", "question", "question")
        process.deadline()
        process.say("m01", "answer", "answered", question)
        assert codes(process.now.phase) == ("clarified",)

    def test_whoever_passed_may_still_ask_and_whoever_asked_may_ask_again(self) -> None:
        process = consent(3, begins_with="clarifying")
        process.say("m02", "question", "pass")
        asked = [process.say(name, "question", "question") for name in ("m02", "m03", "m03")]
        for question in asked:
            assert process.kinds == ("clarifying",)
            process.say("m01", "answer", "answered", question)
        assert process.now.phase.reasons == (Reason("clarified", {"asked": 3, "answered": 3, "unanswered": 0}),)

    def test_the_proposer_does_not_ask_themselves(self) -> None:
        with pytest.raises(Refused):
            consent(3, begins_with="clarifying").say("m01", "question", "question")

    def test_a_departure_does_not_end_it(self) -> None:
        process = consent(4, begins_with="clarifying")
        process.leave("m04")
        assert process.kinds == ("clarifying",)


class TestReacting:
    def test_one_reaction_each(self) -> None:
        process = consent(4, begins_with="clarifying")
        process.deadline()
        process.say("m02", "reaction", "reaction")
        with pytest.raises(Refused):
            process.say("m02", "reaction", "pass")
        process.say("m03", "reaction", "pass")
        process.leave("m04")
        assert process.now.phase.kind == "amending"
        assert process.now.phase.reasons == (Reason("reacted", {"reactions": 1, "of": 2}),)

    def test_a_departure_does_not_end_it(self) -> None:
        process = consent(5, begins_with="clarifying")
        process.deadline()
        process.leave("m05")
        assert process.now.phase.kind == "reacting"


class TestAmending:
    @pytest.mark.parametrize(
        ("value", "code", "revision"), [("substantive", "amended", 2), ("editorial", "edited", 1), (None, "kept", 1)]
    )
    def test_the_proposer_amends_or_keeps(self, value: str | None, code: str, revision: int) -> None:
        process = consent(3, begins_with="clarifying")
        process.deadline()
        process.deadline()
        if value is None:
            process.say("m01", "keep", "keep")
        else:
            process.say("m01", "amendment", value)
        assert process.now.phase.kind == "objecting"
        assert process.now.version == revision
        assert process.now.phase.reasons == (Reason(code, {"revision": revision}),)

    def test_silence_keeps_the_text(self) -> None:
        process = consent(3, begins_with="clarifying")
        for _ in range(3):
            process.deadline()
        assert process.now.phase.reasons == (Reason("kept_by_silence", {"revision": 1}),)

    def test_nobody_else_amends_and_a_departure_does_not_end_it(self) -> None:
        process = consent(3, begins_with="clarifying")
        process.deadline()
        process.deadline()
        with pytest.raises(Refused):
            process.say("m02", "amendment", "editorial")
        process.leave("m03")
        assert process.now.phase.kind == "amending"


class TestObjecting:
    def test_it_is_sealed_and_closes_early_when_everybody_answered(self) -> None:
        process = consent(4)
        assert process.now.phase.sight == "sealed"
        all_say(process, ("m02", "m03", "m04"))
        assert process.outcome is not None
        assert process.outcome.verdict == "adopted"

    def test_the_proposer_takes_no_position(self) -> None:
        with pytest.raises(Refused):
            consent(4).say("m01", "position", "consent")

    def test_standing_aside_is_offered_only_by_the_rule(self) -> None:
        with pytest.raises(Refused):
            consent(4).say("m02", "position", "stand_aside")
        consent(4, stand_aside=True).say("m02", "position", "stand_aside")

    def test_the_last_position_counts(self) -> None:
        process = consent(3)
        process.say("m02", "position", "objection")
        all_say(process, ("m02", "m03"))
        assert process.outcome is not None
        assert process.rule.matters(process.case) == ()

    def test_the_recused_are_not_asked(self) -> None:
        voters = electors(people(4)).voters
        recused = Electorate((*voters[:3], replace(voters[3], recused="vote")))
        process = consent(recused)
        assert floor(process.now.phase, "position").who.barring == ("m01", "m04")
        all_say(process, ("m02", "m03"))
        assert process.outcome is not None
        assert process.outcome.reasons[0].facts["of"] == 2


class TestAmendingDuringTheRound:
    def test_a_change_of_substance_opens_a_new_round_and_voids_what_was_said(self) -> None:
        process = consent(4)
        process.say("m02", "position", "consent")
        process.say("m01", "amendment", "substantive")
        assert process.kinds == ("objecting", "objecting")
        assert process.now.version == 2
        all_say(process, ("m03", "m04"))
        process.deadline()
        assert process.outcome is not None
        assert process.outcome.reasons[0].facts["answered"] == 2

    def test_an_editorial_change_keeps_what_was_said_and_leaves_a_day_to_contest(self) -> None:
        process = consent(4)
        process.say("m02", "position", "consent")
        process.say("m01", "amendment", "editorial")
        phase = process.now.phase
        assert process.kinds == ("objecting", "objecting+")
        assert (phase.lasts, phase.at_least) == (REST, "PT24H")
        assert codes(phase) == ("edited",)
        all_say(process, ("m03", "m04"))
        assert not process.is_over, "everybody answered, but the time to contest is not over"
        process.deadline()
        assert process.outcome is not None
        assert process.outcome.reasons[0].facts["consents"] == 3

    def test_a_second_editorial_change_is_not_offered(self) -> None:
        process = consent(4)
        process.say("m01", "amendment", "editorial")
        with pytest.raises(Refused):
            process.say("m01", "amendment", "editorial")
        process.deadline()
        assert codes(process.now.phase)[0] == "extended"
        with pytest.raises(Refused):
            process.say("m01", "amendment", "editorial")

    def test_a_contested_editorial_change_is_one_of_substance(self) -> None:
        process = consent(4)
        process.say("m02", "position", "consent")
        change = process.say("m01", "amendment", "editorial")
        process.say("m03", "contest", "substantive", change)
        assert process.kinds == ("objecting", "objecting+", "objecting")
        assert process.now.version == 2
        assert process.now.phase.reasons == (Reason("contested", {"revision": 2}),)

    def test_amending_in_the_last_round_ends_on_the_ladder(self) -> None:
        process = consent(4, max_rounds=1, on_deadlock=("trial",))
        all_say(process, ("m02", "m03"))
        process.say("m01", "amendment", "substantive")
        assert process.outcome is not None
        assert process.outcome.verdict == "not_adopted"
        assert codes(process.outcome) == ("rounds_spent", "amended")

    def test_a_departure_does_not_end_the_round(self) -> None:
        process = consent(5)
        process.leave("m05")
        assert process.kinds == ("objecting",)
