"""What the journal says of proxies: given by whom to whom, and how they ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.journal.events import Event


@dataclass(frozen=True)
class OnProxy(Event):
    """Base of what happens to one proxy."""

    type: ClassVar[str] = ""
    stream: ClassVar[str] = "proxy/{proxy}"
    proxy: UUID


@dataclass(frozen=True)
class ProxyGiven(OnProxy):
    """From now on ``holder`` may vote for ``giver`` in the circle; in one vote alone if ``vote`` names its proposal."""

    type: ClassVar[str] = "proxy.given"
    circle: UUID
    vote: UUID | None
    giver: str
    holder: str
    until: datetime | None


@dataclass(frozen=True)
class ProxyEnded(OnProxy):
    """The proxy gives no voice any more; ballots that were cast by it stay."""

    type: ClassVar[str] = "proxy.ended"
    reason: str


@dataclass(frozen=True)
class CapSet(Event):
    """From now on one member holds at most so many proxies in one vote, by the statutes; null: they name no number."""

    type: ClassVar[str] = "proxies.cap_set"
    stream: ClassVar[str] = "organisation"
    most: int | None
