"""Whose floor a word or a ballot was on, and whether a phase could end: what a recount asks of each of them, told from
the case and the record alone."""

from collections.abc import Collection, Container
from datetime import datetime
from typing import Final

from app.proposals.exported import Told
from app.rules.contract import Case, DecisionRule, Floor, Held, Who, Word
from app.rules.papers import BadBallot, canonical

_BALLOT: Final = "ballot"


def floor_of(word: Word, case: Case, there: Collection[str]) -> Floor | None:
    """The floor of the running phase that was the speaker's, with this form, answer and subject; None if none was.
    ``there`` are the ids of the electors who have not left the phase."""
    return next((floor for floor in case.held[-1].phase.floors if _fits(floor, word, case, there)), None)


class Clock:
    """Until when the running phase goes on: told when it opens, and anew when a process that was stopped goes on."""

    def __init__(self) -> None:
        self._closes_at: datetime | None = None

    def start(self, told: Told) -> None:
        """It starts, or starts again."""
        until = told.data["closes_at"]
        self._closes_at = datetime.fromisoformat(until) if until else None

    def is_over(self, told: Told) -> bool:
        """Whether the time was up when this happened."""
        return self._closes_at is not None and self._closes_at <= told.at


def floor_of_ballot(told: Told, case: Case, there: Collection[str]) -> Floor | str:
    """The floor on which the ballot lies, or the code of why the engine would have refused it: ``no_floor`` also where
    the phase is no vote, or a secret one, whose ballots are in no event; ``revision`` for an answer to a text that is
    not in force; ``choice`` for what the floor does not let a voter mark, or not in this form."""
    now, whose = case.held[-1], told.data["voter"]
    is_vote = now.phase.yields == "profile" and now.phase.sight != "secret"
    if not is_vote or told.data["phase"] != len(case.held) or whose not in there:
        return "no_floor"
    of_ballots = (one for one in now.phase.floors if one.form == _BALLOT)
    floor = next((one for one in of_ballots if _is_of(one.who, whose, None, case.proposer, there)), None)
    if floor is None:
        return "no_floor"
    if told.data["revision"] != now.latest:
        return "revision"
    return floor if _is_marked(floor, told.disclosed["choice"]) else "choice"


def may_end(told: Told, clock: Clock, rule: DecisionRule, case: Case, voted: Container[str]) -> bool:
    """Whether what is said to have ended the running phase had come to pass: its deadline, or that a vote was complete
    because everybody who may vote had, or because its end was foregone. Of the rest the rule itself judges."""
    now = case.held[-1]
    match told.data["ended"]:
        case "deadline":
            return clock.is_over(told)
        case "complete":
            return now.profile is None or _is_complete(now, rule, case, voted)
        case other:
            return other in ("woken", "shrunk")


def _is_marked(floor: Floor, choice: object) -> bool:
    if not isinstance(choice, str):
        return False
    if floor.paper is None:
        return not floor.among or choice in floor.among
    try:
        return canonical(floor.paper, floor.among, choice) == choice
    except BadBallot:
        return False


def _is_complete(now: Held, rule: DecisionRule, case: Case, voted: Container[str]) -> bool:
    if all(one in voted for group in now.electorate.voting.groups for one in group.members):
        return True
    return now.phase.hurries and now.phase.sight == "open" and rule.foregone(case)


def _fits(floor: Floor, word: Word, case: Case, there: Collection[str]) -> bool:
    if floor.form != word.form or (floor.among and word.value not in floor.among):
        return False
    if not _is_of(floor.who, word.by, word.office, case.proposer, there):
        return False
    said = (one for held in case.round() for one in held.words)
    return word.about in floor.open_subjects(case.held[-1].phase.subject, said)


def _is_of(who: Who, by: str, office: str | None, proposer: str, there: Collection[str]) -> bool:
    match who.what:
        case "electors":
            return by in there and by not in who.barring
        case "proposer":
            return by == proposer
        case "office":
            return office == who.name and by not in who.barring
        case "named":
            return by in who.ids
        case "forum":
            return by == f"forum:{who.name}"
        case "members":
            return not by.startswith("forum:")
