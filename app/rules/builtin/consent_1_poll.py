"""Whether enough people answered, and enough of them consented: the test at the close of a round, in exact figures."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil, floor

from app.rules.builtin.consent_1_objections import of_this_round, positions
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.contract import Case, Figure


@dataclass(frozen=True, slots=True)
class Poll:
    """The figures of a round. The proposer is in none of them: their consent is implicit and never helps.

    ``of``: electors who are still there. ``consents``: explicit ones, of people who hold no open objection.
    """

    answered: int
    needed: int
    of: int
    consents: int
    silent: int
    qualified: int
    tolerance: int

    @property
    def passes(self) -> bool:
        """Whether the proposal is adopted: enough answers, at least one consent, objections within the tolerance."""
        return self.is_heard and self.qualified <= self.tolerance

    @property
    def is_heard(self) -> bool:
        """Whether enough electors answered and at least one of them consented."""
        return self.is_answered and self.consents > 0

    @property
    def is_answered(self) -> bool:
        """Whether enough electors answered, whatever they said."""
        return self.answered >= self.needed

    def facts(self) -> dict[str, Figure]:
        """The figures by name, as a reason states them once the round is over."""
        return asdict(self)

    def turnout(self) -> dict[str, Figure]:
        """The figures that may be known while positions stay sealed: how many answered, never what they said."""
        return {"answered": self.answered, "needed": self.needed, "of": self.of, "silent": self.silent}


def poll(case: Case, options: ConsentOptions) -> Poll:
    """The figures of the running round, on the revision with which it began and the electorate that is left."""
    held = case.round()
    ids = electors_left(case)
    said = [word for word in positions(case, held, held[0].version) if word.by in ids]
    views = of_this_round(case, options.judge)
    holders = {view.holder for view in views if view.is_open}
    consenting = ("consent", "consent_with_concern")
    return Poll(
        answered=len(said),
        needed=_needed(options, len(ids)),
        of=len(ids),
        consents=sum(word.value in consenting and word.by not in holders for word in said),
        silent=len(ids) - len(said),
        qualified=sum(view.is_qualified for view in views),
        tolerance=_tolerance(options, len(said) if options.silence_policy == "silence_is_absent" else len(ids)),
    )


def electors_left(case: Case) -> frozenset[str]:
    """Who decides now: the electors still there who are not recused, without the proposer."""
    electorate = case.held[-1].electorate if case.held else case.electorate
    return electorate.voting.ids - {case.proposer}


def _needed(options: ConsentOptions, electors: int) -> int:
    if options.every_answer_needed:
        return electors
    return max(1, ceil(options.min_participation * electors))


def _tolerance(options: ConsentOptions, base: int) -> int:
    """A number as it is; a part of the base rounded down."""
    return floor(options.tolerance * base) if isinstance(options.tolerance, Fraction) else options.tolerance
