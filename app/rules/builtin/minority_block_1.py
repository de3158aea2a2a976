"""A minority that can block: so many votes against stop what the rule within would have adopted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.rules.contract import Case, Figure, Held, Inner, OptionError, Options, Outcome, Profile, Reason, Step
from app.rules.counting import CountingRule
from app.rules.figures import CountOrShare, plain
from app.rules.wrapping import WrappingRule, delays_within, last_ballot

AGAINST: Final = "against"


def _more_than_none(block: int | Fraction) -> int | Fraction:
    if block == 0:
        raise PydanticCustomError("blocked_by_nobody", "a block by nobody would stop everything")
    return block


class MinorityBlockOptions(Options):
    """What rule decides, and how many can stop it."""

    inner: Inner
    block: Annotated[CountOrShare, AfterValidator(_more_than_none)] = Fraction(1, 3)


class MinorityBlock(WrappingRule):
    """The rule within decides, unless enough people vote against.

    Votes against are counted in heads, whatever the rule within weighs, in the ballot on which it decides. A part is
    taken of all who may vote, so silence never helps a block and never hinders one. Only an adoption can be blocked:
    a ballot that does not count, for want of a quorum for instance, blocks nothing. A vote does not open when all who
    may vote are fewer than a block takes: nobody is promised a block that nobody could reach.
    """

    slug = "minority_block"
    version = 1
    Options = MinorityBlockOptions
    see_through = True
    claims = frozenset({"anonymous"})

    options: MinorityBlockOptions

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterator[OptionError]:
        """A rule within of which no ballot lets anybody vote against, for nothing could block it; and a delay."""
        yield from delays_within(self)
        if not any(isinstance(rule, CountingRule) and AGAINST in rule.ballots for _, rule in self.nested()):
            yield OptionError("/inner/rule", "nobody_against", "under the rule within nobody votes against", {})

    def after(self, case: Case) -> Step:
        """What the rule within says, or that a minority stops it."""
        block, electors = self.options.block, len(case.electorate.voting)
        if isinstance(block, int) and block > electors:
            return Outcome("invalid", reasons=(Reason("block_out_of_reach", {"needed": block, "of": electors}),))
        step = self.inner["inner"].after(case)
        if isinstance(step, Outcome):
            return self._unless_blocked(case, step) if step.verdict == "adopted" else step
        if step is None or not step.carries or step.yields == "profile":
            return step
        stopped = self._stopped(case)  # what carries a blocked ballot on, to break a tie for instance, is in vain
        return Outcome("not_adopted", reasons=(*stopped, *step.reasons)) if stopped else step

    def _unless_blocked(self, case: Case, adopted: Outcome) -> Outcome:
        stopped = self._stopped(case)
        if stopped:
            return replace(adopted, verdict="not_adopted", reasons=(*stopped, *adopted.reasons), lasts=None)
        held = last_ballot(case)
        if held is None:
            return replace(adopted, reasons=(*adopted.reasons, Reason("no_ballot_to_block")))
        facts, short = self._count(held)
        return replace(adopted, reasons=(*adopted.reasons, Reason("no_minority_block", {**facts, "short": short})))

    def _stopped(self, case: Case) -> tuple[Reason, ...]:
        """Why the last ballot stops the proposal, if it does."""
        held = last_ballot(case)
        facts, short = self._count(held) if held else ({}, 1)
        if short > 0:
            return ()
        change = Reason("would_not_have_blocked", {"votes": 1 - short})
        return Reason("minority_blocked", facts), change, Reason("but_for_the_block")

    def _count(self, held: Held) -> tuple[dict[str, Figure], int]:
        """The figures of a block, and how many votes against it lacks; nothing or less: it stands."""
        electors, block = len(held.electorate.voting), self.options.block
        against = (held.profile or Profile()).total("heads").get(AGAINST, Fraction(0))
        needed = max(1, ceil(block * electors)) if isinstance(block, Fraction) else block
        return {"against": plain(against), "needed": needed, "of": electors}, needed - int(against)
