"""Ballots to write and to read: known ones, and any that Hypothesis can think of."""

import io
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Final, Literal, get_args

from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from app.formats.apart import HEADS, Electors, by_ballot
from app.formats.ballots import Ballots, id_of, widest
from app.formats.files import Format, read, written
from app.formats.pairwise import Pairwise
from app.foundation.written import line
from app.rules import papers
from app.rules.catalogue import Catalogue
from app.rules.electorate import Voter
from app.rules.papers import ALONE, Kind
from app.rules.profile import Cell

CITIES: Final = {"m": "Memphis", "n": "Nashville", "c": "Chattanooga", "k": "Knoxville"}
P01: Final = {"m>n>c>k": 42, "n>c>k>m": 26, "c>k>n>m": 15, "k>c>n>m": 17}
P08: Final = """5 2  # five candidates, two seats
41 1 2 3 0
16 1 3 0
12 2 1 4 0
13 3 4 0
11 4 5 3 0
7 5 4 0
0
"A"
"B"
"C"
"D"
"E"
"P08"
"""


@cache
def catalogue() -> Catalogue:
    """Every rule that is installed."""
    return Catalogue.load()


def read_text(text: str, written_in: Format, wanted: Kind | None = None) -> Ballots:
    """The ballots in a file of that text."""
    found = read(io.BytesIO(text.encode()), written_in, wanted)
    assert isinstance(found, Ballots)
    return found


def read_pairs(text: str, written_in: Format) -> Pairwise:
    """The preferences in a file of that text."""
    found = read(io.BytesIO(text.encode()), written_in)
    assert isinstance(found, Pairwise)
    return found


def again(ballots: Ballots, through: Format) -> Ballots:
    """The same ballots, written and read."""
    return read_text("".join(written(ballots, through)), through)


def names(forbidden: str = "") -> st.SearchStrategy[str]:
    """Names of options: letters of many scripts, and every sign that means something in a format."""
    signs = st.sampled_from("".join(sign for sign in " ,;:=><[]{}#'\"/*-+@|." if sign not in forbidden))
    letters = st.characters(codec="utf-8", exclude_characters=forbidden, exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    text = st.text(st.one_of(st.sampled_from("abcé"), signs, letters), min_size=1, max_size=12)
    return text.map(lambda name: " ".join(name.split())).filter(_is_a_line)


@st.composite
def ballots(
    draw: st.DrawFn, kinds: tuple[Kind, ...] = get_args(Kind), forbidden: str = "", *, plain: bool = False
) -> Ballots:
    """Ballots of one of these kinds with decimal weights, ids being made from names; ``plain``: without ``none``."""
    kind = draw(st.sampled_from(kinds))
    options: dict[str, str] = {}
    for name in draw(st.lists(names(forbidden), min_size=1, max_size=5, unique=True)):
        options[id_of(name, options)] = name
    chance = draw(st.randoms(use_true_random=False))
    paper = papers.Paper(kind, low=-999_999, high=999_999) if plain else widest(kind, options)
    marked = [papers.some(paper, tuple(options), chance.randrange) for _ in range(draw(st.integers(0, 6)))]
    rows = {ballot: Fraction(draw(st.integers(1, 10**6)), draw(st.sampled_from([1, 1, 2, 1000]))) for ballot in marked}
    title = draw(st.one_of(st.none(), names(forbidden)))
    return Ballots(options, rows, kind, draw(st.one_of(st.none(), st.integers(1, 50))), title)


@st.composite
def told_apart(draw: st.DrawFn) -> Ballots:
    """Ballots of voters who are told apart by college, unit and weight, and who could have cast them."""
    cast = draw(ballots())
    places = st.tuples(st.sampled_from(["", "workers", "-B_2"]), st.sampled_from(["", "lyon", "2-x"]))
    names = draw(st.lists(st.sampled_from(["votes", "members", "x_1"]), unique=True))
    figures = st.fractions(0, 10**12)
    cells: dict[Cell, dict[str, Fraction]] = {}
    for ballot in cast.rows:
        for place in draw(st.lists(places, min_size=1, max_size=3, unique=True)):
            weights = {name: draw(figures) for name in names}
            cells[ballot, *place] = {HEADS: Fraction(draw(st.integers(1, 10**6))), **weights}
    apart = cells if any(college or unit or names for _, college, unit in cells) else None
    colleges = draw(st.sampled_from([{}, {"workers": "Those who work"}]))
    effects: list[Literal["vote", "vote_and_quorum"] | None] = [None, "vote", "vote_and_quorum"]
    recused = st.sampled_from(effects)
    kinds = draw(st.lists(st.tuples(places, recused), max_size=4, unique=True))
    electors = []
    for (college, unit), out in kinds:
        number = draw(st.integers(1, 10**6))
        like = Voter("", college, unit, {name: draw(figures) for name in names}, out)
        electors.append(Electors(like, number, draw(st.integers(0, number))))
    return replace(
        cast,
        rows=by_ballot(cells),
        apart=apart,
        colleges=colleges,
        electors=tuple(sorted(electors, key=lambda one: one.kind)) or None,
        author=draw(st.sampled_from([None, "alone", "perhaps_alone"])),
    )


def empty_as_blank(rows: Ballots) -> dict[str, Fraction]:
    """The rows of ballots in a format in which nothing tells an abstention from a blank ballot."""
    told: dict[str, Fraction] = {}
    for ballot, weight in _as_blank(rows):
        told[ballot] = told.get(ballot, Fraction(0)) + weight
    return told


def _as_blank(ballots: Ballots) -> Iterator[tuple[str, Fraction]]:
    for ballot, weight in ballots.rows.items():
        yield "blank" if ballot in ALONE else ballot, weight


def _is_a_line(name: str) -> bool:
    try:
        return bool(name) and bool(line(name))
    except PydanticCustomError:
        return False
