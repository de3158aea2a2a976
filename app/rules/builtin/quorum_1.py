"""Quorum: a decision stands only when enough people took part, and a call that too few followed is made again."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Annotated, Final

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from app.rules.choosing import slate
from app.rules.contract import (
    Case,
    DecisionRule,
    Electorate,
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
    Voter,
    under,
)
from app.rules.counting import UNCAST
from app.rules.figures import Duration, Share, plain
from app.rules.wrapping import WrappingRule, delays_within

HEADS: Final = "heads"

Cell = tuple[str, str]  # college, unit


class Call(Options):
    """What one call demands of those who may take part."""

    share: Share
    per_college: Share | None = None
    per_unit: Share | None = None


class QuorumOptions(Options):
    """What rule decides, how many must take part in each call, and how long before the next one it is announced."""

    inner: Inner
    calls: Annotated[tuple[Call, ...], Field(min_length=1, max_length=4)]
    basis: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")] = HEADS
    notice: Duration | None = None

    @field_validator("inner")
    @classmethod
    def _one_quorum(cls, inner: Inner) -> Inner:
        if inner.options.get("quorum") is not None:
            raise PydanticCustomError("quorum_twice", "the calls name the quorum: the rule within names none")
        return inner


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of a group took part, and what share of it had to. ``group`` is a code, or the id of a college or unit;
    ``needed`` is the share in whole heads, or in exact weights."""

    group: str
    share: Fraction
    took_part: Fraction
    needed: Fraction
    of: Fraction

    @property
    def is_enough(self) -> bool:
        """Whether the quorum of this group is met. A part of nobody never is."""
        return self.share == 0 or (self.of > 0 and self.took_part >= self.needed)

    def facts(self) -> dict[str, Figure]:
        """The figures of a reason."""
        return {"took_part": plain(self.took_part), "needed": plain(self.needed), "of": plain(self.of)}


class Quorum(WrappingRule):
    """The rule within runs once a call, from its beginning, until a call in which enough people took part.

    To take part is to have cast a ballot, a blank one too, or to be present or represented; where the rule within holds
    no ballot, to have said anything. So the quorum is judged on what was held: when a ballot closes, and when a rule
    without ballots comes to its end. Whoever is recused from vote and quorum leaves the figure that shares are taken
    of (Commercial Code L223-19); whoever is recused from the vote alone stays in it (L225-40). Heads are rounded up,
    weights never. The last call that misses its quorum ends as ``invalid``.

    Before a further call there may be a notice, in which nobody says anything (in stock companies at least ten days,
    Commercial Code R225-69). What members added to the ballot in one call stands on it in the next.
    """

    slug = "quorum"
    version = 1
    Options = QuorumOptions
    claims = frozenset({"anonymous"})
    lets_hurry = ("inner",)

    options: QuorumOptions

    def reads(self) -> frozenset[str]:
        """By college, unit and weight where a quorum asks for them."""
        asked = {"weights"} if self.options.basis != HEADS else set()
        asked |= {"college"} if any(call.per_college is not None for call in self.options.calls) else set()
        asked |= {"unit"} if any(call.per_unit is not None for call in self.options.calls) else set()
        return super().reads() | asked

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterator[OptionError]:
        """A delay: where nobody votes, a quorum is judged at the end alone, after it."""
        return delays_within(self)

    def parts(self, case: Case) -> Sequence[tuple[DecisionRule, Case]]:
        """The rule within in each call, with the options that members have added in those before."""
        found: list[tuple[DecisionRule, Case]] = []
        on_ballot = case.on_ballot
        for number, _ in enumerate(self.options.calls, start=1):
            mine = replace(case.within(_step(number)), on_ballot=on_ballot)
            found.append((self.inner["inner"], mine))
            on_ballot = slate(mine)
        return found

    def after(self, case: Case) -> Step:
        """What the rule within says in the first call that has not missed its quorum, or the notice of that call."""
        missed: tuple[Reason, ...] = ()
        for number, (rule, mine) in enumerate(self.parts(case), start=1):
            if not mine.held and self._waits(case, number):
                return self._noticed(case, missed, number)
            step = rule.after(mine)
            if step is None:
                return None
            if not mine.held:
                return under(_step(number), _opened(step, missed, number))
            call = self.options.calls[number - 1]
            turnouts = self._judged(call, mine, step)
            short = [one for one in turnouts if not one.is_enough]
            if not short:
                return under(_step(number), self._told(step, turnouts, number))
            missed = self._missed(short)
        return Outcome("invalid", reasons=(*missed, Reason("calls_spent", {"calls": len(self.options.calls)})))

    def foregone(self, case: Case) -> bool:
        """What the rule within says, once those who cast a ballot make the quorum."""
        now = case.now
        if now is None or now.profile is None:
            return False
        place = int(now.phase.path[0].removeprefix("call_")) - 1
        call, (rule, mine) = self.options.calls[place], self.parts(case)[place]
        enough = all(one.is_enough for one in self._turnouts(call, now.electorate, _cast(now, self.options.basis)))
        return enough and rule.foregone(mine)

    def _waits(self, case: Case, number: int) -> bool:
        """Whether a call that has not begun is still to be announced, or its notice goes on."""
        if number == 1 or self.options.notice is None:
            return False
        announced = case.within(_notice(number)).now
        return announced is None or announced.ended in {"woken", "shrunk"}

    def _noticed(self, case: Case, missed: tuple[Reason, ...], number: int) -> Step:
        """The notice of a call, with why there is one; ``None`` while it goes on."""
        if case.within(_notice(number)).held:
            return None
        reasons = (*missed, Reason("call_announced", {"call": number}))
        return Phase("notice", (), self.options.notice, reasons=reasons).under(_notice(number))

    def _judged(self, call: Call, mine: Case, step: Step) -> tuple[Turnout, ...]:
        """The turnouts of the first ballot of this call that missed its quorum, else of the last one, each when it is
        over. Without a ballot there is nothing to judge before the end."""
        basis, then = self.options.basis, (*(held.phase for held in mine.held[1:]), step)
        over = (held for held, later in zip(mine.held, then, strict=True) if held.profile and not _goes_on(later))
        judged = [self._turnouts(call, held.electorate, _cast(held, basis)) for held in over]
        if not judged and isinstance(step, Outcome):
            judged = [self._turnouts(call, mine.held[-1].electorate, _heard(mine.held, basis))]
        return next((one for one in judged if not all(t.is_enough for t in one)), judged[-1] if judged else ())

    def _turnouts(self, call: Call, electorate: Electorate, took_part: Mapping[Cell, Fraction]) -> tuple[Turnout, ...]:
        """Everybody first, then each college and each unit for which the call names a share."""
        basis = self.options.basis
        there = _there(electorate, basis)

        def turnout(group: str, share: Fraction, cells: Iterable[Cell]) -> Turnout:
            inside = tuple(cells)
            of = sum((there.get(cell, Fraction(0)) for cell in inside), Fraction(0))
            took = sum((took_part.get(cell, Fraction(0)) for cell in inside), Fraction(0))
            return Turnout(group, share, took, Fraction(ceil(share * of)) if basis == HEADS else share * of, of)

        found = [turnout("everybody", call.share, {**there, **took_part})]
        for place, (kind, share) in enumerate((("college", call.per_college), ("unit", call.per_unit))):
            if share is not None:
                names = sorted({cell[place] for cell in there})
                found += [turnout(_named(kind, name), share, [c for c in there if c[place] == name]) for name in names]
        return tuple(found)

    def _missed(self, short: list[Turnout]) -> tuple[Reason, ...]:
        groups = [one.group for one in short if one.group != "everybody"]
        where = (Reason("too_few_of", {"groups": ",".join(groups)}),) if groups else ()
        return (Reason("no_quorum", short[0].facts()), *self._in_measure(), *where)

    def _told(self, step: Phase | Outcome, turnouts: tuple[Turnout, ...], number: int) -> Step:
        """The outcome with its quorum; a phase goes on as it is."""
        if isinstance(step, Phase) or not turnouts:
            return step
        again = (Reason("of_call", {"call": number}),) if number > 1 else ()
        reasons = (*step.reasons, Reason("quorum_reached", turnouts[0].facts()), *self._in_measure(), *again)
        rows = tuple((one.group, *one.facts().values()) for one in turnouts)
        table = {"quorum": (("group", "took_part", "needed", "of"), *rows)} if rows[1:] else {}
        return replace(step, reasons=reasons, tables={**step.tables, **table})

    def _in_measure(self) -> tuple[Reason, ...]:
        if self.options.basis == HEADS:
            return ()
        return (Reason("quorum_in_measure", {"measure": self.options.basis}),)


def _step(number: int) -> str:
    return f"call_{number}"


def _notice(number: int) -> str:
    return f"notice_{number}"


def _opened(step: Phase | Outcome, missed: tuple[Reason, ...], number: int) -> Phase | Outcome:
    """The first step of a call, which says why there is another one."""
    if not missed:
        return step
    return replace(step, reasons=(*missed, Reason("next_call", {"call": number}), *step.reasons))


def _goes_on(step: Step) -> bool:
    """Whether a step leaves the ballot before it open for longer."""
    return isinstance(step, Phase) and step.carries and step.yields == "profile"


def _cast(held: Held, basis: str) -> dict[Cell, Fraction]:
    """Who took part in a ballot. Those present may have cast one: in each cell the larger figure is certain."""
    rows = (held.profile or Profile()).rows.items()
    cast = _sums(((c, u), sums.get(basis, Fraction(0))) for (ballot, c, u), sums in rows if ballot != UNCAST)
    there = held.electorate.only(held.present or ())
    present = _there(there.voting, basis)
    aside = _there(there.where(lambda like: like.recused is not None), basis)
    nothing = Fraction(0)
    return {
        cell: max(cast.get(cell, nothing), present.get(cell, nothing)) + aside.get(cell, nothing)
        for cell in sorted({*cast, *present, *aside})
    }


def _heard(held: tuple[Held, ...], basis: str) -> dict[Cell, Fraction]:
    """Who took part without a ballot: whoever was present or said anything, and is still there."""
    heard = {word.by for one in held for word in one.words} | {name for one in held for name in one.present or ()}
    return _there(held[-1].electorate.only(heard), basis)


def _there(electorate: Electorate, basis: str) -> dict[Cell, Fraction]:
    """The figures of those whom a quorum counts, by cell."""
    base = (group for group in electorate.groups if group.like.recused != "vote_and_quorum")
    return _sums(((one.like.college, one.like.unit), len(one.members) * _figure(one.like, basis)) for one in base)


def _figure(like: Voter, basis: str) -> Fraction:
    return Fraction(1) if basis == HEADS else like.measures.get(basis, Fraction(0))


def _sums(figures: Iterable[tuple[Cell, Fraction]]) -> dict[Cell, Fraction]:
    sums: dict[Cell, Fraction] = {}
    for cell, figure in figures:
        sums[cell] = sums.get(cell, Fraction(0)) + figure
    return sums


def _named(kind: str, name: str) -> str:
    """A college or unit as a fact: one whose name reads as a number is named with its kind."""
    if not name:
        return f"no_{kind}"
    return name if any(letter.isalpha() for letter in name) else f"{kind}_{name}"
