"""Instant runoff and single transferable vote beside votelib and pyrankvote.

A count goes through many ties, so whole sets are compared: who may win by ours under every order of the lots, and by
votelib under every way to break its ties; pyrankvote breaks ties by rules of its own and by chance, so that its winner
must be one of ours. Looking back to earlier rounds, which neither of them does, can only leave out some of these.
"""

from collections import Counter
from typing import Final

import pyrankvote
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rules.builtin.irv_1 import InstantRunoff
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.contract import Outcome
from tests.oracles import foreign
from tests.oracles.votes import PARTS, Vote, counted, endings, strict, winners

FOUR: Final = 4
SEVERAL: Final = st.integers(1, FOUR)
QUOTAS: Final = st.sampled_from(["droop", "hare"])


class TestInstantRunoff:
    """The quota that votelib elects by is more than half of all ballots, ours of those that still count: whoever has
    the one wins by the other as well."""

    @given(strict(PARTS), st.sampled_from(["majority", "last_two"]))
    def test_the_same_may_win_as_by_votelib(self, vote: Vote, stop: str) -> None:
        ours = winners(endings(InstantRunoff, vote, look_back=False, stop=stop))
        assert ours == foreign.transferable(vote, 1, "droop")

    @given(strict())
    def test_looking_back_elects_one_of_them(self, vote: Vote) -> None:
        assert winners(endings(InstantRunoff, vote)) <= foreign.transferable(vote, 1, "droop")

    @given(strict())
    def test_who_wins_by_pyrankvote_may_win(self, vote: Vote) -> None:
        found = foreign.by_pyrankvote(pyrankvote.instant_runoff_voting, vote)
        assert found in winners(endings(InstantRunoff, vote, look_back=False))


class TestSingleTransferableVote:
    """votelib means what ours does with a fixed quota, Droop or Hare, and exact fractions, but for two surpluses that
    wait at once: it hands both on in one step, where ours takes the larger first and gives nothing of the next to whom
    that one elects. Up to three seats it is all the same: whoever reaches the quota by the first has the last seat, and
    too few votes are left for anybody else. With four seats such votes are left out. Nobody else recomputes the quota
    or cuts decimals. pyrankvote means the same for one seat only: its quota is not rounded, and it averages ballots
    (see the counts that were found wrong).
    """

    @given(strict(), SEVERAL, QUOTAS)
    def test_the_same_may_win_as_by_votelib(self, vote: Vote, seats: int, quota: str) -> None:
        assume(seats < len(vote.on_ballot))
        ours = endings(SingleTransferableVote, vote, look_back=False, seats=seats, quota=quota)
        assume(seats < FOUR or not any(map(two_surpluses_wait, ours)))
        assert winners(ours) == foreign.transferable(vote, seats, quota)

    @given(strict(), SEVERAL, QUOTAS)
    def test_each_round_stands_as_by_votelib(self, vote: Vote, seats: int, quota: str) -> None:
        assume(seats < len(vote.on_ballot))
        outcome = counted(SingleTransferableVote, vote, seats=seats, quota=quota)
        plain = {"elected", "reached_quota", "last_standing", "last_out", "fell_short"}
        assume({reason.code for reason in outcome.reasons} <= plain)  # no tie on the way
        assume(not two_surpluses_wait(outcome))
        theirs = foreign.standings(vote, seats, quota)
        for ours in _standings(outcome):
            assert ours in theirs

    @given(strict())
    def test_one_seat_may_be_won_by_who_wins_by_pyrankvote(self, vote: Vote) -> None:
        found = foreign.by_pyrankvote(pyrankvote.single_transferable_vote, vote, 1)
        assert found in winners(endings(SingleTransferableVote, vote, look_back=False, seats=1))


def two_surpluses_wait(outcome: Outcome) -> bool:
    """Whether several reached more than the quota in one round: surpluses go on one at a time, a round each."""
    quotas = next(row for row in outcome.tables["rounds"] if row[0] == "quota")
    over: Counter[int] = Counter()
    for row in outcome.tables["rounds"]:
        number = _elected_in(row[-1])
        if number and row[number] > quotas[number]:  # type: ignore[operator]
            over[number] += 1
    return any(number > 1 for number in over.values())


def _elected_in(fate: object) -> int:
    word, _, number = str(fate).rpartition("_")
    return int(number) if word == "elected_in" else 0


def _standings(outcome: Outcome) -> list[dict[object, object]]:
    """The votes of those who stand, round by round."""
    (_, *names, _), *rows = outcome.tables["rounds"]
    found: list[dict[object, object]] = [{} for _ in names]
    for option, *votes, fate in rows[:-3]:
        for place, figure in enumerate(votes[: _elected_in(fate) or None]):
            if figure != "out":
                found[place][option] = figure
    return found
