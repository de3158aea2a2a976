"""Rankings handed on in stretches go where each of them would go by itself."""

from collections import Counter
from collections.abc import Collection, Mapping

from hypothesis import given
from hypothesis import strategies as st

from app.rules.rankings import Rankings

OPTIONS = ("o", "o-a", "o1", "o1-b", "o10", "o_a", "oa", "p")
"""Ids that begin alike, and go on with what sorts before ``>`` and after it."""

ballots = st.dictionaries(
    st.lists(st.sampled_from(OPTIONS), min_size=1, unique=True).map(">".join), st.integers(1, 9), max_size=60
)


def one_by_one(cast: Mapping[str, int], standing: Collection[str]) -> Counter[str]:
    """What each option holds when every ballot lies with the first of its options that stands."""
    held: Counter[str] = Counter()
    for ballot, weight in cast.items():
        held[next((option for option in ballot.split(">") if option in standing), "")] += weight
    return held


@given(ballots, st.permutations(OPTIONS))
def test_they_go_where_each_would_go_by_itself(cast: dict[str, int], out: list[str]) -> None:
    rankings, standing = Rankings(cast), set(OPTIONS)
    piles = {"": list(rankings.all())}
    for leaving in ("", *out):
        standing.discard(leaving)
        for option, stretch in rankings.onward(piles.pop(leaving, []), standing):
            piles.setdefault(option, []).append(stretch)
        held = {option: sum(map(rankings.weight, stretches)) for option, stretches in piles.items()}
        assert held == one_by_one(cast, standing)


def test_those_that_begin_alike_go_on_together() -> None:
    rankings = Rankings({"a>b": 2, "a>c": 3, "ab>c": 4, "a": 1})
    onward = [(option, rankings.weight(stretch)) for option, stretch in rankings.onward(rankings.all(), {"a", "ab"})]
    assert sorted(onward) == [("a", 1), ("a", 5), ("ab", 4)]
