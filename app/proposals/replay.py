"""A process rebuilt from its exported events alone, and its pinned rule asked again at every recorded step.

Pure: no database, no clock and no chance, so that the same fold serves an offline check years later. What is compared
is canonical JSON, byte for byte.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from app.proposals.deliberation.cover import exposed
from app.proposals.exported import Hands, Told, Urns, counted, voter, word_of
from app.proposals.lots import commitment, seed_of_draw
from app.proposals.speaking import Clock, floor_of, floor_of_ballot, may_end
from app.rules.canonical import canonical_bytes, digest, json_bytes, phase_from_json, profile_from_json
from app.rules.catalogue import Catalogue
from app.rules.contract import Case, DecisionRule, Electorate, Ended, Held, Outcome, Phase, Profile, Step

_ENDS: Final = frozenset({"proposal.withdrawn", "proposal.lapsed"})


class ReplayDiffers(ValueError):
    """What was recorded is not what follows; ``code`` says where they part, ``seq`` is the event's in its stream."""

    def __init__(self, code: str, told: Told) -> None:
        super().__init__(f"{code} at {told.envelope['stream']} {told.envelope['seq']}")
        self.code = code
        self.stream: str = told.envelope["stream"]
        self.seq: int = told.envelope["seq"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the events tell. ``outcome`` is None when the process goes on or ended outside its rule; ``asked`` counts
    how often the rule was asked, ``end`` names the event that ended the process, if one did. ``withheld`` counts the
    words that are missing in the case: they are sealed in a round that has not closed, or never will."""

    process: UUID
    case: Case
    outcome: Outcome | None
    asked: int
    end: str | None
    withheld: int = 0


def replay(events: Iterable[Told], rules: Catalogue) -> Replayed:
    """Fold the events of one process, in the order of the log, and ask its rule wherever it was asked.

    ``events`` are those of the proposal's stream and of its ballots' streams; what precedes admission is passed over.
    Raises ReplayDiffers where the record and the rule part, UnknownRule or InvalidOptions when the pinned rule is not
    installed, KeyError when a disclosure that the recount needs is missing: no step may follow from what is withheld.
    """
    fold: _Fold | None = None
    for told in events:
        if told.type == "proposal.admitted":
            fold = _Fold(told, rules)
        elif fold is not None:
            fold.take(told)
    if fold is None:
        raise ValueError("nothing was admitted here")
    return fold.end()


class _Fold:
    """The case so far. ``_expected`` is the step that must come next; ``_asked_in_vain`` is a question to which the
    record shows no answer, so that the rule must have said that the phase goes on."""

    def __init__(self, admitted: Told, rules: Catalogue) -> None:
        data, pin = admitted.data, admitted.envelope["rule"]
        electors = admitted.disclosed["electorate"]
        if digest(electors) != data["electorate_digest"]:
            raise ReplayDiffers("electorate", admitted)
        if rules.reference_digest(pin["slug"], pin["version"]) != data["reference_digest"]:
            raise ReplayDiffers("reference_digest", admitted)
        self._rule: DecisionRule = rules.bind(pin["slug"], pin["version"], data["options"])
        self._process = UUID(data["proposal"])
        self._commitment: str = data["seed_commitment"]
        on_ballot = tuple(admitted.disclosed["on_ballot"])
        self._case = Case(data["proposer"], Electorate(tuple(map(voter, electors))), (), data["matter"], on_ballot)
        self._last = admitted
        self._left: dict[str, int] = {}
        self._there: frozenset[str] = frozenset()
        self._clock = Clock()
        self._rounds: dict[int, int] = {}
        self._urns = Urns()
        self._hands = Hands()
        self._draws: list[tuple[int, str]] = []
        self._asked_in_vain: Ended | None = None
        self._stopped = False
        self._withheld = 0
        self._outcome: Outcome | None = None
        self._ended_by: str | None = None
        self._asked = 0
        self._expected: Step = self._ask()

    def take(self, told: Told) -> None:
        """One event more."""
        handle = _HANDLERS.get(told.type)
        if handle is None and told.type not in _ENDS:
            return  # a text was written: the case holds no prose
        if self._ended_by is not None:
            raise ReplayDiffers("after_the_end", told)
        self._last = told
        if told.type in _ENDS:
            self._lots_are_true(told)
            self._asked_in_vain, self._ended_by = None, told.type
        elif handle is not None:
            handle(self, told)

    def end(self) -> Replayed:
        """What it all makes, once every event is taken."""
        self._goes_on()
        return Replayed(self._process, self._case, self._outcome, self._asked, self._ended_by, self._withheld)

    def opened(self, told: Told) -> None:
        """A phase opens: exactly the one that the rule asked for."""
        plan = told.disclosed["plan"]
        self._must_follow(Phase, plan, told)
        phase, number = phase_from_json(plan), told.data["number"]
        if number != len(self._case.held) + 1:
            raise ReplayDiffers("phase_number", told)
        self._rounds[number] = told.data["round"]
        self._clock.start(told)
        held = Held(phase, told.data["revision"], Electorate(), (), Profile() if phase.yields == "profile" else None)
        self._case = replace(self._case, held=(*self._case.held, held))
        self._refresh()

    def said(self, told: Told) -> None:
        """Somebody says something, on a floor of the running phase."""
        self._goes_on()
        now = self._running(told)
        if "content" not in told.disclosed:
            self._withheld += 1
            return
        word = word_of(told)
        floor = floor_of(word, self._case, self._there)
        if floor is None or told.data["phase"] != len(self._case.held):
            raise ReplayDiffers("no_floor", told)
        if floor.who.what == "forum" and floor.who.name == "lots":
            self._draws.append((told.data["phase"], word.value))
        self._put(words=(*now.words, word))
        if floor.wakes:
            self._asked_in_vain = "woken"

    def cast(self, told: Told) -> None:
        """Somebody casts a ballot, as the engine takes it; the last one of the round counts."""
        self._goes_on()
        now, held_round = self._running(told), self._rounds[len(self._case.held)]
        floor = floor_of_ballot(told, self._case, self._there)
        if isinstance(floor, str):
            raise ReplayDiffers(floor, told)
        if self._clock.is_over(told):
            raise ReplayDiffers("phase_over", told)
        if not self._hands.may_cast(told, now.phase, floor, held_round):
            raise ReplayDiffers("no_floor", told)
        self._urns.put(told, held_round)

    def took_part(self, told: Told) -> None:
        """A secret vote closes: whoever has left after voting in it belongs to it all the same."""
        self._urns.roll(self._rounds[told.data["number"]], told.disclosed["roll"])
        self._refresh()

    def left(self, told: Told) -> None:
        """Somebody leaves: words stop counting, a ballot already cast stays."""
        self._goes_on()
        self._left[told.data["voter"]] = told.data["phase"]
        if self._case.held:
            self._refresh()
        if not self._stopped:
            self._asked_in_vain = "shrunk"

    def over(self, told: Told) -> None:
        """The phase ends: the rule is asked what follows."""
        now = self._running(told)
        if self._withheld:
            raise KeyError("content")
        self._asked_in_vain = None
        instead = self._exposed(told) if now.phase.sight == "secret" else None
        if now.phase.sight == "secret":  # who voted what is in no event: the urn is counted apart
            now = self._put(profile=Profile() if instead else profile_from_json(told.disclosed["profile"]))
        elif now.profile is not None:
            now = self._recounted(told)
        if now.profile is not None and instead is None and now.profile.heads != told.data["ballots"]:
            raise ReplayDiffers("profile", told)
        voted = self._urns.choices(self._rounds[len(self._case.held)])
        if not may_end(told, self._clock, self._rule, self._case, voted):
            raise ReplayDiffers("ended", told)
        self._put(ended=told.data["ended"])
        self._expected = instead or self._ask()

    def _recounted(self, told: Told) -> Held:
        """The phase with the profile of the ballots that have been told: exactly those that its end commits to."""
        now = self._refresh()
        if digest(now.profile) != told.data["profile_digest"]:
            raise ReplayDiffers("profile", told)
        if self._urns.digest(told.data["number"]) != told.data["ballots_digest"]:
            raise ReplayDiffers("ballots_digest", told)
        return now

    def _exposed(self, told: Told) -> Outcome | None:
        """The outcome of a secret vote that would have told too few apart: then nothing of its ballots is recorded."""
        roll = self._urns.choices(self._rounds[told.data["number"]])
        instead = exposed(self._case.electorate, self._rule.reads(), roll)
        if len(roll) != told.data["ballots"] or (instead is not None and "profile" in told.disclosed):
            raise ReplayDiffers("profile", told)
        return instead

    def stopped(self, _: Told) -> None:
        """The process waits: for its rule to be mended, or for somebody to carry it."""
        self._asked_in_vain, self._stopped = None, True

    def resumed(self, told: Told) -> None:
        """The process goes on, and until when its phase does."""
        self._stopped = False
        self._clock.start(told)

    def decided(self, told: Told) -> None:
        """The outcome: exactly the one that the rule computes."""
        self._must_follow(Outcome, told.disclosed["outcome"], told)
        self._outcome = self._case_outcome(told)
        self._lots_are_true(told)
        self._ended_by = told.type

    def _lots_are_true(self, told: Told) -> None:
        """Every ending opens the seed: it answers the commitment made at admission, and gives every draw."""
        seed = told.data["seed"]
        if not hmac.compare_digest(commitment(seed), self._commitment):
            raise ReplayDiffers("seed", told)
        if any(seed_of_draw(seed, self._process, phase) != drawn for phase, drawn in self._draws):
            raise ReplayDiffers("draw", told)

    def _case_outcome(self, told: Told) -> Outcome:
        outcome = self._expected
        if not isinstance(outcome, Outcome) or digest(outcome) != told.data["outcome_digest"]:
            raise ReplayDiffers("outcome", told)
        if (outcome.verdict, list(outcome.winners)) != (told.data["verdict"], told.data["winners"]):
            raise ReplayDiffers("outcome", told)
        return outcome

    def _ask(self) -> Step:
        self._asked += 1
        return self._rule.after(self._case)

    def _goes_on(self) -> None:
        """The rule was asked at the last event and nothing was recorded: it must say that the phase goes on."""
        why, self._asked_in_vain = self._asked_in_vain, None
        if why is None:
            return
        before = self._case
        self._refresh()
        self._put(ended=why)
        step = self._ask()
        self._case = before
        if step is not None:
            raise ReplayDiffers("phase_goes_on", self._last)

    def _must_follow(self, kind: type, recorded: Any, told: Told) -> None:
        step = self._expected
        if not isinstance(step, kind) or canonical_bytes(step) != json_bytes(recorded):
            raise ReplayDiffers("phase" if kind is Phase else "outcome", told)

    def _running(self, told: Told) -> Held:
        now = self._case.now
        if now is None or now.ended is not None:
            raise ReplayDiffers("no_phase", told)
        return now

    def _refresh(self) -> Held:
        """Who remains in the running phase, and its profile so far."""
        everybody, number = self._case.electorate, len(self._case.held)
        phase = self._case.held[-1].phase
        is_vote = phase.yields == "profile"
        ballots = self._urns.choices(self._rounds[number]) if is_vote else {}
        there = everybody.without(one for one, left in self._left.items() if left <= number and one not in ballots)
        profile = counted(everybody, ballots) if is_vote else None
        is_known = is_vote and phase.sight != "secret"
        own = self._urns.by(self._case.proposer, self._rounds[number]) if is_known else None
        self._there = there.ids - self._left.keys()
        return self._put(electorate=there, profile=profile, by_proposer=own)

    def _put(self, **changes: Any) -> Held:
        now = replace(self._case.held[-1], **changes)
        self._case = replace(self._case, held=(*self._case.held[:-1], now))
        return now


_HANDLERS: Final[Mapping[str, Callable[[_Fold, Told], None]]] = {
    "phase.opened": _Fold.opened,
    "phase.ended": _Fold.over,
    "word.said": _Fold.said,
    "ballot.cast": _Fold.cast,
    "participation.sealed": _Fold.took_part,
    "elector.left": _Fold.left,
    "proposal.proposer_left": _Fold.stopped,
    "process.needs_attention": _Fold.stopped,
    "process.resumed": _Fold.resumed,
    "decision.computed": _Fold.decided,
}
