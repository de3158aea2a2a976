"""Quadratic votes: what a ballot costs, sums, ties, and an option that has more points against than for."""

import random
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules import papers
from app.rules.builtin.quadratic_1 import Quadratic, QuadraticOptions
from app.rules.canonical import canonical_bytes
from app.rules.cast import Cast
from app.rules.conformance import Conformance
from app.rules.contract import Outcome
from app.rules.lots import drawn
from app.rules.papers import BadBallot, points
from tests.rules.stories import codes
from tests.rules.told.quadratic_1 import AGAINST, LOT, W32, ballot

XYZ = ("x", "y", "z")


def bound(**options: Any) -> Quadratic:
    return Quadratic(QuadraticOptions.model_validate(options))


def chosen(*marked: str, order: tuple[str, ...] = (), times: int | Fraction = 1, **options: Any) -> Outcome:
    ballots: dict[str, Fraction] = {}
    for one in marked:
        ballots[one] = ballots.get(one, Fraction(0)) + times
    return bound(**options).choose(Cast(ballots), XYZ, order)


def totals(outcome: Outcome) -> dict[str, int]:
    return {str(row[0]): int(str(row[1])) for row in outcome.tables["points"][1:]}


class TestWorkedExample:
    def test_w32_costs(self) -> None:
        assert [sum(mark**2 for mark in points(one).values()) for one in W32] == [98, 100, 99, 99]
        paper = bound(negative_ok=True).paper(XYZ)
        assert [papers.canonical(paper, XYZ, one) for one in W32] == list(W32)

    def test_w32_a_ballot_over_budget_is_refused(self) -> None:
        with pytest.raises(BadBallot) as refused:
            ballot(("x:9,y:4,z:3",), AGAINST)
        assert (refused.value.code, refused.value.facts) == ("ballot_over_budget", {"spent": 106, "budget": 100})

    def test_w32_sums(self) -> None:
        outcome = ballot(W32, AGAINST).run_out()
        assert (outcome.verdict, outcome.winners) == ("elected", ("x",))
        assert totals(outcome) == {"x": 19, "z": 17, "y": 14}
        assert outcome.tables["points"][0] == ("option", "total", "points_for", "points_against")
        assert outcome.tables["points"][3] == ("y", 14, 19, 5)


class TestPaper:
    @pytest.mark.parametrize(("credits_", "most"), [(1, 1), (3, 1), (4, 2), (99, 9), (100, 10), (10_000, 100)])
    def test_the_credits_reach_so_far_for_one_option(self, credits_: int, most: int) -> None:
        paper = bound(credits=credits_).paper(XYZ)
        assert (paper.low, paper.high, paper.budget) == (0, most, credits_)
        assert bound(credits=credits_, negative_ok=True).paper(XYZ).low == -most

    def test_points_against_only_where_they_may_be_given(self) -> None:
        with pytest.raises(BadBallot) as refused:
            ballot(W32)
        assert refused.value.code == "ballot_off_scale"

    @pytest.mark.parametrize("credits_", [0, 10_001])
    def test_there_are_credits(self, credits_: int) -> None:
        with pytest.raises(ValidationError):
            bound(credits=credits_)


class TestTies:
    def test_a_tie_is_the_outcome(self) -> None:
        outcome = chosen("x:4", "y:4,z:3")
        assert (outcome.verdict, outcome.winners, codes(outcome)) == ("tied", (), ("tie", "one_more_ballot"))
        assert outcome.reasons[0].facts == {"options": "x,y", "points": 4}

    def test_lots_break_it_only_where_they_are_named(self) -> None:
        seed = "2026-10-01/0c3f9a"
        process = ballot(("x:4", "y:4,z:3"), LOT, seed=seed)
        first = next(option for option in drawn(XYZ, seed) if option != "z")
        outcome = process.run_out()
        assert process.kinds == ("ballot", "drawing+")
        assert (outcome.verdict, outcome.winners) == ("elected", (first,))
        assert codes(outcome) == ("elected", "tie", "lots_drawn")
        assert ballot(("x:4", "y:4,z:3"), seed=seed).run_out().verdict == "tied"

    @pytest.mark.parametrize(("order", "winner"), [(("z", "y", "x"), "y"), (("x", "y", "z"), "x")])
    def test_only_what_is_tied_is_drawn(self, order: tuple[str, ...], winner: str) -> None:
        assert chosen("x:4", "y:4,z:3", order=order).winners == (winner,)

    def test_no_lots_where_nothing_is_above_zero(self) -> None:
        assert chosen("x:0", "y:0", order=XYZ).verdict == "not_elected"


class TestNothingAboveZero:
    @pytest.mark.parametrize(
        ("marked", "best", "short"),
        [(("x:0", "y:0"), 0, 1), (("x:-3,y:-1", "z:-2,y:-1"), -2, 3), (("x:5,y:-1", "x:-5,z:-1"), 0, 1)],
    )
    def test_nothing_is_elected(self, marked: tuple[str, ...], best: int, short: int) -> None:
        outcome = chosen(*marked, negative_ok=True)
        assert (outcome.verdict, outcome.winners) == ("not_elected", ())
        assert codes(outcome) == ("none_above_zero", "short_by")
        assert (outcome.reasons[0].facts["points"], outcome.reasons[1].facts["points"]) == (best, short)
        lifted = str(outcome.reasons[0].facts["options"]).split(",")[0]
        assert chosen(*marked, f"{lifted}:{short}", negative_ok=True).winners == (lifted,)
        assert chosen(*marked, f"{lifted}:{short - 1}", negative_ok=True).verdict == "not_elected"


class TestExplanation:
    def test_so_many_more_points_do_elect_the_next(self) -> None:
        chance = random.Random(32)
        paper = bound(negative_ok=True).paper(XYZ)
        seen = 0
        for _ in range(200):
            marked = [papers.some(paper, XYZ, chance.randrange) for _ in range(5)]
            marked = [one for one in marked if one not in papers.ALONE]
            outcome = chosen(*marked, negative_ok=True)
            if outcome.verdict != "elected":
                continue
            seen += 1
            facts = outcome.reasons[1].facts
            runner_up, missing = str(facts["options"]).split(",")[0], int(str(facts["missing"]))
            assert chosen(*marked, f"{runner_up}:{missing}", negative_ok=True).winners == (runner_up,)
            assert chosen(*marked, f"{runner_up}:{missing - 1}", negative_ok=True).verdict == "tied"
        assert seen > 100

    def test_several_may_be_next(self) -> None:
        facts = chosen("x:5", "y:3,z:3").reasons[1].facts
        assert facts == {"options": "y,z", "points": 3, "margin": 2, "count": 2, "missing": 3}

    def test_weights_stay_exact(self) -> None:
        outcome = chosen("x:2", "y:1", times=Fraction(1, 3))
        assert outcome.reasons[0].facts["points"] == Fraction(2, 3)
        assert outcome.reasons[1].facts["margin"] == Fraction(1, 3)
        assert canonical_bytes(outcome) == canonical_bytes(chosen("y:1", "x:2", times=Fraction(1, 3)))


class TestP17:
    def test_order_names_gathering_and_weights_do_not_matter(self) -> None:
        chance = random.Random(17)
        paper = bound(negative_ok=True).paper(XYZ)
        for _ in range(20):
            marked = [one for _ in range(6) if (one := papers.some(paper, XYZ, chance.randrange)) not in papers.ALONE]
            outcome = chosen(*marked, negative_ok=True)
            again = chosen(*chance.sample(marked, len(marked)), negative_ok=True)
            assert canonical_bytes(again) == canonical_bytes(outcome)
            names = dict(zip(XYZ, chance.sample(("a", "b", "c"), 3), strict=True))
            ballots: dict[str, Fraction] = {}
            for one in marked:
                ballots[papers.renamed(paper, one, names)] = (
                    ballots.get(papers.renamed(paper, one, names), Fraction(0)) + 1
                )
            other = bound(negative_ok=True).choose(Cast(ballots), tuple(chance.sample(sorted(names.values()), 3)), ())
            assert (other.verdict, other.winners) == (outcome.verdict, tuple(names[one] for one in outcome.winners))
            seven = chosen(*marked, negative_ok=True, times=7)
            assert (seven.verdict, seven.winners) == (outcome.verdict, outcome.winners)
            assert totals(seven) == {option: 7 * total for option, total in totals(outcome).items()}

    @pytest.mark.parametrize("empty", ["abstain", "blank", "x:0"])
    def test_an_empty_ballot_changes_nothing(self, empty: str) -> None:
        assert ballot((*W32, empty), AGAINST).run_out() == ballot(W32, AGAINST).run_out()


class TestQuadraticConforms(Conformance):
    rule = Quadratic
    variants = (
        {},
        {"negative_ok": True, "credits": 9},
        {"tie_break": "lot", "credits": 1},
        {"visibility": "secret", "quorum": "1/2"},
    )
