"""Lots that anybody can draw again, and seats in proportion to votes, by the worked examples and by brute force."""

import hashlib
import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.apportionment_1 import Apportionment, ApportionmentOptions, Method, shared
from app.rules.builtin.sortition_1 import Sortition, SortitionOptions
from app.rules.cast import Cast
from app.rules.conformance import Conformance
from app.rules.contract import Electorate, Outcome, Phase, Voter
from app.rules.driver import Process, Refused
from app.rules.lots import drawn
from tests.rules.stories import codes, electors, people
from tests.rules.told.apportionment_1 import EQUAL, shares
from tests.rules.told.sortition_1 import JURY, answered, colleges, draw

FRANCE_2019 = {"rn": 5286939, "ren": 5079015, "eelv": 3055023, "lr": 1920407, "lfi": 1428548, "ps": 1403170}
METHODS: tuple[Method, ...] = ("dhondt", "sainte_lague", "largest_remainder")
TEN = tuple(f"M{number:03}" for number in range(1, 11))


def chosen(cast: Mapping[str, int], **options: Any) -> Outcome:
    rule = Apportionment(ApportionmentOptions.model_validate(options))
    return rule.choose(Cast({one: Fraction(votes) for one, votes in cast.items() if votes}), tuple(cast), ())


def seats(outcome: Outcome) -> dict[str, Any]:
    return {str(one): number for one, _, number in outcome.tables["seats"][1:]}


class TestApportionmentConforms(Conformance):
    rule = Apportionment
    variants = (
        {"seats": 3},
        {"seats": 4, "method": "sainte_lague", "tie_break": "lot"},
        {"seats": 2, "method": "largest_remainder", "threshold": "1/4", "visibility": "secret"},
        {"threshold": "1/2", "quorum": "1/2"},
    )


class TestSortitionConforms(Conformance):
    rule = Sortition
    variants = (
        {},
        {"k": 3, "strata": "college"},
        {"k": 2, "acceptance": "P7D"},
        {"k": 2, "acceptance": "P7D", "silence": "accepts"},
    )


class TestSeats:
    @pytest.mark.parametrize(
        ("method", "expected"),
        [
            ("dhondt", (23, 23, 13, 8, 6, 6)),
            ("sainte_lague", (23, 22, 14, 8, 6, 6)),
            ("largest_remainder", (23, 22, 13, 9, 6, 6)),
        ],
    )
    def test_p05(self, method: str, expected: tuple[int, ...]) -> None:
        outcome = chosen(FRANCE_2019, seats=79, method=method)
        assert seats(outcome) == dict(zip(FRANCE_2019, expected, strict=True))
        assert (outcome.verdict, outcome.winners) == ("elected", tuple(FRANCE_2019))
        assert outcome.reasons[0].facts == {"seats": 79, "votes": 18173102, "method": method, "lists": 6}

    @pytest.mark.parametrize("method", METHODS)
    def test_p05_a_tie_for_the_fourth_seat_favours_nobody(self, method: Method) -> None:
        outcome = chosen(EQUAL, seats=4, method=method)
        assert (outcome.verdict, codes(outcome)) == ("tied", ("tie", "would_have_settled"))
        assert (outcome.reasons[0].facts["options"], outcome.reasons[0].facts["left"]) == ("ash,elm,oak", 1)
        assert set(seats(outcome).values()) == {1}
        for one in EQUAL:
            more = chosen({**EQUAL, one: EQUAL[one] + 1}, seats=4, method=method)
            assert (more.verdict, seats(more)[one]) == ("elected", 2)

    def test_p05_the_tie_is_broken_by_lots_that_were_named(self) -> None:
        seed = "2027-01-15/assembly-7"
        outcome = shares({"seats": 4, "tie_break": "lot"}, EQUAL, seed=seed).run_out()
        first = drawn(EQUAL, seed)[0]
        assert (outcome.verdict, seats(outcome)[first], outcome.winners[0]) == ("elected", 2, first)
        assert "lots_drawn" in codes(outcome)

    def test_w34_strata_by_largest_remainders(self) -> None:
        strata = {"active": Fraction(310), "staff": Fraction(12), "idle": Fraction(78)}
        assert shared(strata, 12, "largest_remainder").seats == {"active": 9, "idle": 2, "staff": 1}

    @pytest.mark.parametrize("method", METHODS)
    def test_the_slow_definition_agrees(self, method: Method) -> None:
        chance = random.Random(8)
        for _ in range(150):
            cast = {f"list{n}": Fraction(chance.randrange(1, 30), chance.choice([1, 1, 3])) for n in range(4)}
            number = chance.randrange(1, 9)
            result, best = shared(cast, number, method), slowest(cast, number, method)
            assert {one: min(way[one] for way in best) for one in cast} == dict(result.seats)
            rising = {one for one in cast if len({way[one] for way in best}) > 1}
            assert rising == set(result.tied)

    @pytest.mark.parametrize("method", METHODS)
    def test_what_a_list_is_called_does_not_matter(self, method: Method) -> None:
        chance = random.Random(10)
        for _ in range(100):
            cast = {one: chance.randrange(1, 9) for one in "abcd"}
            names = dict(zip("abcd", "zyxw", strict=True))
            options = {"seats": chance.randrange(1, 6), "method": method}
            outcome = chosen(cast, **options)
            other = chosen({names[one]: cast[one] for one in "dcba"}, **options)
            assert (outcome.verdict, {names[one] for one in outcome.winners}) == (other.verdict, set(other.winners))
            assert {names[one]: number for one, number in seats(outcome).items()} == seats(other)

    def test_a_list_without_votes_has_no_seat(self) -> None:
        for method in METHODS:
            assert seats(chosen({"a": 3, "b": 0}, seats=7, method=method)) == {"a": 7, "b": 0}

    def test_the_threshold_is_reached_by_having_just_that_part(self) -> None:
        assert seats(chosen({"a": 90, "b": 10}, seats=10, threshold="1/10"))["b"] == 1
        outcome = chosen({"a": 91, "b": 10}, seats=10, threshold="1/10")
        assert (seats(outcome)["b"], codes(outcome)[-1]) == (0, "below_threshold")

    @pytest.mark.parametrize(("options", "code"), [({"seats": 0}, "seats"), ({"seats": 1001}, "seats")])
    def test_impossible_options_are_refused(self, options: dict[str, Any], code: str) -> None:
        with pytest.raises(ValidationError, match=code):
            ApportionmentOptions.model_validate(options)


class TestWhatWouldHaveChangedTheSeats:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("threshold", ["0", "1/8"])
    def test_so_many_votes_do_and_one_less_does_not(self, method: Method, threshold: str) -> None:
        chance, met = random.Random(9), 0
        for _ in range(60):
            cast = {f"list{n}": chance.randrange(1, 40) for n in range(5)}
            options = {"seats": chance.randrange(1, 12), "method": method, "threshold": threshold}
            outcome = chosen(cast, **options)
            for reason in outcome.reasons:
                if reason.code == "ahead_by":
                    met += 1
                    one, votes = str(reason.facts["options"]).split(",")[0], int(str(reason.facts["votes"]))
                    had = seats(outcome)[one]
                    assert seats(chosen({**cast, one: cast[one] + votes}, **options))[one] > had
                    almost = chosen({**cast, one: cast[one] + votes - 1}, **options)
                    assert seats(almost)[one] <= had
        assert met > 40

    def test_who_would_have_reached_the_threshold(self) -> None:
        cast = {"a": 4, "b": 4, "c": 3}
        outcome = chosen(cast, threshold="1/2")
        assert (outcome.verdict, outcome.winners) == ("not_elected", ())
        assert outcome.reasons[1].facts == {"options": "a,b", "votes": 3}
        assert chosen({**cast, "a": 7}, threshold="1/2").winners == ("a",)
        assert chosen({**cast, "a": 6}, threshold="1/2").verdict == "not_elected"

    def test_nothing_reaches_a_threshold_of_everything(self) -> None:
        assert codes(chosen({"a": 4, "b": 4}, threshold="1/1")) == ("none_reached",)
        assert chosen({"a": 4, "b": 0}, threshold="1/1").winners == ("a",)

    def test_votes_without_weight_seat_nobody(self) -> None:
        assert codes(chosen({"a": 0, "b": 0})) == ("none_reached",)


class TestLots:
    def test_w33(self) -> None:
        assert hashlib.sha256(f"{JURY}/M005".encode()).hexdigest().startswith("038c16d70d")
        assert drawn(TEN, JURY)[:3] == ("M005", "M007", "M010")
        outcome = draw(electors(TEN), {"k": 3}).run_out()
        assert (outcome.verdict, outcome.winners) == ("elected", ("M005", "M007", "M010"))

    def test_b7_a_jury_of_twelve_from_three_colleges(self) -> None:
        electorate = colleges(active=310, staff=12, idle=78)
        outcome = draw(electorate, {"k": 12, "strata": "college"}).run_out()
        college = {voter.id: voter.college for voter in electorate.voters}
        drawn_of = {name: [one for one in outcome.winners if college[one] == name] for name in college.values()}
        assert {name: len(people) for name, people in drawn_of.items()} == {"active": 9, "staff": 1, "idle": 2}
        for name, winners in drawn_of.items():
            everybody = [voter.id for voter in electorate.voters if voter.college == name]
            assert tuple(winners) == drawn(everybody, JURY)[: len(winners)]
        assert list(outcome.winners) == [one for one in drawn(college, JURY) if one in outcome.winners]

    def test_b7_two_refusals_go_to_the_next_of_their_stratum(self) -> None:
        electorate = colleges(active=310, staff=12, idle=78)
        options = {"k": 12, "strata": "college", "acceptance": "P7D"}
        at_first = draw(electorate, {**options, "acceptance": None}).run_out().winners
        college = {voter.id: voter.college for voter in electorate.voters}
        refusing = next(one for one in at_first if college[one] == "staff"), at_first[0]
        outcome = answered(draw(electorate, options), *refusing).run_out()
        for one in refusing:
            stratum = drawn((id_ for id_, name in college.items() if name == college[one]), JURY)
            places = sum(college[winner] == college[one] for winner in at_first)
            assert stratum[places] in outcome.winners
            assert one not in outcome.winners
        assert len(set(outcome.winners) - set(at_first)) == len(refusing)
        assert outcome.reasons[-1].facts == {"refused": 2}

    def test_whoever_leaves_after_accepting_is_replaced(self) -> None:
        process = draw(electors(TEN), {"k": 2, "acceptance": "P7D"})
        process.say("M005", "acceptance", "accept")
        process.leave("M005")
        assert not process.is_over
        outcome = answered(process).run_out()
        assert outcome.winners == ("M007", "M010")

    def test_only_those_drawn_are_asked_and_each_once(self) -> None:
        process = draw(electors(TEN), {"k": 2, "acceptance": "P7D"})
        with pytest.raises(Refused):
            process.say("M001", "acceptance", "refuse")
        process.say("M005", "acceptance", "refuse")
        process.say("M007", "acceptance", "accept")
        assert [floor.who.ids for floor in process.now.phase.floors] == [("M010",)]

    def test_a_second_thought_before_the_end_counts(self) -> None:
        process = draw(electors(TEN), {"k": 2, "acceptance": "P7D"})
        process.say("M005", "acceptance", "refuse")
        process.say("M005", "acceptance", "accept")
        process.say("M007", "acceptance", "accept")
        assert process.run_out().winners == ("M005", "M007")

    @pytest.mark.parametrize(
        ("silence", "winners"), [("accepts", ("M005", "M007")), ("refuses", ())], ids=["accepts", "refuses"]
    )
    def test_what_silence_means_is_named_beforehand(self, silence: str, winners: tuple[str, ...]) -> None:
        outcome = draw(electors(TEN), {"k": 2, "acceptance": "P7D", "silence": silence}).run_out()
        assert outcome.winners == winners
        assert codes(outcome)[0] == ("drawn" if winners else "too_few_accept")

    def test_the_recused_are_not_in_the_pool(self) -> None:
        voters = tuple(Voter(name, recused="vote" if name in {"M005", "M007"} else None) for name in TEN)
        outcome = draw(Electorate(voters), {"k": 1}).run_out()
        assert (outcome.winners, outcome.reasons[0].facts["pool"]) == (("M010",), 8)

    def test_equal_strata_are_settled_by_the_same_lots(self) -> None:
        outcome = draw(colleges(active=4, staff=4, idle=4), {"k": 4, "strata": "college"}).run_out()
        given = {str(reason.facts["college"]): reason.facts["places"] for reason in outcome.reasons[1:4]}
        assert given == {one: 2 if one == drawn(given, JURY)[0] else 1 for one in ("active", "idle", "staff")}
        assert outcome.reasons[4].facts == {"colleges": "active,idle,staff"}

    def test_nobody_is_elected_without_lots_or_without_a_choice(self) -> None:
        assert codes(draw(electors(TEN), {"k": 3}, None).run_out()) == ("no_lots",)
        assert codes(draw(electors(people(2)), {"k": 3}).run_out()) == ("pool_too_small",)
        assert codes(draw(electors(people(1)), {}).run_out()) == ("pool_too_small",)

    def test_lots_are_asked_before_anybody(self) -> None:
        rule = Sortition(SortitionOptions())
        process = Process(rule, electors(TEN), "M001", forums={"lots": JURY})
        first = process.case.held[0].phase
        assert isinstance(first, Phase)
        assert [(floor.who.what, floor.who.name, floor.form) for floor in first.floors] == [("forum", "lots", "seed")]


def slowest(votes: Mapping[str, Fraction], number: int, method: Method) -> list[dict[str, int]]:
    """All ways to share the seats in which no seat has a stronger claim on another list."""
    ways = (dict(zip(votes, way, strict=True)) for way in product(range(number + 1), repeat=len(votes)))
    total, step = sum(votes.values()), 1 if method == "dhondt" else 2

    def claim(one: str, nth: int) -> Fraction:
        if method == "largest_remainder":
            return votes[one] * number / total - (nth - 1)
        return votes[one] / (1 + step * (nth - 1))

    return [
        way
        for way in ways
        if sum(way.values()) == number
        and min(claim(one, way[one]) for one in way if way[one]) >= max(claim(one, way[one] + 1) for one in way)
    ]
