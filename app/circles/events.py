"""What the journal says of circles, of who belongs to them, of their domains and of their rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from app.journal.events import Event, disclosed


@dataclass(frozen=True)
class OnCircle(Event):
    """Base of what happens to one circle."""

    type: ClassVar[str] = ""
    stream: ClassVar[str] = "circle/{circle}"
    circle: UUID


@dataclass(frozen=True)
class CircleFounded(OnCircle):
    """A circle was founded under a broader one; ``parent`` is None for the anchor alone."""

    type: ClassVar[str] = "circle.founded"
    parent: UUID | None
    kind: str
    slug: str
    name: str | None = disclosed()
    aim: str | None = disclosed()


@dataclass(frozen=True)
class CircleDescribed(OnCircle):
    """A circle's name or aim was put in other words."""

    type: ClassVar[str] = "circle.described"
    name: str | None = disclosed()
    aim: str | None = disclosed()


@dataclass(frozen=True)
class CircleJoined(OnCircle):
    """Somebody belongs to the circle from now on."""

    type: ClassVar[str] = "circle.joined"
    membership: UUID
    who: str | None
    basis: str


@dataclass(frozen=True)
class CircleLeft(OnCircle):
    """Somebody does not belong to the circle on this basis any more."""

    type: ClassVar[str] = "circle.left"
    membership: UUID
    who: str | None
    basis: str


@dataclass(frozen=True)
class DomainEntrusted(OnCircle):
    """The circle holds a domain, and is alone to hold it."""

    type: ClassVar[str] = "domain.entrusted"
    domain: UUID
    slug: str
    review_on: date | None
    name: str | None = disclosed()
    description: str | None = disclosed()


@dataclass(frozen=True)
class RuleSet(OnCircle):
    """The circle decides by this rule from now on; processes that run keep the rule they began with."""

    type: ClassVar[str] = "circle.rule_set"
    slug: str
    version: int
    options: Mapping[str, Any]
