"""Votes in the shapes that other people's counts take, and what these answer.

votelib learns which options there are from the ballots alone: one of no weight names them all. Where it is at a tie it
says so, or is told here how to break it; each order in which that may be done is tried.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import pyrankvote
import starvote
from votelib.evaluate.core import Plurality, Tie
from votelib.evaluate.sequential import TransferableVoteSelector

from app.rules.papers import points, ranks
from tests.oracles.votes import Vote, Winners


def orders(given: Vote) -> dict[tuple[Any, ...], Fraction]:
    """Rankings for votelib: a rank is an option, or the set of those who share it."""
    rankings = {
        tuple(rank[0] if len(rank) == 1 else frozenset(rank) for rank in ranks(ballot)): weight
        for ballot, weight in given.cast.items()
    }
    return {given.on_ballot: Fraction(0)} | rankings


def scores(given: Vote, *, named: bool = True) -> dict[frozenset[tuple[str, int]], int]:
    """Ratings for votelib, by heads; ``named``: it is told of options that nobody rates."""
    found = {frozenset(points(ballot).items()): int(weight) for ballot, weight in given.cast.items()}
    return {frozenset((option, 0) for option in given.on_ballot): 0} | found if named else found


def best(found: Sequence[Any]) -> Winners:
    """Who shares the first place in an answer of votelib."""
    if not found:
        return frozenset()
    return frozenset(found[0]) if isinstance(found[0], Tie) else frozenset({found[0]})


class Kept:
    """Whom votelib keeps in the count when somebody has to go out: those ahead, and of the level ones by an order."""

    def __init__(self, order: Sequence[str]) -> None:
        self.order, self.were_tied = order, False

    def evaluate(self, votes: dict[str, Fraction], n_seats: int) -> Any:
        """The best ``n_seats``."""
        kept = Plurality().evaluate(votes, n_seats)
        self.were_tied = self.were_tied or Tie.any(kept)
        return Tie.break_by_list(kept, self.order)


def transferable(given: Vote, seats: int, quota: str) -> set[Winners]:
    """Who may win by votelib's single transferable vote, whichever way its ties are broken."""
    found: set[Winners] = set()
    for order in permutations(given.on_ballot):
        keeping = Kept(order)
        found.add(frozenset(_transferable(keeping, quota).evaluate(orders(given), seats)))
        if not keeping.were_tied:
            break
    return found


def standings(given: Vote, seats: int, quota: str) -> list[dict[str, Fraction]]:
    """The votes of those who stand, step by step, in votelib's single transferable vote."""
    count, found, number = _transferable(Kept(given.on_ballot), quota), list[dict[str, Fraction]](), 0
    while True:
        number += 1
        votes, elected = count.nth_count(orders(given), seats, number)
        found.append({option: figure for option, figure in votes.items() if option is not None})
        if len(elected) == seats:
            return found


def _transferable(keeping: Kept, quota: str) -> Any:
    return TransferableVoteSelector(quota_function=quota, retainer=keeping)


def by_pyrankvote(count: Callable[..., Any], given: Vote, *seats: int) -> Winners:
    """Who wins by a count of pyrankvote, which breaks ties by later wishes and then by chance."""
    return frozenset(one.name for one in count(*for_pyrankvote(given), *seats).get_winners())


def for_pyrankvote(given: Vote) -> tuple[list[Any], list[Any]]:
    """The options and everybody's ballot, as it takes them."""
    people = {option: pyrankvote.Candidate(option) for option in given.on_ballot}
    ballots = [
        pyrankvote.Ballot([people[one] for (one,) in ranks(ballot)])
        for ballot, weight in given.cast.items()
        for _ in range(int(weight))
    ]
    return [*people.values()], ballots


def by_starvote(given: Vote, high: int) -> Winners | None:
    """Who wins by starvote; nobody where it cannot break a tie."""
    try:
        return frozenset(starvote.star_voting(for_starvote(given), maximum_score=high, verbosity=0))
    except starvote.UnbreakableTieError:
        return None


def for_starvote(given: Vote) -> list[dict[str, int]]:
    """Everybody's ballot, as it takes them, with 0 for what is left out."""
    return [
        dict.fromkeys(given.on_ballot, 0) | points(ballot)
        for ballot, weight in given.cast.items()
        for _ in range(int(weight))
    ]
