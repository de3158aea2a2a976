"""What is written is read back equal, and written again it is the same bytes."""

import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import canonical
from app.rules.case import Case, Floor, Held, Outcome, Phase, Reason, Word
from app.rules.electorate import Electorate, Voter
from app.rules.profile import Profile
from app.rules.speakers import Who

names = st.text(min_size=1, max_size=6)
codes = st.sampled_from(("alpha", "bêta", "gamma delta", "x1", "00", "1/0", "", "é"))
fractions = st.fractions(max_denominator=10**6)
figures = st.one_of(codes, st.integers(), st.booleans(), fractions)
ids = st.lists(names, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
facts: st.SearchStrategy[Any] = st.dictionaries(
    names, st.one_of(names, st.integers(), st.booleans(), st.lists(names, max_size=3).map(tuple)), max_size=3
)
maybe = st.none() | names

whos = st.builds(
    Who,
    st.sampled_from(("electors", "proposer", "office", "named", "members", "forum")),
    st.sampled_from(("", "facilitator", "lots")),
    ids,
    ids,
)
floors = st.builds(Floor, whos, names, maybe, ids, st.booleans(), st.booleans(), st.booleans())
reasons = st.builds(Reason, names, st.dictionaries(names, figures, max_size=3), maybe)
phases = st.builds(
    Phase,
    kind=names,
    floors=st.lists(floors, max_size=3).map(tuple),
    lasts=st.none() | st.sampled_from(("P3D", "rest")),
    carries=st.booleans(),
    subject=maybe,
    setting=st.sampled_from(("remote", "meeting")),
    sight=st.sampled_from(("open", "sealed", "secret")),
    yields=st.sampled_from(("words", "profile")),
    reasons=st.lists(reasons, max_size=2).map(tuple),
    path=ids,
    at_least=st.none() | st.just("PT24H"),
    reveals=st.booleans(),
)
rows = st.lists(st.lists(figures, max_size=3).map(tuple), max_size=3).map(tuple)
outcomes = st.builds(
    Outcome,
    st.sampled_from(("adopted", "not_adopted", "elected", "not_elected", "tied", "invalid", "lapsed")),
    ids,
    st.lists(reasons, max_size=2).map(tuple),
    st.dictionaries(names, rows, max_size=2),
    st.none() | st.just("P6M"),
)
measures = st.dictionaries(names, fractions, max_size=2)
voters = st.builds(Voter, names, names, names, measures, st.sampled_from((None, "vote", "vote_and_quorum")))
electorates = st.builds(Electorate, st.lists(voters, max_size=3).map(tuple))
words = st.builds(Word, names, names, names, names, maybe, st.integers(1, 9), maybe, maybe, facts)
sums = st.dictionaries(names, fractions, min_size=1, max_size=2)
profiles = st.builds(Profile, st.dictionaries(st.tuples(names, names, names), sums, max_size=3), st.none() | fractions)
held = st.builds(
    Held,
    phases,
    st.integers(1, 9),
    electorates,
    st.lists(words, max_size=2).map(tuple),
    st.none() | profiles,
    st.none() | st.frozensets(names, max_size=3),
    st.sampled_from((None, "deadline", "complete", "woken", "shrunk")),
)
cases = st.builds(Case, names, electorates, st.lists(held, max_size=2).map(tuple), st.sampled_from(("policy", "role")))


@given(
    st.one_of(
        st.tuples(st.just(canonical.phase_from_json), phases),
        st.tuples(st.just(canonical.outcome_from_json), outcomes),
        st.tuples(st.just(canonical.reason_from_json), reasons),
        st.tuples(st.just(canonical.floor_from_json), floors),
        st.tuples(st.just(canonical.who_from_json), whos),
        st.tuples(st.just(canonical.word_from_json), words),
        st.tuples(st.just(canonical.profile_from_json), profiles),
        st.tuples(st.just(canonical.electorate_from_json), electorates),
        st.tuples(st.just(canonical.held_from_json), held),
        st.tuples(st.just(canonical.case_from_json), cases),
    )
)
def test_what_is_written_is_read_back_equal(told: tuple[Any, Any]) -> None:
    read, value = told
    written = canonical.canonical_bytes(value)
    again = read(json.loads(written))
    assert again == value
    assert canonical.canonical_bytes(again) == written
    assert canonical.digest(again) == canonical.digest(value)


def test_a_phase_is_written_small_sorted_and_without_what_stands_at_its_default() -> None:
    phase = Phase(
        "été", (Floor(Who("proposer"), "keep", due=True),), "P2D", reasons=(Reason("b", {"z": 1, "a": Fraction(6, 4)}),)
    )
    assert canonical.canonical_bytes(phase).decode() == (
        '{"floors":[{"due":true,"form":"keep","who":{"what":"proposer"}}],"kind":"été","lasts":"P2D",'
        '"reasons":[{"code":"b","facts":{"a":"3/2","z":1}}]}'
    )


@pytest.mark.parametrize("value", [0.5, {"a": 0.5}, [object()], {1: "a"}, {"a": {"b"}}])
def test_what_is_not_exact_has_no_written_form(value: object) -> None:
    with pytest.raises(TypeError):
        canonical.canonical_bytes(value)


@pytest.mark.parametrize("text", ["12", "-1", "2/3"])
def test_a_text_that_reads_as_a_figure_is_refused_among_figures(text: str) -> None:
    with pytest.raises(ValueError, match="reads as a figure"):
        canonical.to_json(Reason("code", {"fact": text}))
    with pytest.raises(ValueError, match="reads as a figure"):
        canonical.to_json(Outcome("tied", tables={"t": (("a", text),)}))


def test_nothing_has_a_written_form_too() -> None:
    assert canonical.canonical_bytes(None) == b"null"


def test_the_digest_is_sha256_of_the_canonical_bytes() -> None:
    assert canonical.digest({}) == hashlib.sha256(b"{}").hexdigest()
    assert canonical.digest({"b": 1, "a": ()}) == hashlib.sha256(b'{"a":[],"b":1}').hexdigest()


def test_a_set_is_written_in_order() -> None:
    assert canonical.to_json(frozenset({"b", "a", "c"})) == ["a", "b", "c"]
