"""Consensus minus a few: the proposal stands as long as no more people are against it than the circle tolerates."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.agreeing_1 import AgreementRule, Tally, outcome, shown, tallied
from app.rules.contract import Case, Electorate, Figure, Options, Outcome, Profile, Reason
from app.rules.counting import HurriedOptions
from app.rules.figures import MOST, CountOrShare, plain
from app.rules.margins import turning


class Size(Options):
    """What a circle of some size tolerates."""

    electors: Annotated[int, Field(ge=1, le=MOST)]
    tolerance: CountOrShare


class ConsensusMinusOptions(HurriedOptions):
    """How many votes against a circle can live with, and whether that changes with its size."""

    tolerance: CountOrShare = 1
    needed_rounded: Literal["up", "down"] = "up"
    by_size: Annotated[tuple[Size, ...], Field(max_length=10)] = ()

    @field_validator("by_size")
    @classmethod
    def _ascends(cls, sizes: tuple[Size, ...], given: ValidationInfo) -> tuple[Size, ...]:
        if sizes and given.data.get("early_close"):
            raise PydanticCustomError("early_and_by_size", "while the circle may shrink, no vote closes early")
        steps = [size.electors for size in sizes]
        if steps != sorted(set(steps)):
            raise PydanticCustomError("not_ascending", "name each number of electors once, the smallest first")
        return sizes


class ConsensusMinus(AgreementRule):
    """No more against than tolerated, and more for than against, so that a tolerance never turns a minority into all.

    Two real resolutions of a cooperative (Loomio Cooperative, constitution): the special one, all but two under thirty
    members and nine tenths from thirty on, is ``tolerance 2, by_size [30: 1/10]``; the ordinary one, three quarters
    rounded down, is ``tolerance 1/4, needed_rounded down``. Abstentions and blank ballots are no votes.

    Where a rule around this one weighs votes, a number of votes against still counts people; a part of them leaves the
    rest of 100 % to be for, so that the weight of a silent college tolerates nothing, and nothing is rounded.
    """

    slug = "consensus_minus"
    version = 1
    Options = ConsensusMinusOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "blank", "abstain", "for")}
    ballots = ("for", "against", "abstain", "blank")

    options: ConsensusMinusOptions

    def foregone(self, case: Case) -> bool:
        """As every rule that seeks agreement; never where the tolerance follows a size that may still shrink."""
        return not self.options.by_size and super().foregone(case)

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Votes against beside what is tolerated."""
        tally = tallied(profile, self.ballots)
        size = next((one for one in reversed(self.options.by_size) if len(electorate) >= one.electors), None)
        tolerance = size.tolerance if size else self.options.tolerance
        code, figures = self._ending(profile, tally, tolerance)
        reasons = [Reason(code, {**shown(tally), **figures})]
        if profile.by_heads:
            reasons.append(_change(int(tally["for"]), int(tally["against"]), int(str(figures["tolerated"]))))
        elif isinstance(tolerance, Fraction):
            tolerated, base = (Fraction(str(figures[name])) for name in ("tolerated", "base"))
            reasons.append(_in_weight(tally["for"], tally["against"], tolerated, base - tolerated))
        if size is not None:
            reasons.append(Reason("by_size", {"electors": len(electorate), "since": size.electors}))
        return outcome(tally, reasons, adopted=code == "reached")

    def _ending(self, profile: Profile, tally: Tally, tolerance: int | Fraction) -> tuple[str, Mapping[str, Figure]]:
        """How it ends, and the figures that it takes: ``opposed`` is what is compared with what is tolerated."""
        for_, against = tally["for"], tally["against"]
        base = for_ + against if profile.whole is None else profile.whole
        if isinstance(tolerance, int):
            opposed, least = profile.total("heads").get("against", Fraction(0)), Fraction(0)
            tolerated = min(Fraction(tolerance), Fraction(self.expressed(profile)))
        else:
            opposed, least = against, self._least((1 - tolerance) * base, of_people=profile.by_heads)
            tolerated = base - least
        code = "missed" if opposed > tolerated or for_ < least else "reached" if for_ > against else "outvoted"
        figures = shown({"opposed": opposed, "tolerated": tolerated, "base": base})
        if profile.by_heads:
            return code, {**figures, "op": "gte", "needed": plain(max(base - tolerated, Fraction(base // 2 + 1)))}
        if least > against:
            return code, {**figures, "op": "gte", "needed": plain(least)}
        return code, {**figures, "op": "gt", "needed": plain(against)}

    def _least(self, share: Fraction, *, of_people: bool) -> Fraction:
        """What must be for: of people a whole number, of weights exactly the share."""
        if not of_people:
            return share
        return Fraction(ceil(share) if self.options.needed_rounded == "up" else floor(share))


def _change(for_: int, against: int, tolerated: int) -> Reason:
    """The fewest voters who, on the other side, would have changed it: the tolerance or the majority gives way."""
    if against <= tolerated and for_ > against:
        return Reason("would_have_failed", {"votes": min(tolerated - against + 1, (for_ - against + 1) // 2)})
    return Reason("would_have_passed", {"votes": max(against - tolerated, (against - for_) // 2 + 1)})


def _in_weight(for_: Fraction, against: Fraction, tolerated: Fraction, least: Fraction) -> Reason:
    """The same in weight, where a part of it is tolerated and ``least`` must be for; of a number of people who are
    tolerated, weight tells nothing."""
    half = (against - for_) * Fraction(1, 2)
    limit = max(against - tolerated, least - for_)
    if limit <= 0 and half < 0:
        weight = min(-limit, -half)
        return turning(weight, "gte" if weight == -half else "gt", adopted=True)
    weight = max(limit, half)
    return turning(weight, "gt" if weight == half else "gte", adopted=False)
