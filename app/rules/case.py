"""What a process is made of, as frozen values: who speaks where, what was said, how it went on and how it ended.

Everything here is plain data without prose: texts live in disclosures and are known by their digest. Identifiers of
people are the random pseudonyms under which the journal knows them, so that the exported events alone rebuild the
same case. Figures are integers or fractions, never floats.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, Literal, Self

from app.rules.electorate import Electorate
from app.rules.papers import Paper
from app.rules.profile import Profile
from app.rules.speakers import Who

REST: Final = "rest"
"""A duration: what the interrupted clock had left."""

Ended = Literal["deadline", "complete", "woken", "shrunk"]
Verdict = Literal["adopted", "not_adopted", "elected", "not_elected", "tied", "invalid", "lapsed"]
Figure = str | int | bool | Fraction


@dataclass(frozen=True, slots=True)
class Floor:
    """A right to speak in a phase.

    ``about``: a form; each word of that form (and of the values ``about_among``, if there are any) said in this round
    is a subject that this floor answers. ``subjects``: the references of the words that it may be about, when these
    are neither that nor the phase's own subject. ``among``: the values allowed (empty: any value of the form); with a
    ``paper``, the options that it lets people mark. ``due``: the phase is complete when every due floor is filled by
    each holder. ``wakes``: a word on this floor asks the rule at once. ``once``: a second word of the same holder about
    the same subject is refused; otherwise the last one counts. ``proxies``: it may be held by proxy.
    """

    who: Who
    form: str
    about: str | None = None
    among: tuple[str, ...] = ()
    due: bool = False
    wakes: bool = False
    once: bool = False
    about_among: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    paper: Paper | None = None
    proxies: bool = False

    def open_subjects(self, own: str | None, said: Iterable["Word"]) -> tuple[str | None, ...]:
        """What the floor may be about, where ``own`` is the phase's subject and ``said`` are the words of the round."""
        if self.subjects:
            return self.subjects
        if self.about is None:
            return (own,)
        return tuple(w.ref for w in said if w.form == self.about and w.value in (self.about_among or (w.value,)))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step follows: a code with exact figures, rendered EN/FR from the catalogue, never prose."""

    code: str
    facts: Mapping[str, Figure] = field(default_factory=dict)
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a process, recorded whole when it opens.

    ``kind`` is a label for people: the engine never looks at it. ``lasts`` is an ISO 8601 duration, ``REST``, or
    ``None`` (until complete or woken); ``at_least`` (ISO 8601): the least that ``REST`` may give, when people need time
    that the interrupted clock no longer had. ``carries``: the same round goes on, words and urn stay. ``sight``: who
    may read the words before the phase ends; a sealed phase carried on by a sealed one stays sealed until that one
    ends, and ``amendment`` and ``contest`` are always open because they change the text. ``reveals``: a sealed phase
    that carries on opens what was said before it all the same. It must, whenever anything but the turnout led to it:
    its very opening would tell what is meant to be sealed. ``yields``: words one by one, or only the profile of a
    ballot. ``hurries``: while it goes on, the rule may be asked whether its end is foregone. ``settled``: what was
    decided stands and only waits to take effect, so that nobody takes the proposal back. ``path``: the steps of
    wrapping rules that led here, outermost first.
    """

    kind: str
    floors: tuple[Floor, ...]
    lasts: str | None = None
    carries: bool = False
    subject: str | None = None
    setting: Literal["remote", "meeting"] = "remote"
    sight: Literal["open", "sealed", "secret"] = "open"
    yields: Literal["words", "profile"] = "words"
    reasons: tuple[Reason, ...] = ()
    path: tuple[str, ...] = ()
    at_least: str | None = None
    reveals: bool = False
    hurries: bool = False
    settled: bool = False

    def under(self, step: str) -> Self:
        """The same phase, reached through ``step`` of a wrapping rule."""
        return replace(self, path=(step, *self.path))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ends. ``lasts`` is the trial period (ISO 8601) after which the agreement must be reviewed.

    ``tables`` hold figures for people (name -> rows, the first of which names the columns), exact and in the canonical
    form; every text in them is a code, a code with a number (``round_3``), or an option.
    """

    verdict: Verdict
    winners: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    tables: Mapping[str, tuple[tuple[Figure, ...], ...]] = field(default_factory=dict)
    lasts: str | None = None

    @property
    def code(self) -> str:
        """The code of the first reason: what a wrapping rule looks at."""
        return self.reasons[0].code if self.reasons else ""


Step = Phase | Outcome | None


@dataclass(frozen=True, slots=True)
class Word:
    """Something said on a floor: codes, ids and exact figures. ``text`` is the digest of its prose, if any.

    ``facts`` are the coded fields of the form: strings, integers, booleans, and tuples of these. ``ref`` is unique in
    the process and sorts in the order of saying. ``version`` is the revision it answers.
    """

    ref: str
    by: str
    form: str
    value: str
    about: str | None = None
    version: int = 1
    office: str | None = None
    text: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A phase as it was held: judge a phase by its own electorate, presence and revision, not today's.

    ``present``: who was there, themselves or by proxy; whoever cast a ballot was. ``by_proposer``: the ballots that the
    proposer's own hand cast, for themselves and for those whose proxy they hold; ``None`` where that is not known.
    """

    phase: Phase
    version: int
    electorate: Electorate
    words: tuple[Word, ...] = ()
    profile: Profile | None = None
    present: frozenset[str] | None = None
    ended: Ended | None = None
    by_proposer: tuple[str, ...] | None = None

    @property
    def latest(self) -> int:
        """The revision in force at the end of the phase: amendments of substance and contests move it on."""
        moved = [w.version + 1 for w in self.words if moves_revision(w)]
        return max([self.version, *moved, *(w.version for w in self.words)])


ACTS_ON_THE_ENGINE: Final = ("amendment", "contest")
"""The forms that the engine itself carries out before any rule hears of them."""


def moves_revision(word: Word) -> bool:
    """The two forms that act on the engine: a substantive amendment, or the contest of an editorial one."""
    return word.form == "contest" or (word.form == "amendment" and word.value == "substantive")


@dataclass(frozen=True, slots=True)
class Case:
    """The case so far: everything that a rule may look at.

    ``electorate`` is the one frozen at admission, whole; who is still there stands in each phase held. ``on_ballot``
    are the ids of the options that the proposal put to the vote, in its order.
    """

    proposer: str
    electorate: Electorate
    held: tuple[Held, ...] = ()
    matter: str = "policy"
    on_ballot: tuple[str, ...] = ()

    @property
    def now(self) -> Held | None:
        """The running phase, or the one that has just ended."""
        return self.held[-1] if self.held else None

    def round(self) -> tuple[Held, ...]:
        """The running phase and those it carries on, oldest first: one round."""
        found: list[Held] = []
        for held in reversed(self.held):
            found.append(held)
            if not held.phase.carries:
                break
        return tuple(reversed(found))

    def standing(self, form: str) -> tuple[Word, ...]:
        """The last word of each holder still there, by subject, in this round on the revision in force, as said."""
        held = self.round()
        if not held:
            return ()
        version, ids = held[-1].latest, held[-1].electorate.ids
        words = (word for one in held for word in one.words if word.form == form and word.version == version)
        last = {(word.by, word.about): word for word in words}
        return tuple(sorted((w for w in last.values() if w.by in ids), key=lambda w: w.ref))

    def within(self, step: str) -> Self:
        """The case as the rule wrapped under ``step`` sees it."""
        mine = (h for h in self.held if h.phase.path[:1] == (step,))
        return replace(self, held=tuple(replace(h, phase=replace(h.phase, path=h.phase.path[1:])) for h in mine))

    def weighing(self, weigh: Callable[[Held], Profile]) -> Self:
        """The case with every ballot counted as ``weigh`` makes of it."""
        return replace(self, held=tuple(h if h.profile is None else replace(h, profile=weigh(h)) for h in self.held))


@dataclass(frozen=True, slots=True)
class Matter:
    """Something a rule keeps track of beside the step, for people to see: an objection, a concern, a nomination.

    ``ref`` is the word that began it, ``kind`` and ``status`` are codes with texts in the catalogue, ``by`` is who
    holds it now. ``travels``: it goes with what was agreed to its review. The engine does not understand matters.
    """

    ref: str
    kind: str
    status: str
    by: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    travels: bool = False


def under(label: str, step: Step) -> Step:
    """What a wrapping rule returns for a step of the rule it wraps."""
    return step.under(label) if isinstance(step, Phase) else step
