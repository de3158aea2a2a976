"""How tests play rules that hold a rule: bound as the catalogue binds them, by people with colleges and weights."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar, Final

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.colleges_1 import Colleges
from app.rules.builtin.consensus_block_1 import ConsensusBlock
from app.rules.builtin.consensus_minus_1 import ConsensusMinus
from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.delayed_1 import Delayed
from app.rules.builtin.double_majority_1 import DoubleMajority
from app.rules.builtin.fallback_1 import Fallback
from app.rules.builtin.majority_1 import Majority
from app.rules.builtin.minority_block_1 import MinorityBlock
from app.rules.builtin.quorum_1 import Quorum
from app.rules.builtin.sponsored_1 import Sponsored
from app.rules.builtin.weighted_1 import Weighted
from app.rules.catalogue import Catalogue, InvalidOptions
from app.rules.conformance import AUTHOR, Conformance
from app.rules.contract import Case, DecisionRule, Electorate, Held, Outcome, Phase, Profile, Voter
from app.rules.driver import Process

AROUND: Final = (Colleges, Delayed, Fallback, MinorityBlock, Quorum, Sponsored, Weighted)
RULES: Final[Mapping[str, type[DecisionRule]]] = {
    rule.slug: rule for rule in (*AROUND, Approval, ConsensusBlock, ConsensusMinus, Consent, DoubleMajority, Majority)
}

Votes = Mapping[str, int]
"""So many ballots of each value."""


def rule_within(slug: str, **options: Any) -> dict[str, Any]:
    """A rule as the options of another name it, pinned to its first version."""
    return {"rule": slug, "version": 1, "options": options}


MAJORITY: Final = rule_within("majority")
HURRIED: Final = rule_within("majority", early_close=True)
CONSENT: Final = rule_within("consent", begins_with="objecting", on_deadlock=())


def bound(slug: str, **options: Any) -> DecisionRule:
    """A rule with the rules within it; ``inner`` is a majority unless another is named."""
    rule = RULES[slug]
    if "inner" in rule.wraps() and rule.Options.model_fields["inner"].is_required():
        options = {"inner": rule_within("majority"), **options}
    named = {name: options[name] for name in rule.wraps() if name in options}
    within = {name: bound(one["rule"], **one["options"]) for name, one in named.items()}
    return rule(rule.Options.model_validate(options), within)


def process(rule: DecisionRule, voters: Electorate, proposer: str = "m01", **more: Any) -> Process:
    """A decision proposed by m01, with m02 in the chair and as facilitator."""
    return Process(rule, voters, proposer, **{"offices": {"chair": ("m02",), "facilitator": ("m02",)}, **more})


def in_colleges(**numbers: int) -> Electorate:
    """So many members of each college, named after it."""
    names = ((college, n) for college, number in numbers.items() for n in range(1, number + 1))
    return Electorate(tuple(Voter(f"{college}{n:02}", college) for college, n in names))


def with_measures(*groups: tuple[int, Mapping[str, int]]) -> Electorate:
    """So many electors with these measures, each a unit of its own."""
    measures = [measured for number, measured in groups for _ in range(number)]
    return Electorate(
        tuple(
            Voter(f"m{n:02}", unit=f"u{n:02}", measures={name: Fraction(one) for name, one in measured.items()})
            for n, measured in enumerate(measures, start=1)
        )
    )


def vote_by(process: Process, said: Mapping[str, Votes]) -> None:
    """The members of each college cast so many ballots of each value, in the order of their names."""
    for college, votes in said.items():
        names = iter(voter.id for voter in process.electorate.voters if voter.college == college)
        for value, number in votes.items():
            for _ in range(number):
                process.say(next(names), "ballot", value.rstrip("_"))


def held(
    rule: DecisionRule,
    case: Case,
    rows: Mapping[Any, int],
    present: frozenset[str] | None = None,
) -> Case:
    """The case with one more ballot held to its end, as the rule asks for it; ``rows`` are heads by value or cell."""
    phase = rule.after(case)
    assert isinstance(phase, Phase)
    cells = {cell if isinstance(cell, tuple) else (cell, "", ""): {"heads": Fraction(n)} for cell, n in rows.items()}
    one = Held(phase, 1, case.electorate, (), Profile(cells), present, "deadline")
    return replace(case, held=(*case.held, one))


def ended(rule: DecisionRule, case: Case) -> Outcome:
    """The outcome of a case."""
    step = rule.after(case)
    assert isinstance(step, Outcome)
    return step


def refusals(slug: str, options: Mapping[str, Any]) -> list[str]:
    """What is wrong with these options, each with the place where."""
    try:
        _catalogue().bind(slug, 1, options)
    except InvalidOptions as refused:
        return [f"{error.pointer} {error.code}" for error in refused.errors]
    return []


@functools.cache
def _catalogue() -> Catalogue:
    return Catalogue(RULES.values())


class Grouped(Conformance):
    """The suite among electors with colleges, units and votes. What a college is called stands beside its id where
    tables are read; here both are the name of an option."""

    beside: ClassVar[tuple[type[DecisionRule], ...]] = (Majority, Consent)
    colleges: ClassVar[tuple[str, ...]] = ("apple", "fig", "pear")

    def process(
        self, options: Mapping[str, Any], names: tuple[str, ...], forums: Mapping[str, str] | None = None
    ) -> Process:
        voters = Electorate(
            tuple(
                Voter(name, self.colleges[n % 3], self.colleges[n % 2], {"votes": Fraction(1 + n % 2)})
                for n, name in enumerate(names)
            )
        )
        rule = self._catalogue.bind(self.rule.slug, self.rule.version, options)
        offices = {"facilitator": names[1:3], "chair": names[1:3]}
        return Process(rule, voters, AUTHOR, offices=offices, forums=forums or {}, on_ballot=self.on_ballot)
