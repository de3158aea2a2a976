"""What may be seen before its time: nothing that is said in a sealed or secret phase, but what changes the text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, get_args

from app.rules.contract import ACTS_ON_THE_ENGINE, Case, Ended

ALWAYS_OPEN: Final = frozenset(ACTS_ON_THE_ENGINE)
"""The forms that act on the text: nobody could answer a text that they may not see."""

_CLOSES: Final = frozenset(get_args(Ended))
"""How a phase ends so that its rule has taken note of what was said. A process that is withdrawn or lapses ends its
phase otherwise: the round never closed, and nobody spoke for it to be read then."""


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

    A sealed phase opens when it has closed, unless a sealed one carries it on that does not reveal it: more time for
    those who have not answered does not tell what the others said. One that never closes, because the process ended
    outside its rule, stays sealed for good; a secret one never opens.
    """
    closed: set[int] = set()
    following: HeldPhase | None = None
    for phase in sorted(phases, key=lambda one: one.number, reverse=True):
        sight = phase.plan.get("sight", "open")
        if sight == "secret" or (sight == "sealed" and (phase.ended not in _CLOSES or _hides(following, closed))):
            closed.add(phase.number)
        following = phase
    return frozenset(closed)


def as_seen_by_all(case: Case, phases: Sequence[HeldPhase]) -> Case:
    """The case without what is closed now: what a rule makes of it tells nobody anything before its time."""
    closed = closed_phases(phases)
    held = (
        replace(one, words=tuple(word for word in one.words if word.form in ALWAYS_OPEN)) if number in closed else one
        for number, one in enumerate(case.held, start=1)
    )
    return replace(case, held=tuple(held))


def _hides(following: HeldPhase | None, closed: set[int]) -> bool:
    """Whether the phase that follows carries a sealed round on and keeps it sealed."""
    if following is None or following.number not in closed:
        return False
    return bool(following.plan.get("carries", False)) and not following.plan.get("reveals", False)
