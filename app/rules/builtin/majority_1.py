"""Decision by majority: for and against are counted, and a share of a base that was named beforehand decides."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.contract import (
    Ballot,
    Case,
    Electorate,
    Figure,
    Floor,
    Form,
    Held,
    Outcome,
    Phase,
    Profile,
    Reason,
    Step,
    Verdict,
    office,
    shown_by,
)
from app.rules.counting import UNCAST, CountingOptions, CountingRule
from app.rules.figures import Duration, Share, plain

HALF = Fraction(1, 2)


class CastingVote(Form):
    """The chair breaks a tie."""

    plural = "casting-votes"
    model_config = shown_by(value="against")

    value: Literal["for", "against"]


class MajorityOptions(CountingOptions):
    """What share of what decides, and what breaks a tie."""

    threshold: Annotated[Share, Field(description="The share of the base that ballots for must reach.")] = HALF
    op: Annotated[
        Literal["gt", "gte"],
        Field(
            validate_default=True,
            description="gt: more than the threshold; gte: at least the threshold. Nothing is ever rounded.",
        ),
    ] = "gt"
    base: Annotated[
        Literal["cast", "expressed", "present", "entitled"],
        Field(
            description="What 100 % is: cast = for and against; expressed = for, against and abstentions; present = "
            "everybody present or represented, whether or not they answered; entitled = everybody who may vote."
        ),
    ] = "cast"
    tie_break: Annotated[
        Literal["reject", "chair_casting"],
        Field(validate_default=True, description="A tie of for and against rejects, or the chair breaks it."),
    ] = "reject"
    casting: Annotated[Duration, Field(description="How long the chair has to break a tie.")] = "P2D"

    @field_validator("op")
    @classmethod
    def _can_be_reached(cls, op: str, given: ValidationInfo) -> str:
        if op == "gt" and given.data.get("threshold") == 1:
            raise PydanticCustomError("unreachable", "nobody can have more than everything: use gte with 1")
        if op == "gte" and given.data.get("threshold") == 0:
            raise PydanticCustomError("always_reached", "whatever is voted is at least nothing: use gt with 0")
        return op

    @field_validator("tie_break")
    @classmethod
    def _breaks_a_tie(cls, tie_break: str, given: ValidationInfo) -> str:
        if tie_break == "chair_casting" and (given.data.get("threshold"), given.data.get("op")) != (HALF, "gt"):
            raise PydanticCustomError("no_tie", "a casting vote breaks ties of more than 1/2, and only those")
        return tie_break


class Majority(CountingRule):
    """A majority of what the circle chose to count.

    Abstentions and blank ballots take part but express nothing: whether they weigh on the result is what ``base``
    says. Nothing is rounded. A tie rejects unless the chair's casting vote was named beforehand, and a chair who wrote
    the proposal leaves that vote to their surrogate.
    """

    slug = "majority"
    version = 1
    Options = MajorityOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {"ballot": Ballot, "casting_vote": CastingVote}
    claims = frozenset({"anonymous", "monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "for")}
    ballots = ("for", "against", "abstain", "blank")
    neutral = ("abstain", "blank")

    options: MajorityOptions

    def after(self, case: Case) -> Step:
        """The ballot; then the outcome, or the chair's casting vote and then the outcome."""
        now = case.now
        if now is not None and now.phase.kind == "casting_vote":
            return None if now.ended == "shrunk" else self._cast_by_chair(now)
        step = super().after(case)
        if isinstance(step, Outcome) and step.code == "tie" and self.options.tie_break == "chair_casting":
            floor_ = Floor(office("chair", case.proposer), "casting_vote", among=("for", "against"), due=True)
            return Phase("casting_vote", (floor_,), self.options.casting, carries=True, reasons=step.reasons[:1])
        return step

    def foregone(self, case: Case) -> bool:
        """Whether the ballots still to come, whatever they say, leave the verdict as it is."""
        now = case.now
        if now is None or not now.phase.hurries or now.phase.yields != "profile" or now.phase.sight != "open":
            return False
        left = len(now.electorate.voting) - sum((now.profile or Profile()).total().values(), Fraction(0))
        ends = [self._if_all(case, now, value, left) for value in ("for", "against", UNCAST)]
        tied = self.options.tie_break == "chair_casting" and any(end.code == "tie" for end in ends)
        return len({end.verdict for end in ends}) == 1 and ends[0].verdict != "invalid" and not tied

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """The share of ballots for in the base against the threshold, with what would have changed it."""
        total = profile.total()
        tally = {value: total.get(value, Fraction(0)) for value in (*self.ballots, UNCAST)}
        base = self._base(tally, profile, electorate)
        bar = self.options.threshold * base
        adopted = tally["for"] > bar if self.options.op == "gt" else tally["for"] >= bar
        tie = not adopted and tally["for"] == tally["against"] == bar
        figures: dict[str, Figure] = {
            **{value: plain(tally[value]) for value in self.ballots},
            "base": plain(base),
            "base_is": self.options.base,
            "threshold": self.options.threshold,
            "op": self.options.op,
            "bar": plain(bar),
        }
        reason = Reason("tie", figures) if tie else Reason("reached" if adopted else "missed", figures)
        change = () if profile.whole is not None else self._change(tally["for"], bar, adopted=adopted)
        rows = tuple((value, plain(number)) for value, number in tally.items())
        tables: dict[str, tuple[tuple[Figure, ...], ...]] = {"ballots": (("choice", "votes"), *rows)}
        return Outcome("adopted" if adopted else "not_adopted", reasons=(reason, *change), tables=tables)

    def _base(self, tally: Mapping[str, Fraction], profile: Profile, electorate: Electorate) -> Fraction:
        if profile.whole is not None:
            return profile.whole
        if self.options.base == "entitled":
            return electorate.total(profile.measure)
        counted = {
            "cast": ("for", "against"),
            "expressed": ("for", "against", "abstain"),
            "present": (*self.ballots, UNCAST),
        }
        return sum((tally[value] for value in counted[self.options.base]), Fraction(0))

    def _change(self, votes_for: Fraction, bar: Fraction, *, adopted: bool) -> tuple[Reason, ...]:
        """How many of those who count would have had to vote otherwise, the base staying what it is."""
        needed = floor(bar) + 1 if self.options.op == "gt" else ceil(bar)
        if adopted:
            return (Reason("would_have_failed", {"votes": plain(votes_for - needed + 1)}),)
        return (Reason("would_have_passed", {"votes": plain(needed - votes_for)}),)

    def _if_all(self, case: Case, held: Held, value: str, left: Fraction) -> Outcome:
        """The outcome if everybody who has not voted yet casts this ballot, or stays silent."""
        profile = held.profile or Profile()
        if value == UNCAST or left <= 0:
            return self.counted(case, held)
        cell = (value, "", "")
        heads = profile.rows.get(cell, {}).get("heads", Fraction(0)) + left
        return self.counted(
            case, replace(held, profile=replace(profile, rows={**profile.rows, cell: {"heads": heads}}))
        )

    def _cast_by_chair(self, now: Held) -> Outcome:
        tie = now.phase.reasons[0]
        said = [word.value for word in now.words if word.form == "casting_vote"]
        if not said:
            return Outcome("not_adopted", reasons=(Reason("chair_silent"), tie))
        verdict: Verdict = "adopted" if said[-1] == "for" else "not_adopted"
        return Outcome(verdict, reasons=(Reason("chair_casting", {"vote": said[-1]}), tie))
