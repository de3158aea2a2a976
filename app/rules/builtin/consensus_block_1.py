"""Consensus with block: people agree, stand aside or block, and one block is enough to stop the proposal."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Annotated, ClassVar

from pydantic import Field

from app.rules.builtin.agreeing_1 import AgreementRule, Tally, by_heads, outcome, shown, tallied
from app.rules.contract import Electorate, Figure, Outcome, Profile, Reason
from app.rules.counting import CountingOptions
from app.rules.figures import CountOrShare, plain


class ConsensusBlockOptions(CountingOptions):
    """How many may stand aside before a consensus is none."""

    max_stand_aside: Annotated[
        CountOrShare | None,
        Field(
            description="How many people may stand aside: a number, or a part of those who agree or stand aside, "
            "rounded down. Any number if empty."
        ),
    ] = None


class ConsensusBlock(AgreementRule):
    """Somebody agrees, nobody blocks, and no more people stand aside than the options allow.

    To stand aside lets the others go on and carries nothing: an author with whom nobody agrees has no consensus,
    however many stand aside. Abstentions and blank ballots take part and say nothing.
    """

    slug = "consensus_block"
    version = 1
    Options = ConsensusBlockOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("block", "stand_aside", "blank", "abstain", "agree")}
    ballots = ("agree", "stand_aside", "block", "abstain", "blank")
    neutral = ("stand_aside", "abstain", "blank")

    options: ConsensusBlockOptions

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Blocked, too many aside, or a consensus: judged in this order."""
        tally = tallied(profile, self.ballots)
        allowed = self._allowed(tally["agree"] + tally["stand_aside"])
        code, limit = "consensus" if tally["agree"] else "nobody_agrees", dict[str, Figure]()
        if tally["block"]:
            code = "blocked"
        elif allowed is not None and tally["stand_aside"] > allowed:
            code, limit = "too_many_aside", {"allowed": plain(allowed)}
        reasons = [Reason(code, {**shown(tally), **limit})]
        if by_heads(profile):
            reasons.append(self._change(tally, code))
        return outcome(tally, reasons, adopted=code == "consensus")

    def _allowed(self, of: Fraction) -> Fraction | None:
        limit = self.options.max_stand_aside
        if limit is None:
            return None
        return Fraction(limit if isinstance(limit, int) else floor(limit * of))

    def _change(self, tally: Tally, code: str) -> Reason:
        """How many people would have had to answer otherwise: each block, and whoever is one too many aside."""
        if code == "consensus":
            return Reason("would_have_failed", {"votes": 1})
        allowed = self._allowed(tally["agree"] + tally["stand_aside"] + tally["block"])
        too_many = Fraction(0) if allowed is None else max(Fraction(0), tally["stand_aside"] - allowed)
        moved = {"votes": tally["block"] + too_many, "block": tally["block"], "stand_aside": too_many}
        return Reason("would_have_passed", shown(moved))
