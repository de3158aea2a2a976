"""Where votes weigh, a share is one of the whole, a number is one of people, and no unit of weights decides."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.cast import Cast
from app.rules.catalogue import Catalogue
from app.rules.choosing import ChoosingRule
from app.rules.contract import Electorate, Outcome, Voter
from app.rules.counting import CountingRule
from app.rules.driver import Process
from app.rules.papers import some
from app.rules.wander import wander
from tests.rules.stories import codes
from tests.rules.told.colleges_1 import HALVES, W12
from tests.rules.wrapping import Votes, in_colleges, rule_within, vote_by, with_measures

CATALOGUE: Final = Catalogue.load()
EVERYBODY: Final = in_colleges(S=20, B=7, P=4)
ALL_FOR: Final = {"S": {"for": 20}, "P": {"for": 4}}


def by_colleges(
    inner: Mapping[str, Any],
    said: Mapping[str, Votes],
    on_ballot: str = "",
    voters: Electorate = EVERYBODY,
    **more: Any,
) -> Outcome:
    """The outcome when so many of each college cast so many ballots."""
    rule = CATALOGUE.bind("colleges", 1, {"inner": inner, "weights": HALVES, **more})
    process = Process(rule, voters, "S01", on_ballot=tuple(on_ballot))
    vote_by(process, said)
    return process.run_out()


def by_weight(inner: Mapping[str, Any], cast: Mapping[str, int], *groups: tuple[int, Mapping[str, Any]]) -> Outcome:
    """The outcome when so many ballots are cast, in the order of the voters with these votes."""
    rule = CATALOGUE.bind("weighted", 1, {"inner": inner, "measure": "votes"})
    process = Process(rule, with_measures(*groups), "m01")
    names = iter(voter.id for voter in process.electorate.voters)
    for value, number in cast.items():
        for _ in range(number):
            process.say(next(names), "ballot", value)
    return process.run_out()


def marked(said: Mapping[str, Votes], for_: str, against: str = "") -> dict[str, Votes]:
    """The same votes, marked in another way."""
    return {
        college: {for_ if one == "for" else against: n for one, n in votes.items()} for college, votes in said.items()
    }


def facts(outcome: Outcome, code: str) -> Mapping[str, Any]:
    """The figures of the one reason with this code."""
    (found,) = (reason.facts for reason in outcome.reasons if reason.code == code)
    return found


class TestSharesAreOfTheWhole:
    """W12: S 13 to 7, P 3 to 1, and nobody of B, whose 3/10 stay in the whole or are left out."""

    @pytest.mark.parametrize(
        ("inner", "said", "kept", "left_out"),
        [
            (rule_within("majority"), W12, "not_adopted", "adopted"),
            (rule_within("approval", threshold="1/2"), marked(W12, "a", "b"), "not_elected", "elected"),
            (rule_within("apportionment", threshold="1/2"), marked(W12, "a", "b"), "not_elected", "elected"),
            (rule_within("score", min_raters="3/4"), marked(ALL_FOR, "a:5,b:2"), "not_elected", "elected"),
            (rule_within("gradients", min_share="3/4"), marked(ALL_FOR, "endorse"), "not_adopted", "adopted"),
            (rule_within("fist_to_five"), marked(ALL_FOR, "f5"), "not_adopted", "adopted"),
            (rule_within("consensus_minus", tolerance="1/10"), ALL_FOR, "not_adopted", "adopted"),
            (rule_within("unanimity"), ALL_FOR, "adopted", "adopted"),
        ],
        ids=lambda value: value["rule"] if isinstance(value, dict) and "rule" in value else "",
    )
    def test_w12(self, inner: Mapping[str, Any], said: Mapping[str, Votes], kept: str, left_out: str) -> None:
        assert by_colleges(inner, said, "ab").verdict == kept
        assert by_colleges(inner, said, "ab", empty_college="expressed_weight").verdict == left_out

    def test_w12_the_bar_is_half_of_all(self) -> None:
        bar = facts(by_colleges(rule_within("approval", threshold="1/2"), marked(W12, "a", "b"), "ab"), "bar")
        assert (bar["bar"], bar["ballots"]) == (Fraction(1, 2), 1)

    def test_a_silent_college_doubts_nothing(self) -> None:
        told = by_colleges(rule_within("gradients", min_share="3/4"), marked(ALL_FOR, "endorse"))
        figures = facts(told, "discuss")
        assert (figures["passing"], figures["doubting"], figures["of"]) == (Fraction(7, 10), 0, 1)

    @pytest.mark.parametrize(("limit", "verdict"), [("9/20", "adopted"), ("2/5", "not_adopted")])
    def test_who_stands_aside_has_a_part_of_the_weight(self, limit: str, verdict: str) -> None:
        """Nine of ten in a college of half of all votes are 9/20, whoever else there is; nothing is rounded."""
        said = {"S": {"agree": 1, "stand_aside": 9}, "B": {"agree": 7}, "P": {"agree": 4}}
        told = by_colleges(rule_within("consensus_block", max_stand_aside=limit), said)
        assert (told.verdict, told.reasons[0].facts["stand_aside"]) == (verdict, Fraction(9, 20))

    def test_silence_does_not_widen_how_many_may_stand_aside(self) -> None:
        said = {"S": {"agree": 10, "stand_aside": 10}, "P": {"agree": 4}}
        told = by_colleges(rule_within("consensus_block", max_stand_aside="1/3"), said)
        assert facts(told, "too_many_aside")["allowed"] == Fraction(7, 30)

    def test_what_is_tolerated_is_still_outvoted(self) -> None:
        told = by_colleges(rule_within("consensus_minus", tolerance="3/4"), {"S": {"for": 10, "against": 10}})
        figures = facts(told, "outvoted")
        assert (figures["tolerated"], figures["op"], figures["needed"]) == (Fraction(3, 4), "gt", Fraction(1, 4))


class TestNumbersCountPeople:
    def test_one_rater_is_enough_whatever_their_weight(self) -> None:
        said = {"S": {"a:5,b:3": 20}, "B": {"b:3": 7}, "P": {"a:5,b:3": 4}}
        assert by_colleges(rule_within("score"), said, "ab").winners == ("a",)

    @pytest.mark.parametrize(("raters", "winner"), [(4, "a"), (5, "b")])
    def test_so_many_raters(self, raters: int, winner: str) -> None:
        """Four people of a small college outweigh ten of the largest, and are four."""
        said = {"S": {"b:2": 10}, "P": {"a:5": 4}}
        told = by_colleges(rule_within("score", aggregate="mean", unscored="exclude", min_raters=raters), said, "ab")
        assert told.winners == (winner,)

    @pytest.mark.parametrize("unscored", ["zero", "exclude"])
    def test_raters_without_any_weight_elect_nobody(self, unscored: str) -> None:
        inner = rule_within("score", aggregate="mean", unscored=unscored)
        rule = CATALOGUE.bind("weighted", 1, {"inner": inner, "measure": "votes"})
        process = Process(rule, with_measures((2, {"votes": 1}), (1, {})), "m01", on_ballot=("a", "b"))
        for voter, ballot in (("m01", "b:1"), ("m02", "b:1"), ("m03", "a:5")):
            process.say(voter, "ballot", ballot)
        assert process.run_out().winners == ("b",)

    def test_two_against_are_more_than_one(self) -> None:
        """Two of five against in the largest college weigh a fifth; they are two people, and one is tolerated."""
        said = {"S": {"for": 3, "against": 2}, "B": {"for": 7}, "P": {"for": 4}}
        told = by_colleges(rule_within("consensus_minus"), said)
        assert (told.verdict, facts(told, "missed")["opposed"]) == ("not_adopted", 2)
        assert by_colleges(rule_within("consensus_minus", tolerance=2), said).verdict == "adopted"

    def test_two_of_three_against_with_a_third_of_a_vote_each(self) -> None:
        thirds = (3, {"votes": Fraction(1, 3)})
        told = by_weight(rule_within("consensus_minus"), {"for": 1, "against": 2}, thirds)
        assert (told.verdict, told.code) == ("not_adopted", "missed")

    def test_a_heavy_member_is_one_who_stands_aside(self) -> None:
        inner, sizes = rule_within("consensus_block", max_stand_aside=1), ((1, {"votes": 3}), (4, {"votes": 1}))
        assert by_weight(inner, {"stand_aside": 1, "agree": 4}, *sizes).verdict == "adopted"
        told = by_weight(inner, {"stand_aside": 2, "agree": 3}, *sizes)
        assert (told.code, facts(told, "too_many_aside")["aside"]) == ("too_many_aside", 2)

    @pytest.mark.parametrize(
        ("quorum", "counts", "verdict"),
        [
            (4, "votes", "elected"),
            (5, "votes", "not_elected"),
            (1, "half_roots", "elected"),
            (2, "half_roots", "not_elected"),
        ],
    )
    def test_a_quorum_of_options_counts_people(self, quorum: int, counts: str, verdict: str) -> None:
        """Four people of the largest college put a above the default; the root of 31 electors is between 5 and 6."""
        options = {"default": "n", "default_majority": None, "option_quorum": quorum, "option_quorum_in": counts}
        told = by_colleges(rule_within("schulze", **options), {"S": {"a>n": 4}, "B": {"b>n": 7}}, "abn")
        assert told.verdict == verdict
        if verdict == "not_elected":
            assert (facts(told, "dropped_by_quorum")["above"], facts(told, "dropped_by_quorum")["below"]) == (4, 7)


COUNTERFACTUAL: Final = re.compile("would_.*|ahead(_by)?|one_more_ballot|revote_next|short_by")
"""What is told in so many people, votes or points more or fewer."""
COUNTS: Final = tuple(
    (rule.slug, options)
    for rule in CATALOGUE.rules()
    if issubclass(rule, CountingRule) and rule.slug not in {"double_majority", "sortition"}
    for options in ({}, {"threshold": "2/3"}, {"seats": 2}, {"negative_ok": True})
    if options.keys() <= rule.Options.model_fields.keys()
)
WEIGHED: Final = ({"weights": HALVES}, {"weights": HALVES, "empty_college": "expressed_weight"}, {"measure": "votes"})


@pytest.mark.parametrize("around", WEIGHED, ids=["total", "expressed", "weighted"])
@pytest.mark.parametrize(("inner", "options"), COUNTS)
@given(st.randoms(use_true_random=False))
def test_nobody_is_told_how_many_more_where_votes_weigh(
    inner: str, options: Mapping[str, Any], around: Mapping[str, Any], chance: Any
) -> None:
    slug = "colleges" if "weights" in around else "weighted"
    rule = CATALOGUE.bind(slug, 1, {"inner": rule_within(inner, **options), **around})
    voters = Electorate(
        Voter(f"m{n}", "SBP"[n % 3], measures={"votes": Fraction(1 + n % 2, 3)}) for n in range(3 + chance.randrange(6))
    )
    outcome = wander(Process(rule, voters, "m0", on_ballot=("a", "b", "c", "d")), chance.randrange)
    assert not any(map(COUNTERFACTUAL.fullmatch, codes(outcome))), codes(outcome)


CHOICES: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("approval", {"threshold": "1/2"}),
    ("apportionment", {"seats": 3, "threshold": "1/4"}),
    ("apportionment", {"seats": 5, "method": "largest_remainder"}),
    ("borda", {}),
    ("irv", {}),
    ("majority_judgment", {}),
    ("quadratic", {"negative_ok": True}),
    ("schulze", {"default": "a", "option_quorum": 2}),
    ("score", {"min_raters": "1/2", "aggregate": "mean"}),
    ("star", {}),
    ("stv", {"seats": 1}),
    ("stv", {"seats": 2}),
    ("stv", {"seats": 2, "quota": "droop_recomputed", "arithmetic": "five_decimals"}),
    ("stv", {"seats": 2, "quota": "hare", "arithmetic": "five_decimals"}),
)


@st.composite
def college_votes(draw: st.DrawFn, rule: ChoosingRule, on_ballot: tuple[str, ...]) -> Cast:
    """What three colleges mark, each with its weight divided by as many ballots as were cast there."""
    paper, chance = rule.paper(on_ballot), draw(st.randoms(use_true_random=False))
    weights, people = dict[str, Fraction](), dict[str, Fraction]()
    for weight in (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)):
        number = draw(st.integers(0, 7))
        for _ in range(number):
            ballot = some(paper, on_ballot, chance.randrange)
            if ballot not in rule.neutral:
                weights[ballot] = weights.get(ballot, Fraction(0)) + weight / number
                people[ballot] = people.get(ballot, Fraction(0)) + 1
    in_order = {ballot: weights[ballot] for ballot in sorted(weights)}
    return Cast(in_order, people=people, whole=Fraction(1), electors=21)


@pytest.mark.parametrize(("slug", "options"), CHOICES)
@given(st.data())
def test_p17_a_thousand_times_the_weight_elects_the_same(
    slug: str, options: Mapping[str, Any], data: st.DataObject
) -> None:
    rule, on_ballot = CATALOGUE.bind(slug, 1, options), ("a", "b", "c", "d")
    assert isinstance(rule, ChoosingRule)
    light = data.draw(college_votes(rule, on_ballot).filter(bool))
    heavy = Cast(
        {one: 1000 * weight for one, weight in light.items()}, people=light.people, whole=Fraction(1000), electors=21
    )
    once, again = rule.choose(light, on_ballot, ()), rule.choose(heavy, on_ballot, ())
    assert (again.verdict, again.winners) == (once.verdict, once.winners)


def test_a_lower_wish_does_not_move_the_quota() -> None:
    """One of two voters of a college swaps the second and the third: the unit of all weights is then another one."""
    others = {"B": {"b>c>a": 7}, "P": {"c>b>a": 4}}
    for first in ({"a>b>c": 2}, {"a>b>c": 1, "a>c>b": 1}):
        told = by_colleges(rule_within("stv", seats=2), {"S": first, **others}, "abc")
        assert (facts(told, "elected")["quota"], facts(told, "elected")["quota_is"]) == (Fraction(1, 3), "above_droop")
