"""What may be seen before its time: nothing that is said in a sealed or secret phase, but what changes the text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

ALWAYS_OPEN = frozenset({"amendment", "contest"})
"""The forms that act on the text: nobody could answer a text that they may not see."""


class HeldPhase(Protocol):
    """What is asked of a phase's row."""

    @property
    def number(self) -> int: ...
    @property
    def plan(self) -> Mapping[str, Any]: ...
    @property
    def ended(self) -> str | None: ...


def closed_phases(phases: Sequence[HeldPhase]) -> frozenset[int]:
    """The numbers of the phases of one process whose words are closed to others now.

    A sealed phase opens when it ends, unless a sealed one carries it on: the confirmation of a round does not reveal
    the round.
    """
    closed: set[int] = set()
    following: HeldPhase | None = None
    for phase in sorted(phases, key=lambda one: one.number, reverse=True):
        if phase.plan.get("sight", "open") != "open":
            carried_on = following is not None and following.plan.get("carries", False) and following.number in closed
            if phase.ended is None or carried_on:
                closed.add(phase.number)
        following = phase
    return frozenset(closed)


def readable(words: Iterable[Any], phases: Sequence[HeldPhase], reader: str) -> list[Any]:
    """The words that the holder of the pseudonym ``reader`` may see now; one's own always."""
    closed = closed_phases(phases)
    return [word for word in words if word.phase not in closed or word.by == reader or word.form in ALWAYS_OPEN]
