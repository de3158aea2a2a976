"""A file is counted by the rule itself, as it would have been at the close of a vote."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import pytest

from app.formats.apart import Electors
from app.formats.ballots import Ballots
from app.formats.malformed import Unfit
from app.formats.recount import MOST_IN_ONE_HAND, count, kind_needed
from app.formats.roll import MOST_ELECTORS
from app.rules.builtin.apportionment_1 import Apportionment, ApportionmentOptions
from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.builtin.sortition_1 import Sortition, SortitionOptions
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.builtin.stv_1_options import StvOptions
from app.rules.contract import Case, DecisionRule, Outcome, Paper, Phase, Step, Voter
from app.rules.lots import drawn
from app.rules.papers import BadBallot
from tests.formats.world import CITIES, P01, P08, catalogue, read_pairs, read_text
from tests.rules.stories import codes

FOR_AND_AGAINST = "ballot,count\nfor,18\nagainst,14\nabstain,8\n"


def majority(text: str, electors: int | None = None, **options: Any) -> Outcome:
    return count(Majority(MajorityOptions.model_validate(options)), read_text(text, "csv"), electors=electors)


def seats(text: str, seed: str | None = None, **options: Any) -> Outcome:
    return count(Apportionment(ApportionmentOptions.model_validate(options)), read_text(text, "csv"), seed)


def bound(slug: str, **options: Any) -> DecisionRule:
    return catalogue().bind(slug, None, options)


def colleges() -> DecisionRule:
    return bound("colleges", inner={"rule": "majority"}, weights={"S": "1/2", "C": "3/10", "P": "1/5"})


def weighted() -> DecisionRule:
    return bound("weighted", inner={"rule": "majority"}, measure="votes")


def test_p01_by_schulze() -> None:
    four = Ballots(CITIES, {ballot: Fraction(number) for ballot, number in P01.items()}, "ranking")
    outcome = count(Schulze(SchulzeOptions()), four)
    assert outcome.winners == ("n",)
    assert [row[1] for row in outcome.tables["ranking"][1:]] == ["n", "c", "k", "m"]


@pytest.mark.parametrize("arithmetic", ["exact", "five_decimals"])
def test_p08_by_single_transferable_vote(arithmetic: Literal["exact", "five_decimals"]) -> None:
    outcome = count(SingleTransferableVote(StvOptions(arithmetic=arithmetic)), read_text(P08, "blt"))
    assert outcome.winners == ("a", "c")


class TestElectors:
    def test_as_many_as_voted_unless_it_is_said(self) -> None:
        assert majority(FOR_AND_AGAINST).reasons[0].facts["base"] == 32
        assert majority(FOR_AND_AGAINST, base="entitled").reasons[0].facts["base"] == 40
        assert majority(FOR_AND_AGAINST, 60, base="entitled").reasons[0].facts["base"] == 60

    def test_the_quorum_is_theirs(self) -> None:
        assert codes(majority(FOR_AND_AGAINST, 80, quorum="1/2"))[-1] == "quorum_reached"
        assert codes(majority(FOR_AND_AGAINST, 81, quorum="1/2")) == ("no_quorum",)

    def test_fewer_than_voted_cannot_be(self) -> None:
        with pytest.raises(Unfit, match="too_few_electors"):
            majority(FOR_AND_AGAINST, 39)

    def test_more_than_anybody_has_are_refused(self) -> None:
        with pytest.raises(Unfit, match="too_many_voters"):
            majority(FOR_AND_AGAINST, MOST_ELECTORS + 1)
        with pytest.raises(Unfit, match="too_many_voters"):
            majority(f"ballot,count\nfor,{MOST_ELECTORS}\nagainst,1\n")

    def test_millions_cost_what_a_few_cost(self) -> None:
        outcome = majority("ballot,count\nfor,66666666\nagainst,33333333\n", threshold="2/3", op="gte")
        assert outcome.verdict == "adopted"

    def test_a_weight_that_is_not_whole_is_a_weight(self) -> None:
        outcome = majority("ballot,count\nfor,0.4\nagainst,1/3\n", base="entitled")
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", Fraction(11, 15))

    def test_nobody_expressed_anything(self) -> None:
        assert codes(majority("ballot\nblank\n")) == ("no_expressed_votes",)
        assert codes(majority("ballot\n")) == ("no_expressed_votes",)


class TestVotersToldApart:
    OF_COLLEGES = "college,ballot,count\nS,for,2\nS,against,2\nC,for,1\nC,against,2\nP,for,2\n"
    WEIGHED = "weight:votes,unit,ballot\n2,lyon,for\n3,paris,for\n4,lille,against\n"

    def test_colleges_have_the_weight_of_the_statutes(self) -> None:
        outcome = count(colleges(), read_text(self.OF_COLLEGES, "csv"))
        assert (outcome.verdict, outcome.reasons[0].facts["for"]) == ("adopted", Fraction(11, 20))
        assert outcome.tables["colleges"][1][:3] == ("C", Fraction(3, 10), 3)

    def test_weights_are_those_of_the_file(self) -> None:
        outcome = count(weighted(), read_text(self.WEIGHED, "csv"))
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (5, 9)
        assert next(reason for reason in outcome.reasons if reason.code == "weighed_by").facts["largest"] == 4

    def test_those_whose_ballots_stand_together_weigh_the_same(self) -> None:
        outcome = count(weighted(), read_text("weight:votes,count,ballot\n6,3,for\n5,2,against\n", "csv"))
        facts = next(reason for reason in outcome.reasons if reason.code == "weighed_by").facts
        assert (facts["largest"], facts["electors"], facts["total"]) == (Fraction(5, 2), 5, 11)

    def test_others_who_could_vote_are_not_known(self) -> None:
        with pytest.raises(Unfit, match="electors_unknown"):
            count(weighted(), read_text(self.WEIGHED, "csv"), electors=4)
        assert majority(self.WEIGHED, 10, base="entitled").reasons[0].facts["base"] == 10
        assert majority(self.WEIGHED, 3, base="entitled").reasons[0].facts["base"] == 3

    def test_those_of_the_file_are_who_could_vote(self) -> None:
        rows = '["for",2],["against",1]'
        told = '{"number":9,"left":1},{"number":2,"recused":"vote"}'
        rest = '"format":"cercle-ballots","kind":"one","options":{"for":"for","against":"against"},"version":1}'
        found = read_text(f'{{"ballots":[{rows}],"electors":[{told}],{rest}', "json")
        rule = Majority(MajorityOptions(base="entitled", quorum=Fraction(1, 3)))
        assert [reason.code for reason in count(rule, found).reasons][-1] == "no_quorum"
        assert count(Majority(MajorityOptions(base="entitled")), found).reasons[0].facts["base"] == 8
        with pytest.raises(Unfit, match="electors_told"):
            count(rule, found, electors=12)
        few = replace(found, electors=(Electors(Voter(""), 3, left=1),))
        with pytest.raises(Unfit, match="too_few_electors"):
            count(rule, few)
        many = replace(found, electors=(Electors(Voter(""), MOST_ELECTORS), Electors(Voter("", "c"), 1)))
        with pytest.raises(Unfit, match="too_many_voters"):
            count(rule, many)

    def test_nowhere_are_there_more_ballots_than_people(self) -> None:
        found = read_text(self.OF_COLLEGES, "csv")
        groups = [Electors(Voter("", college), number) for college, number in (("C", 3), ("P", 1), ("S", 9))]
        with pytest.raises(Unfit, match="too_few_electors") as unfit:
            count(colleges(), replace(found, electors=tuple(groups)))
        assert unfit.value.facts == {"electors": 1, "ballots": 2}

    def test_half_ballots_in_a_college_are_weights(self) -> None:
        found = read_text("college,ballot,count\nS,for,0.5\nC,for,1\nP,against,1\n", "csv")
        assert count(colleges(), found).reasons[0].facts["for"] == Fraction(4, 5)
        outcome = majority("unit,ballot,count\nlyon,for,0.5\nparis,against,0.4\n", base="entitled")
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", Fraction(9, 10))

    def test_nobody_but_the_author(self) -> None:
        alone = read_text("ballot\nfor\nabstain\n", "csv")
        assert codes(count(Majority(MajorityOptions()), replace(alone, author="alone"))) == ("author_alone",)
        perhaps = count(Majority(MajorityOptions()), replace(alone, author="perhaps_alone"))
        assert codes(perhaps) == ("perhaps_author_alone",)
        crowd = replace(alone, rows={"for": Fraction(MOST_IN_ONE_HAND + 1), "abstain": Fraction(9)}, author="alone")
        with pytest.raises(Unfit, match="too_many_voters"):
            count(Majority(MajorityOptions()), crowd)


class TestPreferences:
    P01 = "pairwise,M,N,C,K\nM,,42,42,42\nN,58,,68,68\nC,58,32,,83\nK,58,32,17,\n"

    def test_they_come_to_the_outcome_of_the_ballots(self) -> None:
        four = Ballots({**CITIES}, {ballot: Fraction(number) for ballot, number in P01.items()}, "ranking")
        assert count(Schulze(SchulzeOptions()), read_pairs(self.P01, "csv")) == count(Schulze(SchulzeOptions()), four)

    def test_a_quorum_of_options_depends_on_the_electors(self) -> None:
        rule = Schulze(SchulzeOptions(default="k", option_quorum=10, option_quorum_in="half_roots"))
        pairs = read_pairs(self.P01, "csv")
        assert count(rule, pairs).winners == ("n",)
        assert count(rule, pairs, electors=200).winners == ("c",)
        with pytest.raises(Unfit, match="too_few_electors"):
            count(rule, pairs, electors=99)

    def test_lots(self) -> None:
        tied = read_pairs("pairwise,A,B\nA,,1\nB,1,\n", "csv")
        by_lot = Schulze(SchulzeOptions(tie_break="lot"))
        assert count(Schulze(SchulzeOptions()), tied, "seed").verdict == "tied"
        assert codes(count(by_lot, tied))[-1] == "no_lots"
        assert count(by_lot, tied, "seed").winners == drawn(("a", "b"), "seed")[:1]
        rows = {"a>b": Fraction(1), "b>a": Fraction(1)}
        ballots = Ballots({"a": "A", "b": "B"}, rows, "ranking")
        assert count(by_lot, tied, "seed") == count(by_lot, ballots, "seed")

    def test_an_incumbent_stays_and_another_ballot_is_not_in_the_file(self) -> None:
        tied = read_pairs("pairwise,A,B\nA,,1\nB,1,\n", "csv")
        incumbent = Schulze(SchulzeOptions(tie_break="incumbent", incumbent="b"))
        assert count(incumbent, tied).winners == ("b",)
        with pytest.raises(Unfit, match="other_steps"):
            count(Schulze(SchulzeOptions(tie_break="revote")), tied)

    def test_nobody_prefers_anything(self) -> None:
        assert codes(count(Schulze(SchulzeOptions()), read_pairs("pairwise,A,B\nA,,0\nB,0,\n", "csv"))) == (
            "no_expressed_votes",
        )

    def test_what_the_rule_refuses_before_it_counts(self) -> None:
        assert codes(count(Schulze(SchulzeOptions()), read_pairs("pairwise,A\nA,\n", "csv"))) == ("too_few_options",)
        rule = Schulze(SchulzeOptions(default="x"))
        assert codes(count(rule, read_pairs(self.P01, "csv"))) == ("default_missing",)

    def test_other_rules_and_turnouts_need_ballots(self) -> None:
        for rule in (Majority(MajorityOptions()), SingleTransferableVote(StvOptions())):
            with pytest.raises(Unfit, match="needs_ballots"):
                count(rule, read_pairs(self.P01, "csv"))
        with pytest.raises(Unfit, match="quorum_of_pairs"):
            count(Schulze(SchulzeOptions(quorum=Fraction(1, 2))), read_pairs(self.P01, "csv"))


class TestWhatFollowsABallot:
    def test_a_delay_passes(self) -> None:
        outcome = count(bound("delayed", inner={"rule": "majority"}), read_text(FOR_AND_AGAINST, "csv"))
        assert (outcome.verdict, codes(outcome)[-1]) == ("adopted", "waited")

    def test_nobody_adds_an_option(self) -> None:
        rule = bound("delayed", inner={"rule": "approval", "options": {"collecting": "P2D", "tie_break": "lot"}})
        outcome = count(rule, read_text("ballot\na\nb\n", "csv"), "seed")
        assert outcome.winners == drawn(("a", "b"), "seed")[:1]
        points = read_text("points:A,points:B\n1,2\n", "csv")
        assert kind_needed(bound("borda", collecting="P2D"), points) == "ranking"

    def test_another_ballot_is_not_in_the_file(self) -> None:
        with pytest.raises(Unfit, match="other_steps"):
            count(bound("two_round"), read_text("ballot,count\na,2\nb,2\nc,1\n", "csv"))


class TestWhatAFileCannotAnswer:
    def test_another_kind_of_ballots(self) -> None:
        with pytest.raises(Unfit, match="other_kind"):
            count(Schulze(SchulzeOptions()), read_text("points:A,points:B\n1,2\n", "csv"))

    def test_an_answer_that_is_not_there(self) -> None:
        with pytest.raises(Unfit, match="not_a_value"):
            majority("ballot\nfor\nperhaps\n")

    def test_a_ballot_against_the_paper(self) -> None:
        with pytest.raises(BadBallot, match="ballot_equal_ranks"):
            count(SingleTransferableVote(StvOptions()), read_text("ballot\na>b=c\n", "csv"))

    def test_phases_of_words(self) -> None:
        with pytest.raises(Unfit, match="other_steps"):
            count(Consent(ConsentOptions()), read_text(FOR_AND_AGAINST, "csv"))
        with pytest.raises(Unfit, match="other_steps"):
            count(Sortition(SortitionOptions()), read_text(FOR_AND_AGAINST, "csv"), "seed")

    def test_a_rule_that_never_ends(self) -> None:
        class Endless(Majority):
            """Opens its ballot again and again."""

            def after(self, case: Case) -> Step:
                return self._more_of(super().ballot(case))

            def _more_of(self, step: Step) -> Step:
                return replace(step, carries=True) if isinstance(step, Phase) else step

        with pytest.raises(Unfit, match="other_steps"):
            count(Endless(MajorityOptions()), read_text(FOR_AND_AGAINST, "csv"))

    def test_a_choice_needs_two_options(self) -> None:
        assert codes(seats("ballot\nfor\n")) == ("too_few_options",)


class TestLots:
    TIED = "ballot,count\na,10\nb,10\nc,10\n"

    def test_they_are_drawn_from_the_seed(self) -> None:
        outcome = seats(self.TIED, "2027-01-15/assembly-7", seats=4, tie_break="lot")
        first = drawn("abc", "2027-01-15/assembly-7")[0]
        assert (outcome.verdict, outcome.winners[0]) == ("elected", first)

    def test_without_a_seed_the_tie_remains(self) -> None:
        assert codes(seats(self.TIED, seats=4, tie_break="lot"))[-1] == "no_lots"
        assert seats(self.TIED, "seed", seats=4).verdict == "tied"


def test_the_kind_that_a_rule_needs() -> None:
    read = read_text("ballot,count\na,10\nb,10\n", "csv")
    assert kind_needed(Schulze(SchulzeOptions()), read) == "ranking"
    assert kind_needed(Apportionment(ApportionmentOptions()), read) == Paper("one").kind
    assert kind_needed(Majority(MajorityOptions()), read) is None
