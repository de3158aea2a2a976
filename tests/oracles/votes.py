"""Small random votes that a count of ours and one of somebody else's are given, and every way in which ours may end."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any, Final

from hypothesis import strategies as st

from app.rules import papers
from app.rules.cast import Cast
from app.rules.choosing import ChoosingRule
from app.rules.contract import Figure, Outcome

Winners = frozenset[str]
Weights = st.SearchStrategy[Fraction]
Votes = st.SearchStrategy["Vote"]
_Marking = Callable[[str], st.SearchStrategy[str]]

HEADS: Final[Weights] = st.integers(1, 3).map(Fraction)
PARTS: Final[Weights] = st.sampled_from([Fraction(number, 6) for number in (2, 3, 4, 6, 9)])
"""Weights that are no whole numbers, as colleges give them; few of them, so that ties are frequent."""
_NAMES: Final = "abcde"  # of one letter: votelib's Borda takes a longer text for options that share a rank


@dataclass(frozen=True)
class Vote:
    """The options, and the weight of each distinct ballot."""

    on_ballot: tuple[str, ...]
    cast: Cast


def vote(on_ballot: Iterable[str], cast: Mapping[str, int]) -> Vote:
    """So many people for each ballot."""
    return Vote(tuple(on_ballot), Cast({ballot: Fraction(number) for ballot, number in cast.items()}))


def strict(weights: Weights = HEADS, *, whole: bool = False) -> Votes:
    """Rankings without equal ranks; ``whole``: of all options."""

    def marked(on_ballot: str) -> st.SearchStrategy[str]:
        most = len(on_ballot)
        places = st.integers(most if whole else 1, most)
        return st.builds(lambda order, until: ">".join(order[:until]), st.permutations(on_ballot), places)

    return _votes(marked, weights)


def ranked(weights: Weights = HEADS) -> Votes:
    """Rankings in which options may share a rank."""

    def marked(on_ballot: str) -> st.SearchStrategy[str]:
        places = st.dictionaries(st.sampled_from(on_ballot), st.integers(1, len(on_ballot)), min_size=1)
        return places.map(
            lambda at: papers.ranking([one for one in at if at[one] == place] for place in sorted({*at.values()}))
        )

    return _votes(marked, weights)


def rated(high: int = 5, weights: Weights = HEADS, *, whole: bool = False) -> Votes:
    """Points from 0 for some options; ``whole``: for all."""

    def marked(on_ballot: str) -> st.SearchStrategy[str]:
        marks = st.integers(0, high)
        if whole:
            return st.fixed_dictionaries(dict.fromkeys(on_ballot, marks)).map(papers.rating)
        return st.dictionaries(st.sampled_from(on_ballot), marks, min_size=1).map(papers.rating)

    return _votes(marked, weights)


def approving(weights: Weights = HEADS) -> Votes:
    """Approvals of one option or more."""
    return _votes(lambda on_ballot: st.sets(st.sampled_from(on_ballot), min_size=1).map(sorted).map(",".join), weights)


def single(weights: Weights = HEADS) -> Votes:
    """One option on each ballot."""
    return _votes(st.sampled_from, weights)


def _votes(marked: _Marking, weights: Weights) -> Votes:
    def among(number: int) -> Votes:
        on_ballot = _NAMES[:number]
        cast = st.dictionaries(marked(on_ballot), weights, min_size=1, max_size=9)
        return cast.map(lambda found: Vote(tuple(on_ballot), _in_order(found, by_heads=weights is HEADS)))

    return st.integers(2, len(_NAMES)).flatmap(among)


def _in_order(found: Mapping[str, Fraction], *, by_heads: bool) -> Cast:
    """The ballots by their canonical form; where they weigh otherwise, one person stands behind each."""
    weights = dict(sorted(found.items()))
    return Cast(weights) if by_heads else Cast(weights, people=dict.fromkeys(weights, Fraction(1)))


def counted(rule: type[ChoosingRule], given: Vote, order: tuple[str, ...] = (), **options: Any) -> Outcome:
    """What our rule says; ``order`` is that of the lots."""
    return rule(rule.Options.model_validate(options)).choose(given.cast, given.on_ballot, order)


def endings(rule: type[ChoosingRule], given: Vote, **options: Any) -> list[Outcome]:
    """What our rule says: the outcome, or where that is a tie the outcome of every order of the lots."""
    outcome = counted(rule, given, **options)
    if outcome.verdict != "tied":
        return [outcome]
    return [counted(rule, given, order, **options) for order in permutations(given.on_ballot)]


def winners(outcomes: list[Outcome]) -> set[Winners]:
    """Who may win."""
    return {frozenset(outcome.winners) for outcome in outcomes}


def column(outcome: Outcome, table: str, place: int = 1) -> dict[Figure, Figure]:
    """A column of a table, by its first."""
    return {row[0]: row[place] for row in outcome.tables[table][1:]}


def square(outcome: Outcome, table: str) -> dict[tuple[Figure, Figure], Figure]:
    """The figures of a table with a row and a column for each option, but for noughts."""
    (_, *others), *rows = outcome.tables[table]
    cells = {(one, other): figure for one, *row in rows for other, figure in zip(others, row, strict=True)}
    return {(one, other): figure for (one, other), figure in cells.items() if one != other and figure}
