"""Where votes weigh, what would have changed an outcome is told in weight; each bound is tried on both of its sides."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rules.builtin.colleges_1 import Colleges, CollegesOptions
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.cast import Cast
from app.rules.catalogue import Catalogue
from app.rules.choosing import ChoosingRule
from app.rules.contract import Electorate, Outcome, Profile, Reason, Voter
from app.rules.counting import CountingRule
from app.rules.driver import Process
from tests.rules.stories import codes
from tests.rules.told.colleges_1 import HALVES
from tests.rules.wrapping import in_colleges, rule_within, vote_by, with_measures

CATALOGUE: Final = Catalogue.load()
SLIGHTLY: Final = Fraction(1, 10**9)
THIRDS: Final = st.integers(0, 9).map(lambda number: Fraction(number, 3))
NOBODY: Final = Electorate(())

AGREEING: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("majority", {}),
    ("majority", {"threshold": "2/3", "op": "gte"}),
    ("majority", {"base": "expressed"}),
    ("consensus_minus", {"tolerance": "1/4"}),
    ("consensus_minus", {"tolerance": "9/10"}),
    ("consensus_block", {}),
    ("consensus_block", {"max_stand_aside": "1/3", "agree_above": "1/2"}),
    ("consensus_block", {"agree_above": "2/3"}),
    ("gradients", {"min_share": "3/4"}),
    ("fist_to_five", {"min_share": "1/2"}),
    ("unanimity", {"abstain_ok": True}),
)

SIDES: Final = {"gradients": ["block", "reluctant", "endorse"], "fist_to_five": ["f0", "f2", "f5"]}
"""Of many grades: one that blocks, one that doubts, one that supports."""


def weighing(tally: Mapping[str, Fraction], whole: Fraction | None = None) -> Profile:
    """Ballots with these weights, one person each."""
    rows = {(one, "", ""): {"heads": Fraction(1), "votes": weight} for one, weight in tally.items() if weight}
    return Profile(rows, measure="votes", whole=whole)


def moved(tally: Mapping[str, Fraction], order: Iterable[str], to: str, weight: Fraction) -> dict[str, Fraction] | None:
    """The same with so much weight cast otherwise, in this order; None where there is not as much."""
    after = dict(tally)
    for answer in order:
        taken = min(weight, after.get(answer, Fraction(0)))
        after |= {answer: after.get(answer, Fraction(0)) - taken, to: after.get(to, Fraction(0)) + taken}
        weight -= taken
    return None if weight else after


def bound(outcome: Outcome) -> Reason:
    """What is told in weight."""
    (found,) = (one for one in outcome.reasons if one.code in ("weight_would_pass", "weight_would_fail"))
    return found


@pytest.mark.parametrize("fills", [False, True], ids=["", "whole"])
@pytest.mark.parametrize(("slug", "options"), AGREEING)
@given(st.data())
def test_so_much_weight_turns_it(slug: str, options: Mapping[str, Any], fills: bool, data: st.DataObject) -> None:
    rule = CATALOGUE.bind(slug, 1, options)
    assert isinstance(rule, CountingRule)
    scale = rule.favour["ballot"]
    told_apart = SIDES.get(slug) or [one for one in scale if one not in ("blank", "abstain")]
    tally = {one: data.draw(THIRDS) for one in told_apart}
    assume(sum(tally.values()))
    whole = sum(tally.values()) + data.draw(THIRDS) if fills else None

    def verdict(after: Mapping[str, Fraction]) -> str:
        return rule.count(weighing(after, whole), NOBODY, ()).verdict

    outcome = rule.count(weighing(tally, whole), NOBODY, ())
    reason, adopted = bound(outcome), outcome.verdict == "adopted"
    assert reason.code == ("weight_would_fail" if adopted else "weight_would_pass")
    to, *order = told_apart if adopted else reversed(told_apart)
    weight = Fraction(str(reason.facts["weight"]))
    enough = moved(tally, order[::-1], to, weight + (SLIGHTLY if reason.facts["op"] == "gt" else 0))
    assert enough is None or verdict(enough) != outcome.verdict
    short = moved(tally, order[::-1], to, weight if reason.facts["op"] == "gt" else weight - SLIGHTLY)
    one_block_is_enough = adopted and slug in ("gradients", "fist_to_five")
    assert short is None or one_block_is_enough or verdict(short) == outcome.verdict


CHOOSING: Final[tuple[tuple[str, Mapping[str, Any], str, int], ...]] = (
    ("approval", {}, "{}", 1),
    ("approval", {"seats": 2}, "{}", 1),
    ("score", {}, "{}:1", 1),
    ("borda", {"unranked": "zero"}, "{}", 2),
    ("quadratic", {}, "{}:1", 1),
    ("star", {}, "{}:1", 1),
)
"""Rules, and a ballot for one option alone with the points that it gives."""


@pytest.mark.parametrize(("slug", "options", "ballot", "points"), CHOOSING)
@given(st.data())
def test_so_much_more_elects_the_next(
    slug: str, options: Mapping[str, Any], ballot: str, points: int, data: st.DataObject
) -> None:
    rule, on_ballot = CATALOGUE.bind(slug, 1, options), ("a", "b", "c")
    assert isinstance(rule, ChoosingRule)
    weights = {ballot.format(option): data.draw(THIRDS) for option in on_ballot}

    def elected(more: Mapping[str, Fraction]) -> Outcome:
        cast = {one: weight + more.get(one, 0) for one, weight in weights.items() if weight + more.get(one, 0)}
        people = dict.fromkeys(cast, Fraction(1))
        return rule.choose(Cast(cast, people=people, electors=9), on_ballot, ())

    assume(any(weights.values()))
    outcome = elected({})
    for reason in outcome.reasons:
        if reason.code == "weight_ahead":
            by, behind = Fraction(str(reason.facts["by"])) / points, str(reason.facts["behind"]).split(",")[0]
            over = SLIGHTLY if reason.facts["op"] == "gt" else Fraction(0)
            assert behind not in outcome.winners
            assert behind in elected({ballot.format(behind): by + over}).winners
            assert behind not in elected({ballot.format(behind): by + over - SLIGHTLY}).winners
        if reason.code == "any_weight_settles" and outcome.verdict == "tied" and slug != "star":
            tied = str(outcome.reasons[0].facts["options"]).split(",")[: int(str(reason.facts["number"]))]
            settled = elected({ballot.format(one): SLIGHTLY for one in tied})
            assert settled.verdict == "elected"
            assert set(tied) <= set(settled.winners)
    told = {"weight_ahead", "weight_would_reach", "too_few_raters"}
    assert outcome.verdict != "elected" or told & {one.code for one in outcome.reasons}


@pytest.mark.parametrize("op", ["gt", "gte"])
@given(st.data())
def test_approval_by_share_tells_what_reaches_it_and_what_falls_from_it(op: str, data: st.DataObject) -> None:
    rule, on_ballot = CATALOGUE.bind("approval", 1, {"threshold": "1/2", "op": op}), ("a", "b", "c")
    assert isinstance(rule, ChoosingRule)
    weights = {option: data.draw(THIRDS) for option in on_ballot}
    assume(sum(weights.values()))

    def elected(more: Mapping[str, Fraction]) -> tuple[str, ...]:
        cast = {one: weights[one] + more.get(one, Fraction(0)) for one in on_ballot}
        people = dict.fromkeys(cast, Fraction(1))
        return rule.choose(
            Cast(cast, people=people, whole=sum(weights.values(), Fraction(0)), electors=9), on_ballot, ()
        ).winners

    people = dict.fromkeys(weights, Fraction(1))
    outcome = rule.choose(
        Cast(weights, people=people, whole=sum(weights.values(), Fraction(0)), electors=9), on_ballot, ()
    )
    told = {one.code: one.facts for one in outcome.reasons}
    for code, sign in (("weight_would_reach", 1), ("weight_would_lose_place", -1)):
        if code in told:
            facts = told[code]
            option, weight = str(facts["options"]).split(",")[0], Fraction(str(facts["weight"]))
            enough = weight + (SLIGHTLY if facts["op"] == "gt" else 0)
            is_in = option in outcome.winners
            assert (option in elected({option: sign * enough})) != is_in
            assert (option in elected({option: sign * (enough - SLIGHTLY)})) == is_in


def counted(slug: str, options: Mapping[str, Any], weights: Mapping[str, Fraction], on_ballot: str) -> Outcome:
    """The outcome of ballots with these weights."""
    rule = CATALOGUE.bind(slug, 1, options)
    assert isinstance(rule, ChoosingRule)
    people = dict.fromkeys(weights, Fraction(1))
    return rule.choose(Cast(dict(sorted(weights.items())), people=people, electors=9), tuple(on_ballot), ())


def test_votes_of_the_last_round_that_would_have_named_another() -> None:
    """a has more than half of 3 at once; with more than 1/2 of a's, b has."""
    weights = {"a": Fraction(5, 3), "b": Fraction(1), "c>a": Fraction(1, 3)}
    (told,) = (one for one in counted("irv", {}, weights, "abc").reasons if one.code == "weight_would_lose")
    assert (told.facts["others"], told.facts["moved"], told.facts["round"]) == ("b", Fraction(1, 2), 1)
    for part, winner in ((Fraction(1, 2) - SLIGHTLY, "a"), (Fraction(1, 2) + SLIGHTLY, "b")):
        after = weights | {"a": Fraction(5, 3) - part, "b": Fraction(1) + part}
        assert counted("irv", {}, after, "abc").winners == (winner,)


def test_the_next_list_and_its_claim() -> None:
    told = counted("apportionment", {"seats": 2}, {"a": Fraction(7, 3), "b": Fraction(1)}, "ab")
    (next_,) = (one for one in told.reasons if one.code == "next_in_line")
    assert next_.facts == {"options": "b", "claim": 1}


class TestCollegesTellTheFewest:
    """The fewest votes of one college, tried against every other way in which it might have voted."""

    @pytest.mark.parametrize(
        ("inner", "answers"),
        [
            (rule_within("majority"), ("for", "against")),
            (rule_within("consensus_block", agree_above="1/2"), ("agree", "stand_aside", "block")),
            (rule_within("gradients", scale=3, min_share="3/4"), ("endorse", "neutral", "block")),
            (rule_within("consensus_minus", tolerance="1/4"), ("for", "against")),
        ],
        ids=lambda value: value["rule"] if isinstance(value, dict) else "",
    )
    def test_fewest(self, inner: Mapping[str, Any], answers: tuple[str, ...]) -> None:
        rule = CATALOGUE.bind("colleges", 1, {"inner": inner, "weights": HALVES})
        voters = Electorate(Voter(f"m{n}", "SSSBBP"[n]) for n in range(6))

        def told(ballots: tuple[str, ...]) -> Outcome:
            process = Process(rule, voters, "m0")
            for number, ballot in enumerate(ballots):
                process.say(f"m{number}", "ballot", ballot)
            return process.run_out()

        outcomes = {ballots: told(ballots) for ballots in product(answers, repeat=6)}
        for ballots, outcome in list(outcomes.items())[::7]:
            if outcome.verdict == "invalid":
                continue
            least = self._least(ballots, {other: one.verdict for other, one in outcomes.items()})
            codes = {one.code: one.facts for one in outcome.reasons}
            if least is None:
                assert "no_college_turns" in codes, ballots
            else:
                assert codes["college_would_turn"]["votes"] == least, ballots

    @staticmethod
    def _least(ballots: tuple[str, ...], verdicts: Mapping[tuple[str, ...], str]) -> int | None:
        """By trying: how few voters of one college alone, with other answers, decide the opposite."""
        found = []
        for own in (range(3), range(3, 5), range(5, 6)):
            for other, verdict in verdicts.items():
                changed = [n for n in range(6) if other[n] != ballots[n]]
                if {verdict, verdicts[ballots]} == {"adopted", "not_adopted"} and set(changed) <= set(own):
                    found.append(len(changed))
        return min(found, default=None)


class Unpromising(Majority):
    """A majority that does not promise that a vote in favour never harms."""

    claims = frozenset({"anonymous"})


def test_nothing_is_tried_where_a_rule_does_not_say_what_is_in_favour() -> None:
    options = CollegesOptions.model_validate({"inner": {"rule": "majority"}, "weights": HALVES})
    process = Process(Colleges(options, {"inner": Unpromising(MajorityOptions())}), in_colleges(S=1, B=1, P=1), "S01")
    vote_by(process, {"S": {"for": 1}, "B": {"for": 1}, "P": {"against": 1}})
    assert codes(process.run_out()) == ("reached", "weight_would_fail", "by_colleges")


def test_another_ballot_between_the_tied_tells_its_lead_in_weight() -> None:
    rule = CATALOGUE.bind("weighted", 1, {"inner": rule_within("approval", tie_break="revote"), "measure": "votes"})
    process = Process(rule, with_measures((3, {"votes": 2})), "m01", on_ballot=("a", "b"))
    for choices in (("a", "b", "blank"), ("a", "a", "b")):
        for voter, choice in zip(("m01", "m02", "m03"), choices, strict=True):
            process.say(voter, "ballot", choice)
    told = {one.code: one.facts for one in process.run_out().reasons}
    assert told["weight_ahead"] == {"ahead": "a", "behind": "b", "by": 2, "op": "gt"}


@pytest.mark.parametrize("heads", [True, False], ids=["heads", "weights"])
@pytest.mark.parametrize(("threshold", "settles"), [("1/10", False), ("1/11", True)])
def test_one_more_settles_a_tie_only_where_no_list_falls_out(heads: bool, threshold: str, settles: bool) -> None:
    """One more vote for c, or for d, raises a bar of a tenth above b's hundred: then both seats are d's."""
    rule = CATALOGUE.bind("apportionment", 1, {"seats": 2, "method": "largest_remainder", "threshold": threshold})
    assert isinstance(rule, ChoosingRule)
    votes = {"b": Fraction(100), "c": Fraction(200), "d": Fraction(700)}
    people = None if heads else dict.fromkeys(votes, Fraction(1))
    told = codes(rule.choose(Cast(votes, people=people, electors=2000), ("a", "b", "c", "d"), ()))
    assert told[0] == "tie"
    assert bool({"would_have_settled", "any_weight_settles"} & set(told)) == settles
