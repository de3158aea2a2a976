"""Worked cases with their exact figures: thresholds that binary floats get wrong, most votes, lots, dropped options."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import pytest

from app.rules import lots, papers
from app.rules.builtin.apportionment_1 import Apportionment
from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.majority_1 import Majority
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.builtin.two_round_1 import TwoRound
from app.rules.canonical import canonical_bytes
from app.rules.cast import Cast
from app.rules.catalogue import Catalogue
from app.rules.contract import Case, Outcome, Profile
from tests.rules import wrapping
from tests.rules.scoring import P01, W23, bound, figures, played
from tests.rules.stories import codes, electors, majority, people, vote
from tests.rules.test_lots_and_seats import FRANCE_2019, METHODS, chosen, seats
from tests.rules.test_schulze import HALF_ROOTS, held, rows
from tests.rules.told.apportionment_1 import EQUAL, FIVE
from tests.rules.transferring import IRELAND, SEED

TWO_THIRDS: Final[Mapping[str, Any]] = {"threshold": "2/3", "op": "gte", "base": "cast"}


class TestThresholdsThatBinaryFloatsMiss:
    """P06."""

    @pytest.mark.parametrize(
        ("votes_for", "against", "verdict", "thrice"),
        [
            (6666666666666667, 3333333333333333, "adopted", 20000000000000001),
            (6666666666666666, 3333333333333334, "not_adopted", 19999999999999998),
        ],
    )
    def test_p06_two_thirds_of_ten_to_the_sixteenth(
        self, votes_for: int, against: int, verdict: str, thrice: int
    ) -> None:
        assert votes_for / 10**16 >= 2 / 3, "a binary float adopts both"
        rule = Majority(Majority.Options.model_validate(TWO_THIRDS))
        case = wrapping.held(rule, Case("chair", electors(people(2))), {"for": votes_for, "against": against})
        outcome = wrapping.ended(rule, case)
        facts = outcome.reasons[0].facts
        assert (outcome.verdict, facts["for"], facts["base"]) == (verdict, votes_for, 10**16)
        assert (3 * votes_for, facts["bar"]) == (thrice, Fraction(2 * 10**16, 3))
        assert outcome.reasons[1].facts == {"votes": 1}, "the two profiles lie one vote apart"

    @pytest.mark.parametrize(
        ("options", "cast", "verdict", "bar"),
        [
            ({"threshold": "29/100", "op": "gt"}, {"for_": 29, "against": 71}, "not_adopted", 29),
            ({"threshold": "14/25", "op": "gte"}, {"for_": 14, "against": 11}, "adopted", 14),
        ],
    )
    def test_p06_votes_that_are_just_the_share(
        self, options: Mapping[str, Any], cast: Mapping[str, int], verdict: str, bar: int
    ) -> None:
        share, people_ = Fraction(options["threshold"]), sum(cast.values())
        assert float(share) * people_ != bar, "a binary float moves the bar"
        process = majority(people_, **options)
        vote(process, **cast)
        outcome = process.run_out()
        facts = outcome.reasons[0].facts
        assert (outcome.verdict, facts["for"], facts["base"], facts["bar"]) == (verdict, bar, people_, bar)


@pytest.mark.parametrize("base", ["cast", "present"])
def test_w03_with_two_abstentions(base: str) -> None:
    process = majority(20, **{**TWO_THIRDS, "base": base})
    vote(process, for_=12, against=6, abstain=2)
    outcome = process.run_out()
    facts = outcome.reasons[0].facts
    of, bar, verdict = {"cast": (18, 12, "adopted"), "present": (20, Fraction(40, 3), "not_adopted")}[base]
    assert (outcome.verdict, facts["for"], facts["abstain"], facts["base"], facts["bar"]) == (verdict, 12, 2, of, bar)


def first_choices(ballots: Mapping[str, int]) -> dict[str, int]:
    """What these rankings say on a paper that takes one mark."""
    found: dict[str, int] = {}
    for ballot, number in ballots.items():
        ((first,), *_) = papers.ranks(ballot)
        found[first] = found.get(first, 0) + number
    return found


class TestPlurality:
    """One mark each and most marks win: approval of at most one option, or a first round that asks for no share."""

    @pytest.mark.parametrize(
        ("ballots", "votes", "winner"),
        [
            pytest.param(P01, {"m": 42, "n": 26, "c": 15, "k": 17}, "m", id="p01"),
            pytest.param(IRELAND, {"lenihan": 694484, "robinson": 612265, "currie": 267902}, "lenihan", id="p02"),
            pytest.param(W23, {"a": 8, "c": 5, "b": 4}, "a", id="w23"),
        ],
    )
    def test_most_votes(self, ballots: Mapping[str, int], votes: Mapping[str, int], winner: str) -> None:
        cast, on_ballot = first_choices(ballots), tuple(votes)
        weights = {ballot: Fraction(number) for ballot, number in cast.items()}
        approved = bound(Approval, max_choices=1).choose(Cast(weights), on_ballot, ())
        assert (approved.verdict, approved.winners) == ("elected", (winner,))
        assert figures(approved, "approvals") == votes
        rule = TwoRound(TwoRound.Options.model_validate({"threshold": "0"}))
        case = Case("chair", electors(people(2)), on_ballot=on_ballot)
        outcome = wrapping.ended(rule, wrapping.held(rule, case, cast))
        assert (outcome.verdict, outcome.winners, codes(outcome)[0]) == ("elected", (winner,), "elected_at_once")
        assert {name: row[0] for name, row in rows(outcome, "rounds").items() if name in votes} == votes

    def test_p01_is_played_with_one_mark_each(self) -> None:
        votes = first_choices(P01)
        assert played(Approval, votes, "mnck", max_choices=1).run_out().winners == ("m",)
        with pytest.raises(papers.BadBallot, match="ballot_wrong_count"):
            played(Approval, {**votes, "m,n": 1}, "mnck", max_choices=1)


class TestDroppedBeforeTheCount:
    """P04: 911 electors, 482 ballots, and how many put each option above and below the default."""

    ABOVE: Final = {"first": 144, "second": 394, "third": 442}
    BELOW: Final = {"first": 258, "second": 70, "third": 26}

    def outcome(self) -> Outcome:
        profile: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        for voter in range(482):
            sides: tuple[list[str], ...] = ([], ["none"], [])
            for one, above in self.ABOVE.items():
                sides[0 if voter < above else 2 if voter >= 482 - self.BELOW[one] else 1].append(one)
            cell = (papers.ranking(side for side in sides if side), "", "")
            profile.setdefault(cell, {"heads": Fraction(0)})["heads"] += 1
        return held(profile, 911, "first second third none", **HALF_ROOTS, quorum="1/2")

    def test_p04_the_ratios_and_who_remains(self) -> None:
        outcome = self.outcome()
        against = outcome.tables["against_default"][1:]
        assert [(name, result) for name, _, _, result in against] == [
            ("first", "dropped"),
            ("second", "kept"),
            ("third", "kept"),
        ]
        ratios = {name: Fraction(str(above)) / Fraction(str(below)) for name, above, below, _ in against}
        assert ratios == {"first": Fraction(24, 43), "second": Fraction(197, 35), "third": 17}
        assert [round(1000 * ratio) for ratio in ratios.values()] == [558, 5629, 17000]
        assert {str(one) for _, one in outcome.tables["ranking"][1:]} == {"second", "third", "none"}
        assert outcome.winners == ("third",)

    def test_p04_turnout_of_the_vote_and_of_each_row(self) -> None:
        outcome = self.outcome()
        facts = outcome.reasons[-1].facts
        assert (facts["took_part"], facts["of"]) == (482, 911)
        assert round(10_000 * Fraction(str(facts["took_part"])) / Fraction(str(facts["of"]))) == 5291
        took_a_side = [int(str(row[1])) + int(str(row[2])) for row in outcome.tables["against_default"][1:]]
        assert took_a_side == [402, 464, 468], "the others put it beside the default"

    def test_p04_the_quorum_of_an_option_is_not_why(self) -> None:
        """Three times half the root of 911 is 45.27, so that 46 are needed: 144 are enough."""
        assert 4 * 45265**2 <= 9 * 911 * 10**6 < 4 * 45275**2
        assert SchulzeOptions.model_validate(HALF_ROOTS).needed(911) == 46
        (dropped,) = (one for one in self.outcome().reasons if one.code.startswith("dropped"))
        assert (dropped.code, dropped.facts["above"], dropped.facts["below"]) == ("dropped_by_majority", 144, 258)

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_p04_a_sentence_says_why(self, language: Any) -> None:
        (dropped,) = (one for one in self.outcome().reasons if one.code == "dropped_by_majority")
        sentence = Catalogue([Schulze]).sentence("schulze", 1, dropped, language)
        assert all(figure in sentence for figure in ("first", "none", "144", "258")), sentence


def test_p15_the_first_digits_of_each_hash() -> None:
    first = {"opt_a": "13951fcd86b48893", "opt_b": "6d4a07ce232e458f", "opt_c": "f7821f7779fa451a"}
    for option, digits in first.items():
        assert hashlib.sha256(f"2027-01-15/assembly-7/{option}".encode()).hexdigest()[:16] == digits
    for seed in (SEED, *(f"{SEED}{n}" for n in range(20))):
        digests = {one: hashlib.sha256(f"{seed}/{one}".encode()).hexdigest() for one in first}
        assert list(lots.drawn(first, seed)) == sorted(first, key=digests.__getitem__)
    assert lots.drawn(reversed(first), SEED) == tuple(sorted(first, key=first.__getitem__)) == tuple(first)


APPORTIONED: Final = [
    pytest.param(cast, {"method": method, **options}, id=f"{case}, {method}")
    for method in METHODS
    for case, cast, options in (
        ("p05", FRANCE_2019, {"seats": 79}),
        ("p05 tied", EQUAL, {"seats": 4}),
        ("five lists", FIVE, {"seats": 10}),
        ("five lists, a bar", FIVE, {"seats": 10, "threshold": "1/10"}),
        ("nobody reaches", EQUAL, {"seats": 4, "threshold": "1/2"}),
    )
]


@pytest.mark.parametrize(("cast", "options"), APPORTIONED)
class TestApportionmentIsInvariant:
    """P17."""

    def test_p17_orders_and_rows(self, cast: Mapping[str, int], options: Mapping[str, Any]) -> None:
        rule, expected = bound(Apportionment, **options), canonical_bytes(chosen(cast, **options))
        for seed in range(20):
            chance = random.Random(seed)
            cells = [(one, half) for one in cast for half in ("u1", "u2", "u3")]
            parts = {
                (one, "", unit): {"heads": Fraction(cast[one] // 3 + (cast[one] % 3 if unit == "u1" else 0))}
                for one, unit in chance.sample(cells, len(cells))
            }
            on_ballot = tuple(chance.sample([*cast], len(cast)))
            found = rule.count(Profile(parts), electors(people(2)), on_ballot)
            assert canonical_bytes(found) == expected

    def test_p17_names(self, cast: Mapping[str, int], options: Mapping[str, Any]) -> None:
        expected = chosen(cast, **options)
        for seed in range(20):
            names = dict(zip(cast, random.Random(seed).sample("stuvwxyz", len(cast)), strict=True))
            back = {new: old for old, new in names.items()}
            renamed = {names[one]: number for one, number in cast.items()}
            other = chosen(renamed, **options)
            assert (other.verdict, codes(other)) == (expected.verdict, codes(expected))
            assert {back[one] for one in other.winners} == set(expected.winners)
            assert {back[one]: number for one, number in seats(other).items()} == seats(expected)
            assert [undone(one.facts, back) for one in other.reasons] == [
                undone(one.facts, {}) for one in expected.reasons
            ]

    def test_p17_seven_times_the_weights(self, cast: Mapping[str, int], options: Mapping[str, Any]) -> None:
        once = chosen(cast, **options)
        often = chosen({one: 7 * number for one, number in cast.items()}, **options)
        assert (often.verdict, often.winners, codes(often)) == (once.verdict, once.winners, codes(once))
        assert seats(often) == seats(once)
        assert figures(often, "seats") == {one: 7 * number for one, number in figures(once, "seats").items()}
        for one, other in zip(once.reasons, often.reasons, strict=True):
            same = one.facts.keys() & {"options", "seats", "left", "lists", "method"}
            assert {name: other.facts[name] for name in same} == {name: one.facts[name] for name in same}
            times = 1 if one.code == "last_by_remainder" else 7
            for name in ("claim", "bar"):
                assert other.facts.get(name, 0) == times * one.facts.get(name, 0)

    def test_p17_blank_ballots_change_participation_only(
        self, cast: Mapping[str, int], options: Mapping[str, Any]
    ) -> None:
        rule = bound(Apportionment, **options, quorum="1/2")
        case = Case("chair", electors(people(2)), on_ballot=tuple(cast))
        without, with_ = (
            wrapping.ended(rule, wrapping.held(rule, case, papers_))
            for papers_ in (cast, {**cast, "blank": 1, "abstain": 2})
        )
        total = sum(cast.values())
        assert [one.reasons[-1].facts["took_part"] for one in (without, with_)] == [total, total + 3]
        assert replace(with_, reasons=with_.reasons[:-1]) == replace(without, reasons=without.reasons[:-1])


def undone(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The facts of a reason under other names, options that are level in any order."""
    facts = dict(said)
    if "options" in facts:
        facts["options"] = sorted(names.get(one, one) for one in facts["options"].split(","))
    return facts
