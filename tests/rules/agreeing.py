"""How tests count the ballots of rules that seek agreement."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.rules.contract import Outcome, Profile
from app.rules.counting import CountingRule
from app.rules.driver import Process
from tests.rules.stories import electors, people, vote


def bound(rule: type[CountingRule], options: Mapping[str, Any]) -> CountingRule:
    return rule(rule.Options.model_validate(options))


def tallied(
    rule: type[CountingRule],
    options: Mapping[str, Any],
    electorate: int | None = None,
    author: str = "m01",
    /,
    **cast: int,
) -> Outcome:
    """The outcome at the deadline, of as many electors as voted unless more are named."""
    process = Process(bound(rule, options), electors(people(electorate or sum(cast.values()))), author)
    vote(process, **cast)
    return process.run_out()


def profile(times: int = 1, **cast: int) -> Profile:
    return Profile({(value.rstrip("_"), "", ""): {"heads": Fraction(times * n)} for value, n in cast.items() if n})


def counted(rule: type[CountingRule], options: Mapping[str, Any], ballots: Profile, size: int = 40) -> Outcome:
    return bound(rule, options).count(ballots, electors(people(size)), ())
