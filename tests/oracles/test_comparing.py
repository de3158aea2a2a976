"""The Schulze method beside votelib: what is preferred to what, how strong the paths are, and who wins by them.

votelib places options by how many others they have the stronger path to, which is not what the method says where
several win (see the counts that were found wrong): its paths are compared, its winner where there is only one.
"""

from typing import Any

import pytest
from hypothesis import given
from votelib.component.pairwin_scorer import margins
from votelib.convert import RankedToCondorcetVotes
from votelib.evaluate import condorcet

from app.rules.builtin.schulze_1 import Schulze
from tests.oracles import foreign
from tests.oracles.votes import PARTS, Vote, counted, ranked, square

UNRANKED = pytest.mark.parametrize("unranked", ["last", "ranked_pairs_only"])


@UNRANKED
@given(ranked(PARTS))
def test_what_is_preferred_to_what(unranked: str, vote: Vote) -> None:
    outcome = counted(Schulze, vote, unranked=unranked)
    assert square(outcome, "pairwise") == _but_noughts(_preferences(vote, unranked))


@UNRANKED
@given(ranked(PARTS))
def test_how_strong_the_paths_are_by_winning_votes(unranked: str, vote: Vote) -> None:
    theirs = condorcet.Schulze.widest_paths(_preferences(vote, unranked))
    _stands_by(counted(Schulze, vote, unranked=unranked), vote, theirs)


@UNRANKED
@given(ranked(PARTS))
def test_how_strong_the_paths_are_by_margins(unranked: str, vote: Vote) -> None:
    theirs = condorcet.Schulze.widest_paths(margins(_preferences(vote, unranked)))
    _stands_by(counted(Schulze, vote, unranked=unranked, strength="margins"), vote, theirs)


@given(ranked(PARTS))
def test_a_single_winner_is_theirs(vote: Vote) -> None:
    outcome = counted(Schulze, vote)
    theirs = condorcet.Schulze().evaluate(_preferences(vote, "last"))
    if outcome.verdict == "elected":
        assert theirs == [*outcome.winners]
    else:
        assert foreign.best(theirs) <= {option for option, rank in _ranks(outcome).items() if rank == 1}


@given(ranked(PARTS))
def test_whoever_beats_all_others_wins_outright(vote: Vote) -> None:
    outcome = counted(Schulze, vote)
    theirs = condorcet.CondorcetWinner().evaluate(_preferences(vote, "last"))
    assert [*outcome.winners] == theirs if theirs else outcome.reasons[0].code != "elected_outright"


def _stands_by(outcome: Any, vote: Vote, theirs: dict[tuple[str, str], Any]) -> None:
    """The paths are these, and first are those to whom nobody has a stronger path than they have back."""
    assert square(outcome, "paths") == _but_noughts(theirs)
    stronger = {(one, other) for one, other in theirs if theirs[one, other] > theirs.get((other, one), 0)}
    unbeaten = {one for one in vote.on_ballot if not any((other, one) in stronger for other in vote.on_ballot)}
    assert {option for option, rank in _ranks(outcome).items() if rank == 1} == unbeaten


def _preferences(vote: Vote, unranked: str) -> dict[tuple[str, str], Any]:
    return dict(RankedToCondorcetVotes(unranked_at_bottom=unranked == "last").convert(foreign.orders(vote)))


def _but_noughts(figures: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    return {pair: figure for pair, figure in figures.items() if figure > 0}


def _ranks(outcome: Any) -> dict[Any, Any]:
    return {option: rank for rank, option in outcome.tables["ranking"][1:]}
