"""Lazy consensus: an announced action may go ahead unless somebody objects in time, and somebody is for it."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.rules.builtin.consent_1_forms import Spoken
from app.rules.contract import (
    Case,
    DecisionRule,
    Figure,
    Floor,
    Form,
    Held,
    Options,
    Outcome,
    Phase,
    Reason,
    Step,
    electors,
    shown_by,
)
from app.rules.figures import MOST, Duration, Share


class Stance(Spoken):
    """Support what is announced, say that one has seen it, or object with a reason."""

    plural = "stances"
    model_config = shown_by(value="support", text="Go ahead, I can lend a hand on Saturday.")
    needs_text = frozenset({"objection"})

    value: Literal["support", "seen", "objection"]


class LazyConsensusOptions(Options):
    """How long people have, how many of them must be for it, and what part must have seen it."""

    window: Duration = "P3D"
    min_positive: Annotated[int, Field(ge=1, le=MOST, strict=True)] = 1
    min_reach: Share = Fraction(0)


class LazyConsensus(DecisionRule):
    """Adopted at the end of the window when nobody objected, enough support it and enough have seen it.

    For what is small and can be undone. Silence alone carries nothing: at least one elector besides the author must be
    for it. One objection with a reason ends it at once, and decides nothing about what was announced: another rule may
    (``fallback`` on ``objected``). Whoever changes their mind may say so until the window ends; after an objection
    there is nothing left to say. Source: the lazy consensus of the Apache Software Foundation.
    """

    slug = "lazy_consensus"
    version = 1
    Options = LazyConsensusOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {"stance": Stance}
    claims = frozenset({"anonymous", "monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"stance": ("objection", "seen", "support")}

    options: LazyConsensusOptions

    def after(self, case: Case) -> Step:
        """The window, and how it ended."""
        now = case.now
        if now is None:
            return self._window(case)
        said = [word.value for word in case.standing("stance")]
        seen, needed = len(said), self._needed(case, now)
        figures: dict[str, Figure] = {
            "support": said.count("support"),
            "min_positive": self.options.min_positive,
            "seen": seen,
            "of": len(_asked(case, now)),
            "needed": needed,
        }
        if "objection" in said:
            return Outcome("not_adopted", reasons=(Reason("objected", {**figures, "objections": 1}),))
        if now.ended in {"woken", "shrunk"}:
            return None if _asked(case, now) else Outcome("lapsed", reasons=(Reason("nobody_left", figures),))
        if said.count("support") < self.options.min_positive:
            return Outcome("lapsed", reasons=(Reason("too_few_in_favour", figures), _missing(figures)))
        if seen < needed:
            return Outcome("lapsed", reasons=(Reason("too_few_reached", figures), _missing(figures)))
        return Outcome("adopted", reasons=(Reason("no_objection", figures), Reason("one_objection")))

    def _window(self, case: Case) -> Phase:
        recused = case.electorate.ids - case.electorate.voting.ids
        floor = Floor(electors(case.proposer, *sorted(recused)), "stance", among=Stance.values(), wakes=True)
        return Phase("announced", (floor,), self.options.window)

    def _needed(self, case: Case, now: Held) -> int:
        """How many of those who are asked must have seen it."""
        return ceil(self.options.min_reach * len(_asked(case, now)))


def _asked(case: Case, now: Held) -> frozenset[str]:
    """The electors still there besides the author."""
    return now.electorate.voting.ids - {case.proposer}


def _missing(figures: Mapping[str, Figure]) -> Reason:
    """How many more had to be for it, and how many more had to have seen it."""
    support, positive, seen, needed = (int(str(figures[one])) for one in ("support", "min_positive", "seen", "needed"))
    return Reason("would_have_passed", {"support": max(0, positive - support), "seen": max(0, needed - seen)})
