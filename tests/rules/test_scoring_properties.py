"""Approval, score, STAR and Borda against naive counts, and under other names, orders and weights."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import papers
from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.canonical import canonical_bytes
from app.rules.case import Outcome
from app.rules.cast import Cast as Weights
from app.rules.choosing import ChoosingRule
from app.rules.papers import approved, points, ranks
from app.rules.profile import Profile
from tests.rules.scoring import (
    P01,
    P01_FIRST_TWO,
    P10,
    P11,
    P11_UNSCORED,
    P12,
    W22,
    W23,
    W27,
    Cast,
    bound,
    counted,
    facts,
    played,
    some,
)
from tests.rules.stories import electors, people

Keys = Mapping[str, Any]
MEAN: Final = {"aggregate": "mean", "unscored": "exclude"}
CASES: Final[tuple[tuple[type[ChoosingRule], Cast, str, Mapping[str, Any]], ...]] = (
    (Approval, P01_FIRST_TWO, "mnck", {}),
    (Approval, P12, "abcdef", {"seats": 3}),
    (Approval, W22, "pqrs", {"threshold": "1/2"}),
    (Approval, W22, "pqrs", {"seats": 2}),
    (Score, P10, "abc", {}),
    (Score, P11, "abc", {}),
    (Score, P11_UNSCORED, "abc", {}),
    (Score, P11_UNSCORED, "abc", {**MEAN, "min_raters": "4/5"}),
    (Score, W27, "abc", MEAN),
    (Star, P10, "abc", {}),
    (Star, P11, "abc", {}),
    (Star, P11_UNSCORED, "abc", {}),
    (Star, W27, "abc", {}),
    (Borda, P01, "mnck", {}),
    (Borda, P01, "mnck", {"seats": 2}),
    (Borda, W23, "abc", {}),
)


@pytest.mark.parametrize(("rule", "cast", "on_ballot", "options"), CASES)
class TestP17:
    """Other orders, other names, other rows, other weights and blank ballots leave the result as it is."""

    def outcome(
        self, rule: type[ChoosingRule], ballots: Sequence[str], on_ballot: Sequence[str], options: Any, units: int = 1
    ) -> Outcome:
        rows: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        for place, ballot in enumerate(ballots):
            row = rows.setdefault((ballot, "", f"u{place % units:03}"), {"heads": Fraction(0)})
            row["heads"] += 1
        return bound(rule, **options).count(Profile(rows), electors(people(2)), tuple(on_ballot))

    def test_orders_and_rows(self, rule: type[ChoosingRule], cast: Cast, on_ballot: str, options: Any) -> None:
        ballots = list(Counter(cast).elements())
        expected = canonical_bytes(self.outcome(rule, ballots, on_ballot, options))
        for seed in range(20):
            chance = random.Random(seed)
            shuffled, options_ = chance.sample(ballots, len(ballots)), chance.sample(on_ballot, len(on_ballot))
            for units in (1, 7, len(ballots)):
                assert canonical_bytes(self.outcome(rule, shuffled, options_, options, units)) == expected

    def test_names(self, rule: type[ChoosingRule], cast: Cast, on_ballot: str, options: Any) -> None:
        ballots = list(Counter(cast).elements())
        expected = self.outcome(rule, ballots, on_ballot, options)
        paper = bound(rule, **options).paper(tuple(on_ballot))
        for seed in range(20):
            names = dict(zip(on_ballot, random.Random(seed).sample("stuvwxyz", len(on_ballot)), strict=True))
            there = [papers.renamed(paper, ballot, names) for ballot in ballots]
            other = self.outcome(rule, there, [*names.values()], options)
            assert same_but_for_names(expected, other, names)

    def test_weights(self, rule: type[ChoosingRule], cast: Cast, on_ballot: str, options: Any) -> None:
        once, heavy = (counted(rule, {b: n * k for b, n in cast.items()}, on_ballot, **options) for k in (1, 7))
        assert (heavy.verdict, heavy.winners) == (once.verdict, once.winners)
        fractions = {ballot: Fraction(number, 3) for ballot, number in cast.items()}
        third = bound(rule, **options).choose(Weights(fractions), tuple(on_ballot), ())
        assert (third.verdict, third.winners) == (once.verdict, once.winners)

    @pytest.mark.parametrize("empty", ["blank", "abstain"])
    def test_empty_ballots(
        self, rule: type[ChoosingRule], cast: Cast, on_ballot: str, options: Any, empty: str
    ) -> None:
        asked = {**options, "quorum": "1/2"}
        outcome = played(rule, cast, on_ballot, **asked).run_out()
        other = played(rule, {**cast, empty: 1}, on_ballot, **asked).run_out()
        voters = sum(cast.values())
        assert facts(outcome, "quorum_reached")["took_part"] == voters
        assert facts(other, "quorum_reached")["took_part"] == voters + 1
        assert replace(other, reasons=other.reasons[:-1]) == replace(outcome, reasons=outcome.reasons[:-1])


def same_but_for_names(one: Outcome, other: Outcome, names: Mapping[str, str]) -> bool:
    """The same verdict, winners, codes and figures; options that are level may stand in another order."""
    codes = [[reason.code for reason in outcome.reasons] for outcome in (one, other)]
    winners = {names.get(option, option) for option in one.winners}
    tables = [
        {name: Counter(tuple(said.get(str(cell), cell) for cell in row) for row in rows) for name, rows in told.items()}
        for told, said in ((one.tables, names), (other.tables, {}))
    ]
    same = codes[0] == codes[1] and tables[0] == tables[1]
    return same and one.verdict == other.verdict and winners == set(other.winners)


def expected(keys: Keys, seats: int) -> tuple[str, set[str]]:
    """Verdict and winners by the definition: who is surely among the best, whoever ties are broken for."""
    sure = {one for one in keys if sum(keys[other] >= keys[one] for other in keys) <= seats}
    could = {one for one in keys if sum(keys[other] > keys[one] for other in keys) < seats}
    return ("tied" if could != sure else "elected" if sure else "not_elected"), sure


def naive_approval(ballots: Sequence[str], on_ballot: str, seats: int | None, threshold: Fraction | None) -> Any:
    votes = {one: sum(one in approved(ballot) for ballot in ballots) for one in on_ballot}
    bar = 0 if threshold is None else threshold * len(ballots)
    there = {one: number for one, number in votes.items() if number > bar}
    return expected(there, seats or (1 if threshold is None else len(on_ballot)))


def naive_score(ballots: Sequence[str], on_ballot: str, seats: int, aggregate: str, unscored: str) -> Any:
    keys = {}
    for one in on_ballot:
        given_ = [points(ballot).get(one) for ballot in ballots]
        if any(mark is not None for mark in given_):
            marks = sorted(mark or 0 for mark in given_ if mark is not None or unscored == "zero")
            figure = Fraction(sum(marks), len(marks) if aggregate == "mean" else 1)
            keys[one] = (figure, marks[(len(marks) - 1) // 2])
    return expected(keys, seats)


def naive_borda(ballots: Sequence[str], on_ballot: str, seats: int, unranked: str) -> Any:
    """Points as duels: one for each option below, and a half for each level with it."""
    given_: dict[str, list[Fraction]] = {one: [] for one in on_ballot}
    for ballot in ballots:
        place = {one: -n for n, rank in enumerate(ranks(ballot)) for one in rank}
        for one in on_ballot:
            mine = place.get(one, -99)
            others = [place.get(other, -99) for other in on_ballot if other != one]
            worth = sum(mine > other for other in others) + Fraction(sum(mine == other for other in others), 2)
            given_[one].append(worth if one in place or unranked == "average" else Fraction(0))
    return expected({one: (sum(row), sorted(row)[(len(row) - 1) // 2]) for one, row in given_.items()}, seats)


def naive_star(ballots: Sequence[str], on_ballot: str) -> Any:
    """The winners of all runoffs that could be held; elected is who wins them all."""
    given_ = [points(ballot) for ballot in ballots]
    sums = {one: sum(marks.get(one, 0) for marks in given_) for one in on_ballot}
    winners = set()
    for one, other in combinations(on_ballot, 2):
        if all(min(sums[one], sums[other]) >= sums[third] for third in on_ballot if third not in {one, other}):
            duel = sum(
                (marks.get(one, 0) > marks.get(other, 0)) - (marks.get(one, 0) < marks.get(other, 0))
                for marks in given_
            )
            key = (duel, sums[one] - sums[other])
            winners.add(one if key > (0, 0) else other if key < (0, 0) else "")
    return ("elected", winners) if len(winners) == 1 and "" not in winners else ("tied", set())


chances: Final = given(chance=st.randoms(use_true_random=False))
few: Final = settings(deadline=None, database=None)


class TestAgainstNaiveCounts:
    def same(
        self, rule: type[ChoosingRule], ballots: Sequence[str], on_ballot: str, naive: Any, **options: Any
    ) -> None:
        outcome = counted(rule, Counter(ballots), on_ballot, **options)
        assert (outcome.verdict, set(outcome.winners)) == naive, (ballots, outcome)

    @few
    @chances
    def test_approval(self, chance: random.Random) -> None:
        on_ballot, ballots = some(Approval, chance)
        for seats, share in ((None, None), (2, None), (None, "1/2"), (2, "1/3")):
            naive = naive_approval(ballots, on_ballot, seats, None if share is None else Fraction(share))
            self.same(Approval, ballots, on_ballot, naive, seats=seats, threshold=share)

    @few
    @chances
    @pytest.mark.parametrize("aggregate", ["sum", "mean"])
    @pytest.mark.parametrize("unscored", ["zero", "exclude"])
    def test_score(self, chance: random.Random, aggregate: str, unscored: str) -> None:
        on_ballot, ballots = some(Score, chance, low=-1, high=2)
        for seats in (1, 2):
            naive = naive_score(ballots, on_ballot, seats, aggregate, unscored)
            options = {"seats": seats, "aggregate": aggregate, "unscored": unscored}
            self.same(Score, ballots, on_ballot, naive, low=-1, high=2, **options)

    @few
    @chances
    @pytest.mark.parametrize("unranked", ["average", "zero"])
    def test_borda(self, chance: random.Random, unranked: str) -> None:
        on_ballot, ballots = some(Borda, chance)
        for seats in (1, 2):
            naive = naive_borda(ballots, on_ballot, seats, unranked)
            self.same(Borda, ballots, on_ballot, naive, seats=seats, unranked=unranked)

    @few
    @chances
    @pytest.mark.parametrize("high", [1, 3, 5])
    def test_star(self, chance: random.Random, high: int) -> None:
        on_ballot, ballots = some(Star, chance, high=high)
        self.same(Star, ballots, on_ballot, naive_star(ballots, on_ballot), high=high)
