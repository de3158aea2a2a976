"""Majority judgment by the worked cases, and against the slow definition that removes medians one by one."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rules.builtin.majority_judgment_1 import (
    FALL,
    MajorityJudgment,
    MajorityJudgmentOptions,
    from_counts,
    grade_counts,
    majority_value,
    parting,
)
from app.rules.cast import Cast
from app.rules.contract import Outcome
from tests.rules.stories import codes
from tests.rules.told.majority_judgment_1 import (
    APART_AT_THE_SIXTH,
    ONE_HUNDRED_AND_21,
    THIRD_VALUE,
    THREE_VOTERS,
    TWO_MORE,
    judged,
    papers,
    spelled,
)


def chosen(ballots: Mapping[str, int | Fraction], on_ballot: str = "x y z", **options: Any) -> Outcome:
    """The outcome of grades by weight, before any lots."""
    rule = MajorityJudgment(MajorityJudgmentOptions.model_validate(options))
    weights = {one: Fraction(weight) for one, weight in ballots.items()}
    is_weighed = any(weight.denominator > 1 for weight in weights.values())
    cast = Cast(weights, people=dict.fromkeys(weights, Fraction(1)) if is_weighed else None)
    return rule.choose(cast, tuple(on_ballot.split()), ())


def medians(grades: Sequence[int]) -> list[int]:
    """The slow definition: the lower median, then that of the others, and so on."""
    left = sorted(grades)
    return [left.pop((len(left) - 1) // 2) for _ in grades]


def counted(grades: Sequence[int], scale: int = 12) -> list[int]:
    """How often each grade was given."""
    return [grades.count(grade) for grade in range(scale)]


def given_by(outcome: Outcome) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in outcome.tables["grades"][1:]}


def order(outcome: Outcome) -> list[object]:
    return [option for _, option in outcome.tables["ranking"][1:]]


class TestWorkedCases:
    def test_p09_apart_at_the_sixth_value(self) -> None:
        outcome = from_counts(APART_AT_THE_SIXTH)
        assert (outcome.winners, order(outcome)) == (("y",), ["y", "z", "x"])
        assert {one: row[-1] for one, row in given_by(outcome).items()} == {"x": 2, "y": 2, "z": 2}
        assert outcome.reasons[0].code == "elected_by_value"
        assert outcome.reasons[0].facts == {
            "option": "y",
            "median": 2,
            "rivals": "z",
            "place": 6,
            "grade": 1,
            "other": 0,
        }
        all_grades = spelled(APART_AT_THE_SIXTH)
        assert medians(all_grades["x"])[:2] == [2, 1]
        assert medians(all_grades["y"]) == [2, 2, 2, 1, 2, 1, 5, 1, 5]
        assert medians(all_grades["z"]) == [2, 2, 2, 1, 2, 0, 4, 0, 5]

    def test_w28_apart_at_the_third_value(self) -> None:
        first, second = (7, 11, 9, 9, 11), (8, 11, 9, 9, 10)
        assert (medians(first), medians(second)) == ([9, 9, 11, 7, 11], [9, 9, 10, 8, 11])
        outcome = from_counts({"first": counted(first), "second": counted(second)})
        assert outcome.winners == ("first",)
        facts = outcome.reasons[0].facts
        assert (facts["median"], facts["place"], facts["grade"], facts["other"]) == (9, 3, 11, 10)

    def test_w28_on_a_ballot(self) -> None:
        assert judged(papers(THIRD_VALUE), "x y", grades=10).run_out().winners == ("x",)

    def test_w30(self) -> None:
        outcome = from_counts(ONE_HUNDRED_AND_21)
        assert order(outcome) == ["z", "x", "y"]
        assert {one: row[-1] for one, row in given_by(outcome).items()} == {"x": 3, "y": 2, "z": 3}
        assert given_by(outcome)["z"] == (10, 15, 28, 33, 30, 5, 3)
        assert outcome.tables["grades"][0][1:] == (*(f"grade_{grade}" for grade in range(6)), "median")

    def test_p16_taking_part_can_make_the_option_lose_that_one_prefers(self) -> None:
        before = judged(papers(THREE_VOTERS), "a b", grades=4).run_out()
        after = judged(papers(TWO_MORE), "a b", grades=4).run_out()
        assert set(papers(TWO_MORE)) - set(papers(THREE_VOTERS)) == {"a:1,b:0"}
        assert (before.winners, before.reasons[0].facts["median"], before.reasons[0].facts["other"]) == (("a",), 3, 2)
        assert (after.winners, after.reasons[0].facts["median"], after.reasons[0].facts["other"]) == (("b",), 2, 1)
        assert "participation" not in MajorityJudgment.claims


GRADES = st.lists(st.integers(0, 4), min_size=1, max_size=13)


class TestAgainstTheDefinition:
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14))
    def test_as_many_grades_each(self, voters: list[tuple[int, int]]) -> None:
        self.compare([one for one, _ in voters], [other for _, other in voters], 1, 1)

    @given(GRADES, GRADES)
    def test_grades_repeated_until_there_are_as_many_of_each(self, one: list[int], other: list[int]) -> None:
        size = lcm(len(one), len(other))
        self.compare(one, other, size // len(one), size // len(other))

    def compare(self, one: list[int], other: list[int], times: int, times_other: int) -> None:
        """Which is better, and where they part, read from how often each grade was given."""
        mine, theirs = majority_value(counted(one)), majority_value(counted(other))
        slow, slow_other = medians(one * times), medians(other * times_other)
        assert (mine < theirs, mine == theirs) == (slow < slow_other, slow == slow_other)
        assert mine[0].grade == medians(one)[0]
        if mine != theirs and mine[0] == theirs[0]:
            (part, side), grade, grade_other = parting(mine, theirs)
            place = part * len(slow) + (0 if side == FALL else 1)
            assert place == next(at for at, (a, b) in enumerate(zip(slow, slow_other, strict=True)) if a != b)
            assert (grade, grade_other) == (slow[int(place)], slow_other[int(place)])

    @given(GRADES, st.fractions(Fraction(1, 9), 9))
    def test_the_value_is_the_same_for_any_unit_of_weight(self, grades: list[int], unit: Fraction) -> None:
        assert majority_value([number * unit for number in counted(grades)]) == majority_value(counted(grades))

    def test_a_million_raters_cost_what_the_grades_cost(self) -> None:
        counts = {f"option_{number}": [10**6 + number, 10**6, 10**6 - number, 7, 0, 10**6] for number in range(20)}
        outcome = from_counts(counts)
        assert order(outcome)[0] == "option_0"
        assert max(len(majority_value(given)) for given in counts.values()) <= 6


class TestUnrated:
    BALLOTS: Mapping[str, int] = {"x:4,y:2": 1, "x:3": 1, "y:3": 1, "z:5": 1}

    def test_the_worst_grade(self) -> None:
        counts = grade_counts(*self.given(), unrated="worst")
        assert counts == {"x": [2, 0, 0, 1, 1, 0], "y": [2, 0, 1, 1, 0, 0], "z": [3, 0, 0, 0, 0, 1]}
        assert chosen(self.BALLOTS).winners == ("x",)

    def test_excluded(self) -> None:
        counts = grade_counts(*self.given(), unrated="excluded")
        assert counts == {"x": [0, 0, 0, 1, 1, 0], "y": [0, 0, 1, 1, 0, 0], "z": [0, 0, 0, 0, 0, 1]}
        assert chosen(self.BALLOTS, unrated="excluded").winners == ("z",)

    def given(self) -> tuple[dict[str, Fraction], tuple[str, ...], int]:
        return {one: Fraction(weight) for one, weight in self.BALLOTS.items()}, ("x", "y", "z"), 6

    def test_different_numbers_of_raters_part_at_a_share_of_the_grades(self) -> None:
        """x has 1,3,3,5,5 and y 1,3,5: around the middle, x rises to 5 after 1/5 of its grades, y after 1/3."""
        outcome = chosen({"x:1,y:1": 1, "x:3,y:3": 1, "x:5,y:5": 1, "x:3": 1, "x:5": 1}, "x y", unrated="excluded")
        assert medians([1, 3, 3, 5, 5] * 3) > medians([1, 3, 5] * 5)
        assert outcome.reasons[0].code == "elected_by_share"
        facts = {"option": "x", "median": 3, "rivals": "y", "share": Fraction(1, 5), "grade": 5, "other": 3}
        assert outcome.reasons[0].facts == facts

    def test_who_nobody_graded_comes_last(self) -> None:
        outcome = chosen({"x:0": 2}, unrated="excluded")
        assert (outcome.winners, order(outcome)) == (("x",), ["x", "y", "z"])
        assert outcome.reasons[0].code == "elected_alone_graded"
        assert outcome.reasons[0].facts == {"option": "x", "median": 0, "rivals": "y,z"}
        assert given_by(outcome)["y"] == (0, 0, 0, 0, 0, 0, "ungraded")


class TestExplanation:
    @given(
        st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=9),
        st.sampled_from(("worst", "excluded")),
        st.integers(0, 2),
    )
    def test_what_would_have_changed_it_does_and_nothing_less(
        self, grades: list[tuple[int, int, int]], unrated: str, left_out: int
    ) -> None:
        ballots: dict[str, int] = {}
        for place, marks in enumerate(grades):
            some = [(one, mark) for one, mark in zip("xyz", marks, strict=True) if place or one != "xyz"[left_out]]
            ballot = ",".join(f"{one}:{mark}" for one, mark in some)
            ballots[ballot] = ballots.get(ballot, 0) + 1
        outcome = chosen(ballots, grades=4, unrated=unrated)
        reason = outcome.reasons[-1]
        votes, named = int(str(reason.facts["votes"])), str(reason.facts["options"]).split(",")
        for one in {"x", "y", "z"} - set(outcome.winners):
            most = ",".join(f"{other}:{3 if other == one else 0}" for other in "xyz")
            for more in (votes - 1, votes):
                changed = {**ballots, most: ballots.get(most, 0) + more}
                again = chosen(changed, grades=4, unrated=unrated)
                assert (again.winners == (one,)) is (more == votes and one in named)

    def test_fractions_of_votes_are_exact_and_not_asked_for_more(self) -> None:
        outcome = chosen({"x:3,y:3": Fraction(1, 2), "x:5,y:3": Fraction(1, 3), "x:1,y:3": Fraction(1, 6)}, "x y")
        assert outcome.winners == ("x",)
        assert codes(outcome) == ("elected_by_share",)
        assert outcome.reasons[0].facts["share"] == Fraction(1, 3)
        assert given_by(outcome)["x"] == (0, Fraction(1, 6), 0, Fraction(1, 2), 0, Fraction(1, 3), 3)


class TestTies:
    def test_options_of_the_same_grades_are_tied(self) -> None:
        outcome = chosen({"x:5,y:1,z:0": 1, "x:1,y:5,z:0": 1})
        assert (outcome.verdict, outcome.winners) == ("tied", ())
        assert outcome.reasons[0].facts == {"options": "x,y", "median": 1}
        assert outcome.tables["ranking"] == (("rank", "option"), (1, "x"), (1, "y"), (3, "z"))

    def test_grades_in_the_same_proportion_are_tied(self) -> None:
        outcome = chosen({"x:5,y:5": 1, "x:1,y:1": 1, "x:5": 1, "x:1": 1}, "x y", unrated="excluded")
        assert outcome.verdict == "tied"

    def test_lots_settle_what_is_tied_and_only_that(self) -> None:
        outcome = judged(["x:5,y:1,z:0", "x:1,y:5"], forums={"lots": "seed"}, tie_break="lot").run_out()
        drawn = str(next(one for one in outcome.reasons if one.code == "lots_drawn").facts["order"]).split(",")
        winner = next(one for one in drawn if one != "z")
        assert outcome.winners == (winner,)
        assert outcome.reasons[0].facts == {"option": winner, "options": "x,y", "median": 1}
        assert outcome.reasons[0].code == "settled_by_tie_break"


@pytest.mark.parametrize("grades", [2, 11])
def test_there_are_three_to_ten_grades(grades: int) -> None:
    with pytest.raises(ValidationError):
        MajorityJudgmentOptions(grades=grades)
