"""A file is counted by the rule itself, as it would have been at the close of a vote."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import pytest

from app.formats.ballots import Ballots
from app.formats.malformed import Unfit
from app.formats.recount import MOST_VOTERS, count, kind_needed
from app.rules.builtin.apportionment_1 import Apportionment, ApportionmentOptions
from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.builtin.sortition_1 import Sortition, SortitionOptions
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.builtin.stv_1_options import StvOptions
from app.rules.contract import Case, Outcome, Paper, Phase, Step
from app.rules.lots import drawn
from app.rules.papers import BadBallot
from tests.formats.world import CITIES, P01, P08, read_text
from tests.rules.stories import codes

FOR_AND_AGAINST = "ballot,count\nfor,18\nagainst,14\nabstain,8\n"


def majority(text: str, electors: int | None = None, **options: Any) -> Outcome:
    return count(Majority(MajorityOptions.model_validate(options)), read_text(text, "csv"), electors=electors)


def seats(text: str, seed: str | None = None, **options: Any) -> Outcome:
    return count(Apportionment(ApportionmentOptions.model_validate(options)), read_text(text, "csv"), seed)


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
            majority(FOR_AND_AGAINST, MOST_VOTERS + 1)
        with pytest.raises(Unfit, match="too_many_voters"):
            majority(f"ballot,count\nfor,{MOST_VOTERS}\nagainst,1\n")

    def test_millions_cost_what_a_few_cost(self) -> None:
        outcome = majority("ballot,count\nfor,66666666\nagainst,33333333\n", threshold="2/3", op="gte")
        assert outcome.verdict == "adopted"

    def test_a_weight_that_is_not_whole_is_a_weight(self) -> None:
        outcome = majority("ballot,count\nfor,0.4\nagainst,1/3\n", base="entitled")
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", Fraction(11, 15))

    def test_nobody_expressed_anything(self) -> None:
        assert codes(majority("ballot\nblank\n")) == ("no_expressed_votes",)
        assert codes(majority("ballot\n")) == ("no_expressed_votes",)


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
