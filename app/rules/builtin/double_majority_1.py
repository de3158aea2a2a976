"""Double majority: several conditions must all hold on one ballot, on which a rule within may have to adopt as well."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.rules.contract import (
    Case,
    Electorate,
    Figure,
    Inner,
    Matter,
    Options,
    Outcome,
    Profile,
    Reason,
    Step,
)
from app.rules.counting import UNCAST, CountingOptions, CountingRule
from app.rules.faults import OptionError
from app.rules.figures import MOST, Share, plain
from app.rules.wrapping import delays_within, last_ballot

GROUPS: Final = {"colleges": 1, "units": 2}
"""What is counted by group, and where the group stands in a cell of the profile."""
_TWO: Final = 2


class Condition(Options):
    """One majority: a part of a base, or a number."""

    measure: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
    threshold: Share | None = None
    op: Literal["gt", "gte"] = "gt"
    base: Literal["cast", "entitled"] = "cast"
    at_least: Annotated[int | None, Field(ge=1, le=MOST, strict=True)] = None

    @model_validator(mode="after")
    def _one_bar(self) -> "Condition":
        if (self.threshold is None) == (self.at_least is None):
            raise PydanticCustomError("one_bar", "a condition names a threshold or a number, and not both")
        if self.threshold == (1 if self.op == "gt" else 0):
            raise PydanticCustomError("no_bar", "a condition can be met, and can be missed")
        return self


class DoubleMajorityOptions(CountingOptions):
    """A rule that must adopt as well, if there is one, and the conditions that must all hold."""

    inner: Inner | None = None
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=10)]

    @field_validator("conditions")
    @classmethod
    def _are_not_alone(cls, conditions: tuple[Condition, ...], given: ValidationInfo) -> tuple[Condition, ...]:
        if len(conditions) < _TWO and "inner" in given.data and given.data["inner"] is None:
            facts = {"field_type": "Tuple", "min_length": _TWO, "actual_length": len(conditions)}
            raise PydanticKnownError("too_short", facts)
        return conditions


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
    """Every condition must hold on the same votes for and against, on which a rule within may have to adopt as well.

    Federations ask for most of their members and for most of the people behind them; statutes for a number of
    colleges beside a majority of heads. A unit or college is for when more of its own people are for than against, and
    on neither side when they are equal. Nothing is rounded, and a condition in which nobody has a say is missed. A rule
    within, such as one that weighs colleges, holds the ballot and says when it does not count; the conditions are
    judged on the last one that was held, as it was cast.
    """

    slug = "double_majority"
    version = 1
    Options = DoubleMajorityOptions
    claims = frozenset({"anonymous"})
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {"ballot": ("against", "for")}
    ballots = ("for", "against", "abstain", "blank")

    options: DoubleMajorityOptions

    def reads(self) -> frozenset[str]:
        """By what the conditions are counted in."""
        kinds = {"heads": frozenset[str](), "units": frozenset({"unit"}), "colleges": frozenset({"college"})}
        found = (kinds.get(one.measure, frozenset({"weights"})) for one in self.options.conditions)
        return super().reads().union(*found)

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterator[OptionError]:
        """A rule within under which nobody votes for and against, settings of a ballot, which it holds itself; and a
        delay."""
        yield from delays_within(self)
        for name, one in CountingOptions.model_fields.items():
            if getattr(self.options, name) != one.default:
                yield OptionError(f"/{name}", "ballot_within", "the rule within holds the ballot: set it there", {})
        counting = (rule for _, rule in self.nested() if isinstance(rule, CountingRule))
        if not any("for" in rule.ballots and "against" in rule.ballots for rule in counting):
            message = "under the rule within nobody votes for or against"
            yield OptionError("/inner/rule", "nobody_for_or_against", message, {})

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What the rule within keeps track of."""
        return tuple(one for rule in self.inner.values() for one in rule.matters(case))

    def after(self, case: Case) -> Step:
        """The ballot and then the conditions; or what the rule within says, and then the conditions."""
        if not self.inner:
            return super().after(case)
        step = self.inner["inner"].after(case)
        if not isinstance(step, Outcome) or step.verdict not in ("adopted", "not_adopted"):
            return step
        held = last_ballot(case)
        if held is None:
            return replace(step, verdict="invalid", reasons=(Reason("no_ballot_to_judge"), *step.reasons))
        return self._together(step, held.profile or Profile(), held.electorate.voting)

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Each condition by itself; adopted when all of them are met."""
        if not profile.by_heads:
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        judged = self._judged(profile, electorate)
        missed = _missed(judged)
        first = Reason("conditions_missed" if missed["missed"] else "conditions_met", missed)
        total = profile.total()
        cast = ((value, plain(total.get(value, Fraction(0)))) for value in (*self.ballots, UNCAST))
        return Outcome(
            "not_adopted" if missed["missed"] else "adopted",
            reasons=(first, *(one.reason() for one in judged)),
            tables={"conditions": _table(judged), "ballots": (("choice", "votes"), *cast)},
        )

    def _together(self, said: Outcome, profile: Profile, electorate: Electorate) -> Outcome:
        """What the rule within says of a ballot, and what the conditions say of it: both must be for."""
        if not profile.by_heads:
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        judged = self._judged(profile, electorate)
        missed, why = _missed(judged), [one.reason() for one in judged]
        tables = {**said.tables, "conditions": _table(judged)}
        if missed["missed"] and said.verdict == "adopted":
            reasons = (Reason("conditions_missed", missed), *why, Reason("but_for_the_conditions"), *said.reasons)
            return Outcome("not_adopted", reasons=reasons, tables=tables)
        also = Reason("also_missed" if missed["missed"] else "also_met", missed)
        return replace(said, reasons=(*said.reasons, also, *why), tables=tables)

    def _judged(self, profile: Profile, electorate: Electorate) -> list[Judged]:
        """The conditions, those that are missed first."""
        judged = (
            Judged(place, one, *_figures(one, profile, electorate))
            for place, one in enumerate(self.options.conditions, start=1)
        )
        return sorted(judged, key=lambda one: (one.is_met, one.place))


def _missed(judged: Sequence[Judged]) -> dict[str, Figure]:
    return {"missed": sum(not one.is_met for one in judged), "conditions": len(judged)}


def _table(judged: Sequence[Judged]) -> tuple[tuple[Figure, ...], ...]:
    """Each condition, in the order of the options."""
    rows = (
        (f"condition_{one.place}", plain(one.votes_for), plain(one.base), plain(one.bar), _result(one))
        for one in sorted(judged, key=lambda one: one.place)
    )
    return (("condition", "for", "condition_base", "bar", "result"), *rows)


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
        alike = [group.like for group in electorate.groups]
        names = dict.fromkeys(like.college if place == GROUPS["colleges"] else like.unit for like in alike)
        return votes_for, Fraction(sum(bool(name) for name in names))
    return votes_for, Fraction(len(sides))


def _result(one: Judged) -> str:
    return "condition_is_met" if one.is_met else "condition_is_missed"
