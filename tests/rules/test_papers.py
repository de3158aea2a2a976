"""Ballot papers: one canonical form for what was marked, and a reason of its own for each thing that is wrong."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.canonical import floor_from_json, to_json
from app.rules.case import Floor
from app.rules.papers import (
    ALONE,
    NONE,
    BadBallot,
    Ballot,
    Paper,
    approved,
    canonical,
    points,
    ranks,
    renamed,
    some,
)
from app.rules.speakers import electors

OPTIONS = ("apple", "fig", "pear")
PAPERS = (
    Paper(),
    Paper("approval"),
    Paper("approval", most=2),
    Paper("approval", alone=(*ALONE, NONE)),
    Paper("ranking"),
    Paper("ranking", equal=False, least=2),
    Paper("rating", low=-2, high=5),
    Paper("rating", low=-9, high=9, budget=100),
    Paper(alone=()),
)


@pytest.mark.parametrize(
    ("paper", "marked", "written"),
    [
        (Paper(), " pear ", "pear"),
        (Paper("approval"), "pear, apple", "apple,pear"),
        (Paper("ranking"), "pear > fig = apple", "pear>apple=fig"),
        (Paper("ranking"), "fig", "fig"),
        (Paper("rating", high=5), "pear : 5 , apple:0", "apple:0,pear:5"),
        (Paper("rating", low=-3, high=3), "fig:-3", "fig:-3"),
        (Paper("approval", alone=(*ALONE, NONE)), " none", "none"),
        (Paper("ranking"), "blank", "blank"),
        (Paper("rating", high=5), " abstain", "abstain"),
    ],
)
def test_what_was_marked_has_one_form(paper: Paper, marked: str, written: str) -> None:
    assert canonical(paper, OPTIONS, marked) == written
    assert canonical(paper, OPTIONS, written) == written


@pytest.mark.parametrize(
    ("paper", "marked", "code", "facts"),
    [
        (Paper(), "plum", "ballot_unknown_option", {"option": "plum"}),
        (Paper(), "apple,fig", "ballot_unreadable", {"at": "apple,fig"}),
        (Paper(), "", "ballot_unreadable", {"at": ""}),
        (Paper(alone=()), "blank", "ballot_unknown_option", {"option": "blank"}),
        (Paper("approval"), "fig,fig", "ballot_option_twice", {"option": "fig"}),
        (Paper("approval", most=1), "fig,pear", "ballot_wrong_count", {"marked": 2, "least": 1, "most": 1}),
        (Paper("ranking", least=2), "fig", "ballot_wrong_count", {"marked": 1, "least": 2, "most": 3}),
        (Paper("ranking", equal=False), "fig=pear", "ballot_equal_ranks", {}),
        (Paper("ranking"), "fig>>pear", "ballot_unreadable", {"at": ""}),
        (Paper("ranking"), "fig pear", "ballot_unreadable", {"at": "fig pear"}),
        (Paper("rating", high=5), "fig", "ballot_unreadable", {"at": "fig"}),
        (Paper("rating", high=5), "fig:1.5", "ballot_unreadable", {"at": "fig:1.5"}),
        (Paper("rating", high=5), "fig:05", "ballot_unreadable", {"at": "fig:05"}),
        (Paper("rating", high=5), "Fig:9", "ballot_unreadable", {"at": "Fig"}),
        (
            Paper("rating", high=5),
            "fig:6",
            "ballot_off_scale",
            {"option": "fig", "given": 6, "low": 0, "high": 5},
        ),
        (Paper("rating", high=9, budget=10), "fig:3,pear:2", "ballot_over_budget", {"spent": 13, "budget": 10}),
    ],
)
def test_what_is_wrong_has_a_code_and_exact_facts(
    paper: Paper, marked: str, code: str, facts: dict[str, str | int]
) -> None:
    with pytest.raises(BadBallot) as refused:
        canonical(paper, OPTIONS, marked)
    assert (refused.value.code, refused.value.facts) == (code, facts)


@pytest.mark.parametrize("paper", PAPERS)
@given(seed=st.integers(0, 10_000))
def test_some_ballot_is_always_good_and_keeps_its_meaning_under_other_names(paper: Paper, seed: int) -> None:
    ballot = some(paper, OPTIONS, random.Random(seed).randrange)
    assert canonical(paper, OPTIONS, ballot) == ballot
    names = {"apple": "z", "fig": "y", "pear": "x"}
    back = {new: old for old, new in names.items()}
    other = renamed(paper, ballot, names)
    assert canonical(paper, tuple(back), other) == other
    assert renamed(paper, other, back) == ballot


def test_spaces_stand_around_signs_and_nowhere_else() -> None:
    paper = Paper("ranking")
    assert canonical(paper, ("a", "b", "c"), "  b \u00a0>\ta =  c ") == "b>a=c"
    for marked in ("a b", "a" + 15_000 * " " + "b"):
        with pytest.raises(BadBallot, match="ballot_unreadable"):
            canonical(paper, ("a", "b"), marked)


def test_a_canonical_ballot_is_read_back() -> None:
    assert ranks("pear>apple=fig") == (("pear",), ("apple", "fig"))
    assert approved("apple,pear") == ("apple", "pear")
    assert points("apple:0,fig:-2") == {"apple": 0, "fig": -2}


def test_a_paper_is_written_down_with_its_floor() -> None:
    for paper in PAPERS:
        floor = Floor(electors(), "ballot", among=OPTIONS, paper=paper)
        assert floor_from_json(to_json(floor)) == floor


def test_the_form_holds_any_ballot() -> None:
    assert Ballot(value="a>b", revision=1).value == "a>b"
    assert Ballot.values() == ()
    assert ALONE == ("abstain", "blank")
