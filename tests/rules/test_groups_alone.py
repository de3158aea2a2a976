"""Thousands of electors are held in a few groups: whatever counts or weighs them asks these, and takes nobody one by
one."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.contract import Case, DecisionRule, Electorate, Held, Outcome, Phase, Profile, Voter, Word
from app.rules.electorate import Group
from tests.rules.wrapping import MAJORITY, bound, rule_within

EACH = 5000
FIRST_NAMES = tuple(f"S{n}" for n in range(4))


def side(college: str, unit: str, votes: int, recused: Any = None, number: int = EACH) -> Group:
    like = Voter("", college, unit, {"votes": Fraction(votes), "members": Fraction(7 * votes)}, recused)
    return Group(like, tuple(sorted(f"{college or 'x'}{recused or ''}{n}" for n in range(number))))


SIDES = (side("S", "north", 1), side("B", "south", 2), side("P", "east", 1))
THREE = Electorate.of(SIDES)
RECUSED = Electorate.of((*SIDES, side("S", "north", 1, "vote", 100), side("B", "south", 2, "vote_and_quorum", 200)))
TWO = Electorate.of(SIDES[:2])
OUTSIDE = Electorate.of((*SIDES, side("", "", 1, number=300)))
CAST = {("for", "S", "north"): (4000, 1), ("for", "B", "south"): (3000, 2), ("against", "P", "east"): (2600, 1)}

WEIGHTS = {"S": "2/5", "B": "7/20", "P": "1/4"}
CALLS = ({"share": "1/2", "per_college": "1/2", "per_unit": "1/2"},)
UNSUPPORTED = rule_within("sponsored", inner=MAJORITY, sponsors=9)
CONDITIONS = tuple(
    {"measure": measure, "threshold": "1/2", "base": base}
    for measure, base in (("heads", "cast"), ("votes", "cast"), ("colleges", "entitled"), ("units", "entitled"))
)


@pytest.fixture
def by_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(electorate: Electorate) -> tuple[Voter, ...]:
        raise AssertionError(f"{len(electorate)} electors were taken one by one")

    monkeypatch.setattr(Electorate, "voters", property(taken))


def ran(rule: DecisionRule, electorate: Electorate, present: frozenset[str] | None = None) -> Outcome:
    """How it ends when the same ballot is cast whenever there is one."""
    rows = {cell: {"heads": Fraction(n), "votes": Fraction(n * votes)} for cell, (n, votes) in CAST.items()}
    case = Case(FIRST_NAMES[0], electorate)
    while isinstance(step := rule.after(case), Phase):
        assert len(case.held) < 9, "it does not end"
        has_ballot = any(floor.form == "ballot" for floor in step.floors)
        profile = Profile(rows) if has_ballot else None
        words = _sponsored() if step.kind == "sponsoring" else ()
        case = replace(case, held=(*case.held, Held(step, 1, electorate, words, profile, present, "deadline", ())))
    assert isinstance(step, Outcome)
    return step


def _sponsored() -> tuple[Word, ...]:
    return tuple(Word(f"w{name}", name, "sponsorship", "sponsored") for name in FIRST_NAMES[1:])


WRAPPERS: tuple[tuple[str, Mapping[str, Any], str], ...] = (
    ("colleges", {"weights": WEIGHTS}, "adopted"),
    ("colleges", {"weights": WEIGHTS, "method": "winner_takes_all"}, "adopted"),
    ("delayed", {}, "adopted"),
    ("double_majority", {"inner": MAJORITY, "conditions": CONDITIONS}, "adopted"),
    ("fallback", {"first": MAJORITY, "second": MAJORITY, "on": ("tie",)}, "adopted"),
    ("minority_block", {}, "adopted"),
    ("minority_block", {"block": "1/6"}, "not_adopted"),
    ("quorum", {"calls": CALLS}, "adopted"),
    ("quorum", {"calls": CALLS, "basis": "votes"}, "adopted"),
    ("quorum", {"calls": CALLS, "inner": UNSUPPORTED}, "invalid"),
    ("quorum", {"calls": ({"share": "2/3"},)}, "invalid"),
    ("sponsored", {}, "adopted"),
    ("weighted", {"measure": "votes", "proportional_to": "members"}, "adopted"),
    ("weighted", {"measure": "votes", "cap": "1/100000"}, "invalid"),
    ("weighted", {"measure": "heads"}, "adopted"),
)


@pytest.mark.usefixtures("by_groups")
class TestGroupsAlone:
    @pytest.mark.parametrize(("rule", "options", "verdict"), WRAPPERS)
    @pytest.mark.parametrize("electorate", [THREE, RECUSED], ids=["three", "recused"])
    def test_nobody_is_taken_one_by_one(
        self, rule: str, options: Mapping[str, Any], verdict: str, electorate: Electorate
    ) -> None:
        assert ran(bound(rule, **options), electorate).verdict == verdict

    def test_the_figures_of_colleges_are_of_all_who_may_vote(self) -> None:
        table = ran(bound("colleges", weights=WEIGHTS), RECUSED).tables["colleges"]
        assert [(row[0], row[2]) for row in table[1:]] == [("B", EACH), ("P", EACH), ("S", EACH)]

    def test_those_outside_all_colleges_are_told(self) -> None:
        outcome = ran(bound("colleges", weights=WEIGHTS), OUTSIDE)
        assert (outcome.code, outcome.reasons[0].facts) == ("outside_colleges", {"electors": 300})

    def test_two_colleges_are_told(self) -> None:
        assert ran(bound("colleges", weights=WEIGHTS), TWO).reasons[-1].facts == {"colleges": 2, "needed": 3}

    def test_the_figures_of_a_quorum_leave_out_whoever_is_recused_from_it(self) -> None:
        table = ran(bound("quorum", calls=CALLS), RECUSED).tables["quorum"]
        assert [(row[0], row[3]) for row in table[1:]] == [
            ("everybody", 3 * EACH + 100),
            ("B", EACH),
            ("P", EACH),
            ("S", EACH + 100),
            ("east", EACH),
            ("north", EACH + 100),
            ("south", EACH),
        ]

    def test_the_figures_of_weights_are_of_all_who_may_vote(self) -> None:
        facts = ran(bound("weighted", measure="votes"), RECUSED).reasons[-1].facts
        assert facts == {
            "measure": "votes",
            "total": 4 * EACH,
            "electors": 3 * EACH,
            "largest": 2,
            "cap": Fraction(1, 2),
        }
        too_much = ran(bound("weighted", measure="votes", cap="1/20000"), THREE).reasons[0].facts
        assert (too_much["electors"], too_much["largest"]) == (EACH, 2)

    def test_whoever_is_there_is_looked_up_alone(self) -> None:
        there = frozenset({*RECUSED.ids, "somebody else"})
        assert ran(bound("quorum", calls=({"share": "1"},)), RECUSED, there).verdict == "adopted"
        weighed = ran(bound("weighted", measure="votes"), RECUSED, there)
        assert weighed.tables["ballots"][-1] == ("uncast", 4 * EACH - 12600)

    def test_those_present_alone_are_left(self) -> None:
        there = RECUSED.only(("S0", "S1", "Svote0", "somebody else"))
        assert there.ids == {"S0", "S1", "Svote0"}
        assert [len(group.members) for group in there.groups] == [2, 1]
        assert not RECUSED.only(()).groups
