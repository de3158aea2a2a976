"""The Schulze method by the worked cases, against a slow count of its definition, and with a default option."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import papers
from app.rules.builtin.schulze_1 import Schulze, from_matrix
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.builtin.schulze_1_paths import Pairs, Strength, Unranked
from app.rules.cast import Cast
from app.rules.contract import Case, Held, Outcome, Phase, Profile
from app.rules.papers import Paper, ranks
from tests.rules.stories import codes, electors, people
from tests.rules.told.schulze_1 import (
    AFTER,
    BEFORE,
    CIRCLE,
    FORTY_FIVE,
    FOUR_CITIES,
    LINK,
    NOT_RANKED,
    THREE,
    ranked,
)


def chosen(ballots: Mapping[str, int | Fraction], on_ballot: str, **options: Any) -> Outcome:
    """The outcome of rankings by weight, before any lots."""
    rule = Schulze(SchulzeOptions.model_validate(options))
    return rule.choose(Cast({one: Fraction(weight) for one, weight in ballots.items()}), tuple(on_ballot.split()), ())


def order(outcome: Outcome) -> list[str]:
    """The ranks, best first, each with its options."""
    ranked_ = outcome.tables["ranking"][1:]
    places = dict.fromkeys(place for place, _ in ranked_)
    return [" ".join(str(one) for place, one in ranked_ if place == rank) for rank in places]


def rows(outcome: Outcome, table: str) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in outcome.tables[table][1:]}


DEBIAN_2002: Pairs = {
    "robinson": {"hertzog": 255, "garbee": 178, "none": 385},
    "hertzog": {"robinson": 199, "garbee": 134, "none": 406},
    "garbee": {"robinson": 291, "hertzog": 327, "none": 443},
    "none": {"robinson": 68, "hertzog": 50, "garbee": 18},
}
HALF_ROOTS = {"default": "none", "option_quorum": 3, "option_quorum_in": "half_roots"}


class TestWorkedCases:
    def test_p01_the_matrix_and_the_order(self) -> None:
        outcome = chosen(FOUR_CITIES, "m n c k")
        assert outcome.tables["pairwise"] == (
            ("option", "c", "k", "m", "n"),
            ("c", "itself", 83, 58, 32),
            ("k", 17, "itself", 58, 32),
            ("m", 42, 42, "itself", 42),
            ("n", 68, 68, 58, "itself"),
        )
        assert (outcome.winners, order(outcome)) == (("n",), ["n", "c", "k", "m"])
        assert outcome.reasons[0].code == "elected_outright"
        assert outcome.reasons[0].facts == {"option": "n", "rivals": "m", "for": 58, "against": 42}

    def test_p02_a_large_electorate_and_truncated_ballots(self) -> None:
        real = {"lenihan": 694484, "robinson": 612265, "currie>lenihan": 36789, "currie>robinson": 205565}
        outcome = chosen({**real, "currie": 25548}, "lenihan robinson currie")
        assert outcome.winners == ("robinson",)
        assert outcome.reasons[0].facts["for"] == 817830
        assert outcome.reasons[0].facts["against"] == 731273

    def test_p03_from_a_matrix_with_a_default_and_a_quorum_of_half_roots(self) -> None:
        options = SchulzeOptions.model_validate(HALF_ROOTS)
        outcome = from_matrix(DEBIAN_2002, options, electors=939)
        assert (outcome.winners, order(outcome)) == (("garbee",), ["garbee", "robinson", "hertzog", "none"])
        assert rows(outcome, "against_default") == {
            "robinson": (385, 68, "kept"),
            "hertzog": (406, 50, "kept"),
            "garbee": (443, 18, "kept"),
        }
        needed = options.needed(939)
        assert 4 * (needed - 1) ** 2 < 3**2 * 939 <= 4 * needed**2
        assert needed == 46

    def test_p03_a_ballot_less_than_the_quorum(self) -> None:
        options = SchulzeOptions.model_validate(HALF_ROOTS)
        for above, stands in ((45, False), (46, True)):
            pairs = {**DEBIAN_2002, "garbee": {**DEBIAN_2002["garbee"], "none": above}}
            outcome = from_matrix(pairs, options, electors=939)
            assert outcome.winners == (("garbee",) if stands else ("robinson",))
            assert ("dropped_by_quorum" in codes(outcome)) is not stands

    def test_p04_an_option_is_dropped_and_the_reason_says_why(self) -> None:
        """Each row puts some options above the default and some below it; the rest stand beside it."""
        above = {"one": 144, "two": 394, "three": 442}
        below = {"one": 258, "two": 70, "three": 26}
        profile: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        for voter in range(482):
            sides: list[list[str]] = [[], ["default"], []]
            for one in above:
                sides[0 if voter < above[one] else 2 if voter < above[one] + below[one] else 1].append(one)
            cell = (papers.ranking(side for side in sides if side), "", "")
            profile.setdefault(cell, {"heads": Fraction(0)})["heads"] += 1
        outcome = held(profile, 911, "one two three default", **HALF_ROOTS | {"default": "default", "quorum": "1/2"})
        assert (outcome.verdict, outcome.winners) == ("elected", ("three",))
        assert rows(outcome, "against_default") == {
            "one": (144, 258, "dropped"),
            "two": (394, 70, "kept"),
            "three": (442, 26, "kept"),
        }
        dropped = next(reason for reason in outcome.reasons if reason.code == "dropped_by_majority")
        assert dropped.facts == {"option": "one", "default": "default", "above": 144, "below": 258, "times": 1}
        assert "dropped_by_quorum" not in codes(outcome)
        assert SchulzeOptions.model_validate(HALF_ROOTS).needed(911) == 46
        assert outcome.reasons[-1].facts == {"took_part": 482, "needed": 456, "of": 911}

    @pytest.mark.parametrize(("strength", "winner"), [("winning_votes", "b"), ("margins", "c")])
    def test_p13(self, strength: str, winner: str) -> None:
        outcome = chosen(LINK, "a b c", strength=strength)
        assert rows(outcome, "pairwise") == {"a": ("itself", 3, 5), "b": (6, "itself", 2), "c": (4, 4, "itself")}
        assert outcome.winners == (winner,)
        assert outcome.reasons[0].code == "elected_by_paths"

    @pytest.mark.parametrize(("unranked", "winner"), [("last", "b"), ("ranked_pairs_only", "c")])
    def test_p14(self, unranked: str, winner: str) -> None:
        outcome = chosen(NOT_RANKED, "a b c", unranked=unranked)
        assert outcome.winners == (winner,)
        assert rows(outcome, "pairwise")["c"] == (1, 1, "itself")
        assert rows(outcome, "pairwise")["b"] == ((2, "itself", 2) if unranked == "last" else (0, "itself", 0))

    @pytest.mark.parametrize("ballots", [BEFORE, AFTER])
    def test_p16_raising_the_winner_keeps_it_the_winner(self, ballots: dict[str, int]) -> None:
        assert chosen(ballots, "a b c").winners == ("a",)

    def test_w23(self) -> None:
        outcome = chosen(THREE, "a b c")
        assert (outcome.winners, order(outcome)) == (("b",), ["b", "c", "a"])
        pairs = rows(outcome, "pairwise")
        assert (pairs["b"][0], pairs["a"][1]) == (9, 8)
        assert (pairs["b"][2], pairs["c"][1]) == (12, 5)
        assert outcome.reasons[0].facts == {"option": "b", "rivals": "a", "for": 9, "against": 8}

    def test_w24(self) -> None:
        outcome = chosen(FORTY_FIVE, "a b c d e")
        assert (outcome.winners, order(outcome)) == (("e",), ["e", "a", "c", "b", "d"])
        assert rows(outcome, "paths") == {
            "a": ("itself", 28, 28, 30, 24),
            "b": (25, "itself", 28, 33, 24),
            "c": (25, 29, "itself", 29, 24),
            "d": (25, 28, 28, "itself", 24),
            "e": (25, 28, 28, 31, "itself"),
        }


def held(profile: Mapping[Any, Any], electorate: int, on_ballot: str, **options: Any) -> Outcome:
    """The outcome of a ballot with this profile, of which ``electorate`` people were electors."""
    rule = Schulze(SchulzeOptions.model_validate(options))
    voters = electors(people(electorate))
    case = Case("author", voters, on_ballot=tuple(on_ballot.split()))
    phase = rule.after(case)
    assert isinstance(phase, Phase)
    return rule.counted(case, Held(phase, 1, voters, profile=Profile(profile), ended="deadline"))


def slow_pairs(
    ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...], unranked: str
) -> dict[tuple[str, str], Fraction]:
    """Who is preferred to whom, ballot by ballot and pair by pair."""
    pairs = dict.fromkeys(permutations(on_ballot, 2), Fraction(0))
    for ballot, weight in ballots.items():
        place = {one: rank for rank, tied in enumerate(ranks(ballot)) for one in tied}
        for one, other in pairs:
            if unranked == "ranked_pairs_only" and not {one, other} <= place.keys():
                continue
            pairs[one, other] += weight * (place.get(one, 99) < place.get(other, 99))
    return pairs


def slow_winners(pairs: dict[tuple[str, str], Fraction], on_ballot: tuple[str, ...], strength: str) -> set[str]:
    """The definition: no other option has a stronger path to them, over all paths that there are."""

    def link(one: str, other: str) -> Fraction:
        won, lost = pairs[one, other], pairs[other, one]
        return Fraction(0) if won <= lost else won if strength == "winning_votes" else won - lost

    def path(one: str, other: str) -> Fraction:
        between = [stop for stop in on_ballot if stop not in {one, other}]
        ways = (way for length in range(len(between) + 1) for way in permutations(between, length))
        return max(min(link(a, b) for a, b in zip((one, *way), (*way, other), strict=True)) for way in ways)

    return {
        one for one in on_ballot if all(path(one, other) >= path(other, one) for other in on_ballot if other != one)
    }


ON_BALLOT = ("a", "b", "c", "d")
PAPER = Paper("ranking", alone=())
RANKINGS = st.randoms(use_true_random=False).map(lambda chance: papers.some(PAPER, ON_BALLOT, chance.randrange))
PROFILES = st.dictionaries(RANKINGS, st.integers(1, 9), min_size=1, max_size=7)


class TestAgainstTheDefinition:
    @given(PROFILES, st.sampled_from(get_args(Strength)), st.sampled_from(get_args(Unranked)), st.integers(1, 3))
    def test_pairs_and_winners(
        self, ballots: dict[str, int], strength: Strength, unranked: Unranked, denominator: int
    ) -> None:
        weights = {one: Fraction(weight, denominator) for one, weight in ballots.items()}
        outcome = chosen(weights, " ".join(ON_BALLOT), strength=strength, unranked=unranked)
        pairs = slow_pairs(weights, ON_BALLOT, unranked)
        seen = rows(outcome, "pairwise")
        assert {(a, b): seen[a][ON_BALLOT.index(b)] for a, b in pairs} == pairs
        best = slow_winners(pairs, ON_BALLOT, strength)
        assert order(outcome)[0] == " ".join(sorted(best))
        assert outcome.winners == (tuple(best) if len(best) == 1 else ())
        assert outcome.verdict == ("elected" if len(best) == 1 else "tied")

    @given(
        PROFILES, st.sampled_from(get_args(Strength)), st.sampled_from(get_args(Unranked)), st.sampled_from((None, "d"))
    )
    def test_what_would_have_changed_it_does_and_nothing_less(
        self, ballots: dict[str, int], strength: Strength, unranked: Unranked, default: str | None
    ) -> None:
        options = {"strength": strength, "unranked": unranked, "default": default}
        outcome = chosen(ballots, " ".join(ON_BALLOT), **options)
        reason = outcome.reasons[-1]
        votes, named = int(str(reason.facts["votes"])), str(reason.facts["options"]).split(",")
        for one in ON_BALLOT:
            if one in {*outcome.winners, default}:
                continue
            first = f"{one}>" + "=".join(other for other in ON_BALLOT if other != one)
            for more in (votes - 1, votes):
                again = chosen({**ballots, first: ballots.get(first, 0) + more}, " ".join(ON_BALLOT), **options)
                assert (again.winners == (one,)) is (more == votes and one in named)


class TestTies:
    def test_a_perfect_circle_is_a_tie_of_all(self) -> None:
        outcome = chosen(CIRCLE, "a b c")
        assert (outcome.verdict, outcome.winners, order(outcome)) == ("tied", (), ["a b c"])
        assert outcome.reasons[0].facts == {"options": "a,b,c", "path": 2}

    def test_options_that_are_not_compared_share_a_rank(self) -> None:
        outcome = chosen({"a>b=c>d": 2}, "a b c d")
        assert outcome.tables["ranking"] == (("rank", "option"), (1, "a"), (2, "b"), (2, "c"), (4, "d"))

    def test_lots_settle_what_is_tied_and_only_that(self) -> None:
        process = ranked({"a=c>b": 2}, tie_break="lot", forums={"lots": "seed"})
        outcome = process.run_out()
        drawn = str(next(one for one in outcome.reasons if one.code == "lots_drawn").facts["order"]).split(",")
        assert outcome.winners == (next(one for one in drawn if one != "b"),)
        assert outcome.reasons[0].code == "settled_by_tie_break"
        assert outcome.reasons[0].facts == {"option": outcome.winners[0], "options": "a,c", "path": 0}
        assert order(outcome) == ["a c", "b"]

    def test_lots_are_not_drawn_when_they_are_not_needed(self) -> None:
        process = ranked(THREE, tie_break="lot", forums={"lots": "seed"})
        assert process.kinds == ("ballot",)


def test_fractions_of_votes_are_exact_and_not_asked_for_more() -> None:
    outcome = chosen({"a>b": Fraction(1, 3), "b>a": Fraction(1, 7)}, "a b")
    assert outcome.reasons[0].facts == {"option": "a", "rivals": "b", "for": Fraction(1, 3), "against": Fraction(1, 7)}
    assert codes(outcome) == ("elected_outright",)


def test_what_a_ballot_adds_does_not_run_over_into_other_options() -> None:
    """Sixty options, each first once: 59 of 60 prefer each to the next, and the chain of these is a circle."""
    on_ballot = [f"option_{number:02}" for number in range(60)]
    ballots = {">".join((*on_ballot[start:], *on_ballot[:start])): 1 for start in range(60)}
    outcome = chosen(ballots, " ".join(on_ballot))
    assert rows(outcome, "pairwise")["option_00"] == ("itself", *range(59, 0, -1))
    assert (outcome.verdict, outcome.reasons[0].facts["path"]) == ("tied", 59)
