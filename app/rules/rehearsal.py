"""What a rule makes of ballots and words that are known already: a candidate on a past decision, or an imagined vote.

The rule is asked phase by phase, as an engine asks it, and given what is known. Where it asks for something that nobody
has said, the rehearsal ends and says so: nothing is guessed, and silence is never put in for an answer.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from app.rules.case import Case, Floor, Held, Outcome, Phase, Reason
from app.rules.contract import DecisionRule
from app.rules.papers import BadBallot, Paper, canonical
from app.rules.profile import Profile
from app.rules.wrapping import favour

_MOST_PHASES: Final = 500

Take = Callable[[Case, Phase], Held | None]
"""The phase that follows as it was held; ``None`` when what it asks for is not known."""


class Incomparable(Exception):
    """Nothing can be said, for under this rule something else would have been asked: a stable code, never prose.

    ``reasons`` are those of the rule, where it ends before anybody could have voted.
    """

    def __init__(self, code: str, reasons: tuple[Reason, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The case as far as it is known, and what follows: the outcome, or the phase that asks for more."""

    case: Case
    step: Outcome | Phase


@dataclass(frozen=True, slots=True)
class Need:
    """Of the ``left`` electors who have not voted, the fewest who must mark ``value`` for an adoption while all others
    of them mark ``other``; ``None``: not even all of them are enough."""

    value: str
    other: str
    left: int
    fewest: int | None


def retold(rule: DecisionRule, case: Case) -> Rehearsal:
    """A decision that was taken, told again under a rule; ``case`` is the recorded one, whole.

    While the rule opens phases in which the same people could say the same things, what was said in them counts, each
    vote with all ballots that came into its urn. If its very first phase is another one, the ballots of the vote that
    decided are counted by it. How long a phase would have lasted changes nothing: what was said is what is known.

    Raises :class:`Incomparable`: ``decided_by_words``, ``goes_on``, and what :func:`polled` raises.
    """
    held = _urns_whole(case.held)
    rest = list(held)

    def take(so_far: Case, phase: Phase) -> Held | None:
        if rest and _alike(phase, rest[0].phase):
            return _whole(rule, so_far, replace(rest.pop(0), phase=phase))
        return _by_itself(so_far, phase)

    found = _led(rule, replace(case, held=()), take)
    if found.case.held:
        return found
    vote = _deciding(held)
    if vote is None:
        raise Incomparable("decided_by_words")
    on_ballot = case.on_ballot if vote.phase.floors[0].paper is None else vote.phase.floors[0].among
    return polled(rule, replace(case, held=(), on_ballot=on_ballot), vote)


def polled(rule: DecisionRule, case: Case, vote: Held) -> Rehearsal:
    """What the rule makes of the ballots of one vote; in ``case`` nothing is held yet.

    Before the vote, a phase in which nobody must speak passes in silence. Raises :class:`Incomparable`: ``no_vote``,
    ``other_paper``, ``other_values``, ``closed_early``, ``goes_on``.
    """

    def take(so_far: Case, phase: Phase) -> Held | None:
        if _has_voted(so_far):
            return _by_itself(so_far, phase)
        if phase.yields == "profile":
            return _whole(rule, so_far, _fitted(phase, vote))
        if any(floor.due for floor in phase.floors):
            return None
        return Held(phase, vote.version, vote.electorate, ended="deadline")

    found = _led(rule, case, take)
    if not _has_voted(found.case):
        raise Incomparable("no_vote", found.step.reasons)
    return found


def first_vote(rule: DecisionRule, case: Case) -> Phase | Outcome:
    """The vote with which the rule begins, or the outcome with which it ends at once.

    Raises :class:`Incomparable`: ``no_vote`` when something must be said first.
    """

    def take(_so_far: Case, phase: Phase) -> Held | None:
        is_silent = phase.yields == "words" and not any(floor.due for floor in phase.floors)
        return Held(phase, 1, case.electorate, ended="deadline") if is_silent else None

    found = _led(rule, case, take)
    is_vote = isinstance(found.step, Phase) and found.step.yields == "profile"
    if not is_vote and (isinstance(found.step, Phase) or found.case.held):
        raise Incomparable("no_vote", found.step.reasons)
    return found.step


def needed(rule: DecisionRule, case: Case, vote: Held) -> Need | None:
    """What the electors who have not voted would have to say for the proposal to be adopted.

    ``None`` where that is no one number: everybody has voted, options are marked on a paper, votes are told apart by
    college, unit or weight, or the rule does not promise that a vote in favour never harms.
    """
    floor, left = vote.phase.floors[0], len(vote.electorate.voting) - _cast(vote)
    scale = favour(rule, floor.form)
    if not scale or floor.paper is not None or not {scale[0], scale[-1]} <= {*floor.among}:
        return None
    if left <= 0 or rule.reads():
        return None

    def adopted(favourable: int) -> bool:
        more = {scale[-1]: favourable, scale[0]: left - favourable}
        step = polled(rule, case, replace(vote, profile=_with(vote.profile or Profile(), more))).step
        return isinstance(step, Outcome) and step.verdict == "adopted"

    fewest = bisect_left(range(left + 1), x=True, key=adopted)
    return Need(scale[-1], scale[0], left, fewest if fewest <= left else None)


def _led(rule: DecisionRule, case: Case, take: Take) -> Rehearsal:
    for _ in range(_MOST_PHASES):
        step = rule.after(case)
        if step is None:
            break
        held = take(case, step) if isinstance(step, Phase) else None
        if held is None:
            return Rehearsal(case, step)
        case = replace(case, held=(*case.held, held))
    raise Incomparable("goes_on")


def _urns_whole(held: Sequence[Held]) -> tuple[Held, ...]:
    """The phases, a vote that was held open for longer as one, with everything that came into its urn."""
    told: list[Held] = []
    for one in held:
        if one.phase.carries and one.profile is not None and told and told[-1].profile is not None:
            told[-1] = replace(one, phase=told[-1].phase)
        else:
            told.append(one)
    return tuple(told)


def _alike(phase: Phase, recorded: Phase) -> bool:
    """Whether the same people could say the same things about the same subject."""
    asked = (phase.kind, phase.yields, phase.carries, phase.subject)
    was_asked = (recorded.kind, recorded.yields, recorded.carries, recorded.subject)
    return asked == was_asked and [*map(_question, phase.floors)] == [*map(_question, recorded.floors)]


def _question(floor: Floor) -> tuple[object, ...]:
    about = (floor.about, floor.about_among, floor.subjects)
    return floor.who, floor.form, floor.among, floor.paper, floor.wakes, about


def _deciding(held: Sequence[Held]) -> Held | None:
    """The vote that decided: the last one, unless something else was deliberated after it."""
    votes = [place for place, one in enumerate(held) if one.profile is not None]
    if not votes:
        return None
    later = held[votes[-1] + 1 :]
    return held[votes[-1]] if all(one.phase.carries or not one.phase.floors for one in later) else None


def _by_itself(case: Case, phase: Phase) -> Held | None:
    """A phase that asks nothing new of anybody: more time for an urn that stays, or time alone."""
    last = case.now
    if last is None:
        return None
    if phase.carries and phase.yields == "profile" and last.profile is not None:
        return replace(last, phase=phase, ended="deadline")
    return None if phase.floors else Held(phase, last.latest, last.electorate, ended="deadline")


def _whole(rule: DecisionRule, case: Case, held: Held) -> Held:
    """The phase, unless it is a vote that closed early, its end being certain, when under this rule it would not be.

    Raises :class:`Incomparable`.
    """
    if held.profile is None or held.ended != "complete" or _cast(held) >= len(held.electorate.voting):
        return held
    open_still = replace(held, ended=None, phase=replace(held.phase, hurries=True, sight="open"))
    if not rule.foregone(replace(case, held=(*case.held, open_still))):
        raise Incomparable("closed_early")
    return held


def _fitted(phase: Phase, vote: Held) -> Held:
    """The vote as one in this phase. Raises :class:`Incomparable`."""
    here, there = phase.floors[0], vote.phase.floors[0]
    if _marks(here.paper) != _marks(there.paper):
        raise Incomparable("other_paper")
    cast = sorted({ballot for ballot, _, _ in (vote.profile or Profile()).rows})
    if not all(_can_be_cast(here, ballot) for ballot in cast):
        raise Incomparable("other_values")
    return replace(vote, phase=phase)


def _marks(paper: Paper | None) -> tuple[object, ...]:
    """What a mark means: the same points on another scale say something else."""
    return () if paper is None else (paper.kind, paper.low, paper.high, paper.budget)


def _can_be_cast(floor: Floor, ballot: str) -> bool:
    if floor.paper is None:
        return ballot in floor.among
    try:
        return canonical(floor.paper, floor.among, ballot) == ballot
    except BadBallot:
        return False


def _has_voted(case: Case) -> bool:
    return any(held.profile is not None for held in case.held)


def _cast(held: Held) -> int:
    """How many people cast a ballot."""
    return (held.profile or Profile()).heads


def _with(profile: Profile, more: Mapping[str, int]) -> Profile:
    """The profile with so many more ballots of heads alone."""
    rows = {cell: dict(sums) for cell, sums in profile.rows.items()}
    for value, number in more.items():
        cell = rows.setdefault((value, "", ""), {})
        cell["heads"] = cell.get("heads", Fraction(0)) + number
    return replace(profile, rows=rows)
