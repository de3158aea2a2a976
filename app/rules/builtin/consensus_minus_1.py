"""Consensus minus a few: the proposal stands as long as no more people are against it than the circle tolerates."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.agreeing_1 import AgreementRule, by_heads, outcome, shown, tallied
from app.rules.contract import Case, Electorate, Options, Outcome, Profile, Reason
from app.rules.counting import CountingOptions
from app.rules.figures import MOST, CountOrShare

Tolerance = Annotated[
    CountOrShare,
    Field(description="How many may be against: a number, or a part of the votes for and against."),
]


class Size(Options):
    """What a circle of some size tolerates."""

    electors: Annotated[int, Field(ge=1, le=MOST, description="From so many electors on.")]
    tolerance: Tolerance


class ConsensusMinusOptions(CountingOptions):
    """How many votes against a circle can live with, and whether that changes with its size."""

    tolerance: Tolerance = 1
    needed_rounded: Annotated[
        Literal["up", "down"],
        Field(
            description="Where a part is tolerated: whether the votes for that are needed are rounded up, so that no "
            "more than that part may be against, or down to whole votes."
        ),
    ] = "up"
    by_size: Annotated[
        tuple[Size, ...],
        Field(
            max_length=10,
            description="Other tolerances for larger circles, by their number of electors who may vote; the last one "
            "that the circle reaches counts.",
        ),
    ] = ()

    @field_validator("by_size")
    @classmethod
    def _ascends(cls, sizes: tuple[Size, ...]) -> tuple[Size, ...]:
        steps = [size.electors for size in sizes]
        if steps != sorted(set(steps)):
            raise PydanticCustomError("not_ascending", "name each number of electors once, the smallest first")
        return sizes


class ConsensusMinus(AgreementRule):
    """No more against than tolerated, and more for than against, so that a tolerance never turns a minority into all.

    Two real resolutions of a cooperative (Loomio Cooperative, constitution): the special one, all but two under thirty
    members and nine tenths from thirty on, is ``tolerance 2, by_size [30: 1/10]``; the ordinary one, three quarters
    rounded down, is ``tolerance 1/4, needed_rounded down``. Abstentions and blank ballots are no votes.
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
        """Votes against beside what is tolerated; of weights that are shared out nothing is rounded."""
        tally = tallied(profile, self.ballots)
        for_, against = tally["for"], tally["against"]
        size = next((one for one in reversed(self.options.by_size) if len(electorate) >= one.electors), None)
        tolerated = self._tolerated(size, for_ + against, whole_votes=profile.whole is None)
        code = "missed" if against > tolerated else "reached" if for_ > against else "outvoted"
        base, needed = for_ + against, for_ + against - tolerated
        if by_heads(profile):
            needed = max(needed, Fraction(base // 2 + 1))
        reasons = [Reason(code, {**shown(tally), **shown({"base": base, "tolerated": tolerated, "needed": needed})})]
        if by_heads(profile):
            reasons.append(_change(int(for_), int(against), int(tolerated)))
        if size is not None:
            reasons.append(Reason("by_size", {"electors": len(electorate), "since": size.electors}))
        return outcome(tally, reasons, adopted=code == "reached")

    def _tolerated(self, size: Size | None, base: Fraction, *, whole_votes: bool) -> Fraction:
        """Never more than there are votes."""
        tolerance = self.options.tolerance if size is None else size.tolerance
        if isinstance(tolerance, int):
            return min(Fraction(tolerance), base)
        needed = (1 - tolerance) * base
        if whole_votes:
            needed = Fraction(ceil(needed) if self.options.needed_rounded == "up" else floor(needed))
        return base - needed


def _change(for_: int, against: int, tolerated: int) -> Reason:
    """The fewest voters who, on the other side, would have changed it: the tolerance or the majority gives way."""
    if against <= tolerated and for_ > against:
        return Reason("would_have_failed", {"votes": min(tolerated - against + 1, (for_ - against + 1) // 2)})
    return Reason("would_have_passed", {"votes": max(against - tolerated, (against - for_) // 2 + 1)})
