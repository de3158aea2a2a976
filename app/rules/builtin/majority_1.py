"""Decision by majority: for and against are counted, and a share of a base that was named beforehand decides."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Final, Literal

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
    forum,
    office,
    shown_by,
)
from app.rules.counting import UNCAST, CountingRule, HurriedOptions
from app.rules.figures import Comparison, Duration, Share, plain
from app.rules.lots import Seed, drawn
from app.rules.margins import turning

HALF: Final = Fraction(1, 2)
CASTING_VOTE: Final = "casting_vote"
DRAWING: Final = "drawing"
REVOTE: Final = "revote"
ABSENT: Final = "absent"


class CastingVote(Form):
    """The chair breaks a tie."""

    plural = "casting-votes"
    model_config = shown_by(value="against")

    value: Literal["for", "against"]


class MajorityOptions(HurriedOptions):
    """What share of what decides, and what breaks a tie."""

    threshold: Share = HALF
    op: Comparison = "gt"
    base: Literal["cast", "expressed", "present", "entitled"] = "cast"
    tie_break: Annotated[Literal["reject", "chair_casting", "revote", "lot"], Field(validate_default=True)] = "reject"
    casting: Duration = "P2D"

    @field_validator("tie_break")
    @classmethod
    def _breaks_a_tie(cls, tie_break: str, given: ValidationInfo) -> str:
        if tie_break != "reject" and (given.data.get("threshold"), given.data.get("op")) != (HALF, "gt"):
            raise PydanticCustomError("no_tie", "there are ties to break where more than 1/2 is needed, and only there")
        return tie_break


class Majority(CountingRule):
    """A majority of what the circle chose to count.

    Abstentions and blank ballots take part but express nothing: whether they weigh on the result is what ``base``
    says. Nothing is rounded. A tie rejects unless something was named beforehand to break it: another ballot, held
    once; a lot; or the casting vote of the chair, which a chair who wrote the proposal leaves to their surrogate.
    """

    slug = "majority"
    version = 1
    Options = MajorityOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {"ballot": Ballot, "casting_vote": CastingVote, "seed": Seed}
    claims = frozenset({"anonymous", "monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "for")}
    ballots = ("for", "against", "abstain", "blank")
    neutral = ("abstain", "blank")

    options: MajorityOptions

    def after(self, case: Case) -> Step:
        """The ballot; then the outcome, or what breaks a tie and then the outcome."""
        now = case.now
        if now is not None and now.phase.kind in (CASTING_VOTE, DRAWING):
            return None if now.ended == "shrunk" else _broken(now)
        step = super().after(case)
        if now is None or not isinstance(step, Outcome):
            return step
        if now.phase.kind == REVOTE:
            return _revoted(case, step)
        return self._tied(case, step) if step.code == "tie" else step

    def foregone(self, case: Case) -> bool:
        """Whether the ballots still to come, whatever they say, leave the verdict as it is."""
        now = case.now
        if now is None or not now.phase.hurries or now.phase.yields != "profile" or now.phase.sight != "open":
            return False
        left = len(now.electorate.voting) - sum((now.profile or Profile()).total().values(), Fraction(0))
        ends = [self._if_all(case, now, value, left) for value in ("for", "against", UNCAST)]
        goes_on = self.options.tie_break != "reject" and now.phase.kind != REVOTE
        tied = goes_on and any(end.code == "tie" for end in ends)
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
        change = (self._change if profile.by_heads else self._in_weight)(tally["for"], bar, adopted=adopted)
        rows = tuple((value, plain(number)) for value, number in tally.items())
        tables: dict[str, tuple[tuple[Figure, ...], ...]] = {"ballots": (("choice", "votes"), *rows)}
        return Outcome("adopted" if adopted else "not_adopted", reasons=(reason, change), tables=tables)

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

    def _change(self, votes_for: Fraction, bar: Fraction, *, adopted: bool) -> Reason:
        """How many of those who count would have had to vote otherwise, the base staying what it is."""
        needed = floor(bar) + 1 if self.options.op == "gt" else ceil(bar)
        if adopted:
            return Reason("would_have_failed", {"votes": plain(votes_for - needed + 1)})
        return Reason("would_have_passed", {"votes": plain(needed - votes_for)})

    def _in_weight(self, votes_for: Fraction, bar: Fraction, *, adopted: bool) -> Reason:
        """The same where votes weigh: what reaches the bar, or exceeds it, or falls from it."""
        must_exceed = (self.options.op == "gt") != adopted
        return turning(abs(bar - votes_for), "gt" if must_exceed else "gte", adopted=adopted)

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

    def _tied(self, case: Case, tie: Outcome) -> Step:
        """What follows a tie: a rejection, unless something was named to break it."""
        said = tie.reasons[:1]
        match self.options.tie_break:
            case "chair_casting":
                chair = Floor(office("chair", case.proposer), CASTING_VOTE, among=("for", "against"), due=True)
                return Phase(CASTING_VOTE, (chair,), self.options.casting, carries=True, reasons=said)
            case "lot":
                return Phase(DRAWING, (Floor(forum("lots"), "seed", due=True),), carries=True, reasons=said)
            case "revote":
                step = self.ballot(case)
                return replace(step, kind=REVOTE, reasons=said) if isinstance(step, Phase) else step
        return tie


def _broken(now: Held) -> Outcome:
    """The outcome that the chair or a lot gives to a tie; without them it rejects."""
    code, silent = ("lot_drawn", "no_lots") if now.phase.kind == DRAWING else ("chair_casting", "chair_silent")
    tie, said = now.phase.reasons[0], [word.value for word in now.words if word.value != ABSENT]
    if now.phase.kind == DRAWING:
        said = [drawn(("for", "against"), seed)[0] for seed in said]
    if not said:
        return Outcome("not_adopted", reasons=(Reason(silent), tie))
    return Outcome("adopted" if said[-1] == "for" else "not_adopted", reasons=(Reason(code, {"vote": said[-1]}), tie))


def _revoted(case: Case, outcome: Outcome) -> Outcome:
    """The outcome of another ballot after a tie; a void one leaves the tie, which rejects."""
    tie = next(held for held in case.held if held.phase.kind == REVOTE).phase.reasons[0]
    if outcome.verdict == "invalid":
        return Outcome("not_adopted", reasons=(Reason("revote_void"), tie, *outcome.reasons))
    first = Reason("revoted", {side: tie.facts[side] for side in ("for", "against")})
    return replace(outcome, reasons=(*outcome.reasons, first))
