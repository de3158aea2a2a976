"""The base of rules that hold others: which phases each of them sees, and what all of them keep track of together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from app.rules.case import Case, Held, Matter, Step, under
from app.rules.contract import DecisionRule, Form, OptionError


class WrappingRule(DecisionRule):
    """A rule around one or several others, which its options name.

    A rule within sees only its own phases, in whose path the name of its option comes first. Where the rule around it
    is ``see_through``, it holds no phase of its own, and the one rule within sees the case as it is.
    """

    forms: ClassVar[Mapping[str, type[Form]]] = {}
    see_through: ClassVar[bool] = False

    def parts(self, case: Case) -> Sequence[tuple[DecisionRule, Case]]:
        """The rules within, in the order of the options, each with the case as it sees it."""
        return [(self.inner[name], case if self.see_through else case.within(name)) for name in self.wraps()]

    def asked(self, name: str, case: Case) -> Step:
        """What a rule within says after its own phases."""
        return under(name, self.inner[name].after(case.within(name)))

    def foregone(self, case: Case) -> bool:
        """What the rule within says whose ballot is open, if this rule lets it hurry."""
        name = case.now.phase.path[0] if case.now is not None and case.now.phase.path else ""
        return name in self.lets_hurry and self.inner[name].foregone(case.within(name))

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What the rules within keep track of."""
        return tuple(one for rule, mine in self.parts(case) for one in rule.matters(mine))


def delays_within(rule: DecisionRule) -> Iterator[OptionError]:
    """The rules within, however deep, that say it is settled while this one, around them, may still say otherwise."""
    for pointer, inner in rule.nested():
        if inner.settles:
            at = pointer.removesuffix("options") + "rule"
            yield OptionError(at, "delay_outermost", "the delay goes around this rule", {})


def favour(rule: DecisionRule, form: str) -> tuple[str, ...]:
    """The values of a form from the least to the most favourable, as the rule that counts them promises; empty where
    none does."""
    if form in rule.favour and "monotone" in rule.claims:
        return rule.favour[form]
    return next((scale for inner in rule.inner.values() if (scale := favour(inner, form))), ())


def last_ballot(case: Case) -> Held | None:
    """The last phase held in which people voted."""
    return next((held for held in reversed(case.held) if held.profile is not None), None)
