"""Ties of a majority: what breaks them, and what is no tie."""

from typing import Any

import pytest

from app.rules.driver import Process, Refused
from app.rules.lots import drawn
from tests.rules.stories import codes, majority, vote
from tests.rules.test_majority import counted


class TestTies:
    def test_a_chair_who_wrote_the_proposal_leaves_it_to_the_surrogate(self) -> None:
        process = majority(4, tie_break="chair_casting", offices={"chair": ("m01", "m03")})
        vote(process, for_=2, against=2)
        with pytest.raises(Refused):
            process.say("m01", "casting_vote", "for")
        process.leave("m04")
        assert not process.is_over
        process.say("m03", "casting_vote", "for")
        assert process.run_out().verdict == "adopted"

    def test_a_silent_chair_adopts_nothing(self) -> None:
        process = majority(4, tie_break="chair_casting")
        vote(process, for_=2, against=2)
        assert process.run_out().verdict == "not_adopted"
        assert codes(process.run_out()) == ("chair_silent", "tie")

    def test_no_chair_adopts_nothing(self) -> None:
        process = majority(4, tie_break="chair_casting", offices={})
        vote(process, for_=2, against=2)
        assert process.run_out().verdict == "not_adopted"

    def test_equal_votes_that_reach_the_threshold_are_no_tie(self) -> None:
        assert counted(30, {"op": "gte"}, for_=15, against=15).verdict == "adopted"

    def test_equal_votes_below_the_threshold_are_no_tie(self) -> None:
        assert codes(counted(40, {"base": "entitled"}, for_=15, against=15))[0] == "missed"


class TestAnotherBallot:
    def process(self, **options: Any) -> Process:
        process = majority(4, tie_break="revote", **options)
        vote(process, for_=2, against=2)
        assert (process.kinds, process.now.phase.carries, codes(process.now.phase)) == (
            ("ballot", "revote"),
            False,
            ("tie",),
        )
        return process

    @pytest.mark.parametrize(
        ("cast", "verdict", "first"),
        [
            ({"for_": 3, "against": 1}, "adopted", "reached"),
            ({"for_": 1, "against": 2}, "not_adopted", "missed"),
            ({"for_": 2, "against": 2}, "not_adopted", "tie"),
            ({"abstain": 4}, "not_adopted", "revote_void"),
            ({"for_": 1}, "not_adopted", "revote_void"),
        ],
    )
    def test_it_is_held_once_and_decides(self, cast: dict[str, int], verdict: str, first: str) -> None:
        process = self.process()
        vote(process, **cast)
        outcome = process.run_out()
        assert (process.kinds, outcome.verdict, outcome.code) == (("ballot", "revote"), verdict, first)

    def test_a_quorum_that_came_late_gives_it_more_time(self) -> None:
        process = self.process(quorum="1/2", late_quorum="P1D")
        vote(process, for_=1)
        process.deadline()
        process.say("m02", "ballot", "for")
        process.deadline()
        assert process.kinds == ("ballot", "revote", "revote+", "revote+")
        assert process.run_out().verdict == "adopted"

    def test_it_may_close_early_and_the_first_may_not_while_it_could_follow(self) -> None:
        process = majority(6, early_close=True, tie_break="revote")
        vote(process, against=3)
        assert not process.rule.foregone(process.case)
        process = self.process(early_close=True)
        vote(process, against=2)
        assert process.rule.foregone(process.case)

    def test_who_leaves_is_not_waited_for(self) -> None:
        process = self.process()
        process.leave("m04")
        assert process.kinds == ("ballot", "revote")
        vote(process, for_=3)
        assert process.run_out().verdict == "adopted"


@pytest.mark.parametrize(("seed", "vote_drawn"), [("0", "for"), ("1", "against")])
def test_a_lot_can_be_drawn_again(seed: str, vote_drawn: str) -> None:
    process = majority(4, tie_break="lot")
    process.forums = {"lots": seed}
    vote(process, for_=2, against=2)
    outcome = process.run_out()
    assert (process.kinds, outcome.code) == (("ballot", "drawing+"), "lot_drawn")
    assert outcome.reasons[0].facts == {"vote": drawn(("for", "against"), seed)[0]} == {"vote": vote_drawn}
    assert outcome.verdict == ("adopted" if vote_drawn == "for" else "not_adopted")
