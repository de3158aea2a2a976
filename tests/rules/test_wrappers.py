"""Rules that hold another rule: a minority that blocks, a second rule that follows."""

from dataclasses import replace
from typing import Any

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.fallback_1 import Fallback
from app.rules.builtin.minority_block_1 import MinorityBlock
from app.rules.contract import Case, DecisionRule, Reason
from app.rules.variations import turned
from tests.rules.stories import all_say, codes, electors, object_, people, vote
from tests.rules.told.double_majority_1 import FEDERATION
from tests.rules.told.fallback_1 import ONE_ROUND, blocked_then, collected, majorities
from tests.rules.told.minority_block_1 import blockable
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
)

WEIGHTS = {"S": "2/5", "B": "7/20", "P": "1/4"}


class TestMinorityBlock:
    @pytest.mark.parametrize(
        ("cast", "verdict", "code"),
        [
            ({"for_": 8, "against": 4}, "not_adopted", "minority_blocked"),
            ({"for_": 9, "against": 3}, "adopted", "reached"),
        ],
    )
    def test_w35(self, cast: dict[str, int], verdict: str, code: str) -> None:
        outcome = blockable(12, cast).run_out()
        assert (outcome.verdict, outcome.code) == (verdict, code)

    @pytest.mark.parametrize("block", ["1/3", "1/2", "2/5", 1, 5])
    def test_so_many_votes_do_change_it(self, block: str | int) -> None:
        for against in range(6):
            outcome = blockable(11, {"for_": 11 - against, "against": against}, block=block).run_out()
            if outcome.code == "minority_blocked":
                fewer = against - int(str(outcome.reasons[1].facts["votes"]))
                assert blockable(11, {"for_": 11 - fewer, "against": fewer}, block=block).run_out().verdict == "adopted"
            else:
                more = against + int(str(outcome.reasons[-1].facts["short"]))
                other = blockable(11, {"for_": 11 - more, "against": more}, block=block).run_out()
                assert other.verdict == "not_adopted"

    def test_a_vote_that_does_not_count_blocks_nothing(self) -> None:
        outcome = blockable(9, {"against": 3}, inner=rule_within("majority", quorum="1/2")).run_out()
        assert (outcome.verdict, outcome.code) == ("invalid", "no_quorum")

    def test_a_tie_without_a_block_goes_to_the_chair(self) -> None:
        inner = rule_within("majority", tie_break="chair_casting")
        told = process(bound("minority_block", inner=inner, block="1/2"), electors(people(9)))
        vote(told, for_=3, against=3)
        told.deadline()
        told.say("m02", "casting_vote", "for")
        assert codes(told.run_out()) == ("chair_casting", "tie", "no_minority_block")

    def test_a_member_who_left_without_a_vote_is_not_in_the_base(self) -> None:
        told = process(bound("minority_block"), electors(people(12)))
        vote(told, for_=6, against=3)
        for gone in people(12)[9:]:
            told.leave(gone)
        assert told.run_out().verdict == "not_adopted"

    def test_a_call_that_missed_its_quorum_blocks_nothing(self) -> None:
        inner = rule_within("quorum", inner=MAJORITY, calls=({"share": "1/2"}, {"share": "0"}))
        told = process(bound("minority_block", inner=inner, block=1), electors(people(6)))
        vote(told, against=1)
        told.deadline()
        vote(told, for_=4)
        assert (told.run_out().verdict, codes(told.run_out())[-1]) == ("adopted", "no_minority_block")

    def test_a_ballot_that_stays_open_is_not_blocked_yet(self) -> None:
        inner = rule_within("majority", quorum="1/2", late_quorum="P1D")
        told = process(bound("minority_block", inner=inner), electors(people(6)))
        vote(told, against=2)
        told.deadline()
        assert told.kinds == ("ballot", "ballot+")

    def test_more_than_all_who_may_vote_would_block_nothing_so_that_no_vote_opens(self) -> None:
        told = blockable(12, {}, block=20)
        assert (told.kinds, told.run_out().reasons) == ((), (Reason("block_out_of_reach", {"needed": 20, "of": 12}),))
        assert blockable(12, {}, block=12).kinds == ("ballot",)


class TestFallback:
    def test_what_members_added_stays_on_the_ballot(self) -> None:
        told = collected()
        ballots = [held.phase.floors[0].among for held in told.case.held if held.profile is not None]
        assert ballots[0] == ballots[1] == ("lilas", "quai", *told.run_out().winners)

    def test_the_second_rule_starts_anew(self) -> None:
        told = blocked_then(for_=4, against=1)
        assert [one.phase.path for one in told.case.held] == [("first",), ("second",)]
        assert codes(told.now.phase) == ("fell_back", "rounds_spent")
        assert told.run_out().verdict == "adopted"
        assert [matter.kind for matter in told.rule.matters(told.case)] == ["objection"]

    def test_who_leaves_later_does_not_undo_the_end_of_the_first(self) -> None:
        second = rule_within("majority", early_close=True)
        rule = bound("fallback", first=ONE_ROUND, second=second, on=("rounds_spent",))
        told = process(rule, electors(people(5)))
        for name in people(5)[1:4]:
            told.say(name, "position", "consent")
        object_(told, "m05")
        assert not told.rule.foregone(replace(told.case, held=told.case.held[:1]))
        told.leave("m05")
        assert told.kinds == ("objecting", "ballot")
        vote(told, for_=3)
        assert told.rule.foregone(told.case)
        assert told.run_out().verdict == "adopted"

    def test_only_the_codes_that_are_named_lead_on(self) -> None:
        assert majorities({"for_": 2, "against": 2}, {}, "missed").kinds == ("ballot",)
        assert majorities({"for_": 2, "against": 2}, {"for_": 2}, "missed", "tie").kinds == ("ballot", "ballot")

    def test_what_the_first_rule_adopts_is_adopted(self) -> None:
        assert majorities({"for_": 4, "against": 1}, {}, "reached").kinds == ("ballot",)

    def test_what_the_second_rule_asks_says_its_own_reasons(self) -> None:
        second = rule_within("majority", tie_break="chair_casting")
        told = process(bound("fallback", first=MAJORITY, second=second, on=("tie",)), electors(people(4)))
        vote(told, for_=2, against=2)
        vote(told, for_=2, against=2)
        assert (told.kinds, codes(told.now.phase)) == (("ballot", "ballot", "casting_vote+"), ("tie",))

    def test_each_rule_keeps_track_of_its_own_alone(self) -> None:
        told = process(bound("fallback", first=ONE_ROUND, second=ONE_ROUND, on=("rounds_spent",)), electors(people(5)))
        all_say(told, people(5)[1:4])
        ref = object_(told, "m05")
        assert told.kinds == ("objecting", "objecting")
        assert [matter.ref for matter in told.rule.matters(told.case)] == [ref]

    def test_a_quorum_within(self) -> None:
        calls = rule_within("quorum", inner=rule_within("majority"), calls=({"share": "1"},))
        rule = bound("fallback", first=calls, second=rule_within("majority"), on=("no_quorum",))
        told = process(rule, electors(people(4)))
        told.deadline()
        assert [one.phase.path for one in told.case.held] == [("first", "call_1"), ("second",)]
        vote(told, for_=3)
        assert codes(told.run_out())[-2:] == ("fell_back", "no_quorum")


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("colleges", {"weights": WEIGHTS}),
        ("delayed", {}),
        ("minority_block", {}),
        ("sponsored", {"sponsors": 1}),
        ("weighted", {"measure": "heads"}),
    ],
)
def test_what_the_rule_within_keeps_track_of_is_seen(rule: str, options: dict[str, Any]) -> None:
    told = process(bound(rule, inner=ONE_ROUND, **options), electors(people(5)))
    if rule == "sponsored":
        told.say("m02", "sponsorship", "sponsored")
    all_say(told, people(5)[1:4])
    ref = object_(told, "m05")
    assert [(matter.ref, matter.kind) for matter in told.rule.matters(told.case)] == [(ref, "objection")]


@pytest.mark.parametrize(
    "rule",
    [
        bound("quorum", calls=({"share": "1/2"}, {"share": "1/3"})),
        bound("minority_block"),
        bound("fallback", first=MAJORITY, second=MAJORITY, on=("tie",)),
        bound("weighted", measure="heads"),
        bound("double_majority", conditions=({"measure": "heads", "threshold": "1/2"},) * 2),
    ],
    ids=lambda rule: rule.slug,
)
class TestInvariance:
    case = Case("m01", electors(people(9)))

    def test_p17_order_and_rows_do_not_matter(self, rule: DecisionRule) -> None:
        whole = held(rule, self.case, {"for": 5, "against": 2, "blank": 1})
        split = held(rule, self.case, {("for", "", "u"): 2, ("for", "", ""): 3, "against": 2, ("blank", "c", ""): 1})
        assert rule.after(turned(whole)) == rule.after(whole) == rule.after(split)

    def test_p17_an_empty_ballot_changes_participation_only(self, rule: DecisionRule) -> None:
        before = ended(rule, held(rule, self.case, {"for": 5, "against": 2}))
        after = ended(rule, held(rule, self.case, {"for": 5, "against": 2, "blank": 1}))
        assert (before.verdict, codes(before)) == (after.verdict, codes(after))
        assert {"blank", "took_part"} >= {
            name
            for one, other in zip(before.reasons, after.reasons, strict=True)
            for name in one.facts
            if one.facts[name] != other.facts[name]
        }


BETWEEN = rule_within("approval")
CONDITIONS = (FEDERATION[0], {"measure": "votes", "threshold": "1/2"})


@pytest.mark.parametrize(
    ("rule", "options", "fault"),
    [
        ("minority_block", {"inner": MAJORITY, "block": "0/1"}, "/block blocked_by_nobody"),
        ("minority_block", {"inner": CONSENT}, "/inner/rule nobody_against"),
        ("minority_block", {"inner": rule_within("sponsored", inner=BETWEEN)}, "/inner/rule nobody_against"),
        ("fallback", {"first": MAJORITY, "second": MAJORITY, "on": ()}, "/on too_short"),
        ("fallback", {"first": MAJORITY, "second": MAJORITY, "on": ("tie", "spent")}, "/on/1 unknown_ending"),
        ("fallback", {"first": MAJORITY, "second": CONSENT, "on": ("rounds_spent",)}, "/on/0 unknown_ending"),
        ("fallback", {"first": {"rule": "nothing"}, "second": MAJORITY, "on": ("tie",)}, "/first/rule unknown_rule"),
        ("weighted", {"inner": MAJORITY, "measure": "Votes"}, "/measure string_pattern_mismatch"),
        ("double_majority", {"conditions": CONDITIONS[:1]}, "/conditions too_short"),
        ("double_majority", {"conditions": (*CONDITIONS, {"measure": "heads"})}, "/conditions/2 one_bar"),
        (
            "double_majority",
            {"conditions": (*CONDITIONS, {"measure": "heads", "threshold": "1/2", "at_least": 2})},
            "/conditions/2 one_bar",
        ),
        (
            "double_majority",
            {"conditions": (*CONDITIONS, {"measure": "heads", "threshold": "1"})},
            "/conditions/2 no_bar",
        ),
    ],
)
def test_options_that_say_nothing_are_refused(rule: str, options: dict[str, Any], fault: str) -> None:
    assert refusals(rule, options) == [fault]


DELAYED = rule_within("delayed", inner=MAJORITY)


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("colleges", {"weights": WEIGHTS}),
        ("double_majority", {"conditions": CONDITIONS}),
        ("minority_block", {}),
        ("quorum", {"calls": ({"share": "1/2"},)}),
    ],
)
class TestADelayGoesAround:
    def test_what_may_still_say_otherwise(self, rule: str, options: dict[str, Any]) -> None:
        assert refusals(rule, {**options, "inner": DELAYED}) == ["/inner/rule delay_outermost"]
        assert refusals("delayed", {"inner": rule_within(rule, **{**options, "inner": MAJORITY})}) == []

    def test_however_deep(self, rule: str, options: dict[str, Any]) -> None:
        two = rule_within("fallback", first=MAJORITY, second=DELAYED, on=("tie",))
        assert refusals(rule, {**options, "inner": two}) == ["/inner/options/second/rule delay_outermost"]


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("fallback", {"first": DELAYED, "second": DELAYED, "on": ("tie",)}),
        ("sponsored", {"inner": DELAYED}),
        ("weighted", {"inner": DELAYED, "measure": "votes"}),
    ],
)
def test_what_leaves_an_adoption_as_it_is_may_hold_a_delay(rule: str, options: dict[str, Any]) -> None:
    assert refusals(rule, options) == []


class TestMinorityBlockConforms(Grouped):
    rule = MinorityBlock
    beside = (*Grouped.beside, Approval, Fallback)
    variants = (
        {"inner": MAJORITY},
        {"inner": rule_within("majority", tie_break="chair_casting"), "block": 2},
        {"inner": rule_within("fallback", first=CONSENT, second=MAJORITY, on=("participation",))},
    )


class TestFallbackConforms(Grouped):
    rule = Fallback
    beside = (*Grouped.beside, Approval)
    variants = (
        {"first": MAJORITY, "second": HURRIED, "on": ("missed", "tie")},
        {"first": CONSENT, "second": MAJORITY, "on": ("participation", "rounds_spent", "no_consent")},
    )
