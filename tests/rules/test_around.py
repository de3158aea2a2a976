"""Rules around a rule: sponsors before it, a delay behind it."""

from dataclasses import replace

from app.rules.builtin.delayed_1 import Delayed
from app.rules.builtin.majority_1 import Majority
from app.rules.builtin.sponsored_1 import Sponsored
from app.rules.catalogue import Catalogue
from app.rules.conformance import Conformance
from app.rules.driver import Process
from tests.rules.stories import codes, electors, people, vote
from tests.rules.told.delayed_1 import delayed
from tests.rules.told.sponsored_1 import sponsored


class TestSponsors:
    def test_the_second_sponsor_opens_the_vote(self) -> None:
        process = sponsored(5, ("m02", "m03"), "m02", "m04")
        assert process.kinds == ("sponsoring", "ballot")
        assert process.outcome is not None
        assert process.outcome.verdict == "adopted"
        assert codes(process.case.held[1].phase)[0] == "sponsored"

    def test_one_short_it_lapses(self) -> None:
        outcome = sponsored(5, ("m02",)).outcome
        assert (outcome and outcome.verdict, codes(outcome)) == ("lapsed", ("too_few_sponsors",))

    def test_who_left_sponsors_no_more(self) -> None:
        process = sponsored(5, (), sponsors=2)
        assert process.outcome is not None
        assert process.outcome.reasons[0].facts == {"sponsors": 0, "needed": 2}


class TestDelay:
    def test_what_was_adopted_waits(self) -> None:
        process = delayed({"for_": 3, "against": 1})
        assert process.kinds == ("ballot", "waiting")
        assert process.outcome is not None
        assert (process.outcome.verdict, codes(process.outcome)[-1]) == ("adopted", "waited")

    def test_a_rejection_does_not(self) -> None:
        process = delayed({"for_": 1, "against": 3})
        assert process.kinds == ("ballot",)


def test_a_vote_before_a_delay_and_behind_sponsors_may_close_early() -> None:
    catalogue = Catalogue.load()
    hurried = {"rule": "majority", "options": {"early_close": True}}
    around = {"rule": "sponsored", "options": {"inner": hurried, "sponsors": 1}}
    process = Process(catalogue.bind("delayed", 1, {"inner": around}), electors(people(5)), "m01")
    assert not process.rule.foregone(replace(process.case, held=()))
    process.say("m02", "sponsorship", "sponsored")
    vote(process, for_=2)
    assert not process.rule.foregone(process.case)
    process.say("m03", "ballot", "for")
    assert process.rule.foregone(process.case)
    process.deadline()
    assert (process.now.phase.kind, process.rule.foregone(process.case)) == ("waiting", False)


class TestSponsored(Conformance):
    rule = Sponsored
    beside = (Majority,)
    variants = (
        {"inner": {"rule": "majority"}},
        {"inner": {"rule": "majority", "options": {"tie_break": "chair_casting"}}, "sponsors": 1},
        {"inner": {"rule": "majority", "options": {"early_close": True}}, "sponsors": 1},
    )


class TestDelayed(Conformance):
    rule = Delayed
    beside = (Majority,)
    variants = (
        {"inner": {"rule": "majority"}},
        {"inner": {"rule": "majority", "options": {"base": "present"}}},
    )


class TestDelayedThatHurries(Conformance):
    """Most stories are not foregone before they are over: many are told."""

    rule = Delayed
    beside = (Majority,)
    variants = ({"inner": {"rule": "majority", "options": {"early_close": True}}},)
    runs = 300
