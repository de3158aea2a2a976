"""Where weights count, votes that weigh nothing decide nothing, whatever the rule that counts them."""

from fractions import Fraction
from typing import Any

import pytest

from app.rules.canonical import to_json
from app.rules.catalogue import Catalogue
from app.rules.driver import Process
from app.rules.electorate import Electorate, Voter
from app.rules.papers import some

CATALOGUE = Catalogue.load()
WEIGHED: list[tuple[str, dict[str, Any]]] = [
    ("majority", {"op": "gte"}),
    ("majority", {"op": "gte", "threshold": "2/3"}),
    ("majority", {"tie_break": "chair_casting"}),
    ("two_round", {}),
    ("approval", {}),
    ("score", {"aggregate": "mean"}),
    ("star", {}),
    ("borda", {}),
    ("irv", {}),
    ("stv", {"seats": 1}),
    ("schulze", {}),
    ("majority_judgment", {}),
]


@pytest.mark.parametrize(("inner", "options"), WEIGHED)
def test_nothing_weighs_for_nobody(inner: str, options: dict[str, Any]) -> None:
    electorate = Electorate(
        Voter(f"m{place}", measures={"votes": Fraction(weight)}) for place, weight in enumerate((0, 0, 0, 1, 1, 1))
    )
    rule = CATALOGUE.bind(
        "weighted", 1, {"inner": {"rule": inner, "version": 1, "options": options}, "measure": "votes"}
    )
    process = Process(rule, electorate, "m5", on_ballot=("a", "b", "c"))
    floor = process.now.phase.floors[0]
    value = "against" if floor.paper is None else some(floor.paper, floor.among, lambda n: n - 1)
    for voter in ("m0", "m1", "m2"):
        process.say(voter, "ballot", value)
    outcome = process.run_out()
    assert (outcome.verdict, outcome.code) == ("invalid", "weightless"), to_json(outcome)
