"""Colleges: each group of members has its own part of the votes, whatever its number."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Annotated, Final, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.rules.builtin.colleges_1_weights import (
    FEWEST,
    LEAST,
    MOST,
    Counted,
    Way,
    Weights,
    counted,
    in_force,
    weighed,
)
from app.rules.contract import (
    Case,
    DecisionRule,
    Figure,
    Held,
    Inner,
    OptionError,
    Options,
    Outcome,
    Phase,
    Profile,
    Reason,
    Step,
)
from app.rules.counting import CountingRule
from app.rules.figures import Share, plain
from app.rules.papers import ALONE
from app.rules.wrapping import WrappingRule, delays_within, favour, last_ballot

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
OF_MAJORITY: Final = "base"
"""The option that says what 100 % is, in rules that let a circle choose it."""
CAST: Final = "cast"


def _college(name: str) -> str:
    if not NAME.fullmatch(name) or name.lstrip("-").isdecimal():
        raise PydanticCustomError("college", "a college is named by its id: letters, digits, - and _")
    return name


def _within_bounds(weight: Fraction) -> Fraction:
    if not LEAST <= weight <= MOST:
        raise PydanticCustomError(
            "college_weight", "a college has from {least} to {most} of all votes", {"least": "1/10", "most": "1/2"}
        )
    return weight


def _makes_a_whole(weights: dict[str, Fraction]) -> dict[str, Fraction]:
    if len(weights) < FEWEST:
        facts = {"least": FEWEST, "given": len(weights)}
        raise PydanticCustomError("too_few_colleges", "there are at least {least} colleges, not {given}", facts)
    if sum(weights.values()) != 1:
        raise PydanticCustomError("college_weights", "the weights of the colleges add up to 1")
    return weights


class CollegesOptions(Options):
    """What rule decides, and what each college weighs in it."""

    inner: Inner
    weights: Annotated[
        dict[Annotated[str, AfterValidator(_college)], Annotated[Share, AfterValidator(_within_bounds)]],
        AfterValidator(_makes_a_whole),
    ]
    method: Literal["proportional", "winner_takes_all"] = "proportional"
    inner_tie: Literal["split", "abstain"] = "split"
    empty_college: Literal["total_weight", "expressed_weight", "fail"] = "total_weight"


class Colleges(WrappingRule):
    """Votes are counted by college, and colleges have the weight that the statutes give them.

    A college that expressed F votes for and A against carries F / (F + A) of its weight for. Everybody has one vote in
    their college, as frozen at admission; a vote by proxy counts in the college of who gave the proxy. A college
    without any member leaves its weight to the others; with fewer than three colleges left, heads count as if there
    were none. A share that the rule within names is one of the weight of all colleges; its guards (nobody voted, the
    author alone, a quorum) and whatever it counts in whole numbers stay about people.
    Source: law 47-1775 art. 19 octies, and the model statutes of cooperatives of collective interest.
    """

    slug = "colleges"
    version = 1
    Options = CollegesOptions
    see_through = True
    claims = frozenset({"anonymous"})

    options: CollegesOptions

    def reads(self) -> frozenset[str]:
        """By college."""
        return super().reads() | {"college"}

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterator[OptionError]:
        """A majority of anything but the votes cast, however deep, for colleges are 100 %; and a delay."""
        yield from delays_within(self)
        for pointer, rule in self.nested():
            if getattr(rule.options, OF_MAJORITY, CAST) != CAST:
                message = "colleges are 100 %: the rule within counts the votes cast"
                yield OptionError(f"{pointer}/{OF_MAJORITY}", "base_of_colleges", message, {})

    def after(self, case: Case) -> Step:
        """What the rule within says of the weighed ballots."""
        weights = in_force(self.options.weights, case.electorate)
        if not weights:
            return self._unweighed(case)
        outside = len(case.electorate.where(lambda like: like.college not in weights))
        if outside:
            return Outcome("invalid", reasons=(Reason("outside_colleges", {"electors": outside}),))
        if any(held.profile is not None and held.profile.whole is not None for held in case.held):
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        step = self.inner["inner"].after(self._weighing(case, weights))
        if isinstance(step, Phase):
            return self._phase(case, step, weights)
        return step and self._told(case, step, weights)

    @property
    def _way(self) -> Way:
        chosen = self.options
        return Way(chosen.method, chosen.inner_tie, chosen.empty_college, _neutral(self.inner["inner"]))

    def _weighing(self, case: Case, weights: Weights) -> Case:
        way = self._way
        return case.weighing(lambda held: weighed(held.profile or Profile(), weights, way))

    def _unweighed(self, case: Case) -> Step:
        step = self.inner["inner"].after(case)
        if not isinstance(step, Outcome):
            return step
        members = {group.like.college for group in case.electorate.groups} & self.options.weights.keys()
        off = Reason("weighting_off", {"colleges": len(members), "needed": FEWEST})
        return replace(step, reasons=(*step.reasons, off))

    def _phase(self, case: Case, step: Phase, weights: Weights) -> Step:
        """A phase of the rule within, unless the ballot that it carries on has failed, or could not be counted."""
        kinds = [floor.paper.kind for floor in step.floors if floor.paper is not None]
        if self.options.method == "winner_takes_all" and any(kind != "one" for kind in kinds):
            return Outcome("invalid", reasons=(Reason("no_single_choice"),))
        failed = self._failed(last_ballot(case), weights) if step.carries and step.yields == "words" else None
        return failed or replace(step, reasons=_of_colleges(step.reasons))

    def _told(self, case: Case, outcome: Outcome, weights: Weights) -> Outcome:
        """The outcome with what the colleges said, and what would have changed it."""
        held = last_ballot(case)
        if held is None:
            return replace(outcome, reasons=(*outcome.reasons, Reason("nothing_weighed")))
        by = counted(held.profile or Profile(), weights, self._way)
        tables = {**outcome.tables, **_tables(by, weights, held, self._way.neutral)}
        failed = self._failed(held, weights) if outcome.verdict != "invalid" else None
        if failed:
            return replace(failed, tables=tables)
        how = Reason("by_colleges", {"colleges": len(weights), "method": self.options.method})
        turning = self._turning(case, outcome, by, weights)
        reasons = (*_of_colleges(outcome.reasons), *turning, how, *self._notes(by, weights))
        return replace(outcome, reasons=reasons, tables=tables)

    def _failed(self, held: Held | None, weights: Weights) -> Outcome | None:
        if held is None or self.options.empty_college != "fail":
            return None
        silent = counted(held.profile or Profile(), weights, self._way).silent
        return Outcome("invalid", reasons=(_about("college_silent", silent, weights),)) if silent else None

    def _notes(self, by: Counted, weights: Weights) -> tuple[Reason, ...]:
        """What became of the weight of colleges without votes or members."""
        codes = {"total_weight": "silent_in_total", "expressed_weight": "silent_left_out"}
        code = codes.get(self.options.empty_college)
        silent = (_about(code, by.silent, weights),) if code and by.silent else ()
        empty = tuple(college for college in sorted(self.options.weights) if college not in weights)
        return (*silent, _about("weight_shared", empty, self.options.weights)) if empty else silent

    def _turning(self, case: Case, outcome: Outcome, by: Counted, weights: Weights) -> tuple[Reason, ...]:
        """In which college the fewest votes would have turned it, each of them found by trying: the warmest answers
        become the coldest, or the other way round."""
        last, rule = case.held[-1], self.inner["inner"]
        verdicts = {"adopted", "not_adopted"}
        if outcome.verdict not in verdicts or last.profile is None or last.profile.measure != "heads":
            return ()
        scale = [answer for answer in favour(rule, "ballot") if answer in last.phase.floors[0].among]
        if not scale:
            return ()
        to, *from_ = scale if outcome.verdict == "adopted" else reversed(scale)
        from_.reverse()

        def turned(college: str, votes: int) -> bool:
            held = replace(last, profile=_moved(last.profile, college, from_, to, votes))
            step = rule.after(self._weighing(replace(case, held=(*case.held[:-1], held)), weights))
            return isinstance(step, Outcome) and {outcome.verdict, step.verdict} == verdicts

        most = {college: int(sum(said.get(answer, 0) for answer in from_)) for college, said in by.votes.items()}
        found = {college: _fewest(partial(turned, college), most[college]) for college in weights}
        fewest = min((votes for votes in found.values() if votes is not None), default=None)
        if fewest is None:
            return (Reason("no_college_turns", {"to": to}),)
        names = [college for college in weights if found[college] == fewest]
        where: dict[str, Figure] = {"colleges": ",".join(names), "number": len(names)}
        return (Reason("college_would_turn", {**where, "votes": fewest, "to": to}),)


def _neutral(rule: DecisionRule) -> frozenset[str]:
    """The answers that lie outside the whole, as the rules that count them say."""
    counting = [one for one in (rule, *(inner for _, inner in rule.nested())) if isinstance(one, CountingRule)]
    return frozenset(answer for one in counting for answer in one.outside()) or frozenset(ALONE)


def _about(code: str, colleges: tuple[str, ...], weights: Weights) -> Reason:
    weight = sum((weights[college] for college in colleges), Fraction(0))
    return Reason(code, {"colleges": ",".join(colleges), "number": len(colleges), "weight": plain(weight)})


def _of_colleges(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Where a reason names its base, that is the weight of all colleges."""
    return tuple(
        replace(one, facts={**one.facts, "base_is": "all_colleges"}) if "base_is" in one.facts else one
        for one in reasons
    )


def _tables(
    by: Counted, weights: Weights, held: Held, neutral: frozenset[str]
) -> dict[str, tuple[tuple[Figure, ...], ...]]:
    """Each college with its weight, its electors and its votes; and, between single values, what these weigh."""
    floor = held.phase.floors[0]
    voting = held.electorate.voting.groups
    electors = {college: sum(len(g.members) for g in voting if g.like.college == college) for college in weights}
    if floor.paper is not None and floor.paper.kind != "one":
        rows = ((c, plain(w), electors[c], plain(sum(by.votes[c].values(), Fraction(0)))) for c, w in weights.items())
        return {"colleges": (("college", "weight", "electors", "ballots_cast"), *rows)}
    values = (*floor.among, *(one for one in (floor.paper.alone if floor.paper else ()) if one not in floor.among))
    said = ((c, plain(w), electors[c], *_figures(by.votes[c], values)) for c, w in weights.items())
    weigh = tuple(value for value in values if value not in neutral)
    shares = ((c, *_figures(by.shares[c], weigh)) for c in weights)
    return {
        "colleges": (("college", "weight", "electors", *values), *said),
        "college_weights": (("college", *weigh), *shares),
    }


def _figures(said: Mapping[str, Fraction], values: tuple[str, ...]) -> tuple[int | Fraction, ...]:
    return tuple(plain(said.get(value, Fraction(0))) for value in values)


def _moved(profile: Profile | None, college: str, from_: Sequence[str], to: str, votes: int) -> Profile:
    """The profile with so many votes of a college cast otherwise, those with the first of these answers first."""
    rows, left = {cell: dict(sums) for cell, sums in (profile or Profile()).rows.items()}, Fraction(votes)
    cells = [cell for answer in from_ for cell in sorted(rows) if cell[:2] == (answer, college)]
    for cell in cells:
        moved = min(left, rows[cell]["heads"])
        there = rows.setdefault((to, *cell[1:]), {"heads": Fraction(0)})
        rows[cell]["heads"] -= moved
        there["heads"] += moved
        left -= moved
    return Profile(rows)


def _fewest(turns: Callable[[int], bool], most: int) -> int | None:
    """The fewest of so many that turn the outcome; with one fewer it stays."""
    if not most or not turns(most):
        return None
    stays, turned = 0, most
    while turned - stays > 1:
        half = (stays + turned) // 2
        stays, turned = (stays, half) if turns(half) else (half, turned)
    return turned
