"""Delay before effect: what a rule has adopted takes effect only some time later, so that nobody is surprised."""

from dataclasses import replace
from typing import Final

from app.rules.contract import Case, Inner, Options, Outcome, Phase, Reason, Step
from app.rules.figures import Duration
from app.rules.wrapping import WrappingRule

CARRIED: Final = ("adopted", "elected")


class DelayedOptions(Options):
    """Which rule decides, and how long its decision waits."""

    inner: Inner
    delay: Duration = "P7D"


class Delayed(WrappingRule):
    """The rule within decides; what it adopts or elects waits, and then takes effect.

    The decision stands meanwhile: nothing that happens changes it, and nobody takes the proposal back.
    """

    slug = "delayed"
    version = 1
    Options = DelayedOptions
    claims = frozenset({"anonymous"})
    lets_hurry = ("inner",)
    settles = True

    options: DelayedOptions

    def after(self, case: Case) -> Step:
        """What the rule within says; before its adoption takes effect, a phase in which nobody speaks."""
        step = self.asked("inner", case)
        if not isinstance(step, Outcome) or step.verdict not in CARRIED:
            return step
        if case.now is None or case.now.phase.path:
            return Phase("waiting", (), self.options.delay, settled=True, reasons=(Reason("waits"), *step.reasons))
        return (
            None if case.now.ended in {"woken", "shrunk"} else replace(step, reasons=(*step.reasons, Reason("waited")))
        )
