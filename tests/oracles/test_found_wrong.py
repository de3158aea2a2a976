"""The smallest votes on which somebody else's count was found wrong, and why ours is right.

Each says what the other answers, too: a release that mends it fails here, and the comparison it was left out of can
then be made. The reasons are exact and small enough to be counted by hand.
"""

from fractions import Fraction

import pyrankvote
import pytest
from votelib.component.rankscore import Borda as Places
from votelib.convert import RankedToCondorcetVotes, RankedToPositionalVotes
from votelib.evaluate import cardinal, condorcet
from votelib.evaluate.core import VotingSystemError
from votelib.evaluate.sequential import TransferableVoteSelector
from votelib.evaluate.threshold import RelativeThreshold

from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.star_1 import Star
from app.rules.builtin.stv_1 import SingleTransferableVote
from tests.oracles import foreign
from tests.oracles.votes import column, counted, vote
from tests.rules.stories import majority
from tests.rules.transferring import rows


class TestVotelib:
    def test_ballots_that_are_used_up_take_the_place_of_an_option(self) -> None:
        """Two seats, eight ballots, a quota of 3. D has 7 and hands on 4 at 4/7 a ballot: C has 8/7, B 1, A 4/7, and
        16/7 name nobody any more. A is last and goes out, its 4/7 lift B to 11/7, and C goes out: B.

        votelib keeps the best two of the three that stand, but counts those 16/7 among them: A and B go out together.
        """
        given = vote("abcd", {"d": 4, "d>c>a": 2, "d>a>b": 1, "b": 1})
        outcome = counted(SingleTransferableVote, given)
        assert (outcome.winners, outcome.reasons[0].code) == (("d", "b"), "elected")
        seventh = Fraction(1, 7)
        assert [figures[1] for figures in rows(outcome).values()] == [
            "round_2", 4 * seventh, 1, 8 * seventh, 3, 16 * seventh, 0, 3,
        ]  # fmt: skip
        assert rows(outcome)["b"][2:] == (11 * seventh, 11 * seventh, "elected_in_4")
        assert TransferableVoteSelector().evaluate(foreign.orders(given), 2) == ["d", "c"]

    def test_ballots_that_are_used_up_leave_nobody_to_elect(self) -> None:
        """Two seats, three ballots, a quota of 2. A hands on 1: B has 1/3, C nothing, 2/3 name nobody. C goes out, and
        B is the last to stand. votelib keeps those 2/3 and lets B and C go, so that nobody is left for the seat."""
        given = vote("abc", {"a": 2, "a>b": 1})
        assert counted(SingleTransferableVote, given).winners == ("a", "b")
        with pytest.raises(VotingSystemError, match="infinite loop"):
            TransferableVoteSelector().evaluate(foreign.orders(given), 2)

    def test_schulze_elects_whoever_beats_most_instead_of_whoever_nobody_beats(self) -> None:
        """One voter ranks A alone, another B above C. A has one vote against each and each one against A, so that
        neither has the stronger path; B has it to C. Nobody has it to A or to B: they are tied.

        votelib elects B, which has the stronger path to one option while A has it to none."""
        given = vote("abc", {"a": 1, "b>c": 1})
        outcome = counted(Schulze, given)
        assert (outcome.verdict, outcome.reasons[0].facts["options"]) == ("tied", "a,b")
        assert condorcet.Schulze().evaluate(RankedToCondorcetVotes().convert(foreign.orders(given))) == ["b"]

    def test_majority_judgment_elects_who_has_fallen_behind(self) -> None:
        """Three voters, three grades: A has 0, 1, 2, and B and C have 1, 1, 1. All medians are 1. Without it the
        medians are 0 for A and 1 for B and C: A is behind, B and C have the same grades and are tied.

        votelib elects A: it compares three at once, and A stays in while the others are told apart."""
        given = vote("abc", {"a:0,b:1,c:1": 1, "a:1,b:1,c:1": 1, "a:2,b:1,c:1": 1})
        outcome = counted(MajorityJudgment, given)
        assert (outcome.verdict, outcome.reasons[0].facts["options"]) == ("tied", "b,c")
        assert cardinal.MajorityJudgment().evaluate(foreign.scores(given)) == ["a"]

    def test_majority_judgment_cannot_tell_what_the_third_median_tells(self) -> None:
        """All medians are 1; the next are 1 for A (of 1, 2) and C (of 1, 1), 0 for B; the last 2 for A, 1 for C."""
        given = vote("abc", {"a:1,b:0,c:1": 1, "a:1,b:1,c:1": 1, "a:2,b:2,c:1": 1})
        assert counted(MajorityJudgment, given).winners == ("a",)
        with pytest.raises(VotingSystemError, match="cannot determine"):
            cardinal.MajorityJudgment().evaluate(foreign.scores(given))

    def test_star_leaves_a_tied_runoff_without_a_winner(self) -> None:
        """One voter prefers A, one B: a tied runoff goes to the finalist with more points, A with 3 to 1."""
        given = vote("ab", {"a:3,b:0": 1, "a:0,b:1": 1})
        outcome = counted(Star, given)
        assert (outcome.winners, outcome.reasons[0].code) == (("a",), "elected_on_points")
        assert foreign.by_starvote(given, 5) == frozenset({"a"})
        assert cardinal.STAR().evaluate(foreign.scores(given)) == []

    def test_a_share_that_is_just_reached_is_missed(self) -> None:
        """One for, one against: 1 of 2 is at least 1/2. votelib compares the number of votes, 1, with the share."""
        process = majority(2, op="gte")
        process.say("m01", "ballot", "for")
        process.say("m02", "ballot", "against")
        assert process.run_out().verdict == "adopted"
        assert RelativeThreshold(Fraction(1, 2), accept_equal=True).evaluate({"for": 1, "against": 1}) == []

    def test_borda_takes_a_name_for_a_shared_rank(self) -> None:
        """Pear is worth one point, plum none. votelib reads each name as the set of its letters."""
        given = vote(["pear", "plum"], {"pear>plum": 1})
        assert column(counted(Borda, given), "points") == {"pear": 1, "plum": 0}
        with pytest.raises(KeyError):
            RankedToPositionalVotes(Places(base=0)).convert(foreign.orders(given))


class TestPyrankvote:
    def test_ballots_that_go_on_together_are_averaged(self) -> None:
        """Two seats, ten ballots. A has 4, C 1, B 2 and E 3. Our quota is 4, theirs 10/3, and A alone has either. By
        theirs it hands on 2/3, a sixth for each of its four ballots, so that C has 5/3. C goes out: its one whole
        ballot names nobody else, the four sixths go on to B, and B's 8/3 are behind E's 3. By ours A hands on nothing,
        C goes out and B's 2 are behind E's 3. E has the second seat by both.

        pyrankvote gives each of C's five ballots a third of a vote, the whole one and the sixths alike: B has 10/3."""
        given = vote("abce", {"a>c>b": 4, "c": 1, "b": 2, "e": 3})
        assert counted(SingleTransferableVote, given).winners == ("a", "e")
        assert foreign.by_pyrankvote(pyrankvote.single_transferable_vote, given, 2) == {"a", "b"}
