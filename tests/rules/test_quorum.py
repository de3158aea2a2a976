"""Calls with a quorum: when a call counts, who makes it count, and what follows when too few took part."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.quorum_1 import Quorum
from app.rules.choosing import slate
from app.rules.contract import Case, Electorate, Outcome, Voter
from app.rules.driver import Refused
from app.rules.papers import MOST_OPTIONS
from tests.rules.stories import codes, electors, object_, people, vote
from tests.rules.told.quorum_1 import EACH_LOWER, called, collected, left_meanwhile
from tests.rules.wrapping import (
    CONSENT,
    HURRIED,
    MAJORITY,
    Grouped,
    bound,
    ended,
    held,
    in_colleges,
    process,
    refusals,
    rule_within,
    with_measures,
)

ORDINARY = ({"share": "1/5"}, {"share": "0"})
EXTRAORDINARY = ({"share": "1/4"}, {"share": "1/5"})


def assembly(members: int, *calls: dict[str, int], present: int | None = None, **options: Any) -> Outcome:
    """What an assembly decides in so many calls, with a roll of those present or represented, if one is named."""
    rule, case = bound("quorum", **options), Case("chair", electors(people(members)))
    roll = None if present is None else frozenset(people(present))
    for rows in calls:
        case = held(rule, case, rows, roll)
    return ended(rule, case)


class TestQuorum:
    @pytest.mark.parametrize("present", [None, 7])
    def test_w06(self, present: int | None) -> None:
        """Five present and two proxies: what those seven cast is in the urn, and whoever holds a proxy casts it."""
        told = called(40, ORDINARY, {"for_": 5, "against": 2}, {"for_": 4, "against": 3})
        second = told.case.held[1]
        assert [one.phase.path for one in told.case.held] == [("call_1",), ("call_2",)]
        assert codes(second.phase) == ("no_quorum", "next_call")
        assert second.phase.reasons[0].facts == {"took_part": 7, "needed": 8, "of": 40}
        outcome = assembly(40, {"for": 3, "against": 1}, {"for": 3, "against": 1}, calls=ORDINARY, present=present)
        assert outcome.verdict == "adopted"
        assert outcome.reasons[-1].facts == {"call": 2}

    @pytest.mark.parametrize(("present", "call"), [(7, 2), (8, 1)])
    def test_w06_those_present_make_the_quorum_whether_or_not_they_answer(self, present: int, call: int) -> None:
        calls = [{"for": 2}] * call
        outcome = assembly(40, *calls, calls=ORDINARY, present=present)
        assert outcome.verdict == "adopted"
        assert (outcome.reasons[-1].code == "of_call") == (call == 2)

    @pytest.mark.parametrize(("base", "verdict", "share"), [("cast", "adopted", 90), ("present", "not_adopted", 104)])
    def test_w07(self, base: str, verdict: str, share: int) -> None:
        inner = rule_within("majority", threshold="2/3", op="gte", base=base)
        rows = {"for": 62, "against": 28, "abstain": 12, "blank": 2}
        outcome = assembly(400, rows, calls=EXTRAORDINARY, inner=inner)
        assert outcome.verdict == verdict
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (62, share)
        assert outcome.reasons[2].facts == {"took_part": 104, "needed": 100, "of": 400}

    def test_w08_in_the_second_call(self) -> None:
        first = {"for": 30, "against": 30, "abstain": 8}
        rows = {"for": 31, "against": 17, "abstain": 6, "blank": 1}
        outcome = assembly(400, first, rows, calls=ORDINARY)
        assert outcome.verdict == "adopted"
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (31, 48)
        assert outcome.reasons[2].facts == {"took_part": 55, "needed": 0, "of": 400}

    def test_the_last_call_is_the_end(self) -> None:
        outcome = assembly(10, {"for": 4}, {"for": 3}, calls=({"share": "1/2"}, {"share": "2/5"}))
        assert (outcome.verdict, codes(outcome)) == ("invalid", ("no_quorum", "calls_spent"))
        assert outcome.reasons[0].facts == {"took_part": 3, "needed": 4, "of": 10}
        assert assembly(10, {"for": 4}, {"for": 4}, calls=({"share": "1/2"}, {"share": "2/5"})).verdict == "adopted"

    @pytest.mark.parametrize(("effect", "of", "took_part"), [("vote", 10, 10), ("vote_and_quorum", 9, 9)])
    def test_w42_recusal(self, effect: Any, of: int, took_part: int) -> None:
        voters = electors(people(10)).voters
        there = Electorate((*voters[:9], replace(voters[9], recused=effect)))
        rule = bound("quorum", calls=({"share": "1/2"},))
        case = held(rule, Case("chair", there), {"for": 5, "against": 4}, frozenset(people(10)))
        outcome = ended(rule, case)
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", 9)
        assert outcome.reasons[-1].facts == {"took_part": took_part, "needed": 5, "of": of}

    def test_whoever_is_neither_there_nor_represented_does_not_count(self) -> None:
        """A proxy that names nobody brings its giver no further (E24)."""
        with_proxies = assembly(10, {"for": 2}, calls=({"share": "1/2"},), present=5)
        without = assembly(10, {"for": 2}, calls=({"share": "1/2"},), present=4)
        assert (with_proxies.verdict, without.verdict) == ("adopted", "invalid")

    def test_each_college_and_each_unit_has_its_own_quorum(self) -> None:
        rule = bound("quorum", calls=({"share": "0", "per_college": "1/2", "per_unit": "1/2"},))
        voters = (*in_colleges(S=3, B=2).voters, Voter("x1", unit="33"), Voter("x2", unit="33"))
        case = Case("chair", Electorate(voters))
        enough = {("for", "S", ""): 2, ("against", "B", ""): 1, ("for", "", "33"): 1}
        assert ended(rule, held(rule, case, enough)).tables["quorum"][1:] == (
            ("everybody", 4, 0, 7),
            ("no_college", 1, 1, 2),
            ("B", 1, 1, 2),
            ("S", 2, 2, 3),
            ("no_unit", 3, 3, 5),
            ("unit_33", 1, 1, 2),
        )
        without = ended(rule, held(rule, case, {("for", "S", ""): 3}))
        assert without.reasons[1].facts == {"groups": "no_college,B,unit_33"}
        assert without.reasons[0].facts == {"took_part": 0, "needed": 1, "of": 2}

    def test_a_share_of_weights_is_not_rounded(self) -> None:
        groups = ((2, {"votes": 3}), (4, {"votes": 1}))
        enough = called(with_measures(*groups), ({"share": "3/5"},), {"for_": 2}, basis="votes")
        assert enough.run_out().verdict == "adopted"
        more = called(with_measures(*groups), ({"share": "2/3"},), {"for_": 2}, basis="votes").run_out()
        assert more.reasons[0].facts == {"took_part": 6, "needed": Fraction(20, 3), "of": 10}
        nobody = called(with_measures(*groups), ({"share": "1/9"},), {"for_": 6}, basis="shares").run_out()
        assert nobody.verdict == "invalid"

    def test_those_present_weigh_too(self) -> None:
        rule = bound("quorum", calls=({"share": "1/2"},), basis="votes")
        voters = with_measures((1, {"votes": 6}), (5, {"votes": 1}))
        case = held(rule, Case("m06", voters), {}, frozenset({"m01"}))
        assert codes(ended(rule, case)) == ("no_expressed_votes", "quorum_reached", "quorum_in_measure")

    def test_consent_is_asked_again_when_too_few_said_anything(self) -> None:
        inner = rule_within("consent", begins_with="objecting", min_participation="0", on_deadlock=())
        told = process(bound("quorum", calls=({"share": "1/2"}, {"share": "1/5"}), inner=inner), electors(people(5)))
        told.say("m02", "position", "consent")
        told.deadline()
        assert (told.kinds, codes(told.now.phase)) == (("objecting",) * 2, ("no_quorum", "next_call"))
        told.say("m02", "position", "consent")
        assert told.run_out().verdict == "adopted"
        assert told.run_out().reasons[-2].facts == {"took_part": 1, "needed": 1, "of": 5}

    def test_objections_of_every_call_are_kept(self) -> None:
        inner = rule_within("consent", begins_with="objecting", on_deadlock=(), judge="none", max_rounds=1)
        told = process(bound("quorum", calls=({"share": "1"}, {"share": "0"}), inner=inner), electors(people(5)))
        object_(told, "m02")
        told.run_out()
        assert [matter.kind for matter in told.rule.matters(told.case)] == ["objection"]

    def test_foregone_needs_the_quorum(self) -> None:
        inner = rule_within("majority", early_close=True)
        told = process(bound("quorum", calls=({"share": "3/4"},), inner=inner), electors(people(6)))
        assert not bound("quorum", calls=ORDINARY).foregone(Case("m01", electors(people(3))))
        vote(told, for_=4)
        assert not told.rule.foregone(told.case)
        told.say("m05", "ballot", "blank")
        assert told.rule.foregone(told.case)

    def test_a_ballot_that_stays_open_is_judged_when_it_is_over(self) -> None:
        late = rule_within("majority", quorum="1/2", late_quorum="P1D")
        inner = rule_within("minority_block", inner=late)
        told = process(bound("quorum", calls=({"share": "2/3"}, {"share": "0"}), inner=inner), electors(people(6)))
        vote(told, for_=2)
        told.deadline()
        told.say("m03", "ballot", "for")
        told.say("m04", "ballot", "blank")
        outcome = told.run_out()
        assert told.kinds == ("ballot", "ballot+", "ballot+")
        assert (outcome.verdict, outcome.reasons[-1].facts) == ("adopted", {"took_part": 4, "needed": 4, "of": 6})

    def test_what_is_told_apart(self) -> None:
        assert bound("quorum", calls=ORDINARY).reads() == frozenset()
        calls = ({"share": "0", "per_unit": "1/2"}, {"share": "0", "per_college": "1/2"})
        assert bound("quorum", calls=calls, basis="votes").reads() == {"unit", "college", "weights"}


class TestNotice:
    def test_nobody_votes_between_a_missed_call_and_the_next(self) -> None:
        told = process(bound("quorum", calls=ORDINARY, notice="P10D"), electors(people(10)))
        told.say("m02", "ballot", "for")
        told.deadline()
        assert (told.kinds, told.now.phase.path, told.now.phase.lasts) == (("ballot", "notice"), ("notice_2",), "P10D")
        assert codes(told.now.phase) == ("no_quorum", "call_announced")
        assert (told.open_floors(), told.rule.foregone(told.case)) == ((), False)
        with pytest.raises(Refused):
            told.say("m03", "ballot", "for")
        told.deadline()
        assert (told.now.phase.kind, codes(told.now.phase)) == ("ballot", ("no_quorum", "next_call"))
        assert told.now.phase.path == ("call_2",)

    def test_each_further_call_is_announced_and_the_first_is_not(self) -> None:
        told = called(10, EACH_LOWER, {"for_": 4}, {"for_": 3}, {"for_": 2, "against": 1}, notice="PT48H")
        assert told.kinds == ("ballot", "notice", "ballot", "notice", "ballot")
        assert told.case.held[3].phase.reasons[-1].facts == {"call": 3}
        assert told.run_out().verdict == "adopted"

    def test_a_call_with_its_quorum_is_followed_by_none(self) -> None:
        assert called(10, EACH_LOWER, {"for_": 6}, notice="P10D").kinds == ("ballot",)
        assert called(10, EACH_LOWER[:1], {"for_": 2}, notice="P10D").kinds == ("ballot",)

    def test_it_goes_on_when_somebody_leaves(self) -> None:
        told = left_meanwhile()
        assert told.kinds == ("ballot", "notice", "ballot")
        assert told.case.held[1].ended == "deadline"
        assert told.run_out().reasons[-2].facts == {"took_part": 1, "needed": 1, "of": 4}

    def test_it_is_no_phase_of_the_rule_within(self) -> None:
        inner = rule_within("quorum", inner=MAJORITY, calls=({"share": "1/5"}, {"share": "1/9"}), notice="P1D")
        told = process(bound("quorum", inner=inner, calls=ORDINARY, notice="P10D"), electors(people(10)))
        told.run_out()
        second = [("call_2", step) for step in ("call_1", "notice_2", "call_2")]
        assert [held.phase.path for held in told.case.held] == [("call_1", "call_1"), ("notice_2",), *second]


class TestOptionsAddedInACall:
    def test_they_stay_on_the_ballot_of_the_next(self) -> None:
        told = collected("m01", "m05")
        assert told.kinds == ("collecting", "ballot") * 2
        first, second = (held.phase for held in told.case.held if held.profile is not None)
        added = [word.ref for held in told.case.held for word in held.words]
        assert first.floors[0].among == ("apple", "fig", added[0])
        assert second.floors[0].among == ("apple", "fig", *added)
        assert second.reasons[0].facts == {"added": 1, "options": 4}
        assert told.run_out().winners == (added[0],)

    def test_they_stay_where_they_alone_made_no_choice(self) -> None:
        inner = rule_within("approval", collecting="P2D")
        rule = bound("quorum", inner=inner, calls=({"share": "1/2"}, {"share": "0"}), notice="P1W")
        told = process(rule, electors(people(6)))
        one = told.say("m02", "option", "option")
        told.deadline()
        assert (told.kinds, told.now.phase.reasons[0].facts["took_part"]) == (("collecting", "notice"), 1)
        told.deadline()
        other = told.say("m03", "option", "option")
        told.deadline()
        assert told.now.phase.floors[0].among == (one, other)

    def test_those_of_every_call_before_stay(self) -> None:
        inner = rule_within("approval", collecting="P2D")
        told = process(bound("quorum", inner=inner, calls=EACH_LOWER), electors(people(6)), on_ballot=("apple",))
        for who in ("m02", "m03", "m04"):
            told.say(who, "option", "option")
            told.deadline()
            if who != "m04":
                told.deadline()
        assert told.now.phase.floors[0].among == ("apple", "w00001", "w00002", "w00003")

    def test_a_ballot_holds_no_more_than_a_paper_does(self) -> None:
        many = tuple(f"o{number}" for number in range(1, MOST_OPTIONS))
        rule = bound("quorum", inner=rule_within("approval", collecting="P2D"), calls=ORDINARY)
        told = process(rule, electors(people(6)), on_ballot=many)
        one = told.say("m02", "option", "option")
        told.say("m03", "option", "option")
        told.deadline()
        told.deadline()
        told.say("m04", "option", "option")
        told.deadline()
        assert told.now.phase.floors[0].among == (*many, one)

    def test_an_outsider_adds_none(self) -> None:
        told = collected("m01", "m05")
        collecting = told.case.held[0]
        words = (replace(collecting.words[0], by="outsider"), replace(collecting.words[0], version=0))
        case = replace(told.case, held=(replace(collecting, words=words),))
        assert slate(case) == told.case.on_ballot


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"inner": rule_within("majority", quorum="1/2"), "calls": ORDINARY}, "/inner quorum_twice"),
        ({"inner": MAJORITY, "calls": ()}, "/calls too_short"),
        ({"inner": MAJORITY, "calls": (*ORDINARY, {})}, "/calls/2/share missing"),
        ({"inner": MAJORITY, "calls": ORDINARY, "notice": "P0D"}, "/notice duration"),
    ],
)
def test_options_that_say_nothing_are_refused(options: dict[str, Any], code: str) -> None:
    assert refusals("quorum", options) == [code]


class TestQuorumConforms(Grouped):
    rule = Quorum
    beside = (*Grouped.beside, Approval)
    variants = (
        {"inner": HURRIED, "calls": ORDINARY},
        {"inner": MAJORITY, "calls": ({"share": "1/2", "per_college": "1/3"}, {"share": "1/3", "per_unit": "1"})},
        {"inner": MAJORITY, "calls": ({"share": "2/3"},), "basis": "votes"},
        {"inner": CONSENT, "calls": ({"share": "2/3"}, {"share": "1/5"})},
        {"inner": MAJORITY, "calls": EACH_LOWER, "notice": "P10D"},
        {"inner": rule_within("approval", collecting="P2D"), "calls": EACH_LOWER},
        {"inner": rule_within("approval", collecting="P2D", tie_break="lot"), "calls": EACH_LOWER, "notice": "P1W"},
    )
