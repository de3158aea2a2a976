"""Who hides among whom: the groups that the count of a secret vote tells apart, by those who may vote and who have."""

from collections.abc import Collection
from fractions import Fraction
from typing import Literal

import pytest

from app.proposals.deliberation.cover import exposed, may_be_told, uncovered
from app.rules.contract import Electorate, Floor, Paper, Phase, Voter, electors

VOTES = {"one": Fraction(1), "ten": Fraction(10)}


def member(
    number: int, college: str, unit: str = "", votes: str = "one", recused: Literal["vote"] | None = None
) -> Voter:
    return Voter(f"{college}{number}", college, unit, {"heads": Fraction(1), "votes": VOTES[votes]}, recused)


def people(**colleges: int) -> Electorate:
    return Electorate(member(n, college) for college, size in colleges.items() for n in range(size))


def roll(**colleges: int) -> list[str]:
    return [f"{college}{n}" for college, size in colleges.items() for n in range(size)]


@pytest.mark.parametrize(
    ("voted", "is_exposed"),
    [
        ({"s": 6, "p": 1}, True),
        ({"s": 6, "p": 4}, True),
        ({"s": 6, "p": 5}, False),
        ({"s": 6}, False),
        ({"p": 3}, True),
        ({}, False),
    ],
)
def test_from_one_to_four_of_a_group_cannot_hide(voted: dict[str, int], *, is_exposed: bool) -> None:
    everybody = people(s=6, p=6)
    found = exposed(everybody, {"college"}, roll(**voted))
    assert (found is not None) is is_exposed
    if found is not None:
        assert (found.verdict, found.code, found.tables) == ("invalid", "too_few_to_hide", {})
        assert found.reasons[0].facts == {"voters": sum(voted.values()), "needed": 5}
    assert exposed(everybody, (), roll(**voted)) is None, "nobody is told apart"


def test_where_all_are_one_group_it_is_the_total() -> None:
    assert exposed(people(s=6), {"college"}, roll(s=2)) is None
    assert uncovered(people(s=2), {"college"}) is None


@pytest.mark.parametrize("reads", [{"weights"}, {"unit"}, {"college", "unit"}])
def test_units_and_weights_tell_apart_like_colleges(reads: Collection[str]) -> None:
    small = [member(n, "s", "lyon", "ten") for n in range(5)]
    large = [member(n, "p", "paris") for n in range(5)]
    everybody = Electorate([*small, *large])
    assert uncovered(everybody, reads) is None
    assert exposed(everybody, reads, [one.id for one in [*small, *large]]) is None
    assert exposed(everybody, reads, [one.id for one in [*small[1:], *large]]) is not None
    assert uncovered(everybody.without([small[0].id]), reads) == 4


def test_whoever_may_not_vote_hides_nobody() -> None:
    aside = [*(member(n, "s") for n in range(4)), member(4, "s", recused="vote")]
    assert uncovered(Electorate([*aside, *(member(n, "p") for n in range(5))]), {"college"}) == 4


def test_few_ballots_are_told_as_totals_alone() -> None:
    def vote(paper: Paper | None, among: tuple[str, ...] = ("a", "b"), *, secret: bool = True) -> Phase:
        floor = Floor(electors(), "ballot", among=among, paper=paper)
        return Phase("ballot", (floor,), sight="secret" if secret else "sealed", yields="profile")

    assert may_be_told(vote(None), 1)
    assert may_be_told(vote(Paper("one")), 1)
    for kind in ("approval", "ranking", "rating"):
        assert not may_be_told(vote(Paper(kind)), 19)
        assert may_be_told(vote(Paper(kind)), 20)
        assert may_be_told(vote(Paper(kind), secret=False), 1)
    assert not may_be_told(vote(None, ()), 19), "whoever may write anything writes what nobody else does"
