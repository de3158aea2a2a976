"""The base of rules that count ballots: it opens a ballot, guards what every count must guard, and asks for the count.

A counting rule writes ``count(profile, electorate, options) -> Outcome`` and names its ballots; everything else here is
the same for all of them. Somebody who is present but did not answer stands in the profile as :data:`UNCAST`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from app.rules.case import Case, Electorate, Floor, Held, Outcome, Phase, Profile, Reason, Step
from app.rules.contract import DecisionRule, Options, electors
from app.rules.figures import Duration, Share, plain

UNCAST: Final = "uncast"


class CountingOptions(Options):
    """What every count lets a circle choose."""

    window: Annotated[Duration, Field(description="How long the ballot is open.")] = "P5D"
    visibility: Annotated[
        Literal["open", "sealed"],
        Field(description="Whether ballots can be seen while the ballot is open, or only once it has closed."),
    ] = "open"
    quorum: Annotated[
        Share | None,
        Field(description="The part of the electors who must cast a ballot or be present, rounded up; none if empty."),
    ] = None


class CountingRule(DecisionRule):
    """One ballot, then the count.

    ``form`` names the form of a ballot, ``ballots`` its values (empty: any), ``neutral`` those that answer without
    expressing a choice. A count is ``invalid`` when the quorum is missed, when nobody expressed a choice, and when the
    expressed ballots might all be the author's: a profile does not tell who cast what, so an author who is an elector
    needs two of them.
    """

    form: ClassVar[str] = "ballot"
    ballots: ClassVar[tuple[str, ...]] = ()
    neutral: ClassVar[tuple[str, ...]] = ()

    options: CountingOptions

    @abstractmethod
    def count(self, profile: Profile, electorate: Electorate, options: CountingOptions) -> Outcome:
        """The outcome of a ballot that is valid. Shapes: the profile with :data:`UNCAST` rows, those who may vote."""

    def after(self, case: Case) -> Step:
        """The ballot, and after it the outcome."""
        if case.now is None:
            return self.ballot(case)
        return None if case.now.ended in {"woken", "shrunk"} else self.counted(case, case.now)

    def ballot(self, case: Case) -> Phase:
        """The phase in which ballots are cast: complete when every elector who may vote has voted."""
        recused = case.electorate.ids - case.electorate.voting.ids
        floor = Floor(electors(*sorted(recused)), self.form, among=self.ballots, due=True)
        sight = self.options.visibility
        return Phase("ballot", (floor,), self.options.window, sight=sight, yields="profile")

    def counted(self, case: Case, held: Held) -> Outcome:
        """The outcome of a ballot as it was held: invalid, or what :meth:`count` makes of it."""
        profile = _with_present(held)
        quorum = self._quorum(held, profile)
        if any(reason.code == "no_quorum" for reason in quorum):
            return Outcome("invalid", reasons=quorum)
        expressed = self.expressed(profile)
        if expressed == 0:
            return Outcome("invalid", reasons=(Reason("no_expressed_votes", {"of": len(held.electorate.voting)}),))
        if expressed == 1 and case.proposer in held.electorate.voting.ids:
            return Outcome("invalid", reasons=(Reason("author_alone", {"expressed": 1, "needed": 2}),))
        outcome = self.count(profile, held.electorate.voting, self.options)
        return replace(outcome, reasons=(*outcome.reasons, *quorum))

    def expressed(self, profile: Profile) -> int:
        """How many people expressed a choice."""
        return int(sum(heads for ballot, heads in profile.total().items() if ballot not in {*self.neutral, UNCAST}))

    def _quorum(self, held: Held, profile: Profile) -> tuple[Reason, ...]:
        if self.options.quorum is None:
            return ()
        counted = [voter for voter in held.electorate.voters if voter.recused != "vote_and_quorum"]
        took_part = sum(profile.total().values(), Fraction(0))
        needed = ceil(self.options.quorum * len(counted))
        code = "quorum_reached" if took_part >= needed else "no_quorum"
        return (Reason(code, {"took_part": plain(took_part), "needed": needed, "of": len(counted)}),)


def _with_present(held: Held) -> Profile:
    """The profile with a row for those who are present, or represented, and did not answer."""
    profile = held.profile or Profile()
    present = len(held.present & held.electorate.voting.ids) if held.present is not None else 0
    uncast = present - sum(profile.total().values(), Fraction(0))
    if uncast <= 0:
        return profile
    rows: Mapping[tuple[str, str, str], Mapping[str, Fraction]] = {
        **profile.rows,
        (UNCAST, "", ""): {"heads": Fraction(uncast)},
    }
    return replace(profile, rows=rows)
