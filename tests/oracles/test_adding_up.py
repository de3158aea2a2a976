"""Votes, approvals and points that are added up, beside votelib: every figure, and who is level for the last seats."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from hypothesis import assume, given
from hypothesis import strategies as st
from votelib.component.rankscore import Borda as Places
from votelib.convert import ApprovalToSimpleVotes, RankedToPositionalVotes
from votelib.evaluate.approval import QuotaSelector
from votelib.evaluate.core import Plurality, Tie
from votelib.evaluate.threshold import AbsoluteThreshold

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.two_round_1 import TwoRound
from app.rules.contract import Outcome
from app.rules.papers import approved
from tests.oracles import foreign
from tests.oracles.votes import HEADS, PARTS, Vote, approving, column, counted, single, strict
from tests.rules.stories import majority, people
from tests.rules.transferring import decided, two_round

SEATS = st.integers(1, 4)
COMPARISONS: Final[st.SearchStrategy[str]] = st.sampled_from(["gt", "gte"])
BASES: Final = st.sampled_from(["cast", "expressed"])
SHARES: Final = st.sampled_from([Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)])
"""Such as are often just reached."""


class TestApproval:
    @given(approving(PARTS), SEATS)
    def test_the_most_approved(self, vote: Vote, seats: int) -> None:
        outcome = counted(Approval, vote, seats=seats)
        theirs = _approvals(vote)
        assert {option: votes for option, votes in column(outcome, "approvals").items() if votes} == theirs
        assert Counter(_seated(outcome)) == Counter(Plurality().evaluate(theirs, seats))  # equal ones in any order

    @given(approving(PARTS), SHARES, COMPARISONS)
    def test_all_that_reach_a_share_of_the_ballots(self, vote: Vote, threshold: Fraction, op: str) -> None:
        outcome = counted(Approval, vote, threshold=str(threshold), op=op)
        reached = AbsoluteThreshold(threshold * sum(vote.cast.values()), accept_equal=op == "gte")
        assert {*outcome.winners} == {*reached.evaluate(_approvals(vote))}


class TestBorda:
    """votelib gives no points to what a ballot leaves out, and those who share a rank each all its points: the same as
    ours where what is left out gets nothing, or nothing is, and ranks hold one option."""

    @given(strict(PARTS), SEATS)
    def test_nothing_for_what_is_left_out(self, vote: Vote, seats: int) -> None:
        _is_led_by(counted(Borda, vote, unranked="zero", equal="refused", seats=seats), _points(vote), seats)

    @given(strict(PARTS, whole=True), SEATS)
    def test_where_nothing_is_left_out(self, vote: Vote, seats: int) -> None:
        _is_led_by(counted(Borda, vote, seats=seats), _points(vote), seats)


class TestPlurality:
    @given(single(PARTS))
    def test_the_most_votes_win_the_second_ballot(self, vote: Vote) -> None:
        outcome = counted(TwoRound, vote)
        best = foreign.best(Plurality().evaluate(dict(vote.cast), 1))
        assert best == frozenset(outcome.winners or str(outcome.reasons[0].facts["options"]).split(","))

    @given(single(HEADS).filter(lambda vote: sum(vote.cast.values()) > 1))
    def test_more_than_half_wins_the_first(self, vote: Vote) -> None:
        process = decided(two_round(), {ballot: int(number) for ballot, number in vote.cast.items()}, vote.on_ballot)
        at_once = QuotaSelector("droop").evaluate(dict(vote.cast), 1)
        runs_off = len(process.case.held) > 1
        assert at_once == ([] if runs_off else [*process.run_out().winners])


class TestMajority:
    @given(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 4)), SHARES, COMPARISONS, BASES)
    def test_the_share_of_those_who_vote_for_it(
        self, votes: tuple[int, int, int], threshold: Fraction, op: str, base: str
    ) -> None:
        yes, no, neither = votes
        assume(yes + no > 1)
        process = majority(yes + no + neither, threshold=str(threshold), op=op, base=base)
        marked = ["for"] * yes + ["against"] * no + ["abstain"] * neither
        for name, ballot in zip(people(len(marked)), marked, strict=True):
            process.say(name, "ballot", ballot)
        bar = threshold * (yes + no + (neither if base == "expressed" else 0))
        reached = AbsoluteThreshold(bar, accept_equal=op == "gte").evaluate({"for": yes, "against": no})
        assert process.run_out().verdict == ("adopted" if "for" in reached else "not_adopted")


def _approvals(vote: Vote) -> dict[str, Fraction]:
    cast = {frozenset(approved(ballot)): weight for ballot, weight in vote.cast.items()}
    return dict(ApprovalToSimpleVotes().convert(cast))


def _points(vote: Vote) -> dict[str, Fraction]:
    return dict(RankedToPositionalVotes(Places(base=0)).convert(foreign.orders(vote)))


def _is_led_by(outcome: Outcome, points: Mapping[str, Fraction], seats: int) -> None:
    """The figures are these, and whoever takes a seat has at least as many as those that votelib seats. Of those that
    it leaves level ours may still part some, by their medians."""
    assert column(outcome, "points") == points
    seated = Plurality().evaluate(points, seats)
    sure = {option for option in seated if not isinstance(option, Tie)}
    level = {option for tie in seated if isinstance(tie, Tie) for option in tie}
    assert sure <= {*outcome.winners} <= sure | level


def _seated(outcome: Outcome) -> list[Any]:
    """Our outcome as votelib writes one: who is elected, then for each seat left those who are tied for it."""
    if outcome.verdict != "tied":
        return [*outcome.winners]
    tie = outcome.reasons[0].facts
    return [*outcome.winners, *[Tie(str(tie["options"]).split(","))] * int(str(tie["seats"]))]
