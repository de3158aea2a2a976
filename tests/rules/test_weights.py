"""Votes that weigh: by a measure instead of heads, and by several conditions at once."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.double_majority_1 import DoubleMajority
from app.rules.builtin.weighted_1 import Weighted
from app.rules.contract import Case, Electorate, Profile, Voter
from tests.rules.stories import codes, people, vote
from tests.rules.told.double_majority_1 import FEDERATION, federation
from tests.rules.told.weighted_1 import SIZES, weighted
from tests.rules.wrapping import CONSENT, MAJORITY, Grouped, bound, ended, held, process, rule_within, with_measures


class TestWeighted:
    def test_votes_count_by_the_measure(self) -> None:
        outcome = weighted(SIZES, {"for_": 5, "against": 3}).run_out()
        assert outcome.verdict == "not_adopted"
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (7, 15)
        assert outcome.reasons[-1].facts == {
            "measure": "votes",
            "total": 15,
            "electors": 8,
            "largest": 3,
            "cap": Fraction(1, 2),
        }

    @pytest.mark.parametrize(("cap", "opens"), [("1/5", True), ("3/16", False)])
    def test_nobody_holds_more_than_the_cap(self, cap: str, opens: bool) -> None:
        told = weighted(SIZES, {"for_": 5} if opens else {}, cap=cap)
        assert (told.run_out().code == "over_cap") is not opens

    @pytest.mark.parametrize(
        ("groups", "lawful"),
        [
            (((2, {"votes": 1, "members": 30}), (2, {"votes": 2, "members": 60})), True),
            (((2, {"votes": 1, "members": 30}), (2, {"votes": 2, "members": 59})), False),
            (((2, {"votes": 1, "members": 30}), (2, {"votes": 2, "members": 30})), False),
            (((2, {"votes": 1, "members": 30}), (2, {"votes": 1})), False),
            (((2, {"votes": 1, "members": 30}), (2, {"members": 10})), False),
            (((2, {"votes": 1, "members": 30}), (2, {})), True),
        ],
    )
    def test_weights_are_at_most_proportional(self, groups: Any, lawful: bool) -> None:
        """Law 47-1775 art. 9: larger ones may weigh less for each member, never more."""
        told = weighted(groups, {"for_": 4} if lawful else {}, proportional_to="members")
        assert (told.run_out().verdict == "adopted") is lawful

    def test_who_leaves_makes_no_weight_unlawful(self) -> None:
        told = process(bound("weighted", measure="votes"), with_measures((1, {"votes": 3}), (3, {"votes": 1})))
        told.leave("m03")
        vote(told, for_=2)
        assert told.run_out().verdict == "adopted"

    def test_those_present_who_did_not_answer_weigh_in_the_base(self) -> None:
        rule = bound("weighted", measure="votes", inner=rule_within("majority", base="present"))
        there = with_measures((2, {"votes": 3}), (2, {"votes": 2}))
        case = Case("m01", there)
        opened = held(rule, case, {}, frozenset(people(3))).held[0]
        said = {("for", "", "u01"): {"heads": Fraction(1), "votes": Fraction(3)}}
        said |= {("against", "", "u03"): {"heads": Fraction(1), "votes": Fraction(2)}}
        outcome = ended(rule, replace(case, held=(replace(opened, profile=Profile(said)),)))
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (3, 8)
        assert outcome.tables["ballots"][-1] == ("uncast", 3)

    def test_votes_are_not_weighed_twice(self) -> None:
        rule = bound("weighted", measure="votes", inner=rule_within("weighted", inner=MAJORITY, measure="members"))
        told = process(rule, with_measures((4, {"votes": 1, "members": 2})))
        vote(told, for_=4)
        assert told.run_out().code == "already_weighed"

    def test_weights_times_seven_change_only_totals(self) -> None:
        seven = tuple((number, {name: 7 * one for name, one in sizes.items()}) for number, sizes in SIZES)
        for votes_for in range(2, 8):
            cast = {"for_": votes_for, "against": 8 - votes_for}
            light, heavy = weighted(SIZES, cast).run_out(), weighted(seven, cast).run_out()
            assert light.verdict == heavy.verdict
            assert 7 * int(str(light.reasons[0].facts["for"])) == heavy.reasons[0].facts["for"]


class TestDoubleMajority:
    def test_w16_most_units_are_missing(self) -> None:
        outcome = federation(5, 5, 5).run_out()
        assert (outcome.verdict, codes(outcome)[:2]) == ("not_adopted", ("conditions_missed", "condition_missed"))
        assert outcome.tables["conditions"][1:] == (
            ("condition_1", 15, 30, 15, "condition_is_missed"),
            ("condition_2", 30, 54, 27, "condition_is_met"),
            ("condition_3", 2750, 4200, 2100, "condition_is_met"),
        )

    def test_w16_one_more_unit_carries_it(self) -> None:
        outcome = federation(6, 5, 5).run_out()
        assert outcome.verdict == "adopted"
        assert [row[1:3] for row in outcome.tables["conditions"][1:]] == [(16, 30), (31, 54), (2780, 4200)]

    def test_w16_the_missing_figure_is_what_was_missing(self) -> None:
        missed = federation(5, 5, 5).run_out().reasons[1].facts
        assert (missed["measure"], missed["margin"]) == ("units", 1)
        assert federation(5, 5, 5 + int(str(missed["margin"]))).run_out().verdict == "adopted"
        met = federation(6, 5, 5).run_out().reasons[1].facts
        assert federation(6 - int(str(met["margin"])), 5, 5).run_out().verdict == "not_adopted"

    def test_a_unit_says_what_most_of_its_people_say(self) -> None:
        rule = bound("double_majority", conditions=({"measure": "units", "at_least": 2}, FEDERATION[0]))
        voters = (*(Voter(f"m{n:02}", unit=f"u{n % 4}") for n in range(1, 13)), Voter("m13"))
        case = Case("m01", Electorate(voters))
        rows = {("for", "", "u0"): 2, ("against", "", "u0"): 1, ("for", "", "u1"): 1, ("against", "", "u1"): 1}
        outcome = ended(rule, held(rule, case, {**rows, ("for", "", "u2"): 1, ("for", "", ""): 1}))
        assert [row[1:3] for row in outcome.tables["conditions"][1:]] == [(2, 3), (2, 3)]
        assert outcome.verdict == "adopted"

    def test_weighed_votes_are_refused(self) -> None:
        inner = rule_within("double_majority", conditions=FEDERATION)
        told = process(bound("weighted", measure="votes", inner=inner), with_measures((4, {"votes": 1})))
        vote(told, for_=4)
        assert told.run_out().code == "already_weighed"

    def test_what_is_told_apart(self) -> None:
        assert bound("double_majority", conditions=FEDERATION).reads() == {"unit", "weights"}
        colleges = ({"measure": "colleges", "at_least": 1}, {"measure": "heads", "at_least": 1})
        assert bound("double_majority", conditions=colleges).reads() == {"college"}
        assert bound("weighted", measure="votes").reads() == {"weights"}


CONDITIONS = (FEDERATION[0], {"measure": "votes", "threshold": "1/2"})


class TestWeightedConforms(Grouped):
    rule = Weighted
    variants = (
        {"inner": MAJORITY, "measure": "votes"},
        {"inner": rule_within("majority", base="entitled"), "measure": "votes", "cap": "2/3"},
        {"inner": CONSENT, "measure": "heads"},
    )


class TestDoubleMajorityConforms(Grouped):
    rule = DoubleMajority
    variants = (
        {"conditions": CONDITIONS},
        {"conditions": ({"measure": "heads", "threshold": "2/3", "op": "gte"}, {"measure": "colleges", "at_least": 2})},
        {"conditions": ({"measure": "votes", "threshold": "1/3", "base": "entitled"}, FEDERATION[0]), "quorum": "1/2"},
    )
