"""Sortition: people are drawn by lot from the electors, stratum by stratum, so that anybody can draw them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from app.rules.builtin.apportionment_1 import shared
from app.rules.choosing import ABSENT, listed
from app.rules.contract import (
    Case,
    DecisionRule,
    Electorate,
    Figure,
    Floor,
    Form,
    Options,
    Outcome,
    Phase,
    Reason,
    Step,
    forum,
    named,
    shown_by,
)
from app.rules.figures import Duration
from app.rules.lots import Seed, drawn

MOST_DRAWN: Final = 1_000
_A_DRAW: Final = 2
"""So many people make a draw: whoever is drawn alone from themselves was not drawn."""


class Acceptance(Form):
    """Whoever was drawn accepts, or leaves the place to the next."""

    plural = "acceptances"
    model_config = shown_by(value="accept")

    value: Literal["accept", "refuse"]


class SortitionOptions(Options):
    """How many people are drawn, from which strata, and whether they may refuse."""

    k: Annotated[int, Field(ge=1, le=MOST_DRAWN, strict=True)] = 1
    strata: Literal["none", "college"] = "none"
    acceptance: Duration | None = None
    silence: Literal["accepts", "refuses"] = "refuses"


@dataclass(frozen=True, slots=True)
class Stratum:
    """The electors of one college in the order of the lots, and how many of them are drawn."""

    college: str
    order: tuple[str, ...]
    places: int

    def filled(self, gone: frozenset[str]) -> tuple[tuple[str, ...], int]:
        """Who has the places, the first in the order of the lots who are not gone, and how many were passed over."""
        there = [place for place, one in enumerate(self.order) if one not in gone][: self.places]
        reached = there[-1] + 1 if len(there) == self.places and there else len(self.order) * (self.places > 0)
        return tuple(self.order[place] for place in there), reached - len(there)


class Sortition(DecisionRule):
    """Lots without a ballot.

    The pool are the electors who may vote, frozen before the seed is known. Drawn are the first in the order of
    SHA-256 over ``seed/id``; with strata each college gives people in proportion to its electors, the places by the
    largest remainders (equal ones by the same lots over the colleges). A place that is refused goes to the next in the
    order of its stratum. Nobody is elected when no lots can be drawn, or when fewer people than the options ask for
    are there or accept. The winners stand in the order of the lots.
    """

    slug = "sortition"
    version = 1
    Options = SortitionOptions
    forms: ClassVar[Mapping[str, type[Form]]] = {"seed": Seed, "acceptance": Acceptance}
    claims = frozenset({"anonymous"})

    options: SortitionOptions

    def after(self, case: Case) -> Step:
        """The seed of the lots; then those who were drawn are asked, where they may refuse; then the outcome."""
        now = case.now
        if now is not None and now.ended in {"woken", "shrunk"}:
            return None
        pool = (case.held[0] if case.held else case).electorate.voting
        needed = max(self.options.k, _A_DRAW)
        if len(pool) < needed:
            return Outcome("not_elected", reasons=(Reason("pool_too_small", {"pool": len(pool), "needed": needed}),))
        if now is None:
            return Phase("drawing", (Floor(forum("lots"), "seed", due=True),))
        seed = next((word.value for word in case.held[0].words), ABSENT)
        if seed == ABSENT:
            return Outcome("not_elected", reasons=(Reason("no_lots", {"k": self.options.k, "pool": len(pool)}),))
        return self._filled(case, self._strata(pool, seed), seed)

    def _strata(self, pool: Electorate, seed: str) -> tuple[Stratum, ...]:
        """The strata by college, with their places and their order."""
        members: dict[str, list[str]] = {}
        for voter in pool.voters:
            members.setdefault(voter.college if self.options.strata == "college" else "", []).append(voter.id)
        sizes = {college: Fraction(len(members[college])) for college in sorted(members)}
        places = shared(sizes, self.options.k, "largest_remainder", drawn(sizes, seed)).seats
        return tuple(Stratum(college, drawn(members[college], seed), places[college]) for college in sizes)

    def _filled(self, case: Case, strata: tuple[Stratum, ...], seed: str) -> Step:
        """Asks those who were not asked yet, or ends when nobody is left to ask."""
        asked = frozenset(one for held in case.held[1:] for one in held.phase.floors[0].who.ids)
        gone = self._gone(case, strata, asked)
        filled = [stratum.filled(gone) for stratum in strata]
        chosen, passed = [one for people, _ in filled for one in people], sum(over for _, over in filled)
        figures: dict[str, Figure] = {"k": self.options.k, "pool": sum(len(stratum.order) for stratum in strata)}
        replaced = (Reason("replaced", {"refused": passed}),) if passed else ()
        if len(chosen) < self.options.k:
            short = Reason("too_few_accept", {"accepted": len(chosen), **figures})
            return Outcome("not_elected", reasons=(short, *replaced), tables=_table(strata, gone))
        new = [one for one in chosen if one not in asked]
        if new and self.options.acceptance is not None:
            floor = Floor(named(*new), "acceptance", among=("accept", "refuse"), due=True)
            reasons = (Reason("drawn", figures), *replaced)
            return Phase("accepting", (floor,), self.options.acceptance, carries=True, reasons=reasons)
        reasons = (Reason("drawn", figures), *self._by_stratum(strata), *replaced)
        return Outcome("elected", drawn(chosen, seed), reasons, _table(strata, gone))

    def _gone(self, case: Case, strata: tuple[Stratum, ...], asked: frozenset[str]) -> frozenset[str]:
        """Who was drawn and refused, did not answer where silence refuses, or has left since."""
        answers = {word.by: word.value for held in case.held[1:] for word in held.words}
        silent = "accept" if self.options.silence == "accepts" else "refuse"
        there = case.held[-1].electorate.ids
        return frozenset(
            one
            for stratum in strata
            for one in stratum.order
            if one not in there or (one in asked and answers.get(one, silent) == "refuse")
        )

    def _by_stratum(self, strata: tuple[Stratum, ...]) -> tuple[Reason, ...]:
        """The places of each college, and between which of them lots decided."""
        if self.options.strata == "none":
            return ()
        names = {one.college: one.college or "no_college" for one in strata}
        places = [
            Reason("stratum", {"college": names[one.college], "pool": len(one.order), "places": one.places})
            for one in strata
        ]
        sizes = {one.college: Fraction(len(one.order)) for one in strata}
        tied = shared(sizes, self.options.k, "largest_remainder").tied
        by_lot = Reason("strata_by_lot", {"colleges": listed([names[one] for one in tied])})
        return (*places, by_lot) if tied else tuple(places)


def _table(strata: tuple[Stratum, ...], gone: frozenset[str]) -> dict[str, tuple[tuple[Figure, ...], ...]]:
    """Per stratum, in the order of the reasons: the electors, the places, and how many were passed over."""
    rows = (
        (f"stratum_{number}", len(one.order), one.places, one.filled(gone)[1])
        for number, one in enumerate(strata, start=1)
    )
    return {"strata": (("stratum", "pool", "places", "refused"), *rows)}
