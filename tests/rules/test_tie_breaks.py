"""What breaks a tie between options is what was named beforehand, and it parts no more than it says."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.rules.builtin.apportionment_1 import Apportionment
from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.irv_1 import InstantRunoff
from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.quadratic_1 import Quadratic
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.catalogue import Catalogue, InvalidOptions
from app.rules.choosing import ChoosingRule, parted
from app.rules.contract import Outcome
from app.rules.driver import Process, Refused
from tests.rules.breaking import broken
from tests.rules.scoring import bound
from tests.rules.stories import codes, electors, people
from tests.rules.told.two_round_1 import LEVEL, once_more
from tests.rules.transferring import TIED_AT_ONCE, cast, facts, irv, two_round

LEVEL_TWO: Mapping[type[ChoosingRule], str] = {
    Approval: "{}",
    Borda: "{}",
    MajorityJudgment: "{}:1",
    Quadratic: "{}:1",
    Schulze: "{}",
    Score: "{}:1",
    Star: "{}:1",
}
"""Rules with one winner, and the ballots of which as many for ``a`` as for ``b`` leave these two level."""

BREAKS: dict[str, dict[str, Any]] = {
    "revote": {"again": {"b": 3, "a": 1}},
    "chair_casting": {"chair": ("b",)},
    "incumbent": {},
    "seniority": {"on_ballot": ("c", "b", "a")},
}
SAID = {
    "revote": ("revoted", "revote_next"),
    "chair_casting": ("chair_chose",),
    "incumbent": ("incumbent_first",),
    "seniority": ("first_listed",),
}


def options_of(tie_break: str, **more: Any) -> dict[str, Any]:
    return {"tie_break": tie_break, **({"incumbent": "b"} if tie_break == "incumbent" else {}), **more}


@pytest.mark.parametrize("tie_break", BREAKS)
@pytest.mark.parametrize("rule", LEVEL_TWO, ids=lambda rule: rule.slug)
def test_each_of_them_elects_one_of_two(rule: type[ChoosingRule], tie_break: str) -> None:
    ballots = {LEVEL_TWO[rule].format(option): 2 for option in "ab"}
    with_c = {"on_ballot": ("a", "b", "c"), **BREAKS[tie_break]}
    assert broken(bound(rule), ballots, on_ballot="abc").run_out().verdict == "tied"
    outcome = broken(bound(rule, **options_of(tie_break)), ballots, **with_c).run_out()
    assert (outcome.verdict, outcome.winners) == ("elected", ("b",))
    assert set(SAID[tie_break]) <= set(codes(outcome))


class TestSeveralPlaces:
    """Four are level for two places of three."""

    BALLOTS: Mapping[str, int] = {"a,b,z": 1, "c,d,z": 1, "a,c,z": 1, "b,d,z": 1}

    def outcome(self, tie_break: str, **played: Any) -> Outcome:
        rule = bound(Approval, seats=3, **options_of(tie_break))
        return broken(rule, self.BALLOTS, **{"on_ballot": "abcdz", **played}).run_out()

    @pytest.mark.parametrize(
        ("again", "winners"),
        [
            ({"d": 3, "b": 1}, {"z", "d", "b"}),
            ({"d": 2, "b": 2}, {"z", "d", "b"}),
            ({"d": 4}, {"z"}),  # three are level for the place that is left
        ],
    )
    def test_another_ballot_fills_both_or_leaves_the_tie(self, again: dict[str, int], winners: set[str]) -> None:
        outcome = self.outcome("revote", again=again)
        assert (outcome.verdict, set(outcome.winners)) == ("tied" if len(winners) == 1 else "elected", winners)
        assert codes(outcome).count("revoted") == 1

    def test_the_chair_is_asked_until_both_are_filled(self) -> None:
        rule = bound(Approval, seats=3, tie_break="chair_casting")
        process = broken(rule, self.BALLOTS, on_ballot="abcdz", chair=("d", "a"))
        assert process.kinds == ("ballot", "casting_choice+", "casting_choice")
        assert [set(held.phase.floors[0].among) for held in process.case.held[1:]] == [set("abcd"), set("abc")]
        assert set(process.run_out().winners) == {"z", "d", "a"}

    def test_a_chair_who_stops_half_way_breaks_nothing(self) -> None:
        outcome = self.outcome("chair_casting", chair=("d",))
        assert (outcome.verdict, outcome.winners, codes(outcome)[-1]) == ("tied", ("z",), "chair_silent")

    def test_one_in_place_does_not_fill_two(self) -> None:
        outcome = self.outcome("incumbent")
        assert (outcome.verdict, outcome.winners) == ("tied", ("z",))

    def test_the_order_of_the_ballot_fills_both(self) -> None:
        assert set(self.outcome("seniority", on_ballot=("d", "z", "c", "b", "a")).winners) == {"z", "d", "c"}

    def test_seats_of_lists(self) -> None:
        rule = bound(Apportionment, seats=5, tie_break="chair_casting")
        outcome = broken(rule, {"a": 2, "b": 2, "c": 2}, chair=("c", "b")).run_out()
        assert {row[0]: row[2] for row in outcome.tables["seats"][1:]} == {"a": 1, "b": 2, "c": 2}


class TestTheChair:
    def asked(self, **more: Any) -> Process:
        process = Process(irv(tie_break="chair_casting"), electors(people(10)), "m01", on_ballot=tuple("ab"), **more)
        cast(process, {"a": 5, "b": 5})
        return process

    def test_who_wrote_the_proposal_leaves_it_to_the_surrogate(self) -> None:
        process = self.asked(offices={"chair": ("m01", "m03")})
        with pytest.raises(Refused):
            process.say("m01", "casting_choice", "a")
        process.say("m03", "casting_choice", "a")
        assert process.run_out().winners == ("a",)

    def test_only_what_is_tied_can_be_chosen(self) -> None:
        process = broken_at_the_chair()
        with pytest.raises(Refused):
            process.say("m02", "casting_choice", "opt_a")

    def test_who_leaves_meanwhile_changes_nothing(self) -> None:
        process = self.asked(offices={"chair": ("m02",)})
        process.leave("m09")
        assert process.kinds == ("ballot", "casting_choice+")
        process.say("m02", "casting_choice", "b")
        assert process.run_out().winners == ("b",)

    def test_without_a_chair_the_tie_is_the_outcome(self) -> None:
        assert codes(self.asked().run_out())[-1] == "chair_silent"


def broken_at_the_chair() -> Process:
    process = Process(
        irv(tie_break="chair_casting"),
        electors(people(10)),
        "m01",
        offices={"chair": ("m02",)},
        on_ballot=("opt_a", "opt_b", "opt_c"),
    )
    cast(process, TIED_AT_ONCE)
    return process


class TestAnotherBallot:
    def test_it_is_a_vote_of_its_own_between_the_tied_alone(self) -> None:
        rule = irv(tie_break="revote", visibility="sealed")
        process = Process(rule, electors(people(10)), "m01", on_ballot=("opt_a", "opt_b", "opt_c"))
        cast(process, TIED_AT_ONCE)
        phase = process.now.phase
        assert (phase.kind, phase.carries, phase.sight, codes(phase)) == ("revote", False, "sealed", ("tie",))
        assert (set(phase.floors[0].among), phase.floors[0].paper and phase.floors[0].paper.kind) == (
            {"opt_b", "opt_c"},
            "one",
        )
        cast(process, {"opt_b": 1})
        assert codes(process.run_out())[-2:] == ("revote_void", "author_alone")

    def test_it_is_held_once(self) -> None:
        """Of three that are last ``b`` goes out by it; then ``c`` and ``d`` are level, of which it said as much."""
        ballots = {"a>b": 3, "b": 2, "c>b": 2, "d>a": 2}
        process = broken(irv(tie_break="revote"), ballots, again={"c": 4, "d": 4, "b": 1})
        assert process.kinds == ("ballot", "revote")
        outcome = process.run_out()
        assert (outcome.verdict, facts(outcome, "tie")["options"]) == ("tied", "c,d")
        assert facts(outcome, "out_by_tie_break")["out"] == "b"

    def test_it_does_not_speak_of_what_was_not_on_it(self) -> None:
        """``b`` goes out against ``c``; then ``c`` is level with ``d``, of which nobody was asked."""
        ballots = {"a": 5, "b>c": 1, "b": 1, "c": 2, "d": 3}
        outcome = broken(irv(tie_break="revote", look_back=False), ballots, again={"c": 5, "b": 1}).run_out()
        assert (outcome.verdict, facts(outcome, "tie")["options"]) == ("tied", "c,d")
        assert facts(outcome, "out_by_tie_break")["out"] == "b"

    def test_a_late_quorum_gives_it_more_time(self) -> None:
        rule = irv(tie_break="revote", quorum="1/2", late_quorum="P1D")
        process = Process(rule, electors(people(4)), "m01", on_ballot=("a", "b"))
        cast(process, {"a": 1, "b": 1})
        process.deadline()
        process.deadline()
        cast(process, {"a": 1})
        process.deadline()
        process.say("m02", "ballot", "a")
        process.deadline()
        assert process.kinds[-3:] == ("revote", "revote+", "revote+")
        assert process.run_out().winners == ("a",)

    def test_who_leaves_during_it_is_not_waited_for(self) -> None:
        process = Process(irv(tie_break="revote"), electors(people(4)), "m01", on_ballot=("a", "b"))
        cast(process, {"a": 2, "b": 2})
        process.leave("m04")
        assert process.kinds == ("ballot", "revote")
        cast(process, {"a": 2, "b": 1})
        assert process.run_out().winners == ("a",)

    def test_it_follows_the_second_of_two_rounds(self) -> None:
        process = once_more(two_round(tie_break="revote"), {"a": 1, "b": 4})
        outcome = process.run_out()
        assert (process.kinds, outcome.winners) == (("ballot", "ballot", "revote"), ("b",))
        assert outcome.tables["revote"] == (("option", "votes"), ("b", 4), ("a", 1))
        assert outcome.tables["rounds"][0] == ("option", "round_1", "round_2", "result")
        assert LEVEL[1] == {"a": 2, "b": 2, "blank": 1}

    def test_so_many_more_votes_do_put_the_next_first(self) -> None:
        told = facts(once_more(two_round(tie_break="revote"), {"a": 1, "b": 2}).run_out(), "revote_next")
        assert told == {"options": "a", "votes": 1, "more": 2}
        assert once_more(two_round(tie_break="revote"), {"a": 3, "b": 2}).run_out().winners == ("a",)
        assert once_more(two_round(tie_break="revote"), {"a": 2, "b": 2}).run_out().verdict == "tied"


class TestOrdersNamedBeforehand:
    def test_added_options_come_after_those_of_the_proposal(self) -> None:
        process = Process(
            irv(tie_break="seniority", collecting="P1D"), electors(people(4)), "m01", on_ballot=("b", "a")
        )
        added = process.say("m02", "option", "option")
        process.deadline()
        cast(process, {"a": 2, added: 2})
        outcome = process.run_out()
        assert (outcome.winners, facts(outcome, "first_listed")["order"]) == (("a",), f"b,a,{added}")

    def test_an_option_in_place_that_does_not_stand_is_told_before_anybody_votes(self) -> None:
        rule = irv(tie_break="incumbent", incumbent="c", collecting="P1D")
        process = Process(rule, electors(people(4)), "m01", on_ballot=("a", "b"))
        assert (process.kinds, codes(process.run_out())) == ((), ("incumbent_missing",))

    def test_an_option_in_place_may_have_gone_out_at_the_first_ballot(self) -> None:
        process = Process(
            two_round(tie_break="incumbent", incumbent="c"), electors(people(5)), "m01", on_ballot=("a", "b", "c")
        )
        for ballots in LEVEL:
            cast(process, ballots)
        outcome = process.run_out()
        assert (outcome.verdict, "incumbent_first" in codes(outcome)) == ("tied", True)

    @pytest.mark.parametrize(
        "options",
        [{"tie_break": "incumbent"}, {"incumbent": "a"}, {"tie_break": "lot", "incumbent": "a"}],
    )
    def test_the_option_in_place_is_named_where_it_breaks_ties(self, options: dict[str, Any]) -> None:
        with pytest.raises(InvalidOptions) as refused:
            Catalogue([InstantRunoff]).bind("irv", 1, options)
        assert [(one.pointer, one.code) for one in refused.value.errors] == [("/incumbent", "incumbent")]


@pytest.mark.parametrize(
    ("order", "places", "first"),
    [
        ((), 1, []),
        (("a", "b", "c", "d"), 1, ["a"]),
        (("d", "c", "b", "a"), 2, ["c", "b"]),
        (("b", "a=c=d"), 1, ["b"]),
        (("b", "a=c=d"), 2, []),
        (("a=b", "c"), 2, ["a", "b"]),
        (("a=b", "c"), 1, []),
        (("a", "b"), 1, []),
    ],
)
def test_an_order_parts_what_it_names(order: tuple[str, ...], places: int, first: list[str]) -> None:
    assert parted(("a", "b", "c"), order, places) == first
