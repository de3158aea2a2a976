"""Several conditions on one ballot, by the worked examples, and a rule within that must adopt on it as well."""

from typing import Any

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.colleges_1 import Colleges
from app.rules.builtin.consensus_minus_1 import ConsensusMinus
from app.rules.builtin.double_majority_1 import DoubleMajority
from app.rules.builtin.fallback_1 import Fallback
from app.rules.claims import CLAIMS
from app.rules.contract import Case, Electorate, Voter
from tests.rules.stories import all_say, codes, electors, object_, people, vote
from tests.rules.told.double_majority_1 import FEDERATION, MOST_HEADS, TWO_COLLEGES, WEIGHED, colleges, federation
from tests.rules.wrapping import (
    CONSENT,
    HURRIED,
    MAJORITY,
    Grouped,
    bound,
    ended,
    held,
    process,
    refusals,
    rule_within,
    with_measures,
)


class TestDoubleMajority:
    def test_w16_most_units_are_missing(self) -> None:
        outcome = federation(5, 5, 5).run_out()
        assert (outcome.verdict, codes(outcome)[:2]) == ("not_adopted", ("conditions_missed", "condition_missed"))
        assert outcome.tables["conditions"][1:] == (
            ("condition_1", 15, 30, 15, "condition_is_missed"),
            ("condition_2", 30, 54, 27, "condition_is_met"),
            ("condition_3", 2750, 4200, 2100, "condition_is_met"),
        )

    def test_w16_one_more_unit_carries_it(self) -> None:
        outcome = federation(6, 5, 5).run_out()
        assert outcome.verdict == "adopted"
        assert [row[1:3] for row in outcome.tables["conditions"][1:]] == [(16, 30), (31, 54), (2780, 4200)]

    def test_w16_the_missing_figure_is_what_was_missing(self) -> None:
        missed = federation(5, 5, 5).run_out().reasons[1].facts
        assert (missed["measure"], missed["margin"]) == ("units", 1)
        assert federation(5, 5, 5 + int(str(missed["margin"]))).run_out().verdict == "adopted"
        met = federation(6, 5, 5).run_out().reasons[1].facts
        assert federation(6 - int(str(met["margin"])), 5, 5).run_out().verdict == "not_adopted"

    def test_a_unit_says_what_most_of_its_people_say(self) -> None:
        rule = bound("double_majority", conditions=({"measure": "units", "at_least": 2}, FEDERATION[0]))
        voters = (*(Voter(f"m{n:02}", unit=f"u{n % 4}") for n in range(1, 13)), Voter("m13"))
        case = Case("m01", Electorate(voters))
        rows = {("for", "", "u0"): 2, ("against", "", "u0"): 1, ("for", "", "u1"): 1, ("against", "", "u1"): 1}
        outcome = ended(rule, held(rule, case, {**rows, ("for", "", "u2"): 1, ("for", "", ""): 1}))
        assert [row[1:3] for row in outcome.tables["conditions"][1:]] == [(2, 3), (2, 3)]
        assert outcome.verdict == "adopted"

    def test_weighed_votes_are_refused(self) -> None:
        inner = rule_within("double_majority", conditions=FEDERATION)
        told = process(bound("weighted", measure="votes", inner=inner), with_measures((4, {"votes": 1})))
        vote(told, for_=4)
        assert told.run_out().code == "already_weighed"

    def test_what_is_told_apart(self) -> None:
        assert bound("double_majority", conditions=FEDERATION).reads() == {"unit", "weights"}
        colleges = ({"measure": "colleges", "at_least": 1}, {"measure": "heads", "at_least": 1})
        assert bound("double_majority", conditions=colleges).reads() == {"college"}


class TestARuleWithin:
    """Colleges by weight and a majority of heads: both must be for."""

    @pytest.mark.parametrize(
        ("staff", "users", "partners", "verdict", "first"),
        [
            ((12, 6), (2, 5), (3, 1), "adopted", "reached"),
            ((2, 14), (6, 0), (4, 0), "not_adopted", "conditions_missed"),
            ((18, 2), (1, 6), (1, 4), "not_adopted", "missed"),
            ((2, 14), (1, 5), (4, 0), "not_adopted", "missed"),
            ((0, 0), (0, 0), (1, 0), "invalid", "author_alone"),
        ],
    )
    def test_both_must_be_for(
        self, staff: tuple[int, int], users: tuple[int, int], partners: tuple[int, int], verdict: str, first: str
    ) -> None:
        said = {
            college: {"for": for_, "against": against, "blank": int(college != "P")}
            for college, (for_, against) in (("S", staff), ("B", users), ("P", partners))
        }
        told = colleges(said, MOST_HEADS, inner=WEIGHED, proposer="P01")
        outcome = told.run_out()
        assert (outcome.verdict, outcome.code) == (verdict, first)

    def test_the_ballot_is_that_of_the_rule_within(self) -> None:
        told = process(
            bound("double_majority", conditions=(MOST_HEADS,), inner=rule_within("majority", quorum="1/2")),
            electors(people(6)),
        )
        vote(told, for_=2)
        outcome = told.run_out()
        assert (outcome.verdict, codes(outcome)) == ("invalid", ("no_quorum",))

    def test_a_chair_who_carries_one_half_does_not_carry_the_other(self) -> None:
        inner = rule_within("majority", tie_break="chair_casting")
        told = process(bound("double_majority", conditions=(MOST_HEADS,), inner=inner), electors(people(6)))
        vote(told, for_=3, against=3)
        told.say("m02", "casting_vote", "for")
        outcome = told.run_out()
        assert (outcome.verdict, codes(outcome)) == (
            "not_adopted",
            ("conditions_missed", "condition_missed", "but_for_the_conditions", "chair_casting", "tie"),
        )

    def test_the_last_ballot_is_the_one_that_is_judged(self) -> None:
        inner = rule_within("fallback", first=MAJORITY, second=MAJORITY, on=("tie",))
        told = process(bound("double_majority", conditions=(MOST_HEADS,), inner=inner), electors(people(6)))
        vote(told, for_=3, against=3)
        vote(told, for_=4, against=1)
        told.run_out()
        outcome = told.run_out()
        assert (outcome.verdict, outcome.reasons[-1].facts["for"]) == ("adopted", 4)

    def test_without_a_ballot_there_is_nothing_to_judge(self) -> None:
        inner = rule_within("fallback", first=CONSENT, second=MAJORITY, on=("participation",))
        told = process(bound("double_majority", conditions=(MOST_HEADS,), inner=inner), electors(people(4)))
        all_say(told, people(4)[1:])
        assert (told.run_out().verdict, told.run_out().code) == ("invalid", "no_ballot_to_judge")
        objected = process(bound("double_majority", conditions=(MOST_HEADS,), inner=inner), electors(people(4)))
        all_say(objected, people(4)[1:3])
        ref = object_(objected, "m04")
        assert [matter.ref for matter in objected.rule.matters(objected.case)] == [ref]

    def test_weighed_votes_are_refused(self) -> None:
        inner = rule_within("double_majority", conditions=(MOST_HEADS,), inner=MAJORITY)
        told = process(bound("weighted", measure="votes", inner=inner), with_measures((4, {"votes": 1})))
        vote(told, for_=4)
        assert told.run_out().code == "already_weighed"

    def test_what_is_told_apart(self) -> None:
        assert bound("double_majority", conditions=(FEDERATION[2],), inner=WEIGHED).reads() == {"college", "weights"}

    @pytest.mark.parametrize(
        ("options", "faults"),
        [
            ({"conditions": (MOST_HEADS,), "inner": MAJORITY}, []),
            ({"conditions": (MOST_HEADS,)}, ["/conditions too_short"]),
            ({"conditions": (), "inner": MAJORITY}, ["/conditions too_short"]),
            ({"conditions": (MOST_HEADS,), "inner": {"rule": "nothing"}}, ["/inner/rule unknown_rule"]),
            ({"conditions": (MOST_HEADS,), "inner": HURRIED}, ["/inner/options/early_close never_early"]),
            ({"conditions": (MOST_HEADS,), "inner": rule_within("approval")}, ["/inner/rule nobody_for_or_against"]),
            (
                {"conditions": (MOST_HEADS,), "inner": MAJORITY, "window": "P3D", "quorum": "1/2"},
                ["/window ballot_within", "/quorum ballot_within"],
            ),
            ({"conditions": (MOST_HEADS,), "inner": {"rule": 3}}, ["/inner/rule string_type"]),
        ],
    )
    def test_options_that_contradict_each_other(self, options: dict[str, Any], faults: list[str]) -> None:
        assert refusals("double_majority", options) == faults


CONDITIONS = (FEDERATION[0], {"measure": "votes", "threshold": "1/2"})
OF_FRUIT = {"apple": "2/5", "fig": "7/20", "pear": "1/4"}


class TestDoubleMajorityConforms(Grouped):
    rule = DoubleMajority
    beside = (*Grouped.beside, Approval, Colleges, ConsensusMinus, Fallback)
    variants = (
        {"conditions": (MOST_HEADS,), "inner": {**WEIGHED, "options": {**WEIGHED["options"], "weights": OF_FRUIT}}},
        {"conditions": CONDITIONS, "inner": rule_within("majority", tie_break="chair_casting", quorum="1/2")},
        {
            "conditions": (MOST_HEADS, TWO_COLLEGES),
            "inner": rule_within("fallback", first=CONSENT, second=MAJORITY, on=("participation", "no_consent")),
        },
        {"conditions": CONDITIONS},
        {"conditions": ({"measure": "heads", "threshold": "2/3", "op": "gte"}, {"measure": "colleges", "at_least": 2})},
        {"conditions": ({"measure": "votes", "threshold": "1/3", "base": "entitled"}, FEDERATION[0]), "quorum": "1/2"},
    )

    def test_who_moves_in_favour_never_makes_conditions_fail(self) -> None:
        """Of a rule within this rule promises nothing; the conditions alone are monotone."""
        alone = type("Alone", (TestDoubleMajorityConforms,), {"variants": self.variants[2:]})()
        alone.search(CLAIMS["monotone"])
