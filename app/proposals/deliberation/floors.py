"""Who has which floor now, what is still awaited, and why a floor is closed: pure, and never by a phase's kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.roles.surrogates import holder
from app.roles.tables import RoleKind
from app.rules.contract import Floor, Held, Phase, Who, Word

Slot = tuple[str, str, str | None]
"""(speaker, form, subject): what a due floor waits for."""

Offices = Mapping[RoleKind, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Room:
    """Those among whom a phase is held: the proposer, who remains of the electorate, who has left it, and the
    circle's offices."""

    proposer: str
    electorate: frozenset[str]
    gone: frozenset[str]
    offices: Offices

    def holders(self, who: Who) -> frozenset[str]:
        """The people whom the expression names; a forum speaks with one voice, ``members`` is anybody."""
        match who.what:
            case "electors":
                return self.electorate - set(who.barring)
            case "proposer":
                return frozenset({self.proposer})
            case "named":
                return frozenset(who.ids) - self.gone
            case "office":
                found = holder(who.name, self.offices, barring=who.barring)
                return frozenset({found} if found else ())
            case "forum":
                return frozenset({speaker(who)})
            case "members":
                return frozenset()


def speaker(who: Who) -> str:
    """The name under which a forum speaks."""
    return f"forum:{who.name}"


def awaited(held: Held, earlier: Sequence[Held], room: Room) -> set[Slot]:
    """The due slots that nobody has filled yet in this round, on the revision in force."""
    words = [word for one in (*earlier, held) for word in one.words]
    version = held.latest
    filled: set[Slot] = {(word.by, word.form, word.about) for word in words if word.version == version}
    return set(_due(held.phase, words, room)) - filled


def has_due(phase: Phase) -> bool:
    """Whether the phase can be complete at all."""
    return any(floor.due for floor in phase.floors)


def floors_for(phase: Phase, speaker_: str, room: Room, form: str | None = None) -> list[Floor]:
    """The floors that one person holds, in the rule's order."""
    return [
        floor
        for floor in phase.floors
        if form in (None, floor.form) and (floor.who.what == "members" or speaker_ in room.holders(floor.who))
    ]


def is_recused(phase: Phase, voter: str) -> bool:
    """Whether the phase is a vote from which somebody has stepped out: nobody else is barred from one."""
    return phase.yields == "profile" and any(voter in floor.who.barring for floor in phase.floors)


def _due(phase: Phase, words: Sequence[Word], room: Room) -> Iterator[Slot]:
    for floor in phase.floors:
        if floor.due:
            for subject in floor.open_subjects(phase.subject, words):
                for one in sorted(room.holders(floor.who)):
                    yield one, floor.form, subject
