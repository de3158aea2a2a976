"""Delay before effect: what a rule has adopted takes effect only some time later, so that nobody is surprised."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from pydantic import Field

from app.rules.contract import Case, DecisionRule, Form, Inner, Matter, Options, Outcome, Phase, Reason, Step, under
from app.rules.figures import Duration

WITHIN: Final = "inner"
CARRIED: Final = ("adopted", "elected")


class DelayedOptions(Options):
    """Which rule decides, and how long its decision waits."""

    inner: Annotated[Inner, Field(description="The rule that decides.")]
    delay: Annotated[Duration, Field(description="How long what was adopted waits before it takes effect.")] = "P7D"


class Delayed(DecisionRule):
    """The rule within decides; what it adopts or elects waits, and then takes effect.

    Nothing that happens meanwhile changes the decision, but the proposer can still withdraw the proposal.
    """

    slug = "delayed"
    version = 1
    Options = DelayedOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    claims = frozenset({"anonymous"})

    options: DelayedOptions

    def after(self, case: Case) -> Step:
        """What the rule within says; before its adoption takes effect, a phase in which nobody speaks."""
        step = under(WITHIN, self.inner[WITHIN].after(case.within(WITHIN)))
        if not isinstance(step, Outcome) or step.verdict not in CARRIED:
            return step
        if case.now is None or case.now.phase.path:
            return Phase("waiting", (), self.options.delay, reasons=(Reason("waits"), *step.reasons))
        return (
            None if case.now.ended in {"woken", "shrunk"} else replace(step, reasons=(*step.reasons, Reason("waited")))
        )

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What the rule within keeps track of."""
        return self.inner[WITHIN].matters(case.within(WITHIN))
