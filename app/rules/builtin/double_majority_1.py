"""Double majority: several conditions must all hold on one ballot, in heads, units, colleges or weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.rules.contract import Electorate, Figure, Options, Outcome, Profile, Reason
from app.rules.counting import UNCAST, CountingOptions, CountingRule
from app.rules.figures import MOST, Share, plain

GROUPS: Final = {"colleges": 1, "units": 2}
"""What is counted by group, and where the group stands in a cell of the profile."""


class Condition(Options):
    """One majority: a part of a base, or a number."""

    measure: Annotated[
        str,
        StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$"),
        Field(
            description="heads = people; units or colleges = each says what most of its own people say; else the name "
            "of a measure of electors, such as members."
        ),
    ]
    threshold: Annotated[Share | None, Field(description="The share of the base that must be for.")] = None
    op: Annotated[
        Literal["gt", "gte"], Field(description="gt: more than the threshold; gte: at least the threshold.")
    ] = "gt"
    base: Annotated[
        Literal["cast", "entitled"],
        Field(description="What 100 % is: cast = who voted for or against; entitled = all who may vote."),
    ] = "cast"
    at_least: Annotated[
        int | None, Field(ge=1, le=MOST, strict=True, description="How many must be for, instead of a share.")
    ] = None

    @model_validator(mode="after")
    def _one_bar(self) -> "Condition":
        if (self.threshold is None) == (self.at_least is None):
            raise PydanticCustomError("one_bar", "a condition names a threshold or a number, and not both")
        if self.threshold == (1 if self.op == "gt" else 0):
            raise PydanticCustomError("no_bar", "a condition can be met, and can be missed")
        return self


class DoubleMajorityOptions(CountingOptions):
    """The conditions that must all hold."""

    conditions: Annotated[
        tuple[Condition, ...],
        Field(min_length=2, max_length=10, description="The majorities that are needed, all of them."),
    ]


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition with its figures."""

    place: int
    condition: Condition
    votes_for: Fraction
    base: Fraction

    @property
    def bar(self) -> Fraction:
        """What is measured against."""
        least = self.condition.at_least
        return Fraction(least) if least is not None else (self.condition.threshold or 0) * self.base

    @property
    def is_met(self) -> bool:
        """Whether the condition holds. Where nobody has a say it never does."""
        more = self.condition.at_least is None and self.condition.op == "gt"
        return self.base > 0 and (self.votes_for > self.bar if more else self.votes_for >= self.bar)

    def reason(self) -> Reason:
        """The condition with its figures, and how far it was from turning."""
        more = self.condition.at_least is None and self.condition.op == "gt"
        needed = max(1, floor(self.bar) + 1 if more else ceil(self.bar))
        facts: dict[str, Figure] = {
            "place": self.place,
            "measure": self.condition.measure,
            "for": plain(self.votes_for),
            "base": plain(self.base),
            "base_is": self.condition.base,
            "op": "gt" if more else "gte",
            "bar": plain(self.bar),
        }
        if self.is_met:
            return Reason("condition_met", {**facts, "margin": plain(self.votes_for - needed + 1)})
        return Reason("condition_missed", {**facts, "margin": plain(needed - self.votes_for)})


class DoubleMajority(CountingRule):
    """Every condition must hold on the same votes for and against.

    Federations ask for most of their members and for most of the people behind them; statutes for a number of
    colleges beside a majority of heads. A unit or college is for when more of its own people are for than against, and
    on neither side when they are equal. Nothing is rounded, and a condition in which nobody has a say is missed.
    """

    slug = "double_majority"
    version = 1
    Options = DoubleMajorityOptions
    claims = frozenset({"anonymous", "monotone"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "for")}
    ballots = ("for", "against", "abstain", "blank")

    options: DoubleMajorityOptions

    def reads(self) -> frozenset[str]:
        """By what the conditions are counted in."""
        kinds = {"heads": frozenset[str](), "units": frozenset({"unit"}), "colleges": frozenset({"college"})}
        found = (kinds.get(one.measure, frozenset({"weights"})) for one in self.options.conditions)
        return super().reads().union(*found)

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Each condition by itself; adopted when all of them are met."""
        if profile.whole is not None or profile.measure != "heads":
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        judged = [
            Judged(place, one, *_figures(one, profile, electorate))
            for place, one in enumerate(self.options.conditions, start=1)
        ]
        missed = sum(not one.is_met for one in judged)
        facts: dict[str, Figure] = {"missed": missed, "conditions": len(judged)}
        first = Reason("conditions_missed" if missed else "conditions_met", facts)
        total = profile.total()
        cast = ((value, plain(total.get(value, Fraction(0)))) for value in (*self.ballots, UNCAST))
        rows = (
            (f"condition_{one.place}", plain(one.votes_for), plain(one.base), plain(one.bar), _result(one))
            for one in judged
        )
        return Outcome(
            "not_adopted" if missed else "adopted",
            reasons=(first, *(one.reason() for one in sorted(judged, key=lambda one: (one.is_met, one.place)))),
            tables={
                "conditions": (("condition", "for", "condition_base", "bar", "result"), *rows),
                "ballots": (("choice", "votes"), *cast),
            },
        )


def _figures(condition: Condition, profile: Profile, electorate: Electorate) -> tuple[Fraction, Fraction]:
    """What is for, and the base."""
    if condition.measure in GROUPS:
        return _groups(condition, profile, electorate)
    total = profile.total(condition.measure)
    votes_for = total.get("for", Fraction(0))
    if condition.base == "entitled":
        return votes_for, electorate.total(condition.measure)
    return votes_for, votes_for + total.get("against", Fraction(0))


def _groups(condition: Condition, profile: Profile, electorate: Electorate) -> tuple[Fraction, Fraction]:
    """How many groups are for, of those that had their say or of all. Who stands in no group makes none."""
    place = GROUPS[condition.measure]
    sides: dict[str, Fraction] = {}
    for cell, measures in profile.rows.items():
        if cell[place] and cell[0] in ("for", "against"):
            heads = measures.get("heads", Fraction(0))
            sides[cell[place]] = sides.get(cell[place], Fraction(0)) + (heads if cell[0] == "for" else -heads)
    votes_for = Fraction(sum(side > 0 for side in sides.values()))
    if condition.base == "entitled":
        return votes_for, Fraction(_number(v.college if place == 1 else v.unit for v in electorate.voters))
    return votes_for, Fraction(len(sides))


def _number(names: Iterable[str]) -> int:
    return len({name for name in names if name})


def _result(one: Judged) -> str:
    return "condition_is_met" if one.is_met else "condition_is_missed"
