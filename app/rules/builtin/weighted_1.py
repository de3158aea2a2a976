"""Weighted votes: each elector counts with a measure frozen beforehand, such as the members that they stand for."""

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Final

from pydantic import StringConstraints

from app.rules.contract import (
    Case,
    Electorate,
    Figure,
    Held,
    Inner,
    Options,
    Outcome,
    Profile,
    Reason,
    Step,
    Voter,
)
from app.rules.counting import UNCAST
from app.rules.figures import Share, plain
from app.rules.wrapping import WrappingRule, last_ballot

Measure = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]

HALF: Final = Fraction(1, 2)


class WeightedOptions(Options):
    """What rule decides, what counts in it, and how much of that one elector may hold."""

    inner: Inner
    measure: Measure
    cap: Share = HALF
    proportional_to: Measure | None = None


class Weighted(WrappingRule):
    """Votes count with a measure instead of heads, as unions of cooperatives may choose.

    Weights are at most proportional to the number of members or the volume of business (law 47-1775 art. 9), and
    nobody holds more than the cap. Both are judged on the electorate frozen at admission, before anybody votes: a vote
    whose weights break them does not open. Who leaves later takes their weight along and makes no weight unlawful. The
    guards of the rule within (nobody voted, the author alone, a quorum), and whatever it counts in whole numbers, stay
    about people.
    """

    slug = "weighted"
    version = 1
    Options = WeightedOptions
    see_through = True
    claims = frozenset({"anonymous"})

    options: WeightedOptions

    def reads(self) -> frozenset[str]:
        """By weight."""
        return super().reads() | {"weights"}

    def after(self, case: Case) -> Step:
        """What the rule within says of the weighed ballots, if the weights are such as may be."""
        unlawful = self._unlawful(case.electorate.voting)
        if unlawful is not None:
            return Outcome("invalid", reasons=(unlawful,))
        if any(_is_weighed(held) for held in case.held):
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        step = self.inner["inner"].after(case.weighing(self._weighed))
        if not isinstance(step, Outcome):
            return step
        if last_ballot(case) is None:
            return replace(step, reasons=(*step.reasons, Reason("nothing_weighed")))
        everybody = case.electorate.voting
        facts: dict[str, Figure] = {
            "measure": self.options.measure,
            "total": plain(everybody.total(self.options.measure)),
            "electors": len(everybody),
            "largest": plain(max(self._weight(group.like) for group in everybody.groups)),
            "cap": self.options.cap,
        }
        return replace(step, reasons=(*step.reasons, Reason("weighed_by", facts)))

    def _unlawful(self, electorate: Electorate) -> Reason | None:
        """Why these weights may not be used, if they may not."""
        total, most = electorate.total(self.options.measure), self.options.cap
        if not electorate.groups or most * total == 0:
            return Reason("no_weight", {"measure": self.options.measure, "electors": len(electorate)})
        over = electorate.where(lambda like: self._weight(like) > most * total)
        if over.groups:
            largest = max(self._weight(group.like) for group in over.groups)
            facts = {"electors": len(over), "largest": plain(largest), "total": plain(total), "cap": most}
            return Reason("over_cap", facts)
        size = self.options.proportional_to
        if size is not None and not self._is_proportional_at_most(electorate, size):
            return Reason("more_than_proportional", {"measure": self.options.measure, "size": size})
        return None

    def _is_proportional_at_most(self, electorate: Electorate, size: str) -> bool:
        """Whether no weight grows faster than the size it stands for."""
        alike = (group.like for group in electorate.groups)
        pairs = sorted({(like.measures.get(size, Fraction(0)), self._weight(like)) for like in alike})
        least: Fraction | None = None  # the least weight for a unit of size, of those smaller or as large
        for measured, weight in pairs:
            if measured <= 0:
                if weight > 0:
                    return False
                continue
            ratio = Fraction(weight, measured)
            if least is not None and ratio > least:
                return False
            least = ratio
        return True

    def _weight(self, voter: Voter) -> Fraction:
        if self.options.measure == "heads":
            return Fraction(1)
        return voter.measures.get(self.options.measure, Fraction(0))

    def _weighed(self, held: Held) -> Profile:
        """The ballots under the measure; those present who did not answer weigh what the roll leaves for them."""
        profile = replace(held.profile or Profile(), measure=self.options.measure)
        there = held.electorate.voting.only(held.present or ())
        heads = len(there) - sum(profile.total("heads").values(), Fraction(0))
        if heads <= 0:
            return profile
        weight = there.total(self.options.measure) - sum(profile.total().values(), Fraction(0))
        uncast = {"heads": Fraction(heads), self.options.measure: max(weight, Fraction(0))}
        return replace(profile, rows={**profile.rows, (UNCAST, "", ""): uncast})


def _is_weighed(held: Held) -> bool:
    return held.profile is not None and (held.profile.whole is not None or held.profile.measure != "heads")
