"""A decision by consent as a circle would play it with cards on a table: the model that the service is compared with.

One method per thing that can happen; each changes the table, and tells how the game goes on.
"""

from datetime import timedelta

from tests.api.consent_table import DAYS, HOURS, Objection, Table


class Model(Table):
    """The game: words, deadlines and departures, and what follows from each."""

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

    def _say_question(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.asking.add(who)
        if value == "question":
            self.questions[ref] = False

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
        taken_back = next(one for one in self.objections if one.ref == (about or self.about.ref))
        taken_back.fate = "withdrawn"
        left = sum(one.fate == "qualified" for one in self.objections)
        if taken_back is self.about or (self.kind == "integrating" and left <= self._tolerance()):
            self._ends()
            self._examine()

    def _say_abandonment(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.fate = "abandoned"
        self._ends()
        self._open("appeal")

    def _say_abandonment_appeal(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.fate = "qualified"
        self.about.appealed = True
        self._ends()
        self._examine()

    def _say_adoption(self, who: str, value: str, ref: str, about: str | None) -> None:
        self.about.holder = who
        self.about.waited = True
        self._ends()
        self._examine()

    def _say_resume(self, who: str, value: str, ref: str, about: str | None) -> None:
        self._late_deferred()

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
        self.reacted = set()
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
        if self.insisting or self.about.appealed:
            return self._climb("not_adopted")
        self.insisting = True
        return self._open("integrating", self._midnight(DAYS["integrating"] - HOURS["response"] // 24))

    def _late_appeal(self) -> None:
        self._examine()

    def _late_deferred(self) -> None:
        self._ends()
        self._open("amending")

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
            self.insisting = False
            respond = self.now + timedelta(hours=HOURS["response"])
            return self._open("integrating", None if self.about.appealed else respond)
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
