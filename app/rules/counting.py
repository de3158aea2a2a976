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

from app.rules.case import Case, Floor, Held, Outcome, Phase, Reason, Step
from app.rules.contract import DecisionRule, Form, Options, electors
from app.rules.electorate import Electorate
from app.rules.figures import Duration, Share, less
from app.rules.papers import ALONE, Ballot, Paper
from app.rules.profile import Heads, Profile, heads
from app.rules.weights import without

UNCAST: Final = "uncast"
_A_CHOICE: Final = 2
"""So many options make a choice."""


class CountingOptions(Options):
    """What every count lets a circle choose."""

    window: Duration = "P5D"
    visibility: Literal["open", "sealed", "secret"] = "open"
    quorum: Share | None = None
    late_quorum: Annotated[Duration | None, Field(validate_default=True)] = None
    revote: bool = True
    proxies: bool = False

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

    @field_validator("proxies")
    @classmethod
    def _never_in_secret(cls, proxies: bool, given: ValidationInfo) -> bool:
        """Whoever votes themselves is voted for by nobody; a secret ballot could not be found again to take it back."""
        if proxies and given.data.get("visibility") == "secret":
            raise PydanticCustomError("secret_by_proxy", "a secret ballot is cast by its voter alone")
        return proxies


class HurriedOptions(CountingOptions):
    """What a circle may choose besides where the rule can tell that the end of its count is foregone."""

    early_close: bool = False

    @field_validator("early_close")
    @classmethod
    def _waits_for_the_late(cls, early: bool, given: ValidationInfo) -> bool:
        if early and given.data.get("late_quorum") is not None:
            raise PydanticCustomError("early_and_late", "a ballot that waits for a late quorum does not close early")
        return early


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

    def outside(self) -> tuple[str, ...]:
        """The answers of which no share is taken: where a rule around this one weighs votes, they lie outside 100 %."""
        return self.neutral

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
        recused = case.electorate.where(lambda like: like.recused is not None).ids
        among = self.ballots if paper is None else on_ballot
        once, proxies = not self.options.revote, self.options.proxies
        who = electors(*sorted(recused))
        floor = Floor(who, "ballot", among=among, due=True, once=once, paper=paper, proxies=proxies)
        sight = self.options.visibility
        late = self.options.late_quorum
        window = self.options.window if late is None else less(self.options.window, late)
        hurries = isinstance(self.options, HurriedOptions) and self.options.early_close
        return Phase("ballot", (floor,), window, sight=sight, yields="profile", hurries=hurries)

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
        silence = self._silence(case, held, profile)
        if silence is not None:
            return Outcome("invalid", reasons=(silence,))
        outcome = self.count(profile, held.electorate.voting, held.phase.floors[0].among)
        return replace(outcome, reasons=(*outcome.reasons, *quorum))

    def _silence(self, case: Case, held: Held, profile: Profile) -> Reason | None:
        """Why nothing was said that could decide: somebody else than the author has to express a choice."""
        expressed = self.expressed(profile)
        if expressed == 0:
            return Reason("no_expressed_votes", {"of": len(held.electorate.voting)})
        if held.by_proposer is None:
            if expressed == 1 and case.proposer in held.electorate.voting:
                return Reason("perhaps_author_alone", {"needed": 2})
        elif expressed == sum(ballot not in self.neutral for ballot in held.by_proposer):
            return Reason("author_alone", {"expressed": expressed})
        weighs = any(self.expressing(profile.total()).values())
        return None if weighs else Reason("weightless", {"expressed": expressed})

    def expressed(self, profile: Profile) -> int:
        """How many people expressed a choice."""
        heads_ = profile.total("heads")
        return profile.heads - int(sum(heads_.get(ballot, 0) for ballot in (*self.neutral, UNCAST)))

    def marked(self, profile: Profile) -> Mapping[str, Fraction]:
        """The measure that counts, per distinct ballot that expresses a choice."""
        marked = self.expressing(profile.total())
        if isinstance(profile.rows, Heads) and profile.by_heads:
            return marked  # everybody who is in it weighs one
        return {ballot: number for ballot, number in marked.items() if number}

    def expressing(self, totals: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
        """Totals by ballot, without the answers that express no choice."""
        return without(totals, *self.neutral, UNCAST)

    def _quorum(self, held: Held, profile: Profile) -> tuple[Reason, ...]:
        if self.options.quorum is None:
            return ()
        counted = held.electorate.where(lambda like: like.recused != "vote_and_quorum")
        stepped_out = held.electorate.where(lambda like: like.recused == "vote").ids  # there, though without a vote
        took_part = profile.heads + len(stepped_out & (held.present or frozenset()))
        needed = ceil(self.options.quorum * len(counted))
        code = "quorum_reached" if took_part >= needed else "no_quorum"
        return (Reason(code, {"took_part": took_part, "needed": needed, "of": len(counted)}),)


def _with_present(held: Held) -> Profile:
    """The profile with a row for those who are present, or represented, and did not answer."""
    profile = held.profile or Profile()
    if held.present is None:
        return profile
    uncast = len(held.present & held.electorate.voting.ids) - profile.heads
    if uncast <= 0:
        return profile
    return replace(profile, rows={**profile.rows, (UNCAST, "", ""): heads(uncast)})
