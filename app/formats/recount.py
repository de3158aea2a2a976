"""Counting the ballots of a file by a rule, as the rule itself would count them at the close of a vote."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from fractions import Fraction
from itertools import chain, repeat
from math import ceil
from typing import Final

from app.formats.apart import HEADS
from app.formats.ballots import Ballots, fitted
from app.formats.electing import AUTHOR, WEIGHT, electorates, is_whole
from app.formats.malformed import Unfit
from app.formats.pairwise import Pairwise
from app.rules.case import Case, Floor, Held, Outcome, Phase, Step, Word
from app.rules.cast import Cast
from app.rules.choosing import ABSENT, PairwiseRule
from app.rules.contract import DecisionRule
from app.rules.electorate import Electorate
from app.rules.papers import ALONE, NONE, Kind, Paper, canonical
from app.rules.profile import Cell, Profile

_MOST_STEPS: Final = 8
"""Options collected, a ballot, more time for it, lots, a delay before effect: nothing further can be answered by a
file."""
_COLLECTS: Final = "option"
MOST_IN_ONE_HAND: Final = 1_000_000
"""Ballots of a vote in which the author may be the only one who expressed a choice."""


def kind_needed(rule: DecisionRule, ballots: Ballots) -> Kind | None:
    """The kind of ballots that the rule asks for; ``None`` when it is between fixed answers, or asks for none. Raises
    :class:`~app.formats.malformed.Unfit`."""
    everybody, _ = electorates(ballots, None, told_apart=bool(rule.reads()))
    case = Case("", everybody, on_ballot=tuple(ballots.options))
    step = rule.after(case)
    if isinstance(step, Phase) and _only_takes_time(step):
        step = rule.after(replace(case, held=(_passed(step, everybody),)))
    floors = step.floors if isinstance(step, Phase) else ()
    papers = [floor.paper for floor in floors if floor.paper is not None]
    return papers[0].kind if papers else None


def count(
    rule: DecisionRule, found: Ballots | Pairwise, seed: str | None = None, electors: int | None = None
) -> Outcome:
    """The outcome of these ballots.

    ``electors``: how many could vote, else as many as did, or as the file says. ``seed``: that of lots, should the rule
    draw any. A weight that is not whole counts as a weight; whole ones count as so many voters. Raises
    :class:`~app.formats.malformed.Unfit` and ``papers.BadBallot``.
    """
    if isinstance(found, Pairwise):
        return count(_paired(rule, found), _standing_for(found), seed, electors)
    everybody, there = electorates(found, electors, told_apart=bool(rule.reads()))
    case = Case(AUTHOR if found.author == "perhaps_alone" else "", everybody, on_ballot=tuple(found.options))
    for _ in range(_MOST_STEPS):
        step = rule.after(case)
        if isinstance(step, Outcome):
            return step
        case = replace(case, held=(*case.held, replace(_answered(case, step, found, seed), electorate=there)))
    raise _cannot_answer(rule.after(case))


def _answered(case: Case, step: Step, ballots: Ballots, seed: str | None) -> Held:
    """The phase as it was held: nobody adds an option, a delay passes, the urn is that of the file, and the lots gave
    the seed."""
    voted = any(held.profile is not None for held in case.held)
    if isinstance(step, Phase):
        if _only_takes_time(step):
            return _passed(step, case.electorate)
        floor = step.floors[0]
        if step.yields == "profile" and (step.carries or not voted):
            profile = _profile(floor, ballots)
            own = _expressed(profile) if ballots.author == "alone" else None
            return Held(step, 1, case.electorate, profile=profile, ended="complete", by_proposer=own)
        if voted and floor.who.what == "forum" and floor.who.name == "lots":
            word = Word("w00001", "forum:lots", floor.form, seed or ABSENT, step.subject)
            return Held(step, 1, case.electorate, words=(word,), ended="complete")
    raise _cannot_answer(step)


def _only_takes_time(phase: Phase) -> bool:
    """Whether a phase goes by without a word: nobody has the floor, or nobody adds an option to those of the file."""
    return all(floor.form == _COLLECTS for floor in phase.floors)


def _passed(phase: Phase, electorate: Electorate) -> Held:
    return Held(phase, 1, electorate, ended="deadline")


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
    whole = is_whole(ballots)
    if ballots.apart is not None:
        return Profile(_counted(ballots.apart, whole=whole), measure=HEADS if whole else WEIGHT)
    shared: dict[Fraction, Mapping[str, Fraction]] = {}  # a million rows have few weights between them
    for weight in ballots.rows.values():
        if weight not in shared:
            shared[weight] = {HEADS: weight} if whole else {HEADS: Fraction(ceil(weight)), WEIGHT: weight}
    rows = {(ballot, "", ""): shared[weight] for ballot, weight in ballots.rows.items()}
    return Profile(rows, measure=HEADS if whole else WEIGHT)


def _counted(cells: Mapping[Cell, Mapping[str, Fraction]], *, whole: bool) -> Mapping[Cell, Mapping[str, Fraction]]:
    """Cells in which everybody is one head; a number of ballots that is not whole is what they weigh."""
    if whole:
        return cells
    return {cell: {**sums, HEADS: Fraction(ceil(sums[HEADS])), WEIGHT: sums[HEADS]} for cell, sums in cells.items()}


def _expressed(profile: Profile) -> tuple[str, ...]:
    """Each ballot that does not stand alone, as often as it was cast. Raises :class:`Unfit`."""
    marked = {ballot: int(number) for ballot, number in profile.total(HEADS).items() if ballot not in ALONE}
    if sum(marked.values()) > MOST_IN_ONE_HAND:
        raise Unfit("too_many_voters", most=MOST_IN_ONE_HAND)
    return tuple(chain.from_iterable(repeat(ballot, number) for ballot, number in marked.items()))


def _is_suspect(paper: Paper, options: int, ballot: str) -> bool:
    """Whether a canonical ballot of this kind on these options may still be against the paper: most cannot."""
    narrow = paper.kind == "rating" or paper.least > 1 or (paper.most or options) < options
    return narrow or ballot in {*ALONE, NONE} or (not paper.equal and "=" in ballot)


def _paired(rule: DecisionRule, found: Pairwise) -> DecisionRule:
    """The rule with these preferences in the place of those that it would read from rankings. Raises :class:`Unfit`."""
    if not isinstance(rule, PairwiseRule):
        raise Unfit("needs_ballots")
    if rule.options.quorum is not None:
        raise Unfit("quorum_of_pairs")
    choose_by_pairs = rule.choose_by_pairs

    def choose(ballots: Cast, _on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        return choose_by_pairs(found.pairs, order, ballots.electors)

    paired = copy(rule)
    paired.choose = choose  # type: ignore[method-assign, assignment]
    return paired


def _standing_for(found: Pairwise) -> Ballots:
    """As many ballots as there are voters at least: what stands on them is in the preferences."""
    voters = Fraction(ceil(found.voters))
    return Ballots(found.options, {one: voters for one in list(found.options)[:1] if voters}, "ranking")
