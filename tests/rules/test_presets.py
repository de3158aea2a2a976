"""The decision rules that the documentation offers whole do what it says of them."""

import json
import re
from typing import Any

import pytest

from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule, Voter
from app.rules.driver import Process
from app.rules.electorate import Electorate
from tests.reference import DOCS
from tests.rules.stories import electors, people, vote
from tests.rules.transferring import cast

PRESETS: tuple[dict[str, Any], ...] = tuple(
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", (DOCS / "presets.md").read_text("utf-8"), re.DOTALL)
)
STANDARD, SIGNIFICANT, OF_EVERYBODY, EMERGENCY, COLLEGES, ELECTION = range(6)


@pytest.fixture(scope="module")
def rules() -> list[DecisionRule]:
    catalogue = Catalogue.load()
    return [catalogue.bind(one["rule"], None, one["options"]) for one in PRESETS]


@pytest.mark.parametrize(
    ("which", "said", "verdict"),
    [
        (STANDARD, {"agree": 2, "stand_aside": 7}, "adopted"),
        (STANDARD, {"agree": 11, "block": 1}, "not_adopted"),
        (SIGNIFICANT, {"agree": 5, "stand_aside": 2, "abstain": 2, "blank": 3}, "adopted"),
        (SIGNIFICANT, {"agree": 4, "stand_aside": 2, "abstain": 2}, "not_adopted"),
        (SIGNIFICANT, {"agree": 11, "block": 1}, "not_adopted"),
        (OF_EVERYBODY, {"agree": 3, "abstain": 6}, "adopted"),
        (OF_EVERYBODY, {"agree": 8}, "invalid"),
        (OF_EVERYBODY, {"agree": 11, "block": 1}, "not_adopted"),
        (EMERGENCY, {"for_": 6, "against": 2}, "adopted"),
        (EMERGENCY, {"for_": 6, "against": 1, "abstain": 2}, "not_adopted"),
    ],
)
def test_four_kinds_of_decision(rules: list[DecisionRule], which: int, said: dict[str, int], verdict: str) -> None:
    process = Process(rules[which], electors(people(12)), "m01")
    vote(process, **said)
    assert process.run_out().verdict == verdict


@pytest.mark.parametrize(
    ("for_", "verdict"),
    [
        ({"staff": 4, "users": 2, "partners": 0}, "adopted"),  # 31/50 of the weight, 6 of 10
        ({"staff": 4, "users": 1, "partners": 0}, "not_adopted"),  # 28/50 of the weight, 5 of 10
        ({"staff": 1, "users": 5, "partners": 0}, "not_adopted"),  # 17/40 of the weight, 6 of 10
    ],
)
def test_colleges_and_heads(rules: list[DecisionRule], for_: dict[str, int], verdict: str) -> None:
    numbers = {"staff": 4, "users": 5, "partners": 1}
    voters = [Voter(f"{college}{n}", college) for college, number in numbers.items() for n in range(number)]
    process = Process(rules[COLLEGES], Electorate(voters), "staff0")
    for voter in voters:
        process.say(voter.id, "ballot", "for" if int(voter.id[-1]) < for_[voter.college] else "against")
    assert process.run_out().verdict == verdict


def test_the_one_in_office_stays_on_a_tie(rules: list[DecisionRule]) -> None:
    process = Process(rules[ELECTION], electors(people(5)), "m01", on_ballot=("keep", "ana", "bilal"))
    for ballots in ({"keep": 2, "ana": 2, "bilal": 1}, {"keep": 2, "ana": 2, "blank": 1}):
        cast(process, ballots)
    assert process.run_out().winners == ("keep",)


def test_every_preset_is_played(rules: list[DecisionRule]) -> None:
    assert [rule.slug for rule in rules] == [
        "consensus_block",
        "consensus_block",
        "consensus_block",
        "majority",
        "double_majority",
        "two_round",
    ]
