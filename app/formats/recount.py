"""Counting the ballots of a file by a rule, as the rule itself would count them at the close of a vote."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, repeat
from math import ceil
from typing import Any, Final, cast

from app.formats.ballots import Ballots, fitted
from app.formats.malformed import Unfit
from app.rules.case import Case, Electorate, Floor, Held, Outcome, Phase, Profile, Step, Voter, Word
from app.rules.contract import DecisionRule
from app.rules.papers import ALONE, Kind, Paper, canonical

ABSENT: Final = "absent"
MOST_VOTERS: Final = 100_000_000
_WEIGHT: Final = "weight"
_MOST_STEPS: Final = 5
"""A ballot, more time for it, lots: nothing further can be answered by a file."""


class _Alike(Sequence[Voter]):
    """The same voter so many times, without a place for each."""

    def __init__(self, voter: Voter, number: int) -> None:
        self._voter = voter
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Voter]:
        return repeat(self._voter, self._number)

    def __getitem__(self, place: Any) -> Any:
        return tuple(self)[place]


class _Crowd(Electorate):
    """An electorate of so many who are alike: a million cost what one costs."""

    def __init__(self, voter: Voter, number: int) -> None:
        super().__init__(cast("tuple[Voter, ...]", _Alike(voter, number)))

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(voter.id for voter in islice(self.voters, 1))

    @property
    def voting(self) -> Electorate:
        return self

    def total(self, measure: str = "heads") -> Fraction:
        """The measure of one of them, so many times."""
        each = next((voter.measures.get(measure, Fraction(0)) for voter in self.voters), Fraction(0))
        return len(self) * (Fraction(1) if measure == "heads" else each)


def kind_needed(rule: DecisionRule, ballots: Ballots) -> Kind | None:
    """The kind of ballots that the rule asks for; ``None`` when it is between fixed answers, or asks for none."""
    step = rule.after(_case(ballots, 1))
    paper = step.floors[0].paper if isinstance(step, Phase) else None
    return None if paper is None else paper.kind


def count(rule: DecisionRule, ballots: Ballots, seed: str | None = None, electors: int | None = None) -> Outcome:
    """The outcome of these ballots.

    ``electors``: how many could vote, else as many as did. ``seed``: that of lots, should the rule draw any. A weight
    that is not whole counts as a weight; whole ones count as so many voters. Raises
    :class:`~app.formats.malformed.Unfit` and ``papers.BadBallot``.
    """
    voted = sum(map(ceil, ballots.rows.values()))
    if electors is not None and electors < voted:
        raise Unfit("too_few_electors", electors=electors, ballots=voted)
    if max(voted, electors or 0) > MOST_VOTERS:
        raise Unfit("too_many_voters", most=MOST_VOTERS)
    case = _case(ballots, voted if electors is None else electors)
    for _ in range(_MOST_STEPS):
        step = rule.after(case)
        if isinstance(step, Outcome):
            return step
        case = replace(case, held=(*case.held, _answered(case, step, ballots, seed)))
    raise _cannot_answer(rule.after(case))


def _case(ballots: Ballots, electors: int) -> Case:
    """A case whose electors are all the same to the rule, and none of them the proposer."""
    each = {} if _is_whole(ballots) else {_WEIGHT: ballots.total / max(electors, 1)}
    return Case("", _Crowd(Voter("elector", measures=each), electors), on_ballot=tuple(ballots.options))


def _answered(case: Case, step: Step, ballots: Ballots, seed: str | None) -> Held:
    """The phase as it was held: the urn is that of the file, and the lots gave the seed."""
    if isinstance(step, Phase):
        floor = step.floors[0]
        if step.yields == "profile" and (step.carries or not case.held):
            return Held(step, 1, case.electorate, profile=_profile(floor, ballots), ended="complete")
        if case.held and floor.who.what == "forum" and floor.who.name == "lots":
            word = Word("w00001", "forum:lots", floor.form, seed or ABSENT, step.subject)
            return Held(step, 1, case.electorate, words=(word,), ended="complete")
    raise _cannot_answer(step)


def _cannot_answer(step: Step) -> Unfit:
    return Unfit("other_steps", step=step.kind if isinstance(step, Phase) else "-")


def _profile(floor: Floor, ballots: Ballots) -> Profile:
    """The ballots as the paper takes them. Raises :class:`Unfit`, ``papers.BadBallot``."""
    if floor.paper is None:
        wrong = next((ballot for ballot in sorted(ballots.rows) if ballot not in floor.among), None)
        if wrong is not None:
            raise Unfit("not_a_value", ballot=wrong[:60], among=", ".join(floor.among))
    else:
        ballots = fitted(ballots, floor.paper.kind)
        for ballot in ballots.rows:
            if _is_suspect(floor.paper, len(floor.among), ballot):
                canonical(floor.paper, floor.among, ballot)
    whole = _is_whole(ballots)
    shared: dict[Fraction, dict[str, Fraction]] = {}  # a million rows have few weights between them
    for weight in ballots.rows.values():
        if weight not in shared:
            shared[weight] = {"heads": weight} if whole else {"heads": Fraction(ceil(weight)), _WEIGHT: weight}
    rows = {(ballot, "", ""): shared[weight] for ballot, weight in ballots.rows.items()}
    return Profile(rows, measure="heads" if whole else _WEIGHT)


def _is_suspect(paper: Paper, options: int, ballot: str) -> bool:
    """Whether a canonical ballot of this kind on these options may still be against the paper: most cannot."""
    narrow = paper.kind == "rating" or paper.least > 1 or (paper.most or options) < options
    return narrow or ballot in ALONE or (not paper.equal and "=" in ballot)


def _is_whole(ballots: Ballots) -> bool:
    return all(weight.denominator == 1 for weight in ballots.rows.values())
