"""Gradients of agreement: people say how far they agree, and doubts call for more talk instead of a defeat."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, ClassVar, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.agreeing_1 import AgreementRule, Support, outcome, tallied
from app.rules.contract import Case, Electorate, Outcome, Phase, Profile, Reason, Step
from app.rules.counting import HurriedOptions
from app.rules.figures import Share
from app.rules.papers import ALONE

GRADES: Final[Mapping[int, tuple[str, ...]]] = {
    3: ("endorse", "neutral", "block"),
    4: ("endorse", "reserved", "opposed", "block"),
    5: ("endorse", "reserved", "neutral", "opposed", "block"),
    6: ("endorse", "agree", "reserved", "reluctant", "opposed", "block"),
    7: ("endorse", "agree", "reserved", "neutral", "reluctant", "opposed", "block"),
}
"""The grades of a scale of so many, the warmest first: the shorter scales leave some of the seven out."""


class GradientsOptions(HurriedOptions):
    """The scale, and where on it agreement ends and a block begins."""

    scale: Annotated[int, Field(ge=min(GRADES), le=max(GRADES))] = max(GRADES)
    pass_level: Annotated[int | None, Field(ge=1)] = None
    block_level: Annotated[int | None, Field(ge=2, validate_default=True)] = None
    min_share: Share = Fraction(1)

    @field_validator("block_level")
    @classmethod
    def _fits_the_scale(cls, block_level: int | None, given: ValidationInfo) -> int | None:
        if {"scale", "pass_level"} <= given.data.keys():
            scale = given.data["scale"]
            if not (given.data["pass_level"] or _middle(scale)) < (block_level or scale) <= scale:
                raise PydanticCustomError(
                    "off_scale", "a block begins after the last grade that supports, on the scale"
                )
        return block_level

    @field_validator("min_share")
    @classmethod
    def _asks_for_something(cls, min_share: Fraction) -> Fraction:
        if min_share == 0:
            raise PydanticCustomError("always_reached", "whatever is answered is at least nothing: ask for a share")
        return min_share

    @property
    def passes(self) -> int:
        """How many grades, from the warmest, support a proposal."""
        return self.pass_level or _middle(self.scale)

    @property
    def blocks(self) -> int:
        """The first grade that blocks, counted from one."""
        return self.block_level or self.scale


def _middle(scale: int) -> int:
    return (scale + 1) // 2


class Gradients(AgreementRule):
    """Adopted when nobody blocks and enough of those who answer stand at a grade that supports the proposal.

    Seven grades after Sam Kaner's gradients of agreement: by default all must be at the middle or warmer, and the last
    grade blocks. Short of that the first reason is ``discuss``: the proposal is not adopted as it stands, and the
    doubts are what to talk about. Abstentions and blank ballots are no grades. Where a rule around this one says what
    100 % is, the share is one of that, so that the weight of a silent college supports nothing.
    """

    slug = "gradients"
    version = 1
    Options = GradientsOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": (*GRADES[7][:2:-1], *ALONE, *GRADES[7][2::-1])}
    ballots = (*GRADES[7], *ALONE)

    options: GradientsOptions

    def ballot(self, case: Case, on_ballot: tuple[str, ...] = ()) -> Step:
        """The ballot with the grades of the scale that was chosen."""
        step = super().ballot(case, on_ballot)
        among = (*GRADES[self.options.scale], *ALONE)
        floors = [replace(floor, among=among) for floor in step.floors] if isinstance(step, Phase) else []
        return replace(step, floors=tuple(floors)) if isinstance(step, Phase) else step

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """How many stand at a grade that supports the proposal, and whether any blocks it."""
        grades, options = GRADES[self.options.scale], self.options
        tally = tallied(profile, (*grades, *ALONE))
        answers = [tally[grade] for grade in grades]
        parts = (slice(options.passes), slice(options.passes, options.blocks - 1), slice(options.blocks - 1, None))
        passing, doubting, blocking = (sum(answers[part], Fraction(0)) for part in parts)
        support = Support(passing, doubting, blocking, options.min_share, profile.whole, profile.by_heads)
        reasons = support.reasons({"pass_grade": grades[options.passes - 1], "better": options.passes - 1})
        if options.blocks < options.scale:
            first = grades[options.blocks - 1]
            reasons.append(Reason("blocks_from", {"block_grade": first, "worse": options.scale - options.blocks}))
        return outcome(tally, reasons, adopted=support.code == "agreed")
