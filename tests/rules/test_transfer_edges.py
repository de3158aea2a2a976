"""Who goes out, who enters, what a seat takes: the edges of the rules that hand votes on."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.cast import Cast
from app.rules.catalogue import Catalogue, InvalidOptions
from app.rules.driver import Process
from app.rules.lots import drawn
from app.rules.papers import BadBallot
from tests.rules.stories import codes, electors, people
from tests.rules.told.two_round_1 import twice
from tests.rules.transferring import (
    SEED,
    TWO_OF_FIVE,
    cast,
    counted,
    decided,
    facts,
    irv,
    rows,
    stv,
    two_round,
)


class TestWhoGoesOut:
    def test_looking_back_narrows_down_round_by_round(self) -> None:
        parted = counted(irv(), {"a": 9, "x": 2, "y": 3, "z": 4, "p>x": 1, "q>x": 1, "q>y": 1})
        expected = {"options": "x,y,z", "round": 3, "votes": 4, "out": "x", "earlier": 1}
        assert next(one for one in parted.reasons if one.code == "looked_back").facts == expected
        tied = counted(irv(), {"a": 9, "x": 3, "y": 3, "z": 4, "q>x": 1, "q>y": 1})
        assert (tied.verdict, facts(tied, "tie")) == ("tied", {"options": "x,y", "round": 2, "votes": 4})

    def test_those_who_can_never_catch_up_go_out_together(self) -> None:
        ballots = {"a>b": 5, "b>a": 4, "c>b": 1, "d>a": 1}
        outcome = counted(irv(), ballots)
        assert outcome.winners == ("a",)
        assert facts(outcome, "out_together") == {"options": "c,d", "round": 1, "votes": 1, "next": 4}
        for order in (tuple("abcd"), tuple("dcba")):
            assert counted(irv(), ballots, order=order).winners == ("a",)

    def test_those_who_might_catch_up_do_not(self) -> None:
        outcome = counted(irv(), {"a>b": 5, "b>a": 2, "c>d": 1, "d>c": 1, "e>b": 1})
        assert (outcome.verdict, facts(outcome, "tie")["options"]) == ("tied", "c,d,e")

    def test_a_last_tie_between_two(self) -> None:
        assert facts(counted(irv(), {"a": 2, "b": 2}), "tie")["options"] == "a,b"
        parted = counted(irv(), {"a": 3, "b": 2, "c>b": 1})
        assert (parted.winners, facts(parted, "looked_back")["earlier"]) == (("a",), 1)

    def test_a_tie_below_a_majority_changes_nothing(self) -> None:
        ballots = {"a": 9, "b": 4, "c": 2, "d": 2}
        assert counted(irv(), ballots).winners == ("a",)
        to_the_end = counted(irv(stop="last_two"), ballots)
        assert (to_the_end.verdict, to_the_end.winners) == ("elected", ("a",))
        assert facts(to_the_end, "tie")["options"] == "c,d"

    def test_counting_until_two_are_left(self) -> None:
        outcome = counted(irv(stop="last_two"), {"a": 6, "b>c": 3, "c": 2})
        assert outcome.winners == ("a",)
        assert rows(outcome) == {
            "option": ("round_1", "round_2", "result"),
            "a": (6, 6, "elected_in_2"),
            "b": (3, 3, "standing"),
            "c": (2, "out", "out_in_1"),
            "not_transferable": (0, 2, "none"),
            "counting": (11, 9, "none"),
        }

    def test_what_is_not_ranked_never_receives(self) -> None:
        outcome = counted(irv(), {"a": 4, "b": 3, "c": 2}, ("a", "b", "c", "d"))
        assert rows(outcome)["d"] == (0, "out", "out", "out_in_1")
        assert rows(outcome)["not_transferable"][:3] == (0, 0, 2)

    def test_two_in_one_rank_are_refused(self) -> None:
        for rule in (irv(), stv()):
            with pytest.raises(BadBallot, match="ballot_equal_ranks"):
                decided(rule, {"a=b>c": 1}, ("a", "b", "c"))


class TestSeats:
    def test_equal_surpluses_go_on_together(self) -> None:
        ballots = {"a>b>e": 9, "c>b>f": 9, "b": 1, "d": 3, "e>d": 2, "f>d": 1}
        outcome = counted(stv(seats=3), ballots)
        assert facts(outcome, "surpluses_together") == {"options": "a,c", "round": 1, "surplus": 2}
        assert rows(outcome)["b"][:2] == (1, 5)

    def test_the_largest_surplus_goes_on_first(self) -> None:
        ballots = {"a>c": 10, "b>c": 12, "c": 1, "d": 3}
        outcome = counted(stv(seats=3), ballots)
        assert outcome.winners == ("b", "a", "c")
        assert rows(outcome)["b"][:3] == (12, 7, 7)
        assert rows(outcome)["a"][:2] == (10, 10)

    @pytest.mark.parametrize(
        ("quota", "seats", "arithmetic", "votes"),
        [
            ("droop", 2, "exact", 34),
            ("droop_recomputed", 2, "exact", 34),
            ("hare", 2, "exact", 50),
            ("hare", 3, "exact", Fraction(100, 3)),
            ("hare", 3, "five_decimals", Fraction("33.33334")),
        ],
    )
    def test_what_a_seat_takes(self, quota: str, seats: int, arithmetic: str, votes: Fraction) -> None:
        outcome = counted(stv(quota=quota, seats=seats, arithmetic=arithmetic), TWO_OF_FIVE)
        assert facts(outcome, "elected")["quota"] == votes == rows(outcome)["quota"][0]

    def test_a_recomputed_quota_falls_with_the_votes_that_no_longer_count(self) -> None:
        ballots = {"a": 5, "b": 5, "c": 4, "d": 3, "e": 1}
        fixed, moving = counted(stv(quota="droop"), ballots), counted(stv(quota="droop_recomputed"), ballots)
        assert rows(fixed)["quota"] == (7, 7, 7, 7, "none")
        assert rows(moving)["quota"] == (7, 6, 5, "none")
        assert codes(fixed)[1:3] == ("last_standing", "last_standing")
        assert codes(moving)[1:3] == ("reached_quota", "reached_quota")
        assert facts(moving, "fell_short") == {"options": "c", "votes": 4, "missing": 1}

    def test_those_without_a_vote_go_out_together_unless_a_seat_is_theirs(self) -> None:
        ballots = {"a>b": 5, "b>a": 2, "c>b": 3}
        assert facts(counted(stv(), ballots, tuple("abcde")), "out_together")["options"] == "d,e"
        for_all = counted(stv(seats=4), ballots, tuple("abcde"))
        assert (for_all.verdict, facts(for_all, "tie")["options"]) == ("tied", "d,e")

    def test_those_whose_votes_might_elect_somebody_do_not_go_out_together(self) -> None:
        ballots = {"a": 6, "b": 5, "c>a": 1, "d>a": 1}
        outcome = counted(stv(), ballots)  # a quota of 5 elects a and b at once
        assert outcome.winners == ("a", "b")
        outcome = counted(stv(seats=1), {"a": 6, "b": 4, "c>a": 1, "d>a": 1})
        assert facts(outcome, "tie")["options"] == "c,d"

    def test_as_many_options_as_seats(self) -> None:
        outcome = counted(stv(seats=3), {"a": 1, "b": 2}, ("a", "b"))
        assert outcome.winners == ("b", "a")
        assert codes(outcome) == ("elected", "last_standing", "last_standing")

    def test_weights_that_are_no_whole_numbers(self) -> None:
        """For two seats more than a third of the whole, and nothing is rounded: no unit of weights decides."""
        weights = {"a>b": Fraction(1, 2), "b": Fraction(1, 8), "c": Fraction(3, 8)}
        ballots = Cast(weights, people=dict.fromkeys(weights, Fraction(1)))
        outcome = stv().choose(ballots, ("a", "b", "c"), ())
        elected = facts(outcome, "elected")
        assert (outcome.winners, elected["quota"], elected["quota_is"]) == (("a", "c"), Fraction(1, 3), "above_droop")
        assert rows(outcome)["a"][0] == Fraction(1, 2)

    @pytest.mark.parametrize("options", [{"seats": 9}, {"seats": 0}, {"seats": 201}, {"quota": "none"}])
    def test_options_that_cannot_be(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            stv(**options)

    def test_many_seats_are_counted_in_decimals(self) -> None:
        catalogue = Catalogue([SingleTransferableVote])
        with pytest.raises(InvalidOptions) as refused:
            catalogue.bind("stv", 1, {"seats": 9})
        assert [(error.pointer, error.code) for error in refused.value.errors] == [("/arithmetic", "too_many_seats")]
        catalogue.bind("stv", 1, {"seats": 9, "arithmetic": "five_decimals"})


class TestTwoBallots:
    @pytest.mark.parametrize(
        ("options", "first", "finalists"),
        [
            ({}, {"a": 4, "b": 3, "c": 3, "d": 1}, ("a", "b", "c")),
            ({}, {"a": 2, "b": 2, "c": 1}, ("a", "b")),
            ({}, {"a": 2, "b": 2, "c": 2}, ("a", "b", "c")),
            ({"finalists": "1/4"}, {"a": 8, "b": 5, "c": 5, "d": 2}, ("a", "b", "c")),
            ({"finalists": "1/4"}, {"a": 8, "b": 4, "c": 4, "d": 4}, ("a", "b", "c", "d")),
            ({"finalists": "1/5"}, {"a": 8, "b": 7, "c": 4, "d": 1}, ("a", "b", "c")),
            ({"finalists": "3/8"}, {"a": 8, "b": 5, "c": 5, "d": 2}, ("a", "b", "c")),
            ({"op": "gte"}, {"a": 3, "b": 3}, ("a", "b")),
            ({"threshold": "2/3"}, {"a": 6, "b": 3}, ("a", "b")),
        ],
    )
    def test_who_enters(self, options: dict[str, Any], first: dict[str, int], finalists: tuple[str, ...]) -> None:
        process = decided(two_round(**options), first)
        assert process.kinds == ("ballot", "ballot")
        assert process.now.phase.floors[0].among == finalists
        assert codes(process.now.phase)[0] == "runoff"

    @pytest.mark.parametrize(
        ("options", "first"),
        [
            ({}, {"a": 6, "b": 3, "c": 2}),
            ({"op": "gte"}, {"a": 6, "b": 4, "c": 2}),
            ({"threshold": "2/3", "op": "gte"}, {"a": 6, "b": 3}),
            ({"threshold": "1/4"}, {"a": 4, "b": 3, "c": 3}),
        ],
    )
    def test_elected_at_once(self, options: dict[str, Any], first: dict[str, int]) -> None:
        process = decided(two_round(**options), first)
        assert (process.kinds, process.run_out().winners) == (("ballot",), ("a",))

    @pytest.mark.parametrize(("op", "threshold"), [("gt", "1"), ("gte", "0")])
    def test_what_nobody_or_everybody_reaches_is_no_threshold(self, op: str, threshold: str) -> None:
        with pytest.raises(ValidationError):
            two_round(op=op, threshold=threshold)

    def test_a_tie_at_the_second_ballot(self) -> None:
        first, second = {"a": 2, "b": 2, "c": 1}, {"a": 2, "b": 2, "blank": 1}
        outcome = twice(two_round(), first, second).run_out()
        assert (outcome.verdict, codes(outcome)) == (
            "tied",
            ("tie", "one_more_ballot", "runoff", "would_have_entered"),
        )
        drawn_ = twice(two_round(tie_break="lot"), first, second, seed=SEED)
        assert drawn_.kinds == ("ballot", "ballot", "drawing+")
        assert drawn_.run_out().winners == drawn(("a", "b"), SEED)[:1]

    def test_the_second_ballot_is_a_vote_of_its_own(self) -> None:
        first = {"a": 2, "b": 2, "c": 1}
        assert codes(twice(two_round(), first, {}, silent=5).run_out())[0] == "no_expressed_votes"
        assert codes(twice(two_round(), first, {"a": 1}, silent=4).run_out())[0] == "author_alone"
        assert codes(twice(two_round(quorum="3/5"), first, {"a": 2}, silent=3).run_out())[0] == "no_quorum"

    def test_who_leaves_during_the_second_ballot_is_not_waited_for(self) -> None:
        process = decided(two_round(), {"a": 2, "b": 2, "c": 1})
        process.leave("m05")
        for name in people(4):
            process.say(name, "ballot", "b")
        assert process.run_out().winners == ("b",)


class TestLongerWays:
    """What the base puts before a ballot, or after its first stretch, leaves the two rounds two."""

    def test_options_are_collected_before_the_first_ballot(self) -> None:
        voters = electors(people(5))
        process = Process(two_round(collecting="P2D"), voters, "m01", on_ballot=("a", "b"))
        added = process.say("m02", "option", "option")
        process.deadline()
        cast(process, {"a": 2, "b": 1, added: 2})
        assert process.kinds == ("collecting", "ballot", "ballot")
        assert process.now.phase.floors[0].among == ("a", added)
        cast(process, {"a": 1, added: 4})
        outcome = process.run_out()
        assert outcome.winners == (added,)
        assert rows(outcome) == {
            "option": ("round_1", "round_2", "result"),
            "a": (2, 1, "standing"),
            "b": (1, "out", "out_in_1"),
            added: (2, 4, "elected_in_2"),
            "abstain": (0, 0, "none"),
            "blank": (0, 0, "none"),
        }

    def test_too_few_options_were_collected(self) -> None:
        process = Process(two_round(collecting="P2D"), electors(people(5)), "m01", on_ballot=("a",))
        assert codes(process.run_out()) == ("too_few_options",)

    def test_a_late_quorum_gives_more_time_to_either_ballot(self) -> None:
        rule = two_round(quorum="3/5", late_quorum="P1D")
        process = Process(rule, electors(people(5)), "m01", on_ballot=("a", "b", "c"))
        cast(process, {"a": 1, "b": 1})
        process.deadline()
        process.say("m03", "ballot", "c")
        process.say("m04", "ballot", "b")
        process.deadline()
        process.say("m05", "ballot", "a")
        cast(process, {"a": 3})
        process.deadline()
        process.deadline()
        outcome = process.run_out()
        assert process.kinds == ("ballot", "ballot+", "ballot+", "ballot", "ballot+")  # the first quorum came late
        assert (outcome.verdict, outcome.winners) == ("elected", ("a",))
        assert codes(outcome)[:2] == ("elected", "ahead")
        assert codes(outcome)[-2:] == ("runoff", "would_have_entered")
        assert [rows(outcome)[option][:2] for option in "abc"] == [(2, 3), (2, 0), (1, "out")]
