"""What an objection's status is follows from words and verdicts: raised, tested, resolved, or gone with its holder.

An objection exists once the round in which it was said has closed with it: while positions are sealed anybody may
change their mind, and nobody ever learns of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal

from app.rules.contract import Case, Held, Word, moves_revision

Status = Literal[
    "raised",
    "under_test",
    "qualified",
    "not_qualified",
    "withdrawn",
    "resolved",
    "abandoned",
    "orphaned",
    "lapsed",
]

OPEN: Final = ("raised", "under_test", "qualified", "orphaned")
"""Statuses in which an objection of the running round still stands in the way."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the test of one objection ended. ``inherited``: from the earlier objection that it continues."""

    qualified: bool
    valid: int = 0
    dispute: int = 0
    inherited: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """One objection as it stands. ``by`` raised it, ``holder`` speaks for it now."""

    ref: str
    by: str
    holder: str
    status: Status
    version: int
    harms: str | None = None
    criteria: tuple[str, ...] = ()
    continues: str | None = None
    verdict: Verdict | None = None
    resolved_in_version: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it stands in the way of the running round."""
        return self.status in OPEN

    @property
    def is_qualified(self) -> bool:
        """Whether it passed its test and is neither resolved nor taken back."""
        return self.status == "qualified"


def objections(case: Case, judge: str) -> tuple[ObjectionView, ...]:
    """Every objection ever raised in this process, in the order of saying. ``judge`` is the rule's judge mode."""
    seats = [seat for held in _rounds(case) for seat in _seats(case, held)]
    return tuple(_view(case, judge, word, seat) for seat in seats for word in seat.said if word.value == "objection")


def of_this_round(case: Case, judge: str) -> tuple[ObjectionView, ...]:
    """The objections raised in the running round."""
    refs = {word.ref for held in case.round() for word in held.words}
    return tuple(view for view in objections(case, judge) if view.ref in refs)


def concerns(case: Case) -> tuple[Word, ...]:
    """Every consent with a concern that its author did not change before the end of the round."""
    seats = [seat for held in _rounds(case) for seat in _seats(case, held)]
    noted = (word for seat in seats for word in seat.said if word.by not in seat.later)
    return tuple(word for word in noted if word.value == "consent_with_concern")


def positions(case: Case, held: Iterable[Held], version: int) -> tuple[Word, ...]:
    """What each elector said last in these phases on this revision, in the order of saying."""
    last = {word.by: word for one in held for word in one.words if word.form == "position" and word.version == version}
    return tuple(sorted((w for w in last.values() if w.by in case.electorate.ids), key=lambda word: word.ref))


def words(case: Case, form: str, about: str | None = None) -> Iterator[Word]:
    """All words of a form, about one subject if it is named, in the order of saying."""
    for held in case.held:
        for word in held.words:
            if word.form == form and (about is None or word.about == about):
                yield word


def was_reinstated(case: Case, ref: str) -> bool:
    """Whether the objection was set aside and stands again because its holder appealed."""
    return any(words(case, "abandonment_appeal", ref))


@dataclass(frozen=True, slots=True)
class _Seat:
    """One stretch of a round in which positions were open: what was said at its end, who spoke again later in its
    round, and how that round now stands or ended."""

    said: tuple[Word, ...]
    later: frozenset[str]
    end: Held
    is_running: bool


def _rounds(case: Case) -> Iterator[tuple[Held, ...]]:
    """The rounds of a process, oldest first: a phase that does not carry begins a new one."""
    for _, held in groupby(enumerate(case.held), key=lambda place: _beginning(case, place[0])):
        yield tuple(one for _, one in held)


def _beginning(case: Case, place: int) -> int:
    return next((start for start in range(place, 0, -1) if not case.held[start].phase.carries), 0)


def _seats(case: Case, held: tuple[Held, ...]) -> Iterator[_Seat]:
    stretches = [tuple(one) for is_open, one in groupby(held, key=_takes_positions) if is_open]
    closed = [stretch for stretch in stretches if stretch[-1].ended is not None]
    said = [positions(case, stretch, held[0].version) for stretch in closed]
    for place, now in enumerate(said):
        later = frozenset(word.by for after in said[place + 1 :] for word in after)
        yield _Seat(now, later, held[-1], is_running=held[-1] is case.held[-1])


def _takes_positions(held: Held) -> bool:
    return any(floor.form == "position" for floor in held.phase.floors)


def _view(case: Case, judge: str, word: Word, seat: _Seat) -> ObjectionView:
    holder = _holder(case, word)
    verdict = _verdict(case, judge, word)
    resolved = _resolved_in(case, word.ref)
    withdrawn = any(said.by == holder for said in words(case, "objection_withdrawal", word.ref))
    status: Status
    if resolved is not None:
        status = "resolved"
    elif any(words(case, "abandonment", word.ref)) and not was_reinstated(case, word.ref):
        status = "abandoned"
    elif verdict is not None and not verdict.qualified:
        status = "not_qualified"
    elif withdrawn or word.by in seat.later:
        status = "withdrawn"
    else:
        status = _standing(case, word, holder, verdict, seat)
    return ObjectionView(
        ref=word.ref,
        by=word.by,
        holder=holder,
        status=status,
        version=word.version,
        harms=word.facts.get("harms"),
        criteria=tuple(word.facts.get("criteria", ())),
        continues=word.facts.get("continues"),
        verdict=verdict,
        resolved_in_version=resolved,
    )


def _standing(case: Case, word: Word, holder: str, verdict: Verdict | None, seat: _Seat) -> Status:
    """The status of an objection that nobody resolved, withdrew or set aside."""
    now = seat.end
    if holder not in now.electorate.voting.ids:
        waited = any(h.phase.kind == "orphaned" and h.phase.subject == word.ref and h.ended for h in case.held)
        return "orphaned" if seat.is_running and not waited else "lapsed"
    if verdict is not None:
        return "qualified"
    if not seat.is_running:
        return "lapsed"
    under_test = now.phase.kind == "testing" and now.phase.subject == word.ref and now.ended is None
    return "under_test" if under_test else "raised"


def _holder(case: Case, objection: Word) -> str:
    """Who speaks for an objection: whoever raised it, or the elector who took it over."""
    adopted = [word.by for word in words(case, "adoption", objection.ref) if word.by in case.electorate.ids]
    return adopted[-1] if adopted else objection.by


def _resolved_in(case: Case, ref: str) -> int | None:
    """The revision on which the holder and the proposer both confirmed that the objection is resolved.

    A confirmation of this very text still stands when the phase was interrupted and opened anew.
    """
    settled: set[tuple[str, int]] = set()
    for held in case.held:
        settled |= {(word.by, word.version) for word in held.words if (word.form, word.about) == ("settlement", ref)}
        if held.phase.kind == "integrating" and held.phase.subject == ref and held.ended == "complete":
            both = (by for floor in held.phase.floors if floor.due for by in floor.who.ids or (case.proposer,))
            if all((by, held.latest) in settled for by in both):
                return held.latest
    return None


def _verdict(case: Case, judge: str, objection: Word) -> Verdict | None:
    """How the test ended: only more disputes than support disqualify, so that no verdict protects the objector."""
    if judge == "none":
        return Verdict(qualified=True)
    earlier = _continued(case, objection)
    known = _verdict(case, judge, earlier) if earlier is not None else None
    if known is not None and earlier is not None:
        return replace(known, inherited=earlier.ref)
    tests = [held for held in case.held if held.phase.kind == "testing" and held.phase.subject == objection.ref]
    if tests and tests[-1].ended in {"deadline", "complete"}:
        return _counted(tests)
    return None


def _counted(tests: Sequence[Held]) -> Verdict:
    """The judgments on one objection, also those said before its test was interrupted, of those who judge it still."""
    now = tests[-1]
    judges = next(floor.who for floor in now.phase.floors if floor.form == "judgment")
    may = now.electorate.voting.ids - set(judges.barring)
    said = {
        word.by: word.value
        for test in tests
        for word in test.words
        if word.form == "judgment"
        and (word.by in may or (judges.what == "office" and word.by not in judges.barring))
        and (not judges.ids or word.by in judges.ids)
    }
    valid, dispute = (sum(value == asked for value in said.values()) for asked in ("valid", "dispute"))
    return Verdict(dispute <= valid, valid, dispute)


def _continued(case: Case, objection: Word) -> Word | None:
    """The earlier objection whose verdict still holds: of the same holder, and the text it aims at did not change."""
    for word in words(case, "position"):
        named = word.ref == objection.facts.get("continues") and word.ref < objection.ref
        if named and word.value == "objection" and objection.by == _holder(case, word):
            return None if _moved(case, word, objection) else word
    return None


def _moved(case: Case, earlier: Word, later: Word) -> bool:
    """Whether the text that the objection aims at changed in substance between the two."""
    aimed = frozenset(later.facts.get("targets") or earlier.facts.get("targets") or ())
    amendments = {word.ref: word for word in words(case, "amendment")}
    for word in (*amendments.values(), *words(case, "contest")):
        if moves_revision(word) and earlier.version <= word.version < later.version:
            changed = amendments.get(word.about or "", word) if word.form == "contest" else word
            touched = frozenset(changed.facts.get("touches", ()))
            if not aimed or not touched or aimed & touched:
                return True
    return False
