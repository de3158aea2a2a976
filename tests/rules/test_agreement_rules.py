"""Unanimity, and consensus with block or minus a few: worked examples, guards, early closing."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.consensus_block_1 import ConsensusBlock
from app.rules.builtin.consensus_minus_1 import ConsensusMinus
from app.rules.builtin.unanimity_1 import Unanimity
from app.rules.conformance import Conformance
from app.rules.contract import Case, Electorate, Held, Outcome, Phase, Profile
from app.rules.counting import CountingRule
from tests.rules.agreeing import bound, counted, tallied
from tests.rules.stories import codes, electors, people
from tests.rules.told.consensus_minus_1 import ORDINARY, SPECIAL


class TestUnanimity:
    @pytest.mark.parametrize(("abstain_ok", "verdict"), [(True, "adopted"), (False, "not_adopted")])
    def test_w18(self, abstain_ok: bool, verdict: str) -> None:
        assert tallied(Unanimity, {"abstain_ok": abstain_ok}, for_=7, abstain=1).verdict == verdict

    @pytest.mark.parametrize("value", ["abstain", "blank"])
    def test_holding_back_is_not_being_for_unless_it_may(self, value: str) -> None:
        assert codes(tallied(Unanimity, {}, **{"for_": 4, value: 2})) == ("not_all", "would_have_passed")
        assert codes(tallied(Unanimity, {"abstain_ok": True}, **{"for_": 4, value: 2}))[0] == "unanimous"

    @pytest.mark.parametrize("abstain_ok", [True, False])
    def test_one_against_is_enough(self, abstain_ok: bool) -> None:
        outcome = tallied(Unanimity, {"abstain_ok": abstain_ok}, for_=30, against=1)
        assert (outcome.verdict, outcome.code) == ("not_adopted", "opposed")

    def test_whoever_stays_away_is_asked_for_by_the_quorum(self) -> None:
        assert tallied(Unanimity, {}, 9, for_=8).verdict == "adopted"
        assert codes(tallied(Unanimity, {"quorum": "1"}, 9, for_=8)) == ("no_quorum",)
        assert tallied(Unanimity, {"quorum": "1"}, 9, for_=9).verdict == "adopted"

    @pytest.mark.parametrize(("abstain_ok", "code"), [(True, "unanimous"), (False, "not_all")])
    def test_those_present_without_an_answer_hold_back(self, abstain_ok: bool, code: str) -> None:
        rule = bound(Unanimity, {"abstain_ok": abstain_ok})
        outcome = at_a_meeting(rule, electors(people(6)), {"for": 3}, frozenset(people(4)))
        assert (outcome.code, outcome.reasons[0].facts["uncast"]) == (code, 1)

    def test_without_any_weight_nobody_carries_it(self) -> None:
        ballots = Profile({("for", "", ""): {"heads": Fraction(3), "share": Fraction(0)}}, measure="share")
        assert codes(counted(Unanimity, {"abstain_ok": True}, ballots)) == ("not_all", "weight_would_pass")


def at_a_meeting(rule: CountingRule, voters: Electorate, cast: Mapping[str, int], present: frozenset[str]) -> Outcome:
    ballots = Profile({(value, "", ""): {"heads": Fraction(n)} for value, n in cast.items()})
    phase = rule.after(Case("author", voters))
    assert isinstance(phase, Phase)
    step = rule.after(Case("author", voters, (Held(phase, 1, voters, (), ballots, present, "deadline"),)))
    assert isinstance(step, Outcome)
    return step


class TestConsensusWithBlock:
    def test_one_block_is_enough(self) -> None:
        outcome = tallied(ConsensusBlock, {}, agree=30, block=1)
        assert (outcome.verdict, outcome.code) == ("not_adopted", "blocked")

    def test_those_aside_let_it_pass(self) -> None:
        outcome = tallied(ConsensusBlock, {}, agree=2, stand_aside=6, abstain=1)
        assert (outcome.verdict, outcome.code) == ("adopted", "consensus")

    @pytest.mark.parametrize(
        ("limit", "agree", "aside", "verdict"),
        [
            (0, 6, 0, "adopted"),
            (0, 6, 1, "not_adopted"),
            (2, 6, 2, "adopted"),
            (2, 6, 3, "not_adopted"),
            ("1/3", 6, 3, "adopted"),
            ("1/3", 6, 2, "adopted"),  # 2 of 8, where 2 and 2/3 is rounded down
            ("1/3", 5, 3, "not_adopted"),
        ],
    )
    def test_no_more_aside_than_allowed(self, limit: int | str, agree: int, aside: int, verdict: str) -> None:
        outcome = tallied(ConsensusBlock, {"max_stand_aside": limit}, agree=agree, stand_aside=aside)
        assert outcome.verdict == verdict
        assert outcome.code == ("consensus" if verdict == "adopted" else "too_many_aside")

    def test_an_author_with_whom_nobody_agrees_has_no_consensus(self) -> None:
        assert codes(tallied(ConsensusBlock, {}, agree=1, stand_aside=8)) == ("author_alone",)
        assert codes(tallied(ConsensusBlock, {}, stand_aside=8)) == ("no_expressed_votes",)

    def test_each_block_and_each_too_many_aside_had_to_agree(self) -> None:
        outcome = tallied(ConsensusBlock, {"max_stand_aside": "1/3"}, agree=3, stand_aside=5, block=1)
        asked = {"votes": 3, "block": 1, "stand_aside": 2, "others": 0}  # 3 of 9 may stand aside
        assert outcome.reasons[1].facts == asked

    def test_without_any_weight_nobody_agrees(self) -> None:
        ballots = Profile({("agree", "", ""): {"heads": Fraction(3), "share": Fraction(0)}}, measure="share")
        assert codes(counted(ConsensusBlock, {}, ballots)) == ("nobody_agrees", "weight_would_pass")


class TestConsensusMinus:
    @pytest.mark.parametrize(("votes_for", "verdict"), [(9, "adopted"), (8, "adopted"), (7, "not_adopted")])
    def test_w19_one_of_nine(self, votes_for: int, verdict: str) -> None:
        outcome = tallied(ConsensusMinus, {"tolerance": 1}, for_=votes_for, against=9 - votes_for)
        assert (outcome.verdict, outcome.reasons[0].facts["needed"]) == (verdict, 8)

    @pytest.mark.parametrize(("options", "needed"), [(SPECIAL, 20), (ORDINARY, 16), ({"tolerance": "1/4"}, 17)])
    def test_w19_twenty_two_voters(self, options: Mapping[str, Any], needed: int) -> None:
        for votes_for in range(23):
            outcome = tallied(ConsensusMinus, options, for_=votes_for, against=22 - votes_for)
            assert outcome.reasons[0].facts["needed"] == needed
            assert (outcome.verdict == "adopted") is (votes_for >= needed)

    @pytest.mark.parametrize(
        ("electorate", "cast", "needed"),
        [(29, 29, 27), (29, 10, 8), (30, 30, 27), (30, 29, 27), (30, 10, 9), (41, 41, 37)],
    )
    def test_the_tolerance_follows_the_size_of_the_circle(self, electorate: int, cast: int, needed: int) -> None:
        for votes_for, verdict in ((needed, "adopted"), (needed - 1, "not_adopted")):
            outcome = tallied(ConsensusMinus, SPECIAL, electorate, for_=votes_for, against=cast - votes_for)
            assert (outcome.verdict, outcome.reasons[0].facts["needed"]) == (verdict, needed)
            assert ("by_size" in codes(outcome)) is (electorate >= 30)

    def test_the_largest_size_that_is_reached_counts(self) -> None:
        sizes = [{"electors": 5, "tolerance": 0}, {"electors": 10, "tolerance": 3}]
        found = [
            tallied(ConsensusMinus, {"by_size": sizes}, size, for_=3, against=1).reasons[0].facts["tolerated"]
            for size in (4, 5, 9, 10, 11)
        ]
        assert found == [1, 0, 0, 3, 3]

    @pytest.mark.parametrize("sizes", [((10, 1), (10, 2)), ((10, 1), (5, 2))])
    def test_sizes_ascend(self, sizes: tuple[tuple[int, int], ...]) -> None:
        with pytest.raises(ValidationError, match="smallest first"):
            bound(ConsensusMinus, {"by_size": [{"electors": size, "tolerance": k} for size, k in sizes]})

    @pytest.mark.parametrize(("votes_for", "against"), [(1, 1), (1, 2), (2, 2), (1, 3), (0, 2)])
    def test_a_tolerance_makes_no_majority_of_a_minority(self, votes_for: int, against: int) -> None:
        outcome = tallied(ConsensusMinus, {"tolerance": 3}, for_=votes_for, against=against)
        assert (outcome.verdict, outcome.code) == ("not_adopted", "outvoted")
        assert outcome.reasons[0].facts["needed"] == (votes_for + against) // 2 + 1

    def test_abstentions_are_no_votes(self) -> None:
        outcome = tallied(ConsensusMinus, {"tolerance": "1/4"}, for_=6, against=2, abstain=3, blank=1)
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", 8)

    def test_of_shared_out_weights_nothing_is_rounded(self) -> None:
        rows = {("for", "S", ""): {"heads": Fraction(11, 15)}, ("against", "S", ""): {"heads": Fraction(4, 15)}}
        for tolerance, verdict in (("4/15", "adopted"), ("1/4", "not_adopted")):
            for rounded in ("up", "down"):
                options = {"tolerance": tolerance, "needed_rounded": rounded}
                outcome = counted(ConsensusMinus, options, Profile(rows, Fraction(1)))
                assert (outcome.verdict, outcome.reasons[1].facts["op"]) == (
                    verdict,
                    "gt" if verdict == "adopted" else "gte",
                )


class TestUnanimityConforms(Conformance):
    rule = Unanimity
    variants = (
        {},
        {"abstain_ok": True},
        {"quorum": "1/2", "visibility": "sealed"},
        {"early_close": True, "quorum": "1/3"},
    )


class TestConsensusBlockConforms(Conformance):
    rule = ConsensusBlock
    variants = (
        {},
        {"max_stand_aside": 1},
        {"max_stand_aside": "1/3", "early_close": True},
        {"visibility": "sealed"},
        {"agree_above": "1/2", "early_close": True},
        {"agree_above": "0", "max_stand_aside": 2},
    )


def test_nobody_can_have_more_than_everything() -> None:
    with pytest.raises(ValidationError, match="more than everything"):
        ConsensusBlock.Options.model_validate({"agree_above": "1"})


class TestConsensusMinusConforms(Conformance):
    rule = ConsensusMinus
    variants = (
        {},
        ORDINARY,
        {"tolerance": "1/3", "visibility": "secret"},
        {"early_close": True, "quorum": "1/2"},
        {"tolerance": 0, "by_size": [{"electors": 4, "tolerance": 2}], "quorum": "1/2"},
    )
