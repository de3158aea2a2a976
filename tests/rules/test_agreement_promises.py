"""What all rules that seek agreement promise: exact explanations, and results that hang on answers alone."""

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.consensus_block_1 import ConsensusBlock
from app.rules.builtin.consensus_minus_1 import ConsensusMinus
from app.rules.builtin.fist_to_five_1 import FistToFive
from app.rules.builtin.gradients_1 import Gradients
from app.rules.builtin.unanimity_1 import Unanimity
from app.rules.canonical import canonical_bytes
from app.rules.contract import Case, Profile
from app.rules.counting import CountingRule
from app.rules.driver import Process
from tests.rules.agreeing import bound, counted, profile, tallied
from tests.rules.stories import codes, electors, people, vote
from tests.rules.told.consensus_minus_1 import ORDINARY

NEAR: Mapping[str, tuple[str, ...]] = {
    "unanimity": ("for", "against", "abstain"),
    "consensus_block": ("agree", "stand_aside", "block"),
    "consensus_minus": ("for", "against", "abstain"),
    "gradients": ("endorse", "opposed", "block"),
    "fist_to_five": ("f5", "f1", "f0"),
}
"""Of each rule, answers that together reach all that it can say."""

SET: tuple[tuple[type[CountingRule], Mapping[str, Any]], ...] = (
    (Unanimity, {}),
    (Unanimity, {"abstain_ok": True}),
    (ConsensusBlock, {}),
    (ConsensusBlock, {"max_stand_aside": 1}),
    (ConsensusBlock, {"max_stand_aside": "1/3"}),
    (ConsensusBlock, {"agree_above": "1/2"}),
    (ConsensusBlock, {"agree_above": "2/3", "max_stand_aside": "1/3"}),
    (ConsensusMinus, {}),
    (ConsensusMinus, {"tolerance": "1/4"}),
    (ConsensusMinus, ORDINARY),
    (ConsensusMinus, {"tolerance": "2/3"}),
    (ConsensusMinus, {"tolerance": 1, "by_size": [{"electors": 5, "tolerance": 2}]}),
    (Gradients, {}),
    (Gradients, {"min_share": "3/5"}),
    (FistToFive, {}),
    (FistToFive, {"min_share": "2/3", "ok_level": 5}),
)
COUNTS_PEOPLE = [
    (ConsensusBlock, {"max_stand_aside": 1}),
    (ConsensusMinus, {}),
    (ConsensusMinus, ORDINARY),
    (ConsensusMinus, {"tolerance": 1, "by_size": [{"electors": 5, "tolerance": 2}]}),
]
"""A number of people, and rounding to whole people, weigh less among more of them."""


OUTSIDE = "x1"
"""An author who is not among the electors: whose hand cast which ballot is then the same to the count."""


def _each(*which: tuple[type[CountingRule], Mapping[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("rule", "options"), which, ids=lambda one: getattr(one, "slug", str(one)))


each_rule = _each(*SET)
each_that_hurries = _each(*((rule, options) for rule, options in SET if "by_size" not in options))


def mixes(values: tuple[str, ...], most: int = 6) -> Iterator[dict[str, int]]:
    """Every way in which two to so many people answer."""
    first, second, third = values
    for people_ in range(2, most + 1):
        for one in range(people_ + 1):
            for two in range(people_ - one + 1):
                yield {first: one, second: two, third: people_ - one - two}


def moved(cast: Mapping[str, int], people_: int, into: str) -> Iterator[dict[str, int]]:
    """Every way in which so many people answer ``into`` instead of what they answered."""
    others = [value for value in cast if value != into]
    for one in range(min(people_, cast[others[0]]) + 1):
        two = people_ - one
        if two <= cast[others[1]]:
            change = {others[0]: -one, others[1]: -two, into: people_}
            yield {value: number + change[value] for value, number in cast.items()}


def decided(
    rule: type[CountingRule], options: Mapping[str, Any], cast: Mapping[str, int], electorate: int | None = None
) -> str:
    return tallied(
        rule, options, electorate or sum(cast.values()), OUTSIDE, **{one: n for one, n in cast.items() if n}
    ).verdict


@each_rule
class TestWhatWouldHaveChangedIt:
    """The figure is checked by changing so many answers, and one fewer: the best for the proposal, or the worst."""

    def test_to_be_adopted(self, rule: type[CountingRule], options: Mapping[str, Any]) -> None:
        warmest = NEAR[rule.slug][0]
        for cast in mixes(NEAR[rule.slug]):
            outcome = tallied(rule, options, None, OUTSIDE, **cast)
            if outcome.verdict != "not_adopted":
                continue
            needed = int(str(outcome.reasons[1].facts["votes"]))
            assert outcome.reasons[1].code == "would_have_passed"
            assert any(decided(rule, options, other) == "adopted" for other in moved(cast, needed, warmest)), cast
            for other in moved(cast, needed - 1, warmest):
                assert decided(rule, options, other) != "adopted", (cast, other)

    def test_not_to_be_adopted(self, rule: type[CountingRule], options: Mapping[str, Any]) -> None:
        warmest, cold, coldest = NEAR[rule.slug]
        for cast in mixes(NEAR[rule.slug]):
            outcome = tallied(rule, options, None, OUTSIDE, **cast)
            if outcome.verdict != "adopted":
                continue
            facts, worst = outcome.reasons[1].facts, coldest if "block" in cast or "f0" in cast else cold
            enough = int(str(facts.get("blocking", facts["votes"])))
            fewer = {warmest: cast[warmest] - enough, worst: cast[worst] + enough}
            assert outcome.reasons[1].code == "would_have_failed"
            assert decided(rule, options, {**cast, **fewer}) == "not_adopted", cast
            if enough > 1:
                almost = {warmest: cast[warmest] - enough + 1, worst: cast[worst] + enough - 1}
                assert decided(rule, options, {**cast, **almost}) == "adopted", cast


@_each(*(one for one in SET if one[0] in (Gradients, FistToFive)))
def test_so_many_doubts_would_have_changed_it_too(rule: type[CountingRule], options: Mapping[str, Any]) -> None:
    warmest, doubt, _ = NEAR[rule.slug]
    for cast in mixes(NEAR[rule.slug]):
        outcome = tallied(rule, options, None, OUTSIDE, **cast)
        if outcome.verdict == "adopted":
            votes = int(str(outcome.reasons[1].facts["votes"]))
            for change, verdict in ((votes, "not_adopted"), (votes - 1, "adopted")):
                other = {**cast, warmest: cast[warmest] - change, doubt: cast[doubt] + change}
                assert decided(rule, options, other) == verdict, cast


@each_rule
def test_p17_any_order_and_any_gathering_give_the_same_bytes(
    rule: type[CountingRule], options: Mapping[str, Any]
) -> None:
    chance = random.Random(17)
    for cast in mixes(NEAR[rule.slug], 4):
        told = canonical_bytes(counted(rule, options, profile(**cast)))
        apart = [((value, f"c{n}", ""), {"heads": Fraction(1)}) for value, most in cast.items() for n in range(most)]
        for _ in range(20):
            chance.shuffle(apart)
            assert canonical_bytes(counted(rule, options, Profile(dict(apart)))) == told


@_each(*(one for one in SET if one not in COUNTS_PEOPLE))
def test_p17_seven_times_everybody_changes_only_the_figures(
    rule: type[CountingRule], options: Mapping[str, Any]
) -> None:
    for cast in mixes(NEAR[rule.slug]):
        one, seven = (counted(rule, options, profile(times, **cast)) for times in (1, 7))
        assert (seven.verdict, seven.code) == (one.verdict, one.code), cast


@_each(*(one for one in SET if one != (Unanimity, {})))
def test_p17_an_empty_ballot_changes_only_the_turnout(rule: type[CountingRule], options: Mapping[str, Any]) -> None:
    """Except where nobody may abstain: there it is an answer."""
    for cast in mixes(NEAR[rule.slug]):
        full = counted(rule, options, profile(**cast))
        empty = counted(rule, options, profile(**cast, blank=2))
        assert (empty.verdict, codes(empty)) == (full.verdict, codes(full))
        for with_, without in zip(empty.reasons, full.reasons, strict=True):
            assert {**with_.facts, "blank": 0} == {**without.facts, "blank": 0}


@each_rule
def test_the_table_holds_every_answer(rule: type[CountingRule], options: Mapping[str, Any]) -> None:
    cast = dict(zip(NEAR[rule.slug], (5, 0, 0), strict=True))
    rows = counted(rule, options, profile(**cast, blank=2)).tables["ballots"]
    assert rows[0] == ("choice", "votes")
    assert [value for value, _ in rows[1:]] == [*rule.ballots, "uncast"]
    assert {value: n for value, n in rows[1:] if n} == {NEAR[rule.slug][0]: 5, "blank": 2}


@each_rule
class TestNobodyDecidesAlone:
    def test_the_author_alone(self, rule: type[CountingRule], options: Mapping[str, Any]) -> None:
        warmest = NEAR[rule.slug][0]
        assert codes(tallied(rule, options, 5, **{warmest: 1})) == ("author_alone",)
        assert codes(tallied(rule, options, 5, **{warmest: 1, "blank": 4})) == ("author_alone",)

    def test_silence(self, rule: type[CountingRule], options: Mapping[str, Any]) -> None:
        assert codes(tallied(rule, options, 5)) == ("no_expressed_votes",)


def test_a_tolerance_that_follows_the_size_is_never_foregone() -> None:
    """Nor does it offer to close early: the circle may still shrink."""
    by_size = [{"electors": 5, "tolerance": 2}]

    def foregone(**options: Any) -> bool:
        process = Process(bound(ConsensusMinus, options), electors(people(6)), "m01")
        vote(process, for_=5)
        held = replace(process.now, phase=replace(process.now.phase, hurries=True))
        return process.rule.foregone(replace(process.case, held=(held,)))

    assert (foregone(tolerance=2), foregone(tolerance=2, by_size=by_size)) == (True, False)
    with pytest.raises(ValidationError, match="no vote closes early"):
        ConsensusMinus.Options.model_validate({"by_size": by_size, "early_close": True})


@each_that_hurries
class TestForegone:
    def at(self, rule: type[CountingRule], options: Mapping[str, Any], electorate: int = 4, **cast: int) -> Process:
        """An open ballot that may close early, after so many answers."""
        process = Process(bound(rule, {"early_close": True, **options}), electors(people(electorate)), OUTSIDE)
        vote(process, **cast)
        return process

    def test_it_is_when_no_completion_changes_a_valid_verdict(
        self, rule: type[CountingRule], options: Mapping[str, Any]
    ) -> None:
        seen = set()
        for cast in mixes(NEAR[rule.slug], 3):
            process = self.at(rule, options, 5, **cast)
            left = 5 - sum(cast.values())
            ends = {decided(rule, options, other, 5) for other in completed(cast, left)}
            certain = len(ends) == 1 and "invalid" not in ends
            assert process.rule.foregone(process.case) is certain, (cast, ends)
            seen.add(certain)
        assert seen == {True, False}

    def test_never_unless_the_circle_wants_it_and_ballots_are_open(
        self, rule: type[CountingRule], options: Mapping[str, Any]
    ) -> None:
        cold = {NEAR[rule.slug][-1]: 0, rule.favour["ballot"][0]: 4}
        for other in ({"early_close": False}, {"visibility": "sealed"}, {"visibility": "secret"}):
            process = self.at(rule, {**options, **other}, 5, **cold)
            assert not process.rule.foregone(process.case)
        assert not bound(rule, {"early_close": True, **options}).foregone(Case("m01", electors(people(3))))

    def test_never_where_ballots_are_weighed(self, rule: type[CountingRule], options: Mapping[str, Any]) -> None:
        process = self.at(rule, options, 5, **{rule.favour["ballot"][0]: 4})
        rows = process.now.profile.rows if process.now.profile else {}
        for other in (Profile(rows, Fraction(1)), Profile(rows, None, "share")):
            held = replace(process.now, profile=other)
            assert not process.rule.foregone(replace(process.case, held=(held,)))


def completed(cast: Mapping[str, int], left: int) -> Iterator[dict[str, int]]:
    """Every way in which up to so many more people answer, or vote blank."""
    values = (*cast, "blank")
    for more in itertools.product(range(left + 1), repeat=len(values)):
        if sum(more) <= left:
            yield {value: cast.get(value, 0) + n for value, n in zip(values, more, strict=True)}
