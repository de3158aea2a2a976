"""What an event is: a fact in the past tense, with its stream, its open facts and its disclosures.

Each room states its kinds in its own ``events.py``. A plain field is public inside the leaf and holds codes,
ids and figures only; a field made with :func:`disclosed` leaves only a salted digest there, and its value lies in
a disclosure that can be withheld or erased without breaking any proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, ClassVar, Literal
from uuid import UUID

Subject = Literal["actor", "nobody"] | str


@dataclass(frozen=True)
class Event:
    """Base of every kind. ``stream`` is a template over the fields: ``proposal/{proposal}``."""

    type: ClassVar[str]
    stream: ClassVar[str]
    revision_of_kind: ClassVar[int] = 1

    def stream_name(self) -> str:
        """The aggregate to which this event belongs; events of a stream are linked one to the next."""
        return self.stream.format_map(_Fields(self))

    def facts(self) -> dict[str, Any]:
        """The public facts, as plain JSON without floats."""
        return {name: plain(getattr(self, name)) for name in _plan(type(self)).public}

    def disclosures(self) -> list[tuple[str, Any, str | None]]:
        """(name, value, subject) of each disclosed field that has a value.

        ``subject`` names whom the text is about: ``actor`` (its author), another field that holds a pseudonym, or
        None for a coded value that stays when a person is erased, so that every recount still works.
        """
        found = []
        for name, about in _plan(type(self)).disclosed:
            value = getattr(self, name)
            if value is not None:
                found.append((name, plain(value), self._subject(about)))
        return found

    def _subject(self, about: str) -> str | None:
        if about == "nobody":
            return None
        return "actor" if about == "actor" else str(getattr(self, about))


def disclosed(*, subject: Subject = "nobody", default: Any = None) -> Any:
    """A field whose value leaves only its digest in the leaf."""
    return field(default=default, metadata={"disclosed": subject})


def plain(value: Any) -> Any:
    """``value`` as the leaf's JSON profile allows it: no floats, figures as ``n`` or ``n/d``."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (UUID, Fraction)):
        return str(value)
    if isinstance(value, Mapping):
        is_plain = all(type(one) is str for one in value.values())  # as the many ballots of a vote are
        return dict(value) if is_plain else {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a leaf cannot hold {type(value).__name__}")


def every_kind() -> list[type[Event]]:
    """All kinds of events that the loaded rooms define, by type."""
    found: dict[str, type[Event]] = {}
    waiting = list(Event.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found[kind.type] = kind
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True)
class _Plan:
    public: tuple[str, ...]
    disclosed: tuple[tuple[str, str], ...]


_PLANS: dict[type[Event], _Plan] = {}


def _plan(kind: type[Event]) -> _Plan:
    if kind not in _PLANS:
        _PLANS[kind] = _planned(kind)
    return _PLANS[kind]


def _planned(kind: type[Event]) -> _Plan:
    public, hidden = [], []
    for one in fields(kind):
        about = one.metadata.get("disclosed")
        if about is None:
            public.append(one.name)
        else:
            hidden.append((one.name, about))
    return _Plan(tuple(public), tuple(hidden))


class _Fields(dict[str, Any]):
    def __init__(self, event: Event) -> None:
        super().__init__()
        self._event = event

    def __missing__(self, key: str) -> Any:
        return getattr(self._event, key)
