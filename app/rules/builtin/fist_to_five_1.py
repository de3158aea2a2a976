"""Fist to five: everybody shows from no finger to five, a fist blocks, and few fingers call for more talk."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Final

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.agreeing_1 import AgreementRule, Support, outcome, tallied
from app.rules.contract import Electorate, Outcome, Profile
from app.rules.counting import HurriedOptions
from app.rules.figures import Share
from app.rules.papers import ALONE

HANDS: Final = ("f0", "f1", "f2", "f3", "f4", "f5")


class FistToFiveOptions(HurriedOptions):
    """How many fingers support a proposal, and how many hands must show as many."""

    ok_level: Annotated[int, Field(ge=1, le=5)] = 3
    min_share: Share = Fraction(4, 5)

    @field_validator("min_share")
    @classmethod
    def _asks_for_something(cls, min_share: Fraction) -> Fraction:
        if min_share == 0:
            raise PydanticCustomError("always_reached", "whatever is shown is at least nothing: ask for a share")
        return min_share


class FistToFive(AgreementRule):
    """Adopted when nobody shows a fist and enough of the hands show fingers enough.

    Short of that the first reason is ``discuss``: the proposal is not adopted as it stands, and those who show few
    fingers say why. Abstentions and blank ballots are no hands. Where a rule around this one says what 100 % is, the
    share is one of that, so that the weight of a silent college supports nothing.
    """

    slug = "fist_to_five"
    version = 1
    Options = FistToFiveOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": (*HANDS[:3], *ALONE, *HANDS[3:])}
    ballots = (*HANDS, *ALONE)

    options: FistToFiveOptions

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """How many hands show fingers enough, and whether any is a fist."""
        tally, level = tallied(profile, self.ballots), self.options.ok_level
        hands = [tally[hand] for hand in HANDS]
        passing, doubting = sum(hands[level:], Fraction(0)), sum(hands[1:level], Fraction(0))
        support = Support(passing, doubting, hands[0], self.options.min_share, profile.whole, profile.by_heads)
        reasons = support.reasons({"level": level, "more": len(HANDS) - 1 - level})
        return outcome(tally, reasons, adopted=support.code == "agreed")
