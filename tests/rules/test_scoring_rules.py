"""Approval, score and STAR by the worked examples, with their ties and their edges."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.cast import Cast
from app.rules.contract import Reason
from app.rules.papers import ALONE, NONE, BadBallot, Paper
from tests.rules.scoring import (
    P01_FIRST_TWO,
    P10,
    P11,
    P11_UNSCORED,
    P12,
    W22,
    W27,
    bound,
    counted,
    facts,
    figures,
    played,
)
from tests.rules.stories import codes

MEAN = {"aggregate": "mean", "unscored": "exclude"}


class TestApprovalByExamples:
    def test_p01_everybody_approves_of_two(self) -> None:
        outcome = counted(Approval, P01_FIRST_TWO, "mnck")
        assert (outcome.verdict, outcome.winners) == ("elected", ("n",))
        assert figures(outcome, "approvals") == {"m": 42, "n": 68, "c": 58, "k": 32}
        assert facts(outcome, "ahead_by") == {"behind": "c", "ahead": "n", "by": 10, "needed": 11}

    def test_p12_block_count(self) -> None:
        outcome = counted(Approval, P12, "abcdef", seats=3)
        assert (outcome.verdict, outcome.winners) == ("elected", ("a", "b", "c"))
        assert figures(outcome, "approvals") == {"a": 6, "b": 6, "c": 4, "d": 3, "e": 2, "f": 1}

    def test_w22_more_than_half(self) -> None:
        outcome = counted(Approval, W22, "pqrs", threshold="1/2")
        assert (outcome.verdict, outcome.winners) == ("elected", ("p", "q", "r"))
        assert figures(outcome, "approvals") == {"p": 22, "q": 19, "r": 19, "s": 8}
        assert facts(outcome, "bar") == {"op": "gt", "bar": 15, "threshold": Fraction(1, 2), "ballots": 30}
        assert facts(outcome, "would_have_reached") == {"options": "s", "approvals": 8}
        assert facts(outcome, "would_have_failed") == {"options": "q,r", "number": 2, "approvals": 4}

    def test_w22_two_seats(self) -> None:
        outcome = counted(Approval, W22, "pqrs", seats=2)
        assert (outcome.verdict, outcome.winners) == ("tied", ("p",))
        assert codes(outcome) == ("tie", "one_more_ballot", "elected")
        assert facts(outcome, "tie") == {"options": "q,r", "seats": 1, "approvals": 19}
        assert figures(outcome, "approvals", -1) == {"p": "elected", "q": "tied", "r": "tied", "s": "out"}

    @pytest.mark.parametrize(("order", "winners"), [("qrps", ("p", "q")), ("srqp", ("p", "r"))])
    def test_w22_two_seats_by_lot(self, order: str, winners: tuple[str, ...]) -> None:
        outcome = counted(Approval, W22, "pqrs", order, seats=2)
        assert (outcome.verdict, outcome.winners, codes(outcome)) == ("elected", winners, ("elected", "tie"))


class TestApprovalOfNone:
    def test_none_of_these_counts_in_the_base(self) -> None:
        """W22 and three more who approve of nobody: 19 of 30 were more than 3/5, 19 of 33 are not."""
        assert counted(Approval, W22, "pqrs", threshold="3/5").winners == ("p", "q", "r")
        outcome = counted(Approval, {**W22, "none": 3}, "pqrs", threshold="3/5")
        assert outcome.winners == ("p",)
        assert facts(outcome, "bar")["ballots"] == 33
        assert outcome.reasons[-1] == Reason("none_of_these", {"people": 3})
        assert facts(played(Approval, {"a": 2, "blank": 4, "abstain": 1}, "ab").run_out(), "elected")["ballots"] == 2

    def test_it_is_a_choice_and_elects_nobody(self) -> None:
        outcome = played(Approval, {"none": 3, "blank": 1}, "ab").run_out()
        assert (outcome.verdict, codes(outcome)) == (
            "not_elected",
            ("none_reached", "would_have_reached", "none_of_these"),
        )
        assert figures(outcome, "approvals") == {"a": 0, "b": 0}

    def test_an_option_of_that_name_is_that_option(self) -> None:
        """In a file, an option may be called so; then nobody can be taken to approve of none."""
        assert bound(Approval).paper(("a", "none")).alone == ALONE
        ballots = Cast({"a": Fraction(1), "none": Fraction(2)})
        outcome = bound(Approval).choose(ballots, ("a", "none"), ())
        assert (outcome.winners, codes(outcome)) == (("none",), ("elected", "ahead_by"))


class TestApproval:
    @pytest.mark.parametrize(("op", "winners"), [("gte", ("a", "b")), ("gt", ("a",))], ids=["at least", "more than"])
    def test_a_threshold_is_exact(self, op: str, winners: tuple[str, ...]) -> None:
        outcome = counted(Approval, {"a": 11, "a,b": 14}, "abc", threshold="14/25", op=op)
        assert outcome.winners == winners

    def test_nobody_reaches_it(self) -> None:
        outcome = counted(Approval, {"a": 2, "b": 1, "c": 1}, "abc", threshold="1/2")
        assert (outcome.verdict, outcome.winners) == ("not_elected", ())
        assert codes(outcome) == ("none_reached", "would_have_reached", "bar")

    def test_seats_limit_how_many_of_those_who_reach_it(self) -> None:
        outcome = counted(Approval, W22, "pqrs", threshold="1/4", seats=3)
        assert (outcome.winners, codes(outcome)) == (("p", "q", "r"), ("elected", "ahead_by", "bar"))

    def test_without_approval_nobody_is_elected(self) -> None:
        outcome = counted(Approval, {"a": 2, "a,b": 1}, "abcd", seats=3)
        assert (outcome.verdict, outcome.winners) == ("elected", ("a", "b"))
        assert facts(outcome, "would_have_reached") == {"options": "c,d", "approvals": 1}

    def test_everybody_is_elected(self) -> None:
        outcome = counted(Approval, {"a": 2, "a,b": 1}, "ab", seats=2)
        assert (outcome.winners, codes(outcome)) == (("a", "b"), ("elected",))

    def test_the_paper(self) -> None:
        assert bound(Approval, max_choices=2).paper(("a", "b", "c")) == Paper("approval", most=2, alone=(*ALONE, NONE))
        with pytest.raises(BadBallot):
            played(Approval, {"a,b,c": 1}, "abc", max_choices=2)

    @pytest.mark.parametrize("options", [{"threshold": "1"}, {"threshold": "0", "op": "gte"}, {"seats": 0}])
    def test_what_nobody_or_everybody_reaches_is_no_threshold(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            bound(Approval, **options)


class TestScore:
    def test_p11_sum(self) -> None:
        outcome = counted(Score, P11, "abc")
        assert outcome.winners == ("c",)
        assert figures(outcome, "scores") == {"a": 26, "b": 27, "c": 30}
        assert facts(outcome, "ahead_by") == {
            "behind": "b",
            "ahead": "c",
            "by": 3,
            "needed": 4,
            "aggregate": "sum",
        }

    @pytest.mark.parametrize(
        ("options", "winner", "third"),
        [
            ({}, "b", 21),
            ({"unscored": "exclude"}, "b", 21),
            ({"aggregate": "mean"}, "b", Fraction(21, 10)),
            (MEAN, "c", 3),
            ({**MEAN, "min_raters": 7}, "c", 3),
            ({**MEAN, "min_raters": 8}, "b", 3),
            ({**MEAN, "min_raters": "7/10"}, "c", 3),
            ({**MEAN, "min_raters": "71/100"}, "b", 3),
        ],
    )
    def test_p11_some_leave_an_option_out(self, options: dict[str, Any], winner: str, third: Any) -> None:
        outcome = counted(Score, P11_UNSCORED, "abc", **options)
        assert (outcome.verdict, outcome.winners) == ("elected", (winner,))
        assert figures(outcome, "scores")["c"] == third

    def test_p11_the_means(self) -> None:
        outcome = counted(Score, P11_UNSCORED, "abc", **MEAN)
        assert figures(outcome, "scores") == {"c": 3, "b": Fraction(27, 10), "a": Fraction(26, 10)}

    def test_w27(self) -> None:
        outcome = counted(Score, W27, "abc")
        assert (outcome.winners, figures(outcome, "scores")) == (("b",), {"a": 25, "b": 40, "c": 16})

    def test_too_few_raters(self) -> None:
        outcome = counted(Score, P11_UNSCORED, "abc", min_raters=11)
        assert (outcome.verdict, codes(outcome)) == ("not_elected", ("too_few_raters",))
        assert facts(outcome, "too_few_raters") == {"options": "a,b,c", "needed": 11}

    @pytest.mark.parametrize("unscored", ["zero", "exclude"])
    def test_what_nobody_scored_is_never_elected(self, unscored: str) -> None:
        outcome = counted(Score, {"a:-1,b:-2": 3}, "abc", low=-3, unscored=unscored, min_raters=0, seats=3)
        assert outcome.winners == ("a", "b")
        assert facts(outcome, "too_few_raters") == {"options": "c", "needed": 1}

    def test_level_options_part_by_the_higher_median(self) -> None:
        outcome = counted(Score, {"a:5,b:3": 1, "a:0,b:3": 1, "a:4,b:3": 1}, "ab")
        assert (outcome.winners, codes(outcome)) == (("a",), ("elected", "median_decides", "ahead_by"))
        assert facts(outcome, "median_decides") == {"behind": "b", "ahead": "a", "median": 4, "other": 3}

    def test_the_lower_of_two_scores_in_the_middle(self) -> None:
        outcome = counted(Score, {"a:4,b:3": 1, "a:2,b:3": 1}, "ab")
        assert (outcome.winners, figures(outcome, "scores", 2)) == (("b",), {"b": 3, "a": 2})

    def test_what_is_left_out_counts_in_the_median_as_zero(self) -> None:
        cast = {"a:4,b:2": 1, "b:2": 1}
        assert counted(Score, cast, "ab").winners == ("b",)
        assert counted(Score, cast, "ab", unscored="exclude").winners == ("a",)

    def test_a_true_tie(self) -> None:
        outcome = counted(Score, {"a:5,b:5": 2, "c:1": 1}, "abc")
        assert (outcome.verdict, outcome.winners, codes(outcome)) == ("tied", (), ("tie", "one_more_ballot"))
        assert facts(outcome, "tie") == {"options": "a,b", "seats": 1, "figure": 10, "median": 5, "aggregate": "sum"}
        assert counted(Score, {"a:5,b:5": 2, "c:1": 1}, "abc", "bca").winners == ("b",)

    @pytest.mark.parametrize("scale", [{"low": 5}, {"low": 3, "high": 2}, {"high": 101}, {"low": "x"}])
    def test_a_scale_goes_up(self, scale: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            bound(Score, **scale)

    def test_the_paper(self) -> None:
        assert bound(Score, low=-2, high=2).paper(("a", "b")) == Paper("rating", low=-2, high=2)


class TestStar:
    def test_p10_a_tied_runoff(self) -> None:
        outcome = counted(Star, P10, "abc")
        assert (outcome.winners, figures(outcome, "scores")) == (("b",), {"a": 21, "b": 24, "c": 5})
        assert outcome.tables["runoff"][1:] == (("b", "a", 3, 3, 1),)
        assert codes(outcome)[0] == "elected_on_points"
        assert facts(outcome, "elected_on_points") == {
            "option": "b", "other": "a", "votes": 3, "neither": 1, "points": 24, "others": 21,
        }  # fmt: skip

    def test_p11_the_most_points_lose_the_runoff(self) -> None:
        outcome = counted(Star, P11, "abc")
        assert (outcome.winners, outcome.tables["runoff"][1:]) == (("b",), (("b", "c", 6, 4, 0),))
        assert codes(outcome) == ("elected", "ahead_by", "finalists", "missed_the_runoff")
        assert facts(outcome, "missed_the_runoff") == {"options": "a", "by": 1}

    def test_p11_what_is_left_out_counts_nothing(self) -> None:
        outcome = counted(Star, P11_UNSCORED, "abc")
        assert (outcome.winners, figures(outcome, "scores")) == (("b",), {"a": 26, "b": 27, "c": 21})

    def test_w27(self) -> None:
        outcome = counted(Star, W27, "abc")
        assert (outcome.winners, outcome.tables["runoff"][1:]) == (("a",), (("a", "b", 5, 4, 0),))
        assert facts(outcome, "finalists") == {"option": "b", "points": 40, "other": "a", "others": 25}

    def test_a_runoff_tied_in_all(self) -> None:
        cast = {"a:3,b:1": 1, "a:1,b:3": 1}
        outcome = counted(Star, cast, "abc")
        assert (outcome.verdict, facts(outcome, "tie")) == ("tied", {"options": "a,b", "where": "runoff", "points": 4})
        by_lot = counted(Star, cast, "abc", "cba")
        assert (by_lot.winners, codes(by_lot)[:2]) == (("b",), ("elected_by_tie_break", "tie"))

    def test_level_for_the_second_place_where_it_does_not_matter(self) -> None:
        outcome = counted(Star, {"a:5": 3}, "abcd")
        assert (outcome.verdict, outcome.winners) == ("elected", ("a",))
        assert facts(outcome, "whoever_goes_on") == {"option": "a", "points": 15, "options": "b,c,d", "others": 0}

    def test_level_for_the_second_place_where_it_matters(self) -> None:
        cast = {"a:5,c:4": 2, "a:3,b:4,c:2": 2, "a:3,b:4": 1}
        outcome = counted(Star, cast, "abc")
        assert (outcome.verdict, outcome.winners) == ("tied", ())
        assert facts(outcome, "tie") == {"options": "b,c", "where": "finalists", "points": 12}
        assert [counted(Star, cast, "abc", order).winners for order in ("abc", "cba")] == [("b",), ("a",)]

    def test_three_level(self) -> None:
        cast = {"a:3": 1, "b:3": 1, "c:3": 1}
        outcome = counted(Star, cast, "abc")
        assert (outcome.verdict, facts(outcome, "tie")["options"]) == ("tied", "a,b,c")
        by_lot = counted(Star, cast, "abc", "cba")
        assert (by_lot.winners, codes(by_lot)) == (("c",), ("elected_by_tie_break", "tie", "finalists", "tie"))

    def test_the_paper(self) -> None:
        assert bound(Star).paper(("a", "b")) == Paper("rating", low=0, high=5)
        assert bound(Star, high=10).paper(("a", "b")) == Paper("rating", low=0, high=10)
