"""What votes by colleges keep: between options too, in any order, under any names, and as every rule must."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.colleges_1 import Colleges, CollegesOptions
from app.rules.builtin.consensus_minus_1 import ConsensusMinus
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed
from app.rules.contract import Case, Electorate, Outcome, Paper, Profile, Reason, Voter
from app.rules.driver import Process
from app.rules.variations import other_options, turned
from tests.rules.stories import codes
from tests.rules.told.colleges_1 import HALVES, W09
from tests.rules.wrapping import (
    CONSENT,
    MAJORITY,
    Grouped,
    bound,
    ended,
    held,
    in_colleges,
    rule_within,
    vote_by,
)


class Plurality(ChoosingRule):
    """The option with most votes: the least rule between options."""

    slug = "most_votes"
    version = 1
    Options = ChoosingOptions
    kind: ClassVar[Any] = "one"

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        return Paper(self.kind)

    def choose(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        most = max(ballots.values())
        first = sorted(option for option, votes in ballots.items() if votes == most)
        if len(first) > 1:
            return Outcome("tied", reasons=(Reason("tie", {"options": listed(first)}),))
        return Outcome("elected", winners=tuple(first), reasons=(Reason("elected", {"weight": most}),))


class Ranked(Plurality):
    kind = "ranking"


class TestBetweenOptions:
    def at(self, rule: type[Plurality], **options: Any) -> Process:
        chosen = CollegesOptions.model_validate({"inner": MAJORITY, "weights": HALVES, **options})
        voters = in_colleges(S=4, B=5, P=3)
        colleges = Colleges(chosen, {"inner": rule(ChoosingOptions(tie_break="lot"))})
        return Process(colleges, voters, "S01", on_ballot=("pear", "fig"))

    @pytest.mark.parametrize(
        ("method", "weight"), [("proportional", Fraction(53, 100)), ("winner_takes_all", Fraction(7, 10))]
    )
    def test_colleges_choose(self, method: str, weight: Fraction) -> None:
        told = self.at(Plurality, method=method)
        vote_by(told, {"S": {"pear": 3, "fig": 1}, "B": {"fig": 4, "pear": 1}, "P": {"pear": 1, "blank": 2}})
        outcome = told.run_out()
        assert outcome.winners == ("pear",)
        assert outcome.tables["college_weights"][0] == ("college", "pear", "fig")
        expected = {"proportional": Fraction(3, 8) + Fraction(3, 50) + Fraction(1, 5), "winner_takes_all": weight}
        assert outcome.reasons[0].facts["weight"] == expected[method]

    def test_rankings_are_weighed_and_have_no_single_winner(self) -> None:
        told = self.at(Ranked)
        vote_by(told, {"S": {"pear>fig": 3}, "B": {"fig>pear": 4}, "P": {"pear=fig": 1}})
        outcome = told.run_out()
        assert outcome.tables["colleges"][1] == ("B", Fraction(3, 10), 5, 4)
        assert self.at(Ranked, method="winner_takes_all").run_out().code == "no_single_choice"

    def test_no_lots_are_drawn_where_a_college_had_to_be_heard(self) -> None:
        weights = {"S": "3/10", "B": "3/10", "P": "2/5"}
        for policy, phases, code in (("total_weight", 2, "tie"), ("fail", 1, "college_silent")):
            told = self.at(Plurality, weights=weights, empty_college=policy)
            vote_by(told, {"S": {"pear": 3}, "B": {"fig": 4}})
            told.deadline()
            assert told.kinds == ("ballot", "drawing+")[:phases]
            assert told.run_out().code == code

    def test_p17_the_names_of_options_do_not_matter(self) -> None:
        told = self.at(Plurality)
        vote_by(told, {"S": {"pear": 3, "fig": 1}, "B": {"fig": 4}, "P": {"pear": 1}})
        other, names = other_options(told.case)
        assert ended(told.rule, other).winners == (names["pear"],)


class TestWeightsWithinColleges:
    def test_a_college_divides_its_weight_by_the_measure(self) -> None:
        """Whoever is present and did not answer weighs nothing in a college, and is seen as a person."""
        inner = rule_within("colleges", inner=MAJORITY, weights=HALVES)
        rule = bound("weighted", measure="votes", inner=inner)
        there = tuple(Voter(f"{c}{n}", c, measures={"votes": Fraction(n)}) for c in HALVES for n in (1, 2))
        case = Case("S1", Electorate(there))
        one = held(rule, case, {}, frozenset(voter.id for voter in there)).held[0]
        said = {("for", c, ""): {"heads": Fraction(1), "votes": Fraction(2)} for c in HALVES}
        said["against", "S", ""] = {"heads": Fraction(1), "votes": Fraction(1)}
        outcome = ended(rule, replace(case, held=(replace(one, profile=Profile(said)),)))
        assert outcome.reasons[0].facts["for"] == 1 - Fraction(1, 2) * Fraction(1, 3)
        assert "college_would_turn" not in codes(outcome)
        assert outcome.tables["ballots"][-1] == ("uncast", 0)


class TestInvariance:
    rule = bound("colleges", weights=HALVES)

    def at(self, times: int = 1, blank: int = 2, unit: str = "") -> Case:
        case = Case("nobody", in_colleges(**dict.fromkeys(HALVES, 20 * times)))
        rows = {(value, college, unit): times * n for college, said in W09.items() for value, n in said.items()}
        return held(self.rule, case, {**rows, ("blank", "S", unit): blank * times})

    def test_p17_order_and_aggregation(self) -> None:
        case = self.at()
        assert self.rule.after(turned(case)) == self.rule.after(case)
        profile = case.held[0].profile
        assert profile is not None
        one_by_one = {
            (*cell[:2], f"u{n}"): {"heads": Fraction(1)}
            for cell, sums in profile.rows.items()
            for n in range(int(sums["heads"]))
        }
        assert self.rule.after(replace(case, held=(replace(case.held[0], profile=Profile(one_by_one)),))) == ended(
            self.rule, case
        )

    def test_p17_seven_times_as_many_change_only_totals(self) -> None:
        light, heavy = ended(self.rule, self.at()), ended(self.rule, self.at(7))
        assert (light.verdict, light.reasons[0]) == (heavy.verdict, heavy.reasons[0])
        assert light.tables["college_weights"] == heavy.tables["college_weights"]

    def test_p17_an_empty_ballot_changes_participation_only(self) -> None:
        one, other = ended(self.rule, self.at()), ended(self.rule, self.at(blank=3))
        changed = {n for n in one.reasons[0].facts if one.reasons[0].facts[n] != other.reasons[0].facts[n]}
        assert (changed, one.reasons[1:]) == ({"blank"}, other.reasons[1:])


class TestCollegesConform(Grouped):
    rule = Colleges
    beside = (*Grouped.beside, Approval, ConsensusMinus)
    weights: ClassVar[Mapping[str, str]] = {"apple": "1/2", "fig": "3/10", "pear": "1/5"}
    variants = (
        {"inner": MAJORITY, "weights": weights},
        {"inner": MAJORITY, "weights": weights, "method": "winner_takes_all", "empty_college": "expressed_weight"},
        {
            "inner": rule_within("majority", tie_break="chair_casting"),
            "weights": {"apple": "1/2", "fig": "1/4", "pear": "1/4"},
            "empty_college": "fail",
        },
        {"inner": MAJORITY, "weights": {**weights, "apple": "2/5", "plum": "1/10"}},
        {"inner": CONSENT, "weights": weights},
        {"inner": rule_within("approval", threshold="1/2"), "weights": weights},
        {"inner": rule_within("consensus_minus", by_size=({"electors": 5, "tolerance": "1/4"},)), "weights": weights},
    )
