"""What is said to have parted a tie does part it: tried with the ballots that it takes, in many small electorates."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.quadratic_1 import Quadratic
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.choosing import ChoosingRule
from app.rules.contract import Outcome
from tests.rules.scoring import counted, some
from tests.rules.stories import codes
from tests.rules.transferring import counted as transferred
from tests.rules.transferring import electorates, facts, stv

Given = Mapping[str, Any]


def ties(rule: type[ChoosingRule], given: Given, code: str) -> Iterator[tuple[str, list[str], Outcome]]:
    """Tied counts of which this is said, with the options and the ballots."""
    chance = random.Random(31)
    for _ in range(600):
        on_ballot, ballots = some(rule, chance, **given)
        outcome = counted(rule, Counter(ballots), on_ballot, **given)
        if outcome.verdict == "tied" and code in codes(outcome):
            yield on_ballot, ballots, outcome


def chosen(outcome: Outcome, code: str) -> Iterator[Sequence[str]]:
    """Every choice of so many of the tied as the reason says."""
    return combinations(str(outcome.reasons[0].facts["options"]).split(","), int(str(facts(outcome, code)["number"])))


@pytest.mark.parametrize(
    ("rule", "given", "marks"),
    [
        (Approval, {}, "{}"),
        (Approval, {"seats": 2}, "{}"),
        (Approval, {"seats": 2, "threshold": "1/2"}, "{}"),
        (Approval, {"seats": 1, "threshold": "2/3", "op": "gte"}, "{}"),
        (Borda, {}, "{}"),
        (Borda, {"seats": 2, "unranked": "zero"}, "{}"),
        (Quadratic, {"credits": 9, "negative_ok": True}, "{}:1"),
        (Score, {"high": 1}, "{}:1"),
        (Score, {"low": -2, "high": 1, "seats": 2}, "{}:1"),
        (Score, {"high": 2, "aggregate": "mean", "seats": 2}, "{}:2"),
        (Score, {"high": 2, "aggregate": "mean", "unscored": "exclude"}, "{}:2"),
        (Score, {"high": 1, "min_raters": "1/2", "unscored": "exclude"}, "{}:1"),
        (Score, {"high": 1, "min_raters": "2/3", "seats": 2}, "{}:1"),
    ],
)
def test_one_more_ballot_elects_whom_it_names(rule: type[ChoosingRule], given: Given, marks: str) -> None:
    tried = 0
    for on_ballot, ballots, outcome in ties(rule, given, "one_more_ballot"):
        for some_of_them in chosen(outcome, "one_more_ballot"):
            more = Counter([*ballots, *(marks.format(option) for option in some_of_them)])
            other = counted(rule, more, on_ballot, **given)
            assert set(some_of_them) <= set(other.winners), (ballots, some_of_them, other)
            tried += 1
    assert tried > 20


def test_one_more_ballot_decides_a_runoff_and_who_goes_on_to_it() -> None:
    tried = {"runoff": 0, "finalists": 0}
    for code in ("one_more_ballot", "would_have_gone_on"):
        for on_ballot, ballots, outcome in ties(Star, {"high": 2}, code):
            where = str(outcome.reasons[0].facts["where"])
            for some_of_them in chosen(outcome, code):
                tried[where] += 1
                more = Counter([*ballots, *(f"{option}:1" for option in some_of_them)])
                other = counted(Star, more, on_ballot, high=2)
                if where == "runoff":
                    assert other.winners == some_of_them, (ballots, other)
                else:
                    finalists = {other.tables["runoff"][1][0], other.tables["runoff"][1][1]}
                    assert (len(other.tables["runoff"]), set(some_of_them) <= finalists) == (2, True), (ballots, other)
    assert min(tried.values()) > 20


@pytest.mark.parametrize(
    ("rule", "given", "tied"),
    [
        (Score, {"low": -2, "high": 0}, {"a:-1,b:0": 1, "a:0,b:-1": 1}),
        (Score, {"aggregate": "mean", "unscored": "exclude"}, {"a:5,b:5": 2}),
        (Score, {"min_raters": "1/2", "seats": 2}, {"a:1,b:1,c:1": 2}),
        (Approval, {"threshold": "1/2", "seats": 2}, {"a,b,c": 2}),
    ],
)
def test_where_it_might_not_be_true_nothing_is_said(rule: type[ChoosingRule], given: Given, tied: Given) -> None:
    outcome = counted(rule, tied, "abc", **given)
    assert (outcome.verdict, "one_more_ballot" in codes(outcome)) == ("tied", False)


@pytest.mark.parametrize("given", [{}, {"seats": 3}, {"look_back": False}, {"quota": "hare", "look_back": False}])
def test_more_ballots_fill_all_seats(given: Given) -> None:
    tried = silent = 0
    for ballots in electorates(300, 5, 9):
        outcome = transferred(stv(**given), ballots, "abcde")
        if outcome.verdict != "tied":
            continue
        tied = str(outcome.reasons[0].facts["options"]).split(",")
        ends = set[str]()
        for left_out in tied:
            more = {option: ballots.get(option, 0) + 1 for option in tied if option != left_out}
            ends.add(transferred(stv(**given), {**ballots, **more}, "abcde").verdict)
        said = "would_have_filled" in codes(outcome)
        assert said is (ends == {"elected"} and len(tied) <= 4), (ballots, ends)
        if said:
            assert facts(outcome, "would_have_filled") == {"ballots": len(tied) - 1}
        tried, silent = tried + said, silent + (not said)
    assert min(tried, silent) > 5, (tried, silent)
