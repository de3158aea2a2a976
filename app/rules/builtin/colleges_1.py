"""Colleges: each group of members has its own part of the votes, whatever its number."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field
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
    Form,
    Held,
    Inner,
    Matter,
    Options,
    Outcome,
    Phase,
    Profile,
    Reason,
    Step,
)
from app.rules.figures import Share, plain
from app.rules.papers import ALONE

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
OF_MAJORITY: Final = "base"
"""What 100 % is, in rules that let a circle choose it."""


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


def _counts_votes_cast(inner: Inner) -> Inner:
    if inner.options.get(OF_MAJORITY, "cast") != "cast":
        raise PydanticCustomError("base_of_colleges", "colleges are 100 %: the rule within counts the votes cast")
    return inner


class CollegesOptions(Options):
    """What rule decides, and what each college weighs in it."""

    inner: Annotated[
        Inner, AfterValidator(_counts_votes_cast), Field(description="The rule that decides on the weighed votes.")
    ]
    weights: Annotated[
        dict[Annotated[str, AfterValidator(_college)], Annotated[Share, AfterValidator(_within_bounds)]],
        AfterValidator(_makes_a_whole),
        Field(description="The part of all votes that each college has, by its id: at least three, 1 in all."),
    ]
    method: Annotated[
        Literal["proportional", "winner_takes_all"],
        Field(
            description="proportional: a college divides its weight as it divides its votes; winner_takes_all: what "
            "leads in a college has all its weight."
        ),
    ] = "proportional"
    inner_tie: Annotated[
        Literal["split", "abstain"],
        Field(description="What a college does when no answer leads in it and the winner would take all."),
    ] = "split"
    empty_college: Annotated[
        Literal["total_weight", "expressed_weight", "fail"],
        Field(
            description="When nobody of a college expresses a choice: total_weight = its weight stays in the 100 %; "
            "expressed_weight = the others make up the 100 %; fail = the vote is invalid."
        ),
    ] = "total_weight"


class Colleges(DecisionRule):
    """Votes are counted by college, and colleges have the weight that the statutes give them.

    A college that expressed F votes for and A against carries F / (F + A) of its weight for. Everybody has one vote in
    their college, as frozen at admission; a vote by proxy counts in the college of who gave the proxy. A college
    without any member leaves its weight to the others; with fewer than three colleges left, heads count as if there
    were none. The guards of the rule within (nobody voted, the author alone, a quorum) stay about people.
    Source: law 47-1775 art. 19 octies, and the model statutes of cooperatives of collective interest.
    """

    slug = "colleges"
    version = 1
    Options = CollegesOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    claims = frozenset({"anonymous"})

    options: CollegesOptions

    def reads(self) -> frozenset[str]:
        """By college."""
        return super().reads() | {"college"}

    def after(self, case: Case) -> Step:
        """What the rule within says of the weighed ballots."""
        weights = in_force(self.options.weights, case.electorate)
        if not weights:
            return self._unweighed(case)
        outside = sum(voter.college not in weights for voter in case.electorate.voters)
        if outside:
            return Outcome("invalid", reasons=(Reason("outside_colleges", {"electors": outside}),))
        if any(held.profile is not None and held.profile.whole is not None for held in case.held):
            return Outcome("invalid", reasons=(Reason("already_weighed"),))
        step = self.inner["inner"].after(self._weighing(case, weights))
        if isinstance(step, Phase):
            return self._phase(case, step, weights)
        return step and self._told(case, step, weights)

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What the rule within keeps track of."""
        return self.inner["inner"].matters(case)

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
        members = {voter.college for voter in case.electorate.voters} & self.options.weights.keys()
        off = Reason("weighting_off", {"colleges": len(members), "needed": FEWEST})
        return replace(step, reasons=(*step.reasons, off))

    def _phase(self, case: Case, step: Phase, weights: Weights) -> Step:
        """A phase of the rule within, unless the ballot that it carries on has failed, or could not be counted."""
        kinds = [floor.paper.kind for floor in step.floors if floor.paper is not None]
        if self.options.method == "winner_takes_all" and any(kind != "one" for kind in kinds):
            return Outcome("invalid", reasons=(Reason("no_single_choice"),))
        failed = self._failed(_last_ballot(case), weights) if step.carries and step.yields == "words" else None
        return failed or replace(step, reasons=_of_colleges(step.reasons))

    def _told(self, case: Case, outcome: Outcome, weights: Weights) -> Outcome:
        """The outcome with what the colleges said, and what would have changed it."""
        held = _last_ballot(case)
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
        """In which college the fewest votes would have turned a yes or no, each of them found by trying."""
        ways = {"adopted": ("for", "against"), "not_adopted": ("against", "for")}
        if outcome.verdict not in ways or case.held[-1].profile is None or case.held[-1].profile.measure != "heads":
            return ()
        from_, to = ways[outcome.verdict]

        def turned(college: str, votes: int) -> bool:
            held = replace(case.held[-1], profile=_moved(case.held[-1].profile, college, from_, to, votes))
            step = self.inner["inner"].after(self._weighing(replace(case, held=(*case.held[:-1], held)), weights))
            return isinstance(step, Outcome) and {outcome.verdict, step.verdict} == set(ways)

        most = {college: int(said.get(from_, 0)) for college, said in by.votes.items()}
        found = {college: _fewest(partial(turned, college), most[college]) for college in weights}
        fewest = min((votes for votes in found.values() if votes is not None), default=None)
        if fewest is None:
            return (Reason("no_college_turns"),)
        names = [college for college in weights if found[college] == fewest]
        where: dict[str, Figure] = {"colleges": ",".join(names), "number": len(names)}
        return (Reason("college_would_turn", {**where, "votes": fewest, "from": from_, "to": to}),)


def _last_ballot(case: Case) -> Held | None:
    return next((held for held in reversed(case.held) if held.profile is not None), None)


def _neutral(rule: DecisionRule) -> frozenset[str]:
    """The answers that express no choice, as the rule that counts them says."""
    if not rule.inner:
        return frozenset(getattr(rule, "neutral", ALONE))
    return frozenset(one for name in sorted(rule.inner) for one in sorted(_neutral(rule.inner[name])))


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
    electors = {college: sum(v.college == college for v in held.electorate.voting.voters) for college in weights}
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


def _moved(profile: Profile | None, college: str, from_: str, to: str, votes: int) -> Profile:
    """The profile with so many votes of a college cast otherwise."""
    rows, left = {cell: dict(sums) for cell, sums in (profile or Profile()).rows.items()}, Fraction(votes)
    for cell in sorted(rows):
        if cell[:2] == (from_, college) and left > 0:
            moved = min(left, rows[cell]["heads"])
            there = rows.setdefault((to, *cell[1:]), {"heads": Fraction(0)})
            rows[cell]["heads"], there["heads"], left = (
                rows[cell]["heads"] - moved,
                there["heads"] + moved,
                left - moved,
            )
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
