"""A decision by consent as a circle would play it with cards on a table: the model that the service is compared with.

It knows the published rules of the game and nothing of the engine: no phases as data, no floors, no fold. One method
per thing that can happen, each of which changes the table and says whether it was allowed.
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
SPOKEN = ("question", "pass", "answer", "reaction", "amendment", "keep", "position", "judgment", "settlement")
ACTS = ("objection_withdrawal", "abandonment", "adoption", "contest", "resume")
FORMS = (*SPOKEN, *ACTS)
DAYS = {"clarifying": 3, "reacting": 2, "amending": 2, "objecting": 4, "testing": 2, "integrating": 5, "deferred": 30}
HOURS = {"answering": 48, "contesting": 24, "confirming": 24, "extension": 48, "orphaned": 48}


@dataclass
class Objection:
    """One objection on the table."""

    ref: str
    by: str
    holder: str
    fate: str = "raised"  # raised, qualified, not_qualified, withdrawn, resolved, abandoned, lapsed
    waited: bool = False
    judged: dict[str, str] = field(default_factory=dict)
    settled: set[tuple[str, int]] = field(default_factory=set)


@dataclass
class Model:
    """The table. ``offices`` names facilitator and secretary, ``voices`` everybody's pseudonym, by which lots are drawn;
    ``seed`` tells what the lots gave for an objection."""

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
        if self.options["begins_with"] == "objecting":
            self._round()
        else:
            self.questions: dict[str, bool] = {}
            self.passed: set[str] = set()
            self.answering = False
            self._open("clarifying")

    # -- who, and what may be said ---------------------------------------------------------------------------------

    @property
    def asked(self) -> list[str]:
        """Everybody still there but the proposer."""
        return [one for one in self.people if one not in self.gone and one != self.proposer]

    @property
    def is_over(self) -> bool:
        return self.state not in ("deciding", "awaiting_sponsor")

    def subject(self) -> Objection | None:
        """The objection that the phase is about."""
        return self.about if self.kind in ("testing", "orphaned", "integrating") else None

    def offers(self, who: str) -> dict[str, tuple[str, ...]]:
        """What ``who`` may say now: the form and the values offered (none: any)."""
        if self.state != "deciding" or who in self.gone or who not in self.people:
            return {}
        mine = self._as_proposer(who) if who == self.proposer else self._as_elector(who)
        if self.kind in ("testing", "integrating", "deferred"):
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
                return {} if self.answering else {"question": (), "pass": ()}
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
        if who == self.about.holder:
            mine["objection_withdrawal"] = ()
        if self.kind == "testing" and who in self._judges():
            mine["judgment"] = ("valid", "dispute")
        if self.kind == "integrating":
            if who == self.about.holder:
                mine["settlement"] = ()
            if who == self._facilitator(self.about.holder, self.proposer):
                mine["abandonment"] = ()
        return mine

    def due(self) -> list[tuple[str, str]]:
        """(who, form) of everything that the phase still waits for, once per question to answer."""
        match self.kind if self.state == "deciding" else "":
            case "clarifying":
                silent = [] if self.answering else [(one, "pass") for one in self.asked if one not in self.passed]
                return silent + [(self.proposer, "answer") for done in self.questions.values() if not done]
            case "reacting":
                return [(one, "reaction") for one in self.asked if one not in self.reacted]
            case "amending":
                return [(self.proposer, "keep")]
            case "objecting":
                return [(one, "position") for one in self.asked if self.must and one not in self.answers]
            case "testing":
                return [(one, "judgment") for one in self._judges() if one not in self.about.judged]
            case "integrating":
                both = [one for one in (self.about.holder, self.proposer) if one not in self.gone]
                return [(one, "settlement") for one in both if (one, self.revision) not in self.about.settled]
        return []

    # -- what happens ----------------------------------------------------------------------------------------------

    def say(self, who: str, form: str, value: str, ref: str, about: str | None) -> None:
        """An allowed word of ``who``; ``ref`` is how the table calls it from now on."""
        getattr(self, f"_say_{form}")(who, value, ref, about)
        if self.state == "deciding" and not self.moved and self._waits() and not self.due():
            self._complete()
        self.moved = False

    def deadline(self) -> None:
        """The clock of the phase runs out."""
        assert self.closes_at is not None
        self._ends()
        if not self.asked and self.kind != "escalated":
            self._too_few()
        elif self.kind == "clarifying":
            self._clarified()
        else:
            getattr(self, f"_late_{self.kind}")()
        self.moved = False

    def leave(self, who: str) -> None:
        """Somebody leaves the cooperative."""
        self.gone.add(who)
        self.offices = [one for one in self.offices if one != who]
        if self.is_over:
            return
        if who == self.proposer:
            self.state = "awaiting_sponsor"
        if self.state != "deciding":
            return
        if not self.asked:
            self._ends()
            self._too_few()
        elif self.kind in ("testing", "integrating") and self.about.holder == who:
            self._ends()
            self._examine()
        elif self._waits() and not self.due():
            self._complete()
        self.moved = False

    def withdraw(self) -> None:
        """The proposer takes the proposal back."""
        self.state = "withdrawn"

    def sponsorless(self) -> None:
        """Nobody took the proposal over in time."""
        self.state = "lapsed"

    # -- words -----------------------------------------------------------------------------------------------------

    def _say_question(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.questions[ref] = False

    def _say_pass(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.passed.add(who)

    def _say_answer(self, who: str, value: str, ref: str, about: str | None) -> None:
        assert about is not None
        self.questions[about] = True

    def _say_reaction(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.reacted.add(who)

    def _say_keep(self, who: str, value: str, ref: str, about: str | None) -> None:
        self._ends()
        self._round()

    def _say_amendment(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.revision += value == "substantive"
        if self.kind == "integrating":
            return
        self._ends()
        if self.kind == "amending":
            self._round()
        elif value == "substantive":
            self._next_round()
        else:
            self.edits.append(ref)
            self.must = False
            assert self.left is not None
            self._open("objecting", max(self.now + self.left, self.now + timedelta(hours=HOURS["contesting"])))

    def _say_contest(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.revision += 1
        self._ends()
        self._next_round()

    def _say_position(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.answers[who] = value
        self.stretch[who] = (value, ref)

    def _say_judgment(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.judged[who] = value

    def _say_settlement(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.settled.add((who, self.revision))

    def _say_objection_withdrawal(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.fate = "withdrawn"
        self._ends()
        self._examine()

    def _say_abandonment(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.fate = "abandoned"
        self._ends()
        self._examine()

    def _say_adoption(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.holder = who
        self.about.waited = True
        self._ends()
        self._examine()

    def _say_resume(self, who: str, value: str, ref: str, about: str | None) -> None:
        self._late_deferred()

    # -- the end of each phase -------------------------------------------------------------------------------------

    def _complete(self) -> None:
        self._ends()
        match self.kind:
            case "clarifying":
                self._clarified()
            case "reacting":
                self._open("amending")
            case "amending":
                self._round()
            case "objecting":
                self._late_objecting()
            case "testing":
                self._late_testing()
            case "integrating":
                self.about.fate = "resolved"
                self._examine()

    def _clarified(self) -> None:
        if not self.answering and not all(self.questions.values()):
            self.answering = True
            self._open("clarifying", self.now + timedelta(hours=HOURS["answering"]))
            return
        self.reacted: set[str] = set()
        self._open("reacting")

    def _late_reacting(self) -> None:
        self._open("amending")

    def _late_amending(self) -> None:
        self._round()

    def _late_objecting(self) -> None:
        del self.objections[self.before :]
        for objection in self.objections:
            if objection.by in self.stretch and objection.fate in ("raised", "qualified"):
                objection.fate = "withdrawn"  # they thought again
        for who, (value, ref) in sorted(self.stretch.items(), key=lambda one: one[1][1]):
            if value == "objection":
                fate = "qualified" if self.options["judge"] == "none" else "raised"
                self.objections.append(Objection(ref, who, who, fate))
        self._examine()

    def _late_testing(self) -> None:
        judges = self._judges()
        said = [value for who, value in self.about.judged.items() if who in judges]
        self.about.fate = "not_qualified" if said.count("dispute") > said.count("valid") else "qualified"
        self._examine()

    def _late_orphaned(self) -> None:
        self.about.waited = True
        self._examine()

    def _late_integrating(self) -> None:
        self._climb("not_adopted")

    def _late_deferred(self) -> None:
        self._ends()
        self._open("amending")

    # -- what follows ----------------------------------------------------------------------------------------------

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

    def _next_round(self) -> None:
        if self.rounds < self.options["max_rounds"]:
            self._round()
        else:
            self._climb("not_adopted")

    def _again(self, hours: int, *, must: bool, fresh: bool) -> None:
        """The same round is open for answers again; what was said since the last look between is one stretch."""
        if fresh:
            self.stretch, self.before = {}, len(self.objections)
        self.must = must
        self._open("objecting", self.now + timedelta(hours=hours))

    def _examine(self) -> None:
        between = self.kind != "objecting"  # somebody tested or settled something since answers were open
        for one in self.objections:
            if one.fate in ("raised", "qualified") and one.holder in self.gone:
                if not one.waited:
                    self.about = one
                    return self._open("orphaned", self.now + timedelta(hours=HOURS["orphaned"]))
                one.fate = "lapsed"
        for one in self.objections:
            if one.fate == "raised":
                return self._test(one)
        qualified = [one for one in self.objections if one.fate == "qualified"]
        if len(qualified) > self._tolerance():
            if self.rounds >= self.options["max_rounds"]:
                return self._climb("not_adopted")
            self.about = qualified[0]
            self._open("integrating")
            return None
        return self._close(qualified, fresh=between)

    def _test(self, one: Objection) -> None:
        self.about = one
        if self.options["judge"] == "panel":
            if one.ref not in self.seeds:
                self.count += 1  # the lots are drawn in a phase of their own
                self.seeds[one.ref] = self.seed(one.ref)
            self.panel = self._drawn(one)
        self._open("testing")
        if not self.due():
            self._ends()
            self._late_testing()

    def _close(self, qualified: list[Objection], *, fresh: bool) -> None:
        if self.revision != self.began or any(one.fate == "resolved" for one in self.objections):
            return self._round()
        unconfirmed = self.objections and not qualified and not self.options["skip_confirm"]
        if unconfirmed and self.revision not in self.confirmed:
            self.confirmed.add(self.revision)
            return self._again(HOURS["confirming"], must=False, fresh=fresh)
        if self._is_heard() and len(qualified) <= self._tolerance():
            self.state = "adopted"
            return None
        if not self.extended:
            self.extended = True
            silent = any(one not in self.answers for one in self.asked)
            return self._again(HOURS["extension"], must=silent, fresh=fresh)
        if self.options["on_low_participation"] == "adopt_if_no_objection" and self._consents() and not qualified:
            self.state = "adopted"
            return None
        waits = self.options["silence_policy"] == "silence_escalates"
        return self._too_few() if waits or self.options["on_low_participation"] == "escalate" else self._lapse()

    def _too_few(self) -> None:
        """Only a broader circle could still decide, and there is none."""
        if "escalate" not in self.taken:
            self.taken.add("escalate")
            self.count += 1
        self._lapse()

    def _lapse(self) -> None:
        self.state = "lapsed"

    def _climb(self, end: str) -> None:
        for rung in self.options["on_deadlock"]:
            if rung == "escalate" and rung not in self.taken:
                self.taken.add(rung)
                self.count += 1
            elif rung == "defer" and rung not in self.taken:
                self.taken.add(rung)
                return self._open("deferred")
            elif rung == "trial" and self.revision == self.began and self._is_heard():
                self.state = "adopted"
                return None
        self.state = end
        return None

    # -- figures ---------------------------------------------------------------------------------------------------

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

    # -- the clock -------------------------------------------------------------------------------------------------

    def _waits(self) -> bool:
        """Whether the phase can be over early at all."""
        return self.kind not in ("orphaned", "deferred") and (self.kind != "objecting" or self.must)

    def _ends(self) -> None:
        if self.closes_at is not None:
            self.left = max(self.closes_at - self.now, timedelta(0))
        self.moved = True

    def _open(self, kind: str, closes_at: datetime | None = None) -> None:
        self.kind = kind
        self.count += 1
        if closes_at is None:
            day = (self.now.astimezone(PARIS) + timedelta(days=DAYS[kind])).date()
            closes_at = datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC)
        self.closes_at = closes_at
        self.moved = True
