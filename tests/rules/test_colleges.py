"""Votes by colleges by the worked examples: weights, silent and empty colleges, and what would have changed it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.colleges_1 import CollegesOptions
from app.rules.builtin.colleges_1_weights import in_force
from app.rules.contract import Case, Electorate, Outcome, Reason, Voter
from tests.rules.stories import codes, electors, people, vote
from tests.rules.told.colleges_1 import FOUR, HALVES, P06, W09, W12, by_colleges
from tests.rules.wrapping import (
    MAJORITY,
    Votes,
    bound,
    ended,
    held,
    in_colleges,
    process,
    refusals,
    rule_within,
    vote_by,
)

W11 = {"S": {"for": 18, "against": 2}, "B": {"for": 1, "against": 6}, "P": {"for": 1, "against": 4}}
THREE = {"S": "2/5", "B": "7/20", "P": "1/4"}
ALL_VOTED = {"S": 20, "B": 7, "P": 4}


def decided(weights: Mapping[str, str], said: Mapping[str, Votes], **options: Any) -> Outcome:
    return by_colleges(weights, said, **options).run_out()


def share(outcome: Outcome) -> Fraction:
    """The part for of what makes the whole."""
    facts = outcome.reasons[0].facts
    return Fraction(facts["for"]) / Fraction(facts["base"])


class TestWorkedExamples:
    def test_w09_in_proportion(self) -> None:
        outcome = decided(HALVES, W09)
        assert (outcome.verdict, share(outcome)) == ("adopted", Fraction(239, 420))

    def test_w09_the_winner_takes_all(self) -> None:
        outcome = decided(HALVES, W09, method="winner_takes_all")
        assert (outcome.verdict, share(outcome)) == ("adopted", Fraction(7, 10))

    def test_w09_heads_alone(self) -> None:
        told = process(bound("majority"), electors(people(31)))
        vote(told, for_=17, against=12, blank=2)
        assert share(told.run_out()) == Fraction(17, 29)

    def test_w11(self) -> None:
        outcome = decided(THREE, W11)
        assert (outcome.verdict, share(outcome)) == ("not_adopted", Fraction(23, 50))
        cast = [sum(votes[value] for votes in W11.values()) for value in ("for", "against")]
        assert Fraction(cast[0], sum(cast)) == Fraction(625, 1000)

    @pytest.mark.parametrize(
        ("policy", "verdict", "part", "code"),
        [
            ("total_weight", "not_adopted", Fraction(19, 40), "silent_in_total"),
            ("expressed_weight", "adopted", Fraction(19, 28), "silent_left_out"),
        ],
    )
    def test_w12(self, policy: str, verdict: str, part: Fraction, code: str) -> None:
        outcome = decided(HALVES, W12, voters=in_colleges(**ALL_VOTED), empty_college=policy)
        assert (outcome.verdict, share(outcome), outcome.reasons[-1].code) == (verdict, part, code)
        assert outcome.reasons[-1].facts == {"colleges": "B", "number": 1, "weight": Fraction(3, 10)}

    def test_w12_fails_where_every_college_must_be_heard(self) -> None:
        outcome = decided(HALVES, W12, voters=in_colleges(**ALL_VOTED), empty_college="fail")
        assert (outcome.verdict, codes(outcome)) == ("invalid", ("college_silent",))
        heard = {**W12, "B": {"against": 1}}
        assert decided(HALVES, heard, voters=in_colleges(**ALL_VOTED), empty_college="fail").verdict != "invalid"

    def test_w14_the_weight_of_an_empty_college_is_shared(self) -> None:
        outcome = decided(FOUR, {"S": {"for": 2}, "B": {"for": 1}, "P": {"for": 3}})
        assert outcome.reasons[-1] == Reason("weight_shared", {"colleges": "V", "number": 1, "weight": Fraction(1, 10)})
        weights = {row[0]: row[1] for row in outcome.tables["colleges"][1:]}
        assert weights == {"S": Fraction(13, 30), "B": Fraction(1, 3), "P": Fraction(7, 30)}

    def test_w14_with_three_colleges_and_one_empty_heads_count(self) -> None:
        outcome = decided(HALVES, {"S": {"against": 4}, "P": {"for": 5}})
        assert (outcome.verdict, share(outcome)) == ("adopted", Fraction(5, 9))
        assert outcome.reasons[-1].facts == {"colleges": 2, "needed": 3}

    @pytest.mark.parametrize(
        ("weights", "fault"),
        [
            ({"S": "3/5", "B": "1/4", "P": "3/20"}, "/S college_weight"),
            ({"S": "1/2", "B": "9/20", "P": "1/20"}, "/P college_weight"),
            ({"S": "1/2", "B": "1/2"}, " too_few_colleges"),
            ({"S": "2/5", "B": "3/10", "P": "1/5"}, " college_weights"),
            ({"S": "1/2", "B": "3/10", "P": "1/5", "12": "1/10"}, "/12/[key] college"),
        ],
    )
    def test_w15_weights_are_such_as_the_law_allows(self, weights: Mapping[str, str], fault: str) -> None:
        """I7: at least three, each from a tenth to a half, 1 in all."""
        assert refusals("colleges", {"inner": MAJORITY, "weights": weights}) == [f"/weights{fault}"]
        assert refusals("colleges", {"inner": MAJORITY, "weights": HALVES}) == []

    def test_p06_exactly_the_threshold_is_not_more(self) -> None:
        said = {"S": {"for": 2, "against": 1}, "B": {"for": 1}, "P": {"against": 2}, "V": {"against": 3}}
        options = {"method": "winner_takes_all"}
        outcome = decided(P06, said, inner=rule_within("majority", threshold="3/10"), **options)
        assert (outcome.verdict, share(outcome)) == ("not_adopted", Fraction(3, 10))
        reached = rule_within("majority", threshold="3/10", op="gte")
        assert decided(P06, said, inner=reached, **options).verdict == "adopted"


class TestWeights:
    def test_nobody_takes_more_than_a_half(self) -> None:
        weights = {"S": Fraction(1, 2), "B": Fraction(1, 5), "P": Fraction(1, 5), "V": Fraction(1, 10)}
        assert in_force(weights, in_colleges(S=1, B=1, P=1)) == {
            "S": Fraction(1, 2),
            "B": Fraction(1, 4),
            "P": Fraction(1, 4),
        }
        weights = {"S": Fraction(9, 20), "B": Fraction(1, 10), "P": Fraction(1, 10), "V": Fraction(7, 20)}
        shared = in_force(weights, in_colleges(S=1, B=1, P=1))
        assert shared == {"S": Fraction(1, 2), "B": Fraction(1, 4), "P": Fraction(1, 4)}

    @pytest.mark.parametrize("there", [("S", "B", "P"), ("B", "P", "V"), ("S", "P", "V"), ("S", "B", "P", "V")])
    def test_what_is_in_force_is_lawful_too(self, there: Sequence[str]) -> None:
        options = CollegesOptions.model_validate({"inner": MAJORITY, "weights": FOUR})
        shared = in_force(options.weights, in_colleges(**dict.fromkeys(there, 1)))
        assert sum(shared.values()) == 1
        assert all(Fraction(1, 10) <= weight <= Fraction(1, 2) for weight in shared.values())

    @pytest.mark.parametrize(("tie", "part"), [("split", Fraction(11, 20)), ("abstain", Fraction(3, 10))])
    def test_a_tie_in_a_college(self, tie: str, part: Fraction) -> None:
        said = {"S": {"for": 2, "against": 2}, "B": {"for": 2, "against": 1}, "P": {"against": 3}}
        outcome = decided(HALVES, said, method="winner_takes_all", inner_tie=tie)
        assert share(outcome) == part

    def test_abstentions_are_seen_and_lie_outside_the_whole(self) -> None:
        outcome = decided(HALVES, {"S": {"for": 2, "abstain": 1}, "B": {"against": 2}, "P": {"blank": 2}})
        facts = outcome.reasons[0].facts
        assert (facts["for"], facts["against"], facts["abstain"]) == (Fraction(1, 2), Fraction(3, 10), Fraction(1, 4))
        assert (facts["blank"], facts["base"]) == (Fraction(1, 5), 1)

    def test_a_proxy_counts_in_the_college_of_its_giver(self) -> None:
        """Who holds a proxy casts its giver's ballot (E23): it lies in the urn under the giver's college."""
        case = Case("S01", in_colleges(S=4, B=4, P=4))
        rule = bound("colleges", weights=HALVES)
        rows = {("for", "S", ""): 2, ("against", "B", ""): 1, ("against", "P", ""): 1}
        with_proxy = ended(rule, held(rule, case, {**rows, ("for", "B", ""): 1}, frozenset({"S01", "S02", "B01"})))
        assert share(with_proxy) == Fraction(1, 2) + Fraction(3, 20)


class TestGuards:
    def test_guards_stay_about_people(self) -> None:
        """The author's college has half of all votes, and the author is still alone."""
        outcome = decided(HALVES, {"S": {"for": 1}}, voters=in_colleges(S=1, B=2, P=2))
        assert (outcome.verdict, outcome.code) == ("invalid", "author_alone")
        quorum = rule_within("majority", quorum="3/5")
        missed = decided(HALVES, {"S": {"for": 2}}, voters=in_colleges(S=2, B=2, P=2), inner=quorum)
        assert (missed.verdict, missed.code) == ("invalid", "no_quorum")

    def test_nobody_stands_outside_the_colleges(self) -> None:
        there = Electorate((*in_colleges(S=2, B=2, P=2).voters, Voter("x", "Z"), Voter("y")))
        outcome = process(bound("colleges", weights=HALVES), there, "S01").run_out()
        assert outcome.reasons == (Reason("outside_colleges", {"electors": 2}),)

    def test_votes_are_not_weighed_twice(self) -> None:
        inner = rule_within("colleges", inner=MAJORITY, weights=HALVES)
        assert (
            decided(HALVES, {"S": {"for": 2}, "B": {"for": 2}, "P": {"for": 2}}, inner=inner).code == "already_weighed"
        )

    @pytest.mark.parametrize("base", ["entitled", "present", "expressed"])
    def test_a_majority_of_something_else_is_refused_however_deep(self, base: str) -> None:
        majority, place = rule_within("majority", base=base), "/inner/options"
        two = rule_within("fallback", first=MAJORITY, second=majority, on=("missed",))
        for inner, pointer in (
            (majority, place),
            (rule_within("quorum", inner=majority, calls=({"share": "0"},)), f"{place}/inner/options"),
            (rule_within("minority_block", inner=majority), f"{place}/inner/options"),
            (rule_within("sponsored", inner=two), f"{place}/inner/options/second/options"),
        ):
            found = refusals("colleges", {"inner": inner, "weights": HALVES})
            assert found == [f"{pointer}/base base_of_colleges"]

    def test_a_tie_of_colleges_goes_to_the_chair(self) -> None:
        rule = bound("colleges", weights=HALVES, inner=rule_within("majority", tie_break="chair_casting"))
        told = process(rule, in_colleges(S=1, B=2, P=1), "S01", offices={"chair": ("B01",)})
        vote_by(told, {"S": {"for": 1}, "B": {"against": 2}, "P": {"against": 1}})
        assert told.kinds == ("ballot", "casting_vote+")
        assert told.now.phase.reasons[0].facts["base_is"] == "all_colleges"
        told.say("B01", "casting_vote", "for")
        assert (told.run_out().verdict, codes(told.run_out())[:2]) == ("adopted", ("chair_casting", "tie"))

    def test_a_quorum_outside_asks_again_before_colleges_are_counted(self) -> None:
        inner = rule_within("colleges", inner=MAJORITY, weights=HALVES, empty_college="fail")
        rule = bound("quorum", calls=({"share": "1/2", "per_college": "1/3"}, {"share": "0"}), inner=inner)
        told = process(rule, in_colleges(S=3, B=3, P=3), "S01")
        vote_by(told, {"S": {"for": 3}, "P": {"for": 2}})
        told.deadline()
        vote_by(told, {"S": {"for": 3}, "P": {"for": 2}, "B": {"against": 1}})
        assert (told.run_out().verdict, share(told.run_out())) == ("adopted", Fraction(7, 10))
        assert told.rule.reads() == {"college"}


class TestWhatWouldHaveChangedIt:
    @pytest.mark.parametrize("method", ["proportional", "winner_takes_all"])
    @pytest.mark.parametrize("said", [W09, W11, {**W09, "P": {"against": 4}}, {**W11, "S": {"for": 20, "against": 1}}])
    def test_so_many_votes_do_change_it_and_no_fewer(self, said: Mapping[str, Votes], method: str) -> None:
        outcome = decided(HALVES, said, method=method)
        reason = next(one for one in outcome.reasons if one.code == "college_would_turn")
        to, votes = str(reason.facts["to"]), int(str(reason.facts["votes"]))
        from_ = "against" if to == "for" else "for"
        named = str(reason.facts["colleges"]).split(",")

        def other(college: str, moved: int) -> str:
            of = {"for": 0, "against": 0, **said[college]}
            changed = {**of, from_: of[from_] - moved, to: of[to] + moved}
            return decided(HALVES, {**said, college: changed}, method=method).verdict

        for college in said:
            most = {"for": 0, "against": 0, **said[college]}[from_]
            assert all(other(college, n) == outcome.verdict for n in range(1, min(votes, most + 1)))
            if most >= votes:
                assert (other(college, votes) != outcome.verdict) == (college in named)

    def test_a_single_block_in_any_college(self) -> None:
        said = {"S": {"agree": 2}, "B": {"agree": 2}, "P": {"agree": 2}}
        told = by_colleges(HALVES, said, inner=rule_within("consensus_block")).run_out()
        assert codes(told) == ("consensus", "weight_would_fail", "college_would_turn", "by_colleges")
        assert told.reasons[1].facts == {"weight": 0, "op": "gt"}
        assert told.reasons[2].facts == {"colleges": "B,P,S", "number": 3, "votes": 1, "to": "block"}

    def test_where_no_college_alone_could(self) -> None:
        said = {"S": {"for": 2}, "B": {"for": 2}, "P": {"for": 2}}
        inner = rule_within("majority", threshold="1/3")
        assert "no_college_turns" in codes(decided(HALVES, said, inner=inner))
