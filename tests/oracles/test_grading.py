"""Score, STAR and majority judgment beside votelib and starvote: every figure, and who wins by it."""

from itertools import combinations
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from votelib.convert import ScoreToSimpleVotes
from votelib.evaluate import cardinal
from votelib.evaluate.core import VotingSystemError

from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.contract import Outcome
from app.rules.papers import points
from tests.oracles import foreign
from tests.oracles.votes import Vote, column, counted, endings, rated, winners

LEAST: Final = -1_000
"""Far below every score."""


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
@pytest.mark.parametrize(("unscored", "filled"), [("zero", 0), ("exclude", None)])
class TestScore:
    @given(vote=rated())
    def test_the_figures(self, aggregate: str, unscored: str, filled: int | None, vote: Vote) -> None:
        outcome = counted(Score, vote, aggregate=aggregate, unscored=unscored)
        scores = foreign.scores(vote, named=filled is not None)  # it has no mean of nothing
        theirs = ScoreToSimpleVotes(aggregate, unscored_value=filled).convert(scores)
        ours = column(outcome, "scores")
        assert {option: figure for option, figure in ours.items() if figure != "unscored"} == theirs

    @given(vote=rated(), raters=st.integers(1, 9))
    def test_who_wins(self, aggregate: str, unscored: str, filled: int | None, vote: Vote, raters: int) -> None:
        """Whom too few score, votelib puts last and ours does not elect. Those that it leaves level ours may still
        part, by their medians."""
        outcome = counted(Score, vote, aggregate=aggregate, unscored=unscored, min_raters=raters)
        theirs = cardinal.ScoreVoting(aggregate, unscored_value=filled, min_count=raters, bottom_value=LEAST)
        best = foreign.best(theirs.evaluate(foreign.scores(vote)))
        ours = frozenset(outcome.winners) | _tied(outcome)
        assert ours <= best
        assert ours or all(int(str(number)) < raters for number in column(outcome, "scores", 3).values())


class TestStar:
    @given(st.sampled_from([1, 2, 5]).flatmap(lambda high: st.tuples(st.just(high), rated(high))))
    def test_who_wins_by_starvote_may_win(self, scaled: tuple[int, Vote]) -> None:
        """It parts those who are level by further comparisons before it says that it cannot: where ours is tied, its
        winner is one of those that lots may elect; where ours is not, it is the same."""
        high, vote = scaled
        outcomes = endings(Star, vote, high=high)
        found = foreign.by_starvote(vote, high)
        assert len(outcomes) > 1 if found is None else found in winners(outcomes)

    @given(rated(whole=True))
    def test_who_is_preferred_wins_by_votelib(self, vote: Vote) -> None:
        """It names nobody where the finalists are not settled by their points, or the runoff is tied; and it fails
        where a ballot leaves an option out."""
        outcome = counted(Star, vote)
        assume([reason.code for reason in outcome.reasons[:3]] == ["elected", "ahead_by", "finalists"])
        assert cardinal.STAR().evaluate(foreign.scores(vote)) == [*outcome.winners]


class TestMajorityJudgment:
    """votelib removes medians one by one, and is right where two options are compared that as many people grade; of
    three or more it may name another (see the counts that were found wrong). It says that it cannot decide where two
    have the same grades."""

    @pytest.mark.parametrize(("unrated", "filled"), [("worst", 0), ("excluded", None)])
    @given(vote=rated())
    def test_the_medians(self, unrated: str, filled: int | None, vote: Vote) -> None:
        outcome = counted(MajorityJudgment, vote, unrated=unrated)
        scores = foreign.scores(vote, named=filled is not None)
        theirs = ScoreToSimpleVotes("median_low", unscored_value=filled).convert(scores)
        ours = column(outcome, "grades", -1)
        assert {option: median for option, median in ours.items() if median != "ungraded"} == theirs
        if outcome.reasons[0].code == "elected_by_median":
            found = cardinal.MajorityJudgment(unscored_value=filled).evaluate(scores)
            assert found == [*outcome.winners]

    @given(rated(high=3))
    def test_every_two_stand_in_the_same_order(self, vote: Vote) -> None:
        ranks = {option: rank for rank, option in counted(MajorityJudgment, vote).tables["ranking"][1:]}
        for one, other in combinations(vote.on_ballot, 2):
            ahead, behind = sorted((one, other), key=lambda option: int(str(ranks[option])))
            theirs = _higher(vote, one, other)
            assert theirs == (frozenset({ahead}) if ranks[ahead] != ranks[behind] else frozenset())


def _higher(vote: Vote, *two: str) -> frozenset[str]:
    """Which of two votelib puts first; neither where it cannot tell."""
    graded: dict[frozenset[tuple[str, int]], int] = {}
    for ballot, weight in vote.cast.items():
        marks = points(ballot)
        both = frozenset((option, marks.get(option, 0)) for option in two)
        graded[both] = graded.get(both, 0) + int(weight)
    try:
        return foreign.best(cardinal.MajorityJudgment().evaluate(graded))
    except VotingSystemError:
        return frozenset()


def _tied(outcome: Outcome) -> frozenset[str]:
    if outcome.verdict != "tied":
        return frozenset()
    return frozenset(str(outcome.reasons[0].facts["options"]).split(","))
