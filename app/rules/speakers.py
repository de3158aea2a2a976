"""Who may speak, as an expression that is written down with a phase and resolved when somebody speaks."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Who:
    """Who has a floor: a small expression that the engine resolves and the journal records.

    ``electors`` and ``office`` may bar people by id; ``office`` names a role (``facilitator``), whose holder the
    engine finds together with its order of surrogates; ``named`` lists ids; ``forum`` is the outside speaking as
    one (``meeting``, ``assembly``, ``broader_circle``, ``lots``): one that does not exist says ``absent``.
    """

    what: Literal["electors", "proposer", "office", "named", "members", "forum"]
    name: str = ""
    ids: tuple[str, ...] = ()
    barring: tuple[str, ...] = ()


def electors(*barring: str) -> Who:
    """Everybody in the frozen electorate who is still there, without the barred."""
    return Who("electors", barring=tuple(sorted(set(barring) - {""})))


def proposer() -> Who:
    """The holder of the text."""
    return Who("proposer")


def office(name: str, *barring: str) -> Who:
    """The holder of an office; a barred or missing holder is replaced by the office's surrogate."""
    return Who("office", name, barring=tuple(sorted(set(barring) - {""})))


def named(*ids: str) -> Who:
    """Exactly these people."""
    return Who("named", ids=tuple(sorted(set(ids))))


def forum(name: str) -> Who:
    """The outside, speaking with one voice."""
    return Who("forum", name)
