"""What the journal says of agreements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from app.journal.events import Event, disclosed


@dataclass(frozen=True)
class AgreementEnacted(Event):
    """A decision put an agreement into force. ``concerns`` are references of words, told in the proposal's stream."""

    type: ClassVar[str] = "agreement.enacted"
    stream: ClassVar[str] = "agreement/{agreement}"
    agreement: UUID
    circle: UUID
    domain: UUID
    proposal: UUID
    kind: str
    review_on: date
    expires_on: date | None
    concerns: Sequence[str] | None = disclosed()
    title: str | None = disclosed()
    text: str | None = disclosed()


@dataclass(frozen=True)
class AgreementReviewForced(Event):
    """A trial nears its last day: unless the circle decides anew until then, it ends."""

    type: ClassVar[str] = "agreement.review_forced"
    stream: ClassVar[str] = "agreement/{agreement}"
    agreement: UUID
    expires_on: date


@dataclass(frozen=True)
class AgreementExpired(Event):
    """A trial ended with its last day: only another decision makes a trial last."""

    type: ClassVar[str] = "agreement.expired"
    stream: ClassVar[str] = "agreement/{agreement}"
    agreement: UUID
    expires_on: date
