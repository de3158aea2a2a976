"""Who is preferred to whom, and how strongly, by way of others: what the Schulze method reads from rankings."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from app.rules.figures import plain
from app.rules.papers import ranks
from app.rules.weights import whole

Weight = int | Fraction
Pairs = Mapping[str, Mapping[str, Weight]]
"""A figure for every two options. Of preferences: the weight of the ballots that put the first above the other."""

Strength = Literal["winning_votes", "margins"]
Unranked = Literal["last", "ranked_pairs_only"]


def pairwise(ballots: Mapping[str, Fraction], on_ballot: Sequence[str], unranked: Unranked) -> Pairs:
    """The preferences in canonical rankings, by weight.

    ``unranked``: options that a ballot does not name stand together below those it names (``last``), or are compared
    with none (``ranked_pairs_only``). Options of equal rank are preferred to neither side.
    """
    scale, weights = whole(ballots)
    # A row of the matrix is one integer with a field for each option, wide enough for all weights together: a ballot
    # then adds to a whole row at once, which costs as many additions as there are options and not as there are pairs.
    width = sum(weights.values()).bit_length()
    fields = {option: 1 << place * width for place, option in enumerate(sorted(on_ballot))}
    everybody, rows = sum(fields.values()), dict.fromkeys(fields, 0)
    for ballot, weight in weights.items():
        if unranked == "last" and "=" not in ballot:  # by far the most
            below = everybody
            for one in ballot.split(">"):
                below -= fields[one]
                rows[one] += weight * below
            continue
        ranked = ranks(ballot)
        below = everybody if unranked == "last" else sum(fields[one] for rank in ranked for one in rank)
        for rank in ranked:
            for one in rank:
                below -= fields[one]
            won = weight * below
            for one in rank:
                rows[one] += won
    field = (1 << width) - 1
    return {
        one: {
            other: plain(Fraction(row >> place * width & field, scale))
            for place, other in enumerate(fields)
            if other != one
        }
        for one, row in rows.items()
    }


def link(won: Weight, lost: Weight, strength: Strength) -> Weight:
    """How strongly one option beats another directly: not at all, unless more prefer it than not."""
    if won <= lost:
        return 0
    return won if strength == "winning_votes" else won - lost


def links(pairs: Pairs, standing: Sequence[str], strength: Strength) -> Pairs:
    """How strongly each option still standing beats each other directly."""
    return {
        one: {other: link(pairs[one][other], pairs[other][one], strength) for other in standing if other != one}
        for one in standing
    }


def turned(direct: Pairs) -> Pairs:
    """The same links, each read from where it leads."""
    return {one: {other: direct[other][one] for other in row} for one, row in direct.items()}


def strongest(first: Mapping[str, Weight], direct: Pairs) -> dict[str, Weight]:
    """The strength of the strongest path to each option, of paths that begin with one of the ``first`` links; a path
    is as strong as its weakest link.

    The option with the strongest path is settled first: no later path to it can be stronger, and none to the others
    that are still waiting is stronger than its own.
    """
    found = dict(first)
    waiting = list(found)
    while waiting:
        via = max(waiting, key=found.__getitem__)
        waiting.remove(via)
        reach, onward = found[via], direct[via]
        for option in waiting:
            step = onward[option]
            if step > found[option]:
                found[option] = step if step < reach else reach
    return found


def ranking(paths: Pairs) -> dict[str, int]:
    """The rank of each option: one more than the number of options from which the path is stronger than the path back.

    Stronger paths are transitive (Schulze 2011): an option always ranks above those to which it has one, at least one
    option is first, and of two options of equal rank neither has the stronger path.
    """
    return {one: 1 + sum(paths[other][one] > paths[one][other] for other in paths[one]) for one in paths}
