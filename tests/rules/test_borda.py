"""Borda by the worked examples, with its ties and its edges."""

from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.borda_1 import Borda
from app.rules.papers import BadBallot, Paper
from tests.rules.scoring import (
    P01,
    W23,
    bound,
    counted,
    facts,
    figures,
    played,
)
from tests.rules.stories import codes


class TestBorda:
    def test_p01(self) -> None:
        outcome = counted(Borda, P01, "mnck")
        assert (outcome.winners, figures(outcome, "points")) == (("n",), {"m": 126, "n": 194, "c": 173, "k": 107})
        assert facts(outcome, "ahead_by") == {"behind": "c", "ahead": "n", "by": 21, "number": 1, "ballots": 11}

    def test_w23(self) -> None:
        outcome = counted(Borda, W23, "abc")
        assert (outcome.winners, figures(outcome, "points")) == (("b",), {"a": 16, "b": 21, "c": 14})

    @pytest.mark.parametrize(
        ("options", "points"),
        [
            ({}, {"a": Fraction(5, 2), "b": Fraction(5, 2), "c": Fraction(1, 2), "d": Fraction(1, 2)}),
            ({"unranked": "zero"}, {"a": Fraction(5, 2), "b": Fraction(5, 2), "c": 0, "d": 0}),
        ],
    )
    def test_equal_options_share_the_average(self, options: dict[str, Any], points: dict[str, Any]) -> None:
        assert figures(counted(Borda, {"a=b": 1}, "abcd", **options), "points") == points

    @pytest.mark.parametrize(("unranked", "each"), [("average", 1), ("zero", 0)])
    def test_what_is_left_out(self, unranked: str, each: int) -> None:
        outcome = counted(Borda, {"a": 1}, "abcd", unranked=unranked)
        assert figures(outcome, "points") == {"a": 3, "b": each, "c": each, "d": each}

    def test_level_options_part_by_the_higher_median(self) -> None:
        outcome = counted(Borda, {"a>c>b": 2, "b>a>c": 2, "b>c>a": 1}, "abc")
        assert (outcome.winners, codes(outcome)) == (("b",), ("elected", "median_decides", "ahead_by"))
        assert facts(outcome, "median_decides") == {"behind": "a", "ahead": "b", "median": 2, "other": 1}

    def test_a_true_tie(self) -> None:
        outcome = counted(Borda, {"a>b>c": 1, "b>a>c": 1}, "abc")
        assert (outcome.verdict, facts(outcome, "tie")) == (
            "tied",
            {"options": "a,b", "seats": 1, "points": 3, "median": 1},
        )
        assert counted(Borda, {"a>b>c": 1, "b>a>c": 1}, "abc", "cba").winners == ("b",)

    def test_the_paper(self) -> None:
        assert bound(Borda).paper(("a", "b")) == Paper("ranking")
        with pytest.raises(BadBallot):
            played(Borda, {"a=b": 1}, "ab", equal="refused")
