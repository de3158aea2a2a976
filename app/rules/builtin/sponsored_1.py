"""Sponsors: a proposal is decided only once enough members other than its author support that it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.rules.contract import (
    Case,
    Floor,
    Form,
    Held,
    Inner,
    Options,
    Outcome,
    Phase,
    Reason,
    Step,
    electors,
    shown_by,
)
from app.rules.figures import MOST, Duration
from app.rules.wrapping import WrappingRule


class Sponsorship(Form):
    """Support that the proposal is decided, whatever one thinks of it."""

    plural = "sponsorships"
    model_config = shown_by(value="sponsored")

    value: Literal["sponsored"]


class SponsoredOptions(Options):
    """How many sponsors open a decision, and by which rule it is then taken."""

    inner: Inner
    sponsors: Annotated[int, Field(ge=1, le=MOST, strict=True)] = 2
    window: Duration = "P7D"


class Sponsored(WrappingRule):
    """The rule within begins when enough electors other than the author have put their name to it; else it lapses.

    To sponsor is not to agree: it binds nobody in the decision.
    """

    slug = "sponsored"
    version = 1
    Options = SponsoredOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {"sponsorship": Sponsorship}
    claims = frozenset({"anonymous"})
    lets_hurry = ("inner",)

    options: SponsoredOptions

    def after(self, case: Case) -> Step:
        """The search for sponsors, and once they are found what the rule within says."""
        if case.now is None:
            floor = Floor(electors(case.proposer), "sponsorship", among=("sponsored",), wakes=True, once=True)
            return Phase("sponsoring", (floor,), self.options.window)
        if len(case.held) > 1:
            return self.asked("inner", case)
        return self._sought(case, case.now)

    def _sought(self, case: Case, now: Held) -> Step:
        found = len(case.standing("sponsorship"))
        facts = {"sponsors": found, "needed": self.options.sponsors}
        if found >= self.options.sponsors:
            return self._begun(case, Reason("sponsored", facts))
        if now.ended in {"woken", "shrunk"}:
            return None
        return Outcome("lapsed", reasons=(Reason("too_few_sponsors", facts),))

    def _begun(self, case: Case, reason: Reason) -> Step:
        step = self.asked("inner", case)
        return None if step is None else replace(step, reasons=(reason, *step.reasons))
