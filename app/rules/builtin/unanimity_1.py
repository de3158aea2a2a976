"""Unanimity: those who take part are all for, and one vote against is enough to stop the proposal."""

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from app.rules.builtin.agreeing_1 import AgreementRule, outcome, shown, tallied
from app.rules.contract import Electorate, Outcome, Profile, Reason
from app.rules.counting import UNCAST, HurriedOptions
from app.rules.figures import plain
from app.rules.margins import turning


class UnanimityOptions(HurriedOptions):
    """Whether unanimity asks for the voice of everybody who takes part."""

    abstain_ok: bool = False


class Unanimity(AgreementRule):
    """All for and nobody against; somebody must be for.

    Whoever stays away is not asked for: what part of the electors must take part is the quorum. Under a wrapping rule
    that weighs ballots, people without any weight neither carry nor stop a proposal, and a college that says nothing
    is not asked for either: no share is taken of anything, so it does not matter what makes the whole.
    """

    slug = "unanimity"
    version = 1
    Options = UnanimityOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "blank", "abstain", "for")}
    ballots = ("for", "against", "abstain", "blank")

    options: UnanimityOptions

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Adopted when somebody is for, nobody is against and, unless they may, nobody holds back."""
        tally = tallied(profile, self.ballots)
        held_back = Fraction(0) if self.options.abstain_ok else tally["abstain"] + tally["blank"] + tally[UNCAST]
        missing = tally["against"] + held_back
        adopted = tally["for"] > 0 and missing == 0
        reasons = [Reason("unanimous" if adopted else "opposed" if tally["against"] else "not_all", shown(tally))]
        if profile.by_heads:
            code, votes = ("would_have_failed", 1) if adopted else ("would_have_passed", plain(missing))
            reasons.append(Reason(code, {"votes": votes}))
        else:
            reasons.append(turning(missing, "gte" if missing else "gt", adopted=adopted))
        return outcome(tally, reasons, adopted=adopted)
