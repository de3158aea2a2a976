"""Gradients of agreement and fist to five: worked examples, levels, shares and scales."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.fist_to_five_1 import FistToFive
from app.rules.builtin.gradients_1 import GRADES, Gradients
from app.rules.conformance import Conformance
from app.rules.contract import Profile
from app.rules.driver import Process, Refused
from tests.rules.agreeing import bound, counted, tallied
from tests.rules.stories import codes, electors, people
from tests.rules.told.gradients_1 import ballot as graded


class TestGradients:
    @pytest.mark.parametrize(
        ("answers", "verdict", "code"),
        [
            ((1, 2, 2, 3, 4, 4), "adopted", "agreed"),
            ((1, 2, 2, 5), "not_adopted", "discuss"),
            ((1, 1, 7), "not_adopted", "blocked"),
        ],
    )
    def test_w20(self, answers: tuple[int, ...], verdict: str, code: str) -> None:
        outcome = graded(answers).run_out()
        assert (outcome.verdict, outcome.code) == (verdict, code)

    @pytest.mark.parametrize("scale", sorted(GRADES))
    def test_each_scale_passes_at_its_middle_and_blocks_at_its_end(self, scale: int) -> None:
        middle = (scale + 1) // 2
        for grade in range(1, scale + 1):
            code = "agreed" if grade <= middle else "blocked" if grade == scale else "discuss"
            assert graded((1, grade), {"scale": scale}).run_out().code == code

    @pytest.mark.parametrize("scale", sorted(GRADES))
    def test_only_the_grades_of_the_scale_may_be_chosen(self, scale: int) -> None:
        process = Process(bound(Gradients, {"scale": scale}), electors(people(3)), "m01")
        assert process.now.phase.floors[0].among == (*GRADES[scale], "abstain", "blank")
        for grade in set(GRADES[7]) - set(GRADES[scale]):
            with pytest.raises(Refused):
                process.say("m02", "ballot", grade)

    @pytest.mark.parametrize(("passing", "code"), [(4, "agreed"), (3, "discuss")])
    def test_the_share_is_of_those_who_answer(self, passing: int, code: str) -> None:
        answers = (1,) * passing + (5,) * (5 - passing)
        outcome = graded(answers, {"min_share": "4/5"}, more=("abstain", "blank")).run_out()
        assert (outcome.code, outcome.reasons[0].facts["of"], outcome.reasons[0].facts["needed"]) == (code, 5, 4)

    def test_levels_may_be_chosen(self) -> None:
        options = {"pass_level": 2, "block_level": 6, "min_share": "1/2"}
        assert graded((1, 2, 3, 5), options).run_out().code == "agreed"
        assert graded((1, 3, 3, 5), options).run_out().code == "discuss"
        outcome = graded((1, 2, 2, 6), options).run_out()
        assert codes(outcome) == ("blocked", "would_have_passed", "blocks_from")
        assert outcome.reasons[2].facts == {"block_grade": "opposed", "worse": 1}

    @pytest.mark.parametrize(
        "options",
        [
            {"pass_level": 7},
            {"pass_level": 5, "block_level": 5},
            {"block_level": 4},
            {"block_level": 8},
            {"scale": 5, "block_level": 6},
            {"scale": 3, "pass_level": 3},
            {"scale": 8},
            {"scale": 2},
            {"min_share": "0"},
        ],
    )
    def test_levels_fit_the_scale(self, options: Mapping[str, Any]) -> None:
        with pytest.raises(ValidationError):
            bound(Gradients, options)

    def test_of_shared_out_weights_nothing_is_rounded(self) -> None:
        rows = {("endorse", "S", ""): {"heads": Fraction(3, 5)}, ("opposed", "S", ""): {"heads": Fraction(2, 5)}}
        for share, code in (("3/5", "agreed"), ("2/3", "discuss")):
            assert codes(counted(Gradients, {"min_share": share}, Profile(rows, Fraction(1))))[0] == code


class TestFistToFive:
    @pytest.mark.parametrize(("few", "verdict"), [(1, "adopted"), (2, "not_adopted")])
    def test_four_fifths_show_three_fingers(self, few: int, verdict: str) -> None:
        outcome = tallied(FistToFive, {}, f5=1, f4=1, f3=3 - few, f2=few)
        assert (outcome.verdict, outcome.code) == (verdict, "agreed" if few == 1 else "discuss")

    def test_one_fist_is_enough(self) -> None:
        outcome = tallied(FistToFive, {}, f5=30, f0=1)
        assert (outcome.verdict, outcome.code) == ("not_adopted", "blocked")

    @pytest.mark.parametrize("level", range(1, 6))
    def test_the_level_may_be_chosen(self, level: int) -> None:
        for shown in range(1, 6):
            outcome = tallied(
                FistToFive, {"ok_level": level, "min_share": "1"}, **{"f5": 1, f"f{shown}": 1 + (shown == 5)}
            )
            assert (outcome.verdict == "adopted") is (shown >= level)

    def test_nothing_is_no_share(self) -> None:
        with pytest.raises(ValidationError):
            bound(FistToFive, {"min_share": "0"})

    def test_of_shared_out_weights_nothing_is_rounded(self) -> None:
        rows = {("f4", "S", ""): {"heads": Fraction(3, 5)}, ("f1", "S", ""): {"heads": Fraction(2, 5)}}
        for share, code in (("3/5", "agreed"), ("2/3", "discuss")):
            assert codes(counted(FistToFive, {"min_share": share}, Profile(rows, Fraction(1))))[0] == code


class TestGradientsConforms(Conformance):
    rule = Gradients
    variants = (
        {},
        {"min_share": "2/3", "visibility": "sealed"},
        {"scale": 5, "pass_level": 2, "block_level": 4, "quorum": "1/2"},
        {"scale": 3, "min_share": "1/2"},
        {"scale": 4, "early_close": True},
        {"scale": 6, "block_level": 5},
    )


class TestFistToFiveConforms(Conformance):
    rule = FistToFive
    variants = (
        {"early_close": True},
        {"ok_level": 4, "min_share": "1/2", "quorum": "1/2"},
        {"min_share": "1", "visibility": "secret"},
    )
