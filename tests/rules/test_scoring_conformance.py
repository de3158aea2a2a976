"""Approval, score, STAR and Borda keep what every rule must keep, and what would have changed the result changes it."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.case import Outcome
from app.rules.choosing import ChoosingRule
from app.rules.claims import CLAIMS, must
from app.rules.conformance import Conformance
from app.rules.driver import Process
from app.rules.papers import approved, points, rating
from app.rules.variations import other_options
from app.rules.vectors import steps
from app.rules.wander import Pick, wander
from tests.rules.scoring import counted, facts, figures, some
from tests.rules.stories import codes

chances: Final = given(chance=st.randoms(use_true_random=False))
few: Final = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])


class OnPaper(Conformance):
    """What the suite asks, asked with ballots that a paper of several options allows."""

    def test_foregone_is_foregone(self) -> None:
        """These rules never close early."""

        def check(process: Process, pick: Pick) -> None:
            wander(process, pick)
            for prefix, _ in steps(process.rule, process.case):
                must(not process.rule.foregone(prefix), "closed early")

        self.search(check)


class SeveralSeats(OnPaper):
    """Options that are level and elected together stand in the order of their ids, which says nothing about them."""

    def test_its_claims_hold(self) -> None:
        """Anonymous; and neutral but for the order in which such options are named."""

        def neutral(process: Process, pick: Pick) -> None:
            outcome = wander(process, pick)
            if len(process.case.held) == 1:
                other_case, names = other_options(process.case)
                other = process.rule.after(other_case)
                must(isinstance(other, Outcome), f"{outcome} became {other}")
                same = {names[one] for one in outcome.winners} == set(getattr(other, "winners", ()))
                must(same and codes(outcome) == codes(other), f"{outcome} became {other}")

        assert {"anonymous", "neutral"} == self.rule.claims
        self.search(CLAIMS["anonymous"])
        self.search(neutral)


class TestApproval(OnPaper):
    rule = Approval
    variants: ClassVar[Any] = ({}, {"tie_break": "lot"}, {"max_choices": 1, "visibility": "sealed"})


class TestApprovalOfSeveral(SeveralSeats):
    rule = Approval
    variants: ClassVar[Any] = (
        {"seats": 2},
        {"seats": 2, "tie_break": "lot", "quorum": "1/2"},
        {"threshold": "1/2"},
        {"threshold": "2/3", "op": "gte", "seats": 2},
    )


class TestScore(OnPaper):
    rule = Score
    variants: ClassVar[Any] = (
        {},
        {"low": -2, "high": 1, "tie_break": "lot"},
        {"aggregate": "mean", "unscored": "exclude", "high": 1},
        {"aggregate": "mean", "min_raters": "2/3"},
        {"unscored": "exclude", "min_raters": 2, "visibility": "secret"},
    )


class TestScoreOfSeveral(SeveralSeats):
    rule = Score
    variants: ClassVar[Any] = ({"seats": 2, "high": 1}, {"seats": 3, "tie_break": "lot"})


class TestStar(OnPaper):
    rule = Star
    variants: ClassVar[Any] = ({}, {"high": 1}, {"high": 2, "tie_break": "lot"}, {"high": 10, "quorum": "1/2"})


class TestBorda(OnPaper):
    rule = Borda
    variants: ClassVar[Any] = ({}, {"unranked": "zero", "tie_break": "lot"}, {"equal": "refused"})


class TestBordaOfSeveral(SeveralSeats):
    rule = Borda
    variants: ClassVar[Any] = ({"seats": 2}, {"seats": 3, "tie_break": "lot", "unranked": "zero"})


def told(outcome: Outcome, code: str) -> dict[str, Any]:
    """The facts of a reason; the story is left aside where there is none."""
    assume(code in codes(outcome))
    return facts(outcome, code)


def with_more(
    rule: type[ChoosingRule], ballots: Sequence[str], more: str, times: int, on_ballot: str, **given_: Any
) -> Any:
    """The outcome with so many more ballots of one kind."""
    return counted(rule, Counter([*ballots, *[more] * times]), on_ballot, **given_)


class TestWhatWouldHaveChangedIt:
    @few
    @chances
    def test_more_approvals(self, chance: random.Random) -> None:
        on_ballot, ballots = some(Approval, chance)
        seats = chance.randint(1, 2)
        change = told(counted(Approval, Counter(ballots), on_ballot, seats=seats), "ahead_by")
        for option in change["behind"].split(","):
            for times, elected in ((change["needed"], True), (change["needed"] - 1, False)):
                outcome = with_more(Approval, ballots, option, times, on_ballot, seats=seats)
                assert (option in outcome.winners) is elected

    @few
    @chances
    def test_reaching_the_threshold(self, chance: random.Random) -> None:
        on_ballot, ballots = some(Approval, chance)
        given_: dict[str, Any] = {"threshold": chance.choice(("1/2", "2/3", "1/3")), "op": chance.choice(("gt", "gte"))}
        change = told(counted(Approval, Counter(ballots), on_ballot, **given_), "would_have_reached")
        for option in change["options"].split(","):
            for approvals, elected in ((change["approvals"], True), (change["approvals"] - 1, False)):
                left = [n for n, ballot in enumerate(ballots) if option not in approved(ballot)][:approvals]
                other = [f"{ballot},{option}" if n in left else ballot for n, ballot in enumerate(ballots)]
                assert len(left) == approvals
                assert (option in counted(Approval, Counter(other), on_ballot, **given_).winners) is elected

    @few
    @chances
    def test_missing_the_threshold(self, chance: random.Random) -> None:
        on_ballot, ballots = some(Approval, chance)
        given_: dict[str, Any] = {"threshold": chance.choice(("1/2", "2/3", "1/3")), "op": chance.choice(("gt", "gte"))}
        change = told(counted(Approval, Counter(ballots), on_ballot, **given_), "would_have_failed")
        option = change["options"].split(",")[0]
        for approvals, elected in ((change["approvals"], False), (change["approvals"] - 1, True)):
            taken = [n for n, ballot in enumerate(ballots) if option in approved(ballot)][:approvals]
            other = [
                ",".join(one for one in approved(ballot) if one != option) or "z" if n in taken else ballot
                for n, ballot in enumerate(ballots)
            ]
            assert len(taken) == approvals
            assert (option in counted(Approval, Counter(other), f"{on_ballot}z", **given_).winners) is elected

    @few
    @chances
    def test_more_points(self, chance: random.Random) -> None:
        given_: dict[str, Any] = {
            "seats": chance.randint(1, 2),
            "aggregate": chance.choice(("sum", "mean")),
            "unscored": chance.choice(("zero", "exclude")),
        }
        on_ballot, ballots = some(Score, chance)
        before = counted(Score, Counter(ballots), on_ballot, **given_)
        change = told(before, "ahead_by")
        bar = figures(before, "scores")[change["ahead"].split(",")[0]]
        for option in change["behind"].split(","):
            place = next(n for n, ballot in enumerate(ballots) if option in points(ballot))
            for needed, enough in ((change["needed"], True), (change["needed"] - 1, False)):
                lifted = points(ballots[place])
                lifted[option] += needed
                other = [*ballots[:place], rating(lifted), *ballots[place + 1 :]]
                outcome = counted(Score, Counter(other), on_ballot, **given_)
                assert (figures(outcome, "scores")[option] > bar) is enough
                assert option in outcome.winners or not enough

    @few
    @chances
    def test_more_ballots_for_one(self, chance: random.Random) -> None:
        given_: dict[str, Any] = {"seats": chance.randint(1, 2), "unranked": chance.choice(("average", "zero"))}
        on_ballot, ballots = some(Borda, chance)
        change = told(counted(Borda, Counter(ballots), on_ballot, **given_), "ahead_by")
        ahead = change["ahead"].split(",")[0]
        for option in change["behind"].split(","):
            for times, enough in ((change["ballots"], True), (change["ballots"] - 1, False)):
                outcome = with_more(Borda, ballots, option, times, on_ballot, **given_)
                assert option in outcome.winners or not enough
                points_ = figures(outcome, "points")
                assert (points_[option] > points_[ahead]) is enough

    @few
    @chances
    def test_winning_the_runoff(self, chance: random.Random) -> None:
        on_ballot, ballots = some(Star, chance, high=chance.randint(1, 5))
        change = told(counted(Star, Counter(ballots), on_ballot), "ahead_by")
        for option in change["behind"].split(","):
            for times, elected in ((change["needed"], True), (change["needed"] - 1, False)):
                outcome = with_more(Star, ballots, f"{option}:1", times, on_ballot)
                assert (outcome.winners == (option,)) is elected
