"""The base of rules that count ballots: it opens a ballot, guards what every count must guard, and asks for the count.

A counting rule writes ``count(profile, electorate, on_ballot) -> Outcome`` and names its paper or its values; all else
here is the same for all of them. Somebody who is present but did not answer stands in the profile as :data:`UNCAST`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from app.rules.case import Case, Electorate, Floor, Held, Outcome, Phase, Profile, Reason, Step
from app.rules.contract import DecisionRule, Form, Options, electors
from app.rules.figures import Duration, Share, plain
from app.rules.papers import ALONE, Ballot, Paper

UNCAST: Final = "uncast"
_A_CHOICE: Final = 2
"""So many options make a choice."""


class CountingOptions(Options):
    """What every count lets a circle choose."""

    window: Annotated[Duration, Field(description="How long the ballot is open.")] = "P5D"
    visibility: Annotated[
        Literal["open", "sealed", "secret"],
        Field(
            description="Whether ballots can be seen while the ballot is open, once it has closed, or never together "
            "with who cast them."
        ),
    ] = "open"
    quorum: Annotated[
        Share | None,
        Field(description="The part of the electors who must cast a ballot or be present, rounded up; none if empty."),
    ] = None


class CountingRule(DecisionRule):
    """One ballot, then the count.

    ``ballots`` names the values between which people choose; a rule that puts options to the vote leaves it empty and
    gives a :meth:`paper`. ``neutral`` are the answers that express no choice. A count is ``invalid`` when the quorum is
    missed, when nobody expressed a choice, when fewer than two options stand on a paper, and when the expressed
    ballots might all be the author's: a profile does not tell who cast what, so an author who is an elector needs two.
    """

    forms: ClassVar[Mapping[str, type[Form]]] = {"ballot": Ballot}
    ballots: ClassVar[tuple[str, ...]] = ()
    neutral: ClassVar[tuple[str, ...]] = ALONE
    common_texts: ClassVar[tuple[tuple[str, str], ...]] = (("app.rules", "counting.texts.toml"),)

    options: CountingOptions

    @abstractmethod
    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """The outcome of a ballot that is valid. Shapes: the profile with :data:`UNCAST` rows, those who may vote,
        and the ids of the options in the proposal's order (which must not matter to the result)."""

    def paper(self, _on_ballot: tuple[str, ...]) -> Paper | None:
        """How options are marked; ``None`` for a rule between fixed values."""
        return None

    def after(self, case: Case) -> Step:
        """The ballot, and after it the outcome."""
        if case.now is None:
            return self.ballot(case, case.on_ballot)
        return None if case.now.ended in {"woken", "shrunk"} else self.counted(case, case.now)

    def ballot(self, case: Case, on_ballot: tuple[str, ...] = ()) -> Step:
        """The phase in which ballots are cast: complete when every elector who may vote has voted."""
        paper = self.paper(on_ballot)
        if paper is not None and len(on_ballot) < _A_CHOICE:
            return Outcome(
                "invalid", reasons=(Reason("too_few_options", {"options": len(on_ballot), "needed": _A_CHOICE}),)
            )
        recused = case.electorate.ids - case.electorate.voting.ids
        among = self.ballots if paper is None else on_ballot
        floor = Floor(electors(*sorted(recused)), "ballot", among=among, due=True, paper=paper)
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
        outcome = self.count(profile, held.electorate.voting, held.phase.floors[0].among)
        return replace(outcome, reasons=(*outcome.reasons, *quorum))

    def expressed(self, profile: Profile) -> int:
        """How many people expressed a choice."""
        heads = profile.total("heads")
        return int(sum(number for ballot, number in heads.items() if ballot not in {*self.neutral, UNCAST}))

    def marked(self, profile: Profile) -> dict[str, Fraction]:
        """The measure that counts, per distinct ballot that expresses a choice."""
        return {
            ballot: number
            for ballot, number in profile.total().items()
            if ballot not in {*self.neutral, UNCAST} and number > 0
        }

    def _quorum(self, held: Held, profile: Profile) -> tuple[Reason, ...]:
        if self.options.quorum is None:
            return ()
        counted = [voter for voter in held.electorate.voters if voter.recused != "vote_and_quorum"]
        took_part = sum(profile.total("heads").values(), Fraction(0))
        needed = ceil(self.options.quorum * len(counted))
        code = "quorum_reached" if took_part >= needed else "no_quorum"
        return (Reason(code, {"took_part": plain(took_part), "needed": needed, "of": len(counted)}),)


def _with_present(held: Held) -> Profile:
    """The profile with a row for those who are present, or represented, and did not answer."""
    profile = held.profile or Profile()
    present = len(held.present & held.electorate.voting.ids) if held.present is not None else 0
    uncast = present - sum(profile.total("heads").values(), Fraction(0))
    if uncast <= 0:
        return profile
    rows: Mapping[tuple[str, str, str], Mapping[str, Fraction]] = {
        **profile.rows,
        (UNCAST, "", ""): {"heads": Fraction(uncast)},
    }
    return replace(profile, rows=rows)
