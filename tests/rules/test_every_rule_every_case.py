"""P17 on every reference case of every rule: twenty orders of ballots and voters, twenty namings of options."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from typing import Any, Final

import pytest

from app.rules.canonical import canonical_bytes, case_from_json
from app.rules.catalogue import Catalogue
from app.rules.contract import Case, Cell, DecisionRule, Electorate, Held, Outcome, Profile, Step
from app.rules.variations import other_options
from app.rules.vectors import steps

CATALOGUE: Final = Catalogue.load()
TIMES: Final = range(20)


def cases() -> Iterator[tuple[str, Mapping[str, Any], Case]]:
    """Each rule with its options and a case, from its reference vectors."""
    for rule in CATALOGUE.rules():
        for one in json.loads((files("app.rules.builtin") / f"{rule.slug}_1.vectors.json").read_bytes()):
            yield rule.slug, one["options"], case_from_json(one["case"])


CASES: Final = [pytest.param(*one, id=f"{one[0]}-{number}") for number, one in enumerate(cases())]


def shuffled(case: Case, chance: random.Random) -> Case:
    """The case with its voters, and the rows of its ballots, in another order."""
    held = tuple(
        replace(
            one,
            profile=one.profile and replace(one.profile, rows=dict(_mixed(list(one.profile.rows.items()), chance))),
            electorate=Electorate(_mixed(list(one.electorate.voters), chance)),
        )
        for one in case.held
    )
    return replace(case, electorate=Electorate(_mixed(list(case.electorate.voters), chance)), held=held)


def _mixed(items: list[Any], chance: random.Random) -> list[Any]:
    return chance.sample(items, len(items))


@pytest.mark.parametrize(("slug", "options", "case"), CASES)
def test_p17_the_order_of_ballots_and_voters_changes_no_byte(slug: str, options: Mapping[str, Any], case: Case) -> None:
    rule = CATALOGUE.bind(slug, 1, options)
    for prefix, step in steps(rule, case):
        told = canonical_bytes(step)
        for seed in TIMES:
            assert canonical_bytes(rule.after(shuffled(prefix, random.Random(seed)))) == told


def reads(slug: str, options: Mapping[str, Any]) -> frozenset[str]:
    """By what the rule tells voters apart."""
    return CATALOGUE.bind(slug, 1, options).reads()


def split(held: Held) -> Held:
    """The same ballots, told row by row of a part of the people who cast them."""
    profile = held.profile or Profile()
    rows: dict[Cell, Mapping[str, Fraction]] = {}
    for (ballot, college, unit), sums in profile.rows.items():
        whole = sums.get("heads", Fraction(0))
        part = Fraction(whole // 3, whole) if whole else Fraction(0)
        rows[ballot, college, f"{unit}+"] = {name: part * figure for name, figure in sums.items()}
        rows[ballot, college, unit] = {name: (1 - part) * figure for name, figure in sums.items()}
    return replace(held, profile=held.profile and replace(profile, rows=rows))


ALIKE: Final = [param for param, (slug, options, _) in zip(CASES, cases(), strict=True) if not reads(slug, options)]


@pytest.mark.parametrize(("slug", "options", "case"), ALIKE)
def test_p17_ballots_gathered_or_not(slug: str, options: Mapping[str, Any], case: Case) -> None:
    rule = CATALOGUE.bind(slug, 1, options)
    for prefix, step in steps(rule, case):
        other = replace(prefix, held=tuple(map(split, prefix.held)))
        assert canonical_bytes(rule.after(other)) == canonical_bytes(step)


def called(options: Any, names: Mapping[str, str]) -> Any:
    """The options with the options on the ballot called otherwise, however deep they name one."""
    if isinstance(options, Mapping):
        return {key: called(content, names) for key, content in options.items()}
    if isinstance(options, list):
        return [called(content, names) for content in options]
    return names.get(options, options) if isinstance(options, str) else options


def ends(step: Step, names: Mapping[str, str]) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """The verdict, who won whatever they are called, and why."""
    if not isinstance(step, Outcome):
        return None
    winners = (",".join(sorted(names.get(one, one) for one in winner.split("="))) for winner in step.winners)
    return step.verdict, tuple(sorted(winners)), tuple(reason.code for reason in step.reasons)


def is_by_name(rule: DecisionRule, case: Case, step: Step) -> bool:
    """Whether lots were drawn, or the order of the ballot was to decide."""
    lots = any(floor.who.name == "lots" for held in case.held for floor in held.phase.floors)
    return lots or (isinstance(step, Outcome) and any(one.code == "first_listed" for one in step.reasons))


NAMED: Final = [one for one in CASES if isinstance(one.values[2], Case) and one.values[2].on_ballot]


@pytest.mark.parametrize(("slug", "options", "case"), NAMED)
def test_p17_what_options_are_called_changes_nothing(slug: str, options: Mapping[str, Any], case: Case) -> None:
    rule = CATALOGUE.bind(slug, 1, options)
    for prefix, step in steps(rule, case):
        if is_by_name(rule, prefix, step):
            continue
        for seed in TIMES:
            order = random.Random(seed).sample(prefix.on_ballot, len(prefix.on_ballot))
            other, names = other_options(prefix, order)
            again = CATALOGUE.bind(slug, 1, called(options, names)).after(other)
            assert ends(again, {}) == ends(step, names)


def test_there_are_cases_of_every_rule() -> None:
    assert {one.values[0] for one in CASES} == {rule.slug for rule in CATALOGUE.rules()}
    assert len(NAMED) > 30
