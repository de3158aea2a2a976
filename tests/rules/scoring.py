"""The electorates of rules that add up approvals or points, and how a vote under such a rule is played."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from app.rules import papers
from app.rules.case import Outcome
from app.rules.cast import Cast as Weights
from app.rules.choosing import ChoosingRule
from app.rules.driver import Process
from tests.rules.stories import electors, people

Cast = Mapping[str, int]
"""How many people cast each ballot."""

P01: Final = {"m>n>c>k": 42, "n>c>k>m": 26, "c>k>n>m": 15, "k>c>n>m": 17}
P01_FIRST_TWO: Final = {"m,n": 42, "c,n": 26, "c,k": 32}
P10: Final = {"a:5,b:2,c:0": 3, "a:1,b:5,c:0": 3, "a:3,b:3,c:5": 1}
P11: Final = {"a:5,b:0,c:3": 4, "a:2,b:5,c:3": 3, "a:0,b:4,c:3": 3}
P11_UNSCORED: Final = {"a:5,b:0,c:3": 4, "a:2,b:5,c:3": 3, "a:0,b:4": 3}
P12: Final = {"a,b,c": 4, "a,b": 2, "d,e": 2, "d": 1, "f": 1}
W22: Final = {"p,q,r": 10, "p,q": 6, "p,r": 6, "q,s": 3, "r,s": 3, "s": 2}
W23: Final = {"a>b>c": 8, "c>b>a": 5, "b>c>a": 4}
W27: Final = {"a:5,b:4,c:0": 5, "a:0,b:5,c:4": 4}


def bound(rule: type[ChoosingRule], **options: Any) -> ChoosingRule:
    """The rule with its options, as a process pins them."""
    return rule(rule.Options.model_validate(options))


def counted(rule: type[ChoosingRule], cast: Cast, on_ballot: str, order: str = "", **options: Any) -> Outcome:
    """The outcome of so many ballots of each kind, without a process around it."""
    weights = {ballot: Fraction(number) for ballot, number in sorted(cast.items())}
    return bound(rule, **options).choose(Weights(weights), tuple(on_ballot), tuple(order))


def played(rule: type[ChoosingRule], cast: Cast, on_ballot: str, lots: str | None = None, **options: Any) -> Process:
    """A vote proposed by m01 that so many people take part in, to its end."""
    voters = people(sum(cast.values()))
    forums = {} if lots is None else {"lots": lots}
    process = Process(bound(rule, **options), electors(voters), "m01", forums=forums, on_ballot=tuple(on_ballot))
    ballots = (ballot for ballot, number in cast.items() for _ in range(number))
    for voter, ballot in zip(voters, ballots, strict=True):
        process.say(voter, "ballot", ballot)
    process.run_out()
    return process


def telling(
    rule: type[ChoosingRule], cast: Cast, on_ballot: str, lots: str | None = None, **options: Any
) -> Callable[[], Process]:
    """The vote as a story."""
    return lambda: played(rule, cast, on_ballot, lots, **options)


def figures(outcome: Outcome, table: str, column: int = 1) -> dict[Any, Any]:
    """A column of a table, by option."""
    return {row[0]: row[column] for row in outcome.tables[table][1:]}


def facts(outcome: Outcome, code: str) -> dict[str, Any]:
    """The facts of the one reason of this code."""
    (found,) = (reason.facts for reason in outcome.reasons if reason.code == code)
    return dict(found)


def some(rule: type[ChoosingRule], chance: random.Random, **options: Any) -> tuple[str, list[str]]:
    """Some options, and some ballots on them that express a choice."""
    on_ballot = "abcde"[: chance.randint(2, 5)]
    paper = replace(bound(rule, **options).paper(tuple(on_ballot)), alone=())
    return on_ballot, [papers.some(paper, on_ballot, chance.randrange) for _ in range(chance.randint(1, 8))]
