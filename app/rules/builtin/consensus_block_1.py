"""Consensus with block: people agree, stand aside or block, and one block is enough to stop the proposal."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Annotated, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.rules.builtin.agreeing_1 import AgreementRule, Tally, outcome, shown, tallied
from app.rules.contract import Electorate, Figure, Outcome, Profile, Reason
from app.rules.counting import HurriedOptions
from app.rules.figures import CountOrShare, Share, plain
from app.rules.margins import turning
from app.rules.papers import ALONE


def _can_be_exceeded(share: Fraction) -> Fraction:
    if share == 1:
        raise PydanticCustomError("not_below_all", "nobody can have more than everything: it must be below 1")
    return share


class ConsensusBlockOptions(HurriedOptions):
    """How many may stand aside before a consensus is none, and how large a part has to agree."""

    max_stand_aside: CountOrShare | None = None
    agree_above: Annotated[Share, AfterValidator(_can_be_exceeded)] | None = None


class ConsensusBlock(AgreementRule):
    """Somebody agrees, nobody blocks, and no more people stand aside, nor fewer agree, than the options allow.

    To stand aside lets the others go on and carries nothing: an author with whom nobody agrees has no consensus,
    however many stand aside. Abstentions and blank ballots take part and say nothing; but who abstains has stated a
    position, and where more than a part of those must agree they are counted in it. Where a rule around this one
    weighs votes, a number of those who stand aside still counts people, and a part of them is one of the weight of all
    who agree or stand aside, never rounded: whoever is silent neither widens nor narrows it.
    """

    slug = "consensus_block"
    version = 1
    Options = ConsensusBlockOptions
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("block", "stand_aside", "blank", "abstain", "agree")}
    ballots = ("agree", "stand_aside", "block", "abstain", "blank")
    neutral = ("stand_aside", "abstain", "blank")

    options: ConsensusBlockOptions

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Blocked, too many aside, too few who agree, or a consensus: judged in this order."""
        tally = tallied(profile, self.ballots)
        aside = tally["stand_aside"]
        if isinstance(self.options.max_stand_aside, int):
            aside = profile.total("heads").get("stand_aside", Fraction(0))
        allowed = self._allowed(tally["agree"] + tally["stand_aside"], whole=profile.by_heads)
        code, limit = "consensus" if tally["agree"] else "nobody_agrees", dict[str, Figure]()
        if tally["block"]:
            code = "blocked"
        elif allowed is not None and aside > allowed:
            code, limit = "too_many_aside", {"aside": plain(aside), "allowed": plain(allowed)}
        elif tally["agree"] and not self._enough(tally, profile.whole):
            base, share = _stated(tally, profile.whole), self.options.agree_above or Fraction(0)
            code, limit = "too_few_agree", {"of": plain(base), "bar": plain(share * base), "threshold": share}
        reasons = [Reason(code, {**shown(tally), **limit})]
        if profile.by_heads:
            reasons.append(self._change(tally, code))
        elif allowed is None or isinstance(self.options.max_stand_aside, Fraction):
            reasons.append(self._in_weight(tally, profile.whole, adopted=code == "consensus"))
        return outcome(tally, reasons, adopted=code == "consensus")

    def outside(self) -> tuple[str, ...]:
        """Not those who stand aside: of how many they are a part depends on them. Nor those who abstain, where more
        than a part of all positions must agree."""
        return ALONE if self.options.agree_above is None else ("blank",)

    def _enough(self, tally: Tally, whole: Fraction | None) -> bool:
        """Whether more of those who stated a position agree than must be exceeded."""
        share = self.options.agree_above
        return share is None or tally["agree"] > share * _stated(tally, whole)

    def _allowed(self, of: Fraction, *, whole: bool) -> Fraction | None:
        """How many may stand aside; ``whole``: of people, of whom no parts stand aside."""
        limit = self.options.max_stand_aside
        if limit is None:
            return None
        if isinstance(limit, int):
            return Fraction(limit)
        return Fraction(floor(limit * of)) if whole else limit * of

    def _too_many(self, tally: Tally, *, whole: bool) -> Fraction:
        """How many would still stand aside without being allowed to, once everybody who blocks agreed."""
        allowed = self._allowed(tally["agree"] + tally["stand_aside"] + tally["block"], whole=whole)
        return Fraction(0) if allowed is None else max(Fraction(0), tally["stand_aside"] - allowed)

    def _in_weight(self, tally: Tally, whole: Fraction | None, *, adopted: bool) -> Reason:
        """The same where votes weigh, unless a number of people may stand aside: of them, weight tells nothing."""
        if adopted:
            return turning(Fraction(0), "gt", adopted=True)  # any weight that blocks
        moved = tally["block"] + self._too_many(tally, whole=False)
        bar = (self.options.agree_above or Fraction(0)) * _stated(tally, whole)
        if tally["agree"] + moved > bar:
            return turning(moved, "gte", adopted=False)
        return turning(bar - tally["agree"], "gt", adopted=False)

    def _change(self, tally: Tally, code: str) -> Reason:
        """How many people would have had to answer otherwise: each block, whoever is one too many aside, and as many
        others as would then still be missing among those who agree."""
        if code == "consensus":
            return Reason("would_have_failed", {"votes": 1})
        too_many = self._too_many(tally, whole=True)
        agree, share = tally["agree"] + tally["block"] + too_many, self.options.agree_above
        needed = agree if share is None else Fraction(floor(share * _stated(tally, None)) + 1)
        others = max(Fraction(0), needed - agree)
        moved = {"votes": tally["block"] + too_many + others, "block": tally["block"], "stand_aside": too_many}
        return Reason("would_have_passed", shown({**moved, "others": others}))


def _stated(tally: Tally, whole: Fraction | None) -> Fraction:
    """All who stated a position, or what 100 % is."""
    said = sum((tally[value] for value in ("agree", "stand_aside", "block", "abstain")), Fraction(0))
    return said if whole is None else whole
