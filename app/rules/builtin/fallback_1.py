"""Fallback: when one rule ends without a decision, for a reason named beforehand, another one decides."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from app.rules.contract import Case, DecisionRule, Form, Inner, Matter, Options, Outcome, Reason, Step, under

FIRST: Final = "first"
SECOND: Final = "second"


class FallbackOptions(Options):
    """Two rules, and when the second follows."""

    first: Annotated[Inner, Field(description="The rule that is asked first.")]
    second: Annotated[Inner, Field(description="The rule that follows, from its beginning.")]
    on: Annotated[
        tuple[Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")], ...],
        Field(
            min_length=1,
            max_length=20,
            description="The codes with which the first may end for the second to "
            "follow, such as rounds_spent or tie: each is the code of the first reason of an outcome.",
        ),
    ]


class Fallback(DecisionRule):
    """The first rule decides, unless it ends with one of the codes in ``on``: then the second starts anew.

    What was said and cast under the first rule does not count for the second. How the first one ended stays as it was,
    whoever leaves afterwards. What a circle adopts or elects under the first rule is never asked again.
    """

    slug = "fallback"
    version = 1
    Options = FallbackOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    claims = frozenset({"anonymous"})

    options: FallbackOptions

    def after(self, case: Case) -> Step:
        """What the first rule says; once it has ended with a code in ``on``, what the second says."""
        step = self.inner[FIRST].after(case.within(FIRST))
        if not isinstance(step, Outcome) or step.code not in self.options.on or step.verdict in ("adopted", "elected"):
            return under(FIRST, step)
        mine = case.within(SECOND)
        then = self.inner[SECOND].after(mine)
        if then is None:
            return None
        if isinstance(then, Outcome):
            then = replace(then, reasons=(*then.reasons, Reason("fell_back"), *step.reasons[:1]))
        elif not mine.held:
            then = replace(then, reasons=(Reason("fell_back"), *step.reasons, *then.reasons))
        return under(SECOND, then)

    def foregone(self, case: Case) -> bool:
        """What the second rule says; how the first one ends decides more than its verdict."""
        mine = case.within(SECOND)
        return bool(mine.held) and self.inner[SECOND].foregone(mine)

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What both rules keep track of."""
        return (
            *self.inner[FIRST].matters(case.within(FIRST)),
            *self.inner[SECOND].matters(case.within(SECOND)),
        )
