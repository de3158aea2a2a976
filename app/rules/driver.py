"""A process in memory: the rule with the simplest engine that honours the contract, for tests, vectors and what-if.

It keeps no clock: deadlines are called. Like every engine it never looks at ``phase.kind``, and forums answer through
``forums`` (name -> value); one that is not there says ``absent``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from app.rules import papers
from app.rules.case import Case, Ended, Floor, Held, Outcome, Phase, Word, moves_revision
from app.rules.contract import DecisionRule
from app.rules.electorate import Electorate
from app.rules.profile import Profile
from app.rules.speakers import Who

ABSENT = "absent"


class Refused(Exception):
    """Nobody may say this here and now."""


class NeedsAttention(Exception):
    """The rule gave no step where one was due: the process stops, and nothing is adopted."""


@dataclass
class Process:
    """One decision as it unfolds.

    ``offices`` names the holder of an office and then their surrogates. ``gone`` are those who left.
    """

    rule: DecisionRule
    electorate: Electorate
    proposer: str
    offices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forums: Mapping[str, str] = field(default_factory=dict)
    matter: str = "policy"
    on_ballot: tuple[str, ...] = ()
    outcome: Outcome | None = field(default=None, init=False)
    version: int = field(default=1, init=False)
    gone: set[str] = field(default_factory=set, init=False)
    ballots: dict[str, str] = field(default_factory=dict, init=False)
    _said: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.case = Case(self.proposer, self.electorate, matter=self.matter, on_ballot=self.on_ballot)
        self._step()

    @property
    def now(self) -> Held:
        """The running phase, or the last one."""
        return self.case.held[-1]

    @property
    def is_over(self) -> bool:
        """Whether there is an outcome."""
        return self.outcome is not None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of all phases, those that carry a round marked with ``+``: a story at a glance."""
        return tuple(held.phase.kind + "+" * held.phase.carries for held in self.case.held)

    def say(
        self, by: str, form: str, value: str, about: str | None = None, facts: Mapping[str, Any] | None = None
    ) -> str:
        """One word on a floor, or a ballot; gives its reference.

        Raises :class:`Refused`, :class:`NeedsAttention`, ``papers.BadBallot``.
        """
        subject = about if about is not None else self.now.phase.subject
        floor = self._floor(by, form, value, subject)
        self._said += 1
        ref = f"w{self._said:05}"
        if floor.paper is not None:
            value = papers.canonical(floor.paper, floor.among, value)
        if self.now.phase.yields == "profile":
            self.ballots[by] = value
            self._update(profile=self._profile(), by_proposer=self._by_proposer())
        else:
            word = Word(ref, by, form, value, subject, self.version, facts=facts or {})
            self.version += moves_revision(word)
            self._update(words=(*self.now.words, word))
        if floor.wakes:
            self._ask("woken")
        elif self._is_complete():
            self._ask("complete")
        return ref

    def deadline(self) -> None:
        """The clock of the phase runs out. Raises :class:`NeedsAttention`."""
        self._ask("deadline")

    def run_out(self) -> Outcome:
        """Nobody says anything any more: the outcome after as many deadlines as it takes. Raises as above."""
        while self.outcome is None:
            self.deadline()
        return self.outcome

    def leave(self, person: str) -> None:
        """Somebody leaves: their words stop counting, a ballot already cast stays."""
        self.gone.add(person)
        self._update(electorate=self._electorate())
        self._ask("complete" if self._is_complete() else "shrunk")

    def open_floors(self) -> tuple[tuple[str, Floor, str | None], ...]:
        """Who may speak on which floor about what, in a fixed order."""
        if self.is_over:
            return ()
        return tuple(
            (person, floor, subject)
            for floor in self.now.phase.floors
            for subject in self._subjects(floor)
            for person in sorted(self._holders(floor.who))
            if not (floor.once and self._has_said(person, floor.form, subject))
        )

    def _floor(self, by: str, form: str, value: str, subject: str | None) -> Floor:
        for person, floor, about in self.open_floors():
            if (person, floor.form, about) == (by, form, subject) and (
                not floor.among or floor.paper is not None or value in floor.among
            ):
                return floor
        raise Refused(f"{by} cannot say {form} {value} about {subject} now")

    def _holders(self, who: Who) -> frozenset[str]:
        there = self._electorate().ids - self.gone
        if who.what in {"electors", "members"}:
            return there - set(who.barring)
        if who.what == "office":
            heirs = (one for one in self.offices.get(who.name, ()) if one not in who.barring and one not in self.gone)
            return frozenset([next(heirs, "")]) - {""}
        if who.what == "forum":
            return frozenset([f"forum:{who.name}"])
        return frozenset([self.proposer] if who.what == "proposer" else who.ids) - self.gone

    def _subjects(self, floor: Floor) -> tuple[str | None, ...]:
        said = (word for held in self.case.round() for word in held.words)
        return floor.open_subjects(self.now.phase.subject, said)

    def _has_said(self, person: str, form: str, subject: str | None) -> bool:
        if self.now.phase.yields == "profile":
            return person in self.ballots
        said = (word for held in self.case.round() for word in held.words if word.version == self.version)
        return any((word.by, word.form, word.about) == (person, form, subject) for word in said)

    def _is_complete(self) -> bool:
        due = [floor for floor in self.now.phase.floors if floor.due]
        return bool(due) and all(
            self._has_said(person, floor.form, subject)
            for floor in due
            for subject in self._subjects(floor)
            for person in sorted(self._holders(floor.who))
        )

    def _electorate(self) -> Electorate:
        return self.electorate.without(self.gone - set(self.ballots))

    def _profile(self) -> Profile:
        voters = {voter.id: voter for voter in self.electorate.voters}
        rows: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        for person, ballot in sorted(self.ballots.items()):
            row = rows.setdefault((ballot, voters[person].college, voters[person].unit), {})
            for measure, figure in {"heads": Fraction(1), **voters[person].measures}.items():
                row[measure] = row.get(measure, Fraction(0)) + figure
        return Profile(rows)

    def _by_proposer(self) -> tuple[str, ...] | None:
        """What the proposer's own hand cast; here everybody votes for themselves."""
        if self.now.phase.sight == "secret":
            return None
        return tuple(ballot for person, ballot in self.ballots.items() if person == self.proposer)

    def _update(self, **changes: Any) -> None:
        self.case = replace(self.case, held=(*self.case.held[:-1], replace(self.now, **changes)))

    def _ask(self, why: Ended) -> None:
        self._update(ended=why)
        self._step()

    def _step(self) -> None:
        step = self.rule.after(self.case)
        if isinstance(step, Outcome):
            self.outcome = step
        elif isinstance(step, Phase):
            self._open(step)
        elif self.case.now is not None and self.now.ended in {"woken", "shrunk"}:
            self._update(ended=None)
        else:
            raise NeedsAttention("the rule gave no step where one was due")

    def _open(self, phase: Phase) -> None:
        if not phase.carries:
            self.ballots.clear()
        held = Held(phase, self.version, self._electorate())
        self.case = replace(self.case, held=(*self.case.held, held))
        if phase.yields == "profile":
            self._update(profile=self._profile(), by_proposer=self._by_proposer())
        for floor in phase.floors:
            if floor.who.what == "forum":
                voice = f"forum:{floor.who.name}"
                self.say(voice, floor.form, self.forums.get(floor.who.name, ABSENT), phase.subject)
                return
        if self._is_complete():
            self._ask("complete")
