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

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.case import Case, Electorate, Floor, Held, Outcome, Phase, Profile, Reason, Step
from app.rules.contract import DecisionRule, Form, Options, electors
from app.rules.figures import Duration, Share, less, plain
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
    late_quorum: Annotated[
        Duration | None,
        Field(
            validate_default=True,
            description="If the quorum is reached only in so much time before the end, the ballot stays open for as "
            "long again, so that nobody carries it by coming last. Open ballots only.",
        ),
    ] = None
    early_close: Annotated[
        bool, Field(description="Whether an open ballot closes as soon as what is still to come cannot change it.")
    ] = False
    revote: Annotated[bool, Field(description="Whether a ballot may be replaced until the close.")] = True
    proxies: Annotated[bool, Field(description="Whether a member may vote for another who gave them a proxy.")] = False

    @field_validator("early_close")
    @classmethod
    def _waits_for_the_late(cls, early: bool, given: ValidationInfo) -> bool:
        if early and given.data.get("late_quorum") is not None:
            raise PydanticCustomError("early_and_late", "a ballot that waits for a late quorum does not close early")
        return early

    @field_validator("late_quorum")
    @classmethod
    def _belongs_to_a_quorum(cls, late: str | None, given: ValidationInfo) -> str | None:
        if late is None:
            return None
        if given.data.get("quorum") is None or given.data.get("visibility") != "open":
            raise PydanticCustomError("late_quorum_without_quorum", "it needs a quorum and an open ballot")
        if less(given.data.get("window", late), late) is None:
            raise PydanticCustomError("late_quorum_too_long", "it must be shorter than the ballot is open")
        return late


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
        if case.now.ended in {"woken", "shrunk"}:
            return None
        return self._more_time(case, case.now) or self.counted(case, case.now)

    def ballot(self, case: Case, on_ballot: tuple[str, ...] = ()) -> Step:
        """The phase in which ballots are cast: complete when every elector who may vote has voted."""
        paper = self.paper(on_ballot)
        if paper is not None and len(on_ballot) < _A_CHOICE:
            return Outcome(
                "invalid", reasons=(Reason("too_few_options", {"options": len(on_ballot), "needed": _A_CHOICE}),)
            )
        recused = case.electorate.ids - case.electorate.voting.ids
        among = self.ballots if paper is None else on_ballot
        once, proxies = not self.options.revote, self.options.proxies
        who = electors(*sorted(recused))
        floor = Floor(who, "ballot", among=among, due=True, once=once, paper=paper, proxies=proxies)
        sight = self.options.visibility
        late = self.options.late_quorum
        window = self.options.window if late is None else less(self.options.window, late)
        return Phase("ballot", (floor,), window, sight=sight, yields="profile", hurries=self.options.early_close)

    def _more_time(self, case: Case, now: Held) -> Phase | None:
        """The last stretch of a ballot that has a quorum to reach, and more of it where the quorum came only then."""
        late = self.options.late_quorum
        if late is None or now.ended != "deadline":
            return None
        stretches = [held for held in case.round() if held.phase.yields == "profile"]
        codes = [reason.code for held in stretches for reason in self._quorum(held, _with_present(held))]
        more = replace(now.phase, carries=True, lasts=late)
        if codes in (["no_quorum"], ["quorum_reached"]):
            return replace(more, reasons=(Reason("last_stretch"),))
        return replace(more, reasons=(Reason("late_quorum"),)) if codes == ["no_quorum", "quorum_reached"] else None

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
