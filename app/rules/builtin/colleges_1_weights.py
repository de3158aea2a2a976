"""The arithmetic of colleges: what each weighs once those without members are set aside, and what each vote then is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

from app.rules.contract import Electorate, Profile
from app.rules.counting import UNCAST

LEAST: Final = Fraction(1, 10)
MOST: Final = Fraction(1, 2)
FEWEST: Final = 3
"""Law 47-1775 art. 19 octies: at least three colleges, each with a tenth to a half of all votes."""

BY_COLLEGE: Final = "by_college"
"""The measure under which weighed votes are counted."""

Weights = Mapping[str, Fraction]


def in_force(weights: Weights, electorate: Electorate) -> dict[str, Fraction]:
    """What each college weighs, by id; none when fewer than three have members, for then heads count.

    The weight of a college without any member is shared equally among the others. One that reaches half of all votes
    takes no more: what is left goes on to the rest.
    """
    members = {group.like.college for group in electorate.groups}
    shared = {college: weights[college] for college in sorted(weights) if college in members}
    if len(shared) < FEWEST:
        return {}
    left = 1 - sum(shared.values())
    while left > 0:
        takers = [college for college in shared if shared[college] < MOST]
        each = min(left * Fraction(1, len(takers)), *(MOST - shared[college] for college in takers))
        shared |= {college: shared[college] + each for college in takers}
        left -= each * len(takers)
    return shared


@dataclass(frozen=True, slots=True)
class Way:
    """How votes of a college become its weight. ``neutral``: answers that lie outside the whole."""

    method: Literal["proportional", "winner_takes_all"]
    inner_tie: Literal["split", "abstain"]
    empty_college: Literal["total_weight", "expressed_weight", "fail"]
    neutral: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot by college. ``votes`` and ``shares``: per college and ballot, what was cast and what it weighs, 1 being
    the whole; ``silent``: the colleges that have members and expressed nothing."""

    votes: Mapping[str, Mapping[str, Fraction]]
    shares: Mapping[str, Mapping[str, Fraction]]
    silent: tuple[str, ...]


def counted(profile: Profile, weights: Weights, way: Way) -> Counted:
    """What each college says with its weight."""
    votes: dict[str, dict[str, Fraction]] = {college: {} for college in weights}
    for (ballot, college, _), measures in sorted(profile.rows.items()):
        if ballot != UNCAST and college in votes:
            said = votes[college]
            said[ballot] = said.get(ballot, Fraction(0)) + measures.get(profile.measure, Fraction(0))
    shares = {college: _shares(votes[college], weight, way) for college, weight in weights.items()}
    silent = tuple(college for college in weights if not _total(votes[college], way.neutral))
    if way.empty_college == "expressed_weight":
        spoken = sum((_total(said, way.neutral) for said in shares.values()), Fraction(0)) or Fraction(1)
        shares = {college: {b: Fraction(one, spoken) for b, one in said.items()} for college, said in shares.items()}
    return Counted(votes, shares, silent)


def weighed(profile: Profile, weights: Weights, way: Way) -> Profile:
    """The same ballots, each college with its weight, under a measure of their own; heads stay what they are."""
    by = counted(profile, weights, way)
    each = {
        (ballot, college): Fraction(by.shares[college][ballot], votes)
        for college, said in by.votes.items()
        for ballot, votes in said.items()
        if votes
    }
    rows = {
        cell: {**measures, BY_COLLEGE: measures.get(profile.measure, Fraction(0)) * each.get(cell[:2], Fraction(0))}
        for cell, measures in profile.rows.items()
    }
    return replace(profile, rows=rows, whole=Fraction(1), measure=BY_COLLEGE)


def _shares(said: Mapping[str, Fraction], weight: Fraction, way: Way) -> dict[str, Fraction]:
    """What the ballots of one college weigh. An answer without a choice weighs as much as any other ballot of the
    college, but lies outside the whole."""
    expressed = _total(said, way.neutral)
    cast = sum(said.values(), Fraction(0))
    of = expressed or cast or Fraction(1)
    shares = {ballot: weight * Fraction(votes, of) for ballot, votes in said.items()}
    if way.method == "proportional" or not expressed:
        return shares
    most = max(votes for ballot, votes in said.items() if ballot not in way.neutral)
    first = [ballot for ballot, votes in said.items() if ballot not in way.neutral and votes == most]
    taken = weight * Fraction(1, len(first)) if len(first) == 1 or way.inner_tie == "split" else Fraction(0)
    won = {ballot: taken if ballot in first else Fraction(0) for ballot in said if ballot not in way.neutral}
    return {**shares, **won}


def _total(said: Mapping[str, Fraction], neutral: Iterable[str]) -> Fraction:
    return sum((votes for ballot, votes in said.items() if ballot not in neutral), Fraction(0))
