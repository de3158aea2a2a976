"""Votes that weigh: by a measure instead of heads."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.consensus_block_1 import ConsensusBlock
from app.rules.builtin.weighted_1 import Weighted
from app.rules.contract import Case, Profile
from tests.rules.stories import people, vote
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

    def test_what_is_told_apart(self) -> None:
        assert bound("weighted", measure="votes").reads() == {"weights"}


class TestWeightedConforms(Grouped):
    rule = Weighted
    beside = (*Grouped.beside, ConsensusBlock)
    variants = (
        {"inner": MAJORITY, "measure": "votes"},
        {"inner": rule_within("majority", base="entitled"), "measure": "votes", "cap": "2/3"},
        {"inner": CONSENT, "measure": "heads"},
        {"inner": rule_within("consensus_block", max_stand_aside=1), "measure": "votes"},
    )
