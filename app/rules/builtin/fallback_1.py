"""Fallback: when one rule ends without a decision, for a reason named beforehand, another one decides."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from app.rules.choosing import slate
from app.rules.contract import Case, DecisionRule, Inner, OptionError, Options, Outcome, Reason, Step, under
from app.rules.wrapping import WrappingRule

FIRST: Final = "first"
SECOND: Final = "second"


class FallbackOptions(Options):
    """Two rules, and when the second follows."""

    first: Inner
    second: Inner
    on: Annotated[
        tuple[Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")], ...],
        Field(min_length=1, max_length=20),
    ]


class Fallback(WrappingRule):
    """The first rule decides, unless it ends with one of the codes in ``on``: then the second starts anew.

    What was said and cast under the first rule does not count for the second, but the options that members added to the
    ballot stay on it. How the first one ended stays as it was, whoever leaves afterwards. What a circle adopts or
    elects under the first rule is never asked again.
    """

    slug = "fallback"
    version = 1
    Options = FallbackOptions
    claims = frozenset({"anonymous"})
    lets_hurry = (SECOND,)  # how the first one ends decides more than its verdict

    options: FallbackOptions

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterator[OptionError]:
        """An ending that the first rule does not know: the second would never follow it."""
        for place, code in enumerate(self.options.on):
            if code not in codes[FIRST]:
                message = f"the first rule gives no reason {code}"
                yield OptionError(f"/on/{place}", "unknown_ending", message, {"code": code})

    def parts(self, case: Case) -> Sequence[tuple[DecisionRule, Case]]:
        """Both rules, the second with the options that members added under the first."""
        first = case.within(FIRST)
        second = replace(case.within(SECOND), on_ballot=slate(first))
        return [(self.inner[FIRST], first), (self.inner[SECOND], second)]

    def after(self, case: Case) -> Step:
        """What the first rule says; once it has ended with a code in ``on``, what the second says."""
        (first, before), (second, mine) = self.parts(case)
        step = under(FIRST, first.after(before))
        if not isinstance(step, Outcome) or step.code not in self.options.on or step.verdict in ("adopted", "elected"):
            return step
        then = second.after(mine)
        if then is None:
            return None
        if isinstance(then, Outcome):
            then = replace(then, reasons=(*then.reasons, Reason("fell_back"), *step.reasons[:1]))
        elif not mine.held:
            then = replace(then, reasons=(Reason("fell_back"), *step.reasons, *then.reasons))
        return under(SECOND, then)
