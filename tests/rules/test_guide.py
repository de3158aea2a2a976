"""The two rules that the guide shows in passing load, conform and speak two languages; its package is a plug-in's test.

What the guide says about options is compared with what there is.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.rules.builtin.majority_1 import Majority
from app.rules.catalogue import Catalogue
from app.rules.conformance import Conformance
from app.rules.contract import Electorate, Voter
from app.rules.counting import HurriedOptions
from app.rules.driver import Process
from app.rules.vectors import vector, written
from tests.plugins import guide

BETWEEN = "A rule between options"
AROUND = "A rule around a rule"
PEOPLE = Electorate(tuple(Voter(f"m{number}") for number in range(1, 5)))

Shown = Callable[[str, str, Mapping[str, Any]], Any]


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """Puts the rule of a section into a package, with one story as its vectors; returns its class."""
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    def put(heading: str, name: str, options: Mapping[str, Any]) -> Any:
        blocks = guide.blocks(heading)
        stem = tmp_path / "shown" / f"{name.lower()}_1"
        stem.with_suffix(".py").write_text(blocks["python"], "utf-8")
        stem.with_suffix(".texts.toml").write_text(blocks["toml"], "utf-8")
        rule = getattr(importlib.import_module(f"shown.{stem.name}"), name)
        within = {name: Majority(Majority.Options()) for name in rule.wraps()}
        process = Process(rule(rule.Options.model_validate(options), within), PEOPLE, "m1", on_ballot=("fig", "pear"))
        process.run_out()
        told = vector("nobody votes", process.rule, options, process.case)
        stem.with_suffix(".vectors.json").write_bytes(written([told]))
        return rule

    yield put
    for name in [name for name in sys.modules if name.partition(".")[0] == "shown"]:
        del sys.modules[name]


def test_the_rule_between_options_loads_and_conforms(shown: Shown) -> None:
    plurality = shown(BETWEEN, "Plurality", {})
    assert Catalogue([plurality]).texts("plurality", 1, "fr")["title"] == "Pluralité"
    _conforms({"rule": plurality, "variants": ({}, {"tie_break": "lot"}, {"collecting": "P1D"})})


def test_its_ties_are_outcomes_until_lots_are_drawn(shown: Shown) -> None:
    plurality = shown(BETWEEN, "Plurality", {})
    outcomes = []
    for options in ({}, {"tie_break": "lot"}):
        rule = plurality(plurality.Options.model_validate(options))
        process = Process(rule, PEOPLE, "m1", forums={"lots": "seed"}, on_ballot=("fig", "pear"))
        for voter, option in zip(sorted(PEOPLE.ids), ("fig", "fig", "pear", "pear"), strict=True):
            process.say(voter, "ballot", option)
        outcomes.append(process.run_out())
    assert [(outcome.verdict, len(outcome.winners)) for outcome in outcomes] == [("tied", 0), ("elected", 1)]


def test_the_rule_around_a_rule_loads_and_conforms(shown: Shown) -> None:
    trial = shown(AROUND, "Trial", {"inner": {"rule": "majority", "version": 1}})
    assert Catalogue([trial, Majority]).texts("trial", 1, "fr")["title"] == "À l'essai"
    variants = ({"inner": {"rule": "majority"}}, {"inner": {"rule": "majority"}, "lasts": "P1Y"})
    _conforms({"rule": trial, "beside": (Majority,), "variants": variants})


def test_every_option_that_comes_with_a_count_is_told() -> None:
    told = guide.GUIDE.read_text("utf-8")
    assert [name for name in HurriedOptions.model_fields if f"\n| `{name}` | " not in told] == []


def test_every_part_of_the_page_is_found() -> None:
    assert {Path(name).name for name in guide.files()} >= {"pyproject.toml", "veto_1.py", "veto_1.vectors.json"}
    assert all(guide.blocks(heading).keys() == {"python", "toml"} for heading in (BETWEEN, AROUND))


def _conforms(about: Mapping[str, Any]) -> None:
    suite = type("TestShown", (Conformance,), {**about, "runs": 15})()
    for name in sorted(name for name in dir(suite) if name.startswith("test_")):
        getattr(suite, name)()
