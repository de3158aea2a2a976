"""The table at which a circle plays a decision by consent with cards: what lies on it, and who may put down what.

It knows the published rules of the game and nothing of the engine: no phases as data, no floors, no fold.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
SPOKEN = ("question", "answer", "reaction", "amendment", "keep", "position", "judgment", "settlement")
ACTS = ("objection_withdrawal", "abandonment", "abandonment_appeal", "adoption", "contest", "resume")
FORMS = (*SPOKEN, *ACTS)
DAYS = {"clarifying": 3, "reacting": 2, "amending": 2, "objecting": 4, "testing": 2, "integrating": 5, "deferred": 30}
DAYS |= {"appeal": 2}
HOURS = {"response": 72, "answering": 48, "contesting": 24, "confirming": 24, "extension": 48, "orphaned": 48}


@dataclass
class Objection:
    """One objection on the table."""

    ref: str
    by: str
    holder: str
    fate: str = "raised"  # raised, qualified, not_qualified, withdrawn, resolved, abandoned, lapsed
    waited: bool = False
    appealed: bool = False
    judged: dict[str, str] = field(default_factory=dict)
    settled: set[tuple[str, int]] = field(default_factory=set)


@dataclass
class Table:
    """The table. ``offices`` names facilitator and secretary, ``voices`` everybody's pseudonym, by which lots are
    drawn; ``seed`` tells what the lots gave for an objection."""

    people: list[str]
    proposer: str
    offices: list[str]
    options: dict[str, Any]
    now: datetime
    voices: dict[str, str]
    seed: Callable[[str], str]
    gone: set[str] = field(default_factory=set)
    state: str = "deciding"
    kind: str = ""
    count: int = 0
    revision: int = 1
    closes_at: datetime | None = None
    rounds: int = 0
    left: timedelta | None = None

    def __post_init__(self) -> None:
        self.moved = False
        self.seeds: dict[str, str] = {}
        self.taken: set[str] = set()
        self.confirmed: set[int] = set()
        self.questions: dict[str, bool] = {}
        self.asking: set[str] = set()
        self.reacted: set[str] = set()
        self.answering = False
        self.insisting = False
        self.about = Objection("", "", "")
        self.panel: list[str] = []
        self.begin()

    def begin(self) -> None:
        """The first phase opens."""
        self.now = self.now.astimezone(UTC)
        if self.options["begins_with"] == "objecting":
            self._round()
        else:
            self._open("clarifying")

    @property
    def asked(self) -> list[str]:
        """Everybody still there but the proposer."""
        return [one for one in self.people if one not in self.gone and one != self.proposer]

    @property
    def is_over(self) -> bool:
        return self.state not in ("deciding", "awaiting_sponsor")

    def subject(self) -> Objection | None:
        """The objection that the phase is about."""
        return self.about if self.kind in ("testing", "orphaned", "integrating", "appeal") else None

    def offers(self, who: str) -> dict[str, tuple[str, ...]]:
        """What ``who`` may say now: the form and the values offered (none: any)."""
        if self.state != "deciding" or who in self.gone or who not in self.people:
            return {}
        mine = self._as_proposer(who) if who == self.proposer else self._as_elector(who)
        if self.kind in ("testing", "integrating", "appeal", "deferred"):
            mine |= self._in_office(who)
        return mine

    def _as_proposer(self, who: str) -> dict[str, tuple[str, ...]]:
        match self.kind:
            case "clarifying":
                return {"answer": ()} if self.questions else {}
            case "amending":
                return {"amendment": ("editorial", "substantive"), "keep": ()}
            case "objecting":
                return {"amendment": ("substantive",) if self.edits else ("editorial", "substantive")}
            case "integrating":
                return {"amendment": ("substantive",), "settlement": ()}
            case "deferred":
                return {"resume": ()}
        return {}

    def _as_elector(self, who: str) -> dict[str, tuple[str, ...]]:
        values = ("consent", "consent_with_concern", "objection")
        match self.kind:
            case "clarifying":
                return {} if self.answering else {"question": ()}
            case "reacting":
                return {} if who in self.reacted else {"reaction": ()}
            case "objecting":
                stand_aside = ("stand_aside",) if self.options["stand_aside"] else ()
                return {"position": (*values, *stand_aside)} | ({"contest": ()} if self.edits else {})
            case "orphaned":
                return {"adoption": ()}
        return {}

    def _in_office(self, who: str) -> dict[str, tuple[str, ...]]:
        mine: dict[str, tuple[str, ...]] = {}
        if self.kind == "deferred":
            return {"resume": ()} if who in (self._facilitator(self.proposer), self.proposer) else {}
        if self.kind == "appeal":
            return {"abandonment_appeal": ()} if who == self.about.holder else {}
        if self.to_withdraw(who):
            mine["objection_withdrawal"] = ()
        if self.kind == "testing" and who in self._judges():
            mine["judgment"] = ("valid", "dispute")
        if self.kind == "integrating":
            if who == self.about.holder:
                mine["settlement"] = ()
            if self.insisting and who == self._facilitator(self.about.holder, self.proposer):
                mine["abandonment"] = ()
        return mine

    def to_withdraw(self, who: str) -> list[str | None]:
        """The open objections that ``who`` holds; the one that has its turn need not be named."""
        mine = [one for one in self.objections if one.holder == who and one.fate in ("raised", "qualified")]
        return [*(one.ref for one in mine), *(None for one in mine if one is self.about)]

    def named(self, who: str, form: str) -> list[str | None]:
        """The words that ``who`` may name on a form; none: it goes without."""
        match form:
            case "answer":
                return [ref for ref, done in self.questions.items() if not done] or [*self.questions]
            case "contest":
                return [*self.edits]
            case "objection_withdrawal":
                return self.to_withdraw(who)
        subject = self.subject()
        return [None] if subject is None else [None, subject.ref]

    def due(self) -> list[tuple[str, str]]:
        """(who, form) of everything that the phase still waits for, once per question to answer."""
        waits = getattr(self, f"_due_{self.kind}", None)
        found: list[tuple[str, str]] = waits() if waits is not None and self.state == "deciding" else []
        return found

    def _due_clarifying(self) -> list[tuple[str, str]]:
        silent = [] if self.answering else [(one, "question") for one in self.asked if one not in self.asking]
        return silent + [(self.proposer, "answer") for done in self.questions.values() if not done]

    def _due_reacting(self) -> list[tuple[str, str]]:
        return [(one, "reaction") for one in self.asked if one not in self.reacted]

    def _due_amending(self) -> list[tuple[str, str]]:
        return [(self.proposer, "keep")]

    def _due_objecting(self) -> list[tuple[str, str]]:
        return [(one, "position") for one in self.asked if self.must and one not in self.answers]

    def _due_testing(self) -> list[tuple[str, str]]:
        return [(one, "judgment") for one in self._judges() if one not in self.about.judged]

    def _due_integrating(self) -> list[tuple[str, str]]:
        both = [one for one in (self.about.holder, self.proposer) if one not in self.gone]
        return [(one, "settlement") for one in both if (one, self.revision) not in self.about.settled]

    def _said(self) -> list[str]:
        return [one for one in self.asked if one in self.answers]

    def _consents(self) -> int:
        holding = {one.holder for one in self.objections if one.fate in ("raised", "qualified")}
        yes = ("consent", "consent_with_concern")
        return sum(self.answers[one] in yes for one in self._said() if one not in holding)

    def _is_heard(self) -> bool:
        of = len(self.asked)
        if self.options["silence_policy"] in ("explicit_required", "silence_escalates"):
            needed = of
        else:
            needed = max(1, ceil(Fraction(self.options["min_participation"]) * of))
        return len(self._said()) >= needed and self._consents() > 0

    def _tolerance(self) -> int:
        given = self.options["tolerance"]
        if isinstance(given, int):
            return given
        absent = self.options["silence_policy"] == "silence_is_absent"
        return floor(Fraction(given) * (len(self._said()) if absent else len(self.asked)))

    def _facilitator(self, *barred: str) -> str | None:
        return next((one for one in self.offices if one not in barred), None)

    def _judges(self) -> list[str]:
        mode, about = self.options["judge"], self.about
        if mode == "facilitator_logic":
            found = self._facilitator(about.holder, self.proposer)
            return [found] if found else []
        if mode == "group":
            return [one for one in self.asked if one not in (about.by, about.holder)]
        return [one for one in self.panel if one not in self.gone]

    def _drawn(self, about: Objection) -> list[str]:
        seed = self.seeds[about.ref]
        pool = [one for one in self.asked if one not in (about.by, about.holder)]
        pool.sort(key=lambda one: hashlib.sha256(f"{seed}/{self.voices[one]}".encode()).hexdigest())
        return pool[: self.options["panel_size"]]

    def _round(self) -> None:
        self.rounds += 1
        self.began = self.revision
        self.answers: dict[str, str] = {}
        self.stretch: dict[str, tuple[str, str]] = {}
        self.objections: list[Objection] = []
        self.before = 0
        self.edits: list[str] = []
        self.extended = False
        self.must = True
        self._open("objecting")

    def _waits(self) -> bool:
        """Whether the phase can be over early at all."""
        return self.kind not in ("orphaned", "appeal", "deferred") and (self.kind != "objecting" or self.must)

    def _ends(self) -> None:
        if self.closes_at is not None:
            self.left = max(self.closes_at - self.now, timedelta(0))
        self.moved = True

    def _open(self, kind: str, closes_at: datetime | None = None) -> None:
        self.kind = kind
        self.count += 1
        self.closes_at = self._midnight(DAYS[kind]) if closes_at is None else closes_at
        self.moved = True

    def _midnight(self, days: int) -> datetime:
        """The end of the day that comes so many days later."""
        day = (self.now.astimezone(PARIS) + timedelta(days=days)).date()
        return datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC)
