"""What the rules that hand votes on keep for every electorate, against slow counts that only follow the definition."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.canonical import canonical_bytes
from app.rules.cast import Cast as Weights
from app.rules.choosing import ChoosingRule
from app.rules.contract import Case, Figure, Held, Outcome, Phase, Profile
from app.rules.papers import Paper, ranks, renamed
from tests.rules.stories import electors, people
from tests.rules.transferring import (
    AFTER_RAISING,
    BEAT_PATHS,
    BEFORE_RAISING,
    CITIES,
    HIDDEN_TIE,
    IRELAND,
    MIDDLE_FIRST_OUT,
    TIED_AT_ONCE,
    TIED_LATER,
    TWO_OF_FIVE,
    TWO_OF_FOUR,
    Cast,
    counted,
    electorates,
    facts,
    irv,
    named,
    rows,
    stv,
    two_round,
)

SINGLE = (
    CITIES,
    IRELAND,
    TIED_AT_ONCE,
    TIED_LATER,
    BEAT_PATHS,
    BEFORE_RAISING,
    AFTER_RAISING,
    MIDDLE_FIRST_OUT,
    TWO_OF_FIVE,
    TWO_OF_FOUR,
    HIDDEN_TIE,
)
WORKED: tuple[tuple[ChoosingRule, Cast], ...] = (
    *((irv(stop=stop), ballots) for stop in ("majority", "last_two") for ballots in SINGLE),
    *((stv(), ballots) for ballots in SINGLE),
    *((stv(arithmetic="five_decimals"), ballots) for ballots in (TWO_OF_FIVE, TWO_OF_FOUR)),
    *((stv(seats=5, look_back=look_back), HIDDEN_TIE) for look_back in (True, False)),
    (stv(seats=5, arithmetic="five_decimals"), HIDDEN_TIE),
    (two_round(), {"a": 55, "b": 62}),
    (two_round(), {"a": 3, "b": 3, "c": 1}),
)
EVEN = [(rule, ballots) for rule, ballots in WORKED if rule.slug != "stv" or ballots is not HIDDEN_TIE]
RANKING = Paper("ranking", equal=False)


def shuffled(ballots: Cast, chance: random.Random) -> dict[str, int]:
    return dict(chance.sample(sorted(ballots.items()), len(ballots)))


class TestInvariance:
    """P17."""

    @pytest.mark.parametrize(("rule", "ballots"), WORKED)
    def test_order_does_not_matter(self, rule: ChoosingRule, ballots: Cast) -> None:
        chance, expected = random.Random(17), canonical_bytes(counted(rule, ballots))
        for _ in range(20):
            weights = {ballot: Fraction(number) for ballot, number in shuffled(ballots, chance).items()}
            on_ballot = tuple(chance.sample(named(ballots), len(named(ballots))))
            assert canonical_bytes(rule.choose(Weights(weights), on_ballot, ())) == expected

    @pytest.mark.parametrize(("rule", "ballots"), WORKED)
    def test_names_do_not_matter(self, rule: ChoosingRule, ballots: Cast) -> None:
        chance, expected = random.Random(18), counted(rule, ballots)
        for _ in range(20):
            others = [f"x{number}y" for number in chance.sample(range(100), len(named(ballots)))]
            names = dict(zip(named(ballots), others, strict=True))
            back = {other: name for name, other in names.items()}
            found = counted(rule, {renamed(RANKING, ballot, names): number for ballot, number in ballots.items()})
            assert (found.verdict, tuple(back[one] for one in found.winners)) == (expected.verdict, expected.winners)
            if "rounds" in expected.tables:
                assert {back.get(str(one), one): row for one, row in rows(found).items()} == rows(expected)
            assert [_options(reason.facts, back) for reason in found.reasons] == [
                _options(reason.facts, {}) for reason in expected.reasons
            ]

    def test_of_several_seats_only_the_order_among_equals_hangs_on_names(self) -> None:
        names = dict(zip("abcde", "zyxwv", strict=True))
        for ballots in electorates(100, 5, 8):
            found = counted(stv(), ballots, "abcde")
            other = counted(stv(), {renamed(RANKING, one, names): n for one, n in ballots.items()}, "zyxwv")
            assert {names[one] for one in found.winners} == set(other.winners)
            assert [reason.code for reason in found.reasons] == [reason.code for reason in other.reasons]

    @pytest.mark.parametrize(("rule", "ballots"), [*EVEN, *((stv(quota="hare"), ballots) for ballots in SINGLE)])
    def test_seven_times_as_many_decide_the_same(self, rule: ChoosingRule, ballots: Cast) -> None:
        once, often = counted(rule, ballots), counted(rule, {ballot: 7 * n for ballot, n in ballots.items()})
        assert (often.verdict, often.winners) == (once.verdict, once.winners)
        if rule.slug == "irv" or rule.options.model_dump().get("quota") == "hare":
            assert rows(often) == {name: tuple(map(_seven_times, row)) for name, row in rows(once).items()}

    def test_a_droop_quota_does_not_grow_in_proportion(self) -> None:
        """A whole vote more than a sixth weighs less among more votes: 71 of 420 is less than 7 times 11 of 60."""
        often = counted(stv(seats=5), {ballot: 7 * n for ballot, n in HIDDEN_TIE.items()})
        assert (facts(often, "elected")["quota"], often.winners[-1]) == (71, "a5")

    @pytest.mark.parametrize("rule", [irv(), stv(), two_round()])
    def test_aggregated_or_not(self, rule: ChoosingRule) -> None:
        whole = {("a", "", ""): 3, ("b", "", ""): 2, ("c", "", ""): 2}
        parts = {("a", "S", ""): 1, ("a", "P", "u"): 2, ("b", "S", ""): 2, ("c", "P", ""): 1, ("c", "S", ""): 1}
        assert canonical_bytes(_after(rule, whole)) == canonical_bytes(_after(rule, parts))

    @pytest.mark.parametrize("rule", [irv(quorum="1/2"), stv(quorum="1/2"), two_round(quorum="1/2")])
    def test_an_empty_ballot_changes_participation_only(self, rule: ChoosingRule) -> None:
        whole = {("a", "", ""): 5, ("b", "", ""): 2, ("c", "", ""): 1}
        without, with_ = _after(rule, whole), _after(rule, {**whole, ("blank", "", ""): 1})
        assert (with_.verdict, with_.winners, with_.reasons[:-1]) == (
            without.verdict,
            without.winners,
            without.reasons[:-1],
        )
        assert [one.reasons[-1].facts["took_part"] for one in (without, with_)] == [8, 9]
        tables = [[row for row in one.tables["rounds"] if row[0] != "blank"] for one in (without, with_)]
        assert tables[0] == tables[1]


def _options(figures: Mapping[str, Figure], back: Mapping[str, str]) -> dict[str, Figure]:
    return {
        name: ",".join(sorted(back.get(one, one) for one in fact.split(","))) if isinstance(fact, str) else fact
        for name, fact in figures.items()
    }


def _seven_times(figure: Figure) -> Figure:
    return figure if isinstance(figure, str) else 7 * figure


def _after(rule: ChoosingRule, cells: Mapping[tuple[str, str, str], int]) -> Outcome:
    voters = electors(people(12))
    case = Case("m01", voters, on_ballot=("a", "b", "c"))
    phase = rule.after(case)
    assert isinstance(phase, Phase)
    profile = Profile({cell: {"heads": Fraction(number)} for cell, number in cells.items()})
    step = rule.after(replace(case, held=(Held(phase, 1, voters, profile=profile, ended="deadline"),)))
    if isinstance(step, Phase):  # the same ballots again at the second ballot
        step = rule.after(
            replace(
                case,
                held=(
                    Held(phase, 1, voters, profile=profile, ended="deadline"),
                    Held(step, 1, voters, profile=profile, ended="deadline"),
                ),
            )
        )
    assert isinstance(step, Outcome)
    return step


class TestAgainstTheDefinition:
    def test_instant_runoff(self) -> None:
        tied = 0
        for ballots in electorates(500, 4, 9):
            possible = runoffs(ballots, frozenset("abcd"))
            for stop in ("majority", "last_two"):
                outcome = counted(irv(stop=stop, look_back=False), ballots, "abcd")
                assert len(possible) == 1 if outcome.winners else outcome.verdict == "tied", ballots
                assert set(outcome.winners) <= possible, ballots
                assert set(counted(irv(stop=stop), ballots, "abcd").winners) <= possible, ballots
                assert set(counted(irv(stop=stop), ballots, "abcd", "dbac").winners) <= possible, ballots
            tied += counted(irv(), ballots, "abcd").verdict == "tied"
        assert 50 < tied < 450

    @pytest.mark.parametrize("seats", [1, 2, 3])
    def test_single_transferable_vote(self, seats: int) -> None:
        tied = 0
        for ballots in electorates(300, 5, 11):
            possible = elections(ballots, "abcde", seats)
            outcome = counted(stv(seats=seats, look_back=False), ballots, "abcde")
            if outcome.verdict == "elected":
                assert possible == {frozenset(outcome.winners)}, ballots
            else:
                assert all(set(outcome.winners) < one for one in possible), ballots
            assert frozenset(counted(stv(seats=seats), ballots, "abcde", "edcba").winners) in possible, ballots
            tied += outcome.verdict == "tied"
        assert 30 < tied < 270

    @pytest.mark.parametrize("options", [{}, {"arithmetic": "five_decimals"}, {"quota": "droop_recomputed"}])
    def test_no_vote_is_ever_created_or_forgotten(self, options: dict[str, Any]) -> None:
        for ballots in electorates(200, 6, 30):
            for rule in (stv(seats=3, **options), stv(seats=2, **{**options, "quota": "hare"}), irv()):
                for column in _columns(counted(rule, ballots, "abcdef")):
                    assert sum(column) == sum(ballots.values()), ballots


def _columns(outcome: Outcome) -> Iterator[list[Fraction]]:
    """The figures of each round, but for the quota and the sum of what still counts."""
    kept = [row for name, row in rows(outcome).items() if name not in {"option", "quota", "counting"}]
    for place in range(len(kept[0]) - 1):
        yield [Fraction(row[place]) for row in kept if row[place] != "out"]


def runoffs(ballots: Cast, standing: frozenset[str]) -> set[str]:
    """Everybody whom some way of breaking ties elects, counting all ballots anew in each round."""
    first = {ballot: next((one for one in ballot.split(">") if one in standing), "") for ballot in ballots}
    votes = {one: sum(n for ballot, n in ballots.items() if first[ballot] == one) for one in standing}
    if 2 * max(votes.values()) > sum(votes.values()):
        return {max(votes, key=votes.__getitem__)}
    last = [one for one in standing if votes[one] == min(votes.values())]
    return set().union(*(runoffs(ballots, standing - {one}) for one in last)) if len(standing) > 1 else set(last)


def elections(ballots: Cast, options: Sequence[str], seats: int) -> set[frozenset[str]]:
    """Every set of winners that some way of breaking ties gives, each ballot with a value of its own."""
    quota = sum(ballots.values()) // (seats + 1) + 1

    def held(wishes: Sequence[str], standing: frozenset[str]) -> str:
        return next((one for one in wishes if one in standing), "")

    def go_on(
        papers: list[tuple[tuple[str, ...], Fraction, str]],
        standing: frozenset[str],
        elected: frozenset[str],
        waiting: frozenset[str],
    ) -> set[frozenset[str]]:
        votes = {one: sum((value for _, value, by in papers if by == one), Fraction(0)) for one in standing | waiting}
        if len(standing) <= seats - len(elected):
            return {elected | standing}
        reached = frozenset(one for one in standing if votes[one] >= quota)
        standing, elected = standing - reached, elected | reached
        waiting |= frozenset(one for one in reached if votes[one] > quota)
        if len(elected) == seats:
            return {elected}
        if waiting:
            most = max(votes[one] for one in waiting)
            sharing = frozenset(one for one in waiting if votes[one] == most)
            factor = Fraction(most - quota, most)
            moved = [(w, v * factor, held(w, standing)) if by in sharing else (w, v, by) for w, v, by in papers]
            return go_on(moved, standing, elected, waiting - sharing)
        last = [one for one in standing if votes[one] == min(votes[two] for two in standing)]
        ways = ((one, standing - {one}) for one in last)
        return set().union(
            *(
                go_on([(w, v, held(w, rest) if by == one else by) for w, v, by in papers], rest, elected, waiting)
                for one, rest in ways
            )
        )

    everybody = frozenset(options)
    parsed = [(tuple(one for (one,) in ranks(ballot)), Fraction(n)) for ballot, n in ballots.items()]
    return go_on([(w, n, held(w, everybody)) for w, n in parsed], everybody, frozenset(), frozenset())
