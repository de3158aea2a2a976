"""What the journal says of tensions, proposals and the processes that decide them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from app.journal.events import Event, disclosed


@dataclass(frozen=True)
class TensionSensed(Event):
    type: ClassVar[str] = "tension.sensed"
    stream: ClassVar[str] = "tension/{tension}"
    tension: UUID
    driver: str | None = disclosed(subject="actor")
    example: str | None = disclosed(subject="actor")
    requirement: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class OnProposal(Event):
    """Base of what happens to one proposal: its stream tells the order."""

    type: ClassVar[str] = ""
    stream: ClassVar[str] = "proposal/{proposal}"
    proposal: UUID


@dataclass(frozen=True)
class TextWritten(OnProposal):
    """A text was written: the first one, an edit of a draft, or an amendment. ``digest`` is that of the text."""

    type: ClassVar[str] = "proposal.text_written"
    circle: UUID
    tension: UUID
    revision: int
    edition: int
    amendment: str
    review_on: str
    digest: str | None = disclosed()
    title: str | None = disclosed(subject="actor")
    body: str | None = disclosed(subject="actor")
    changes: list[dict[str, Any]] | None = disclosed()
    evaluation: str | None = disclosed(subject="actor")
    options: list[dict[str, Any]] | None = disclosed(subject="actor")


@dataclass(frozen=True)
class FormingStarted(OnProposal):
    type: ClassVar[str] = "proposal.forming_started"


@dataclass(frozen=True)
class Submitted(OnProposal):
    type: ClassVar[str] = "proposal.submitted"
    circle: UUID
    revision: int


@dataclass(frozen=True)
class Refused(OnProposal):
    type: ClassVar[str] = "proposal.refused"
    reason: str
    text: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class Appealed(OnProposal):
    type: ClassVar[str] = "proposal.appealed"
    text: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class AppealRuled(OnProposal):
    type: ClassVar[str] = "proposal.appeal_ruled"
    upheld: bool
    text: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class Admitted(OnProposal):
    """Rule, options, digests and electorate are frozen here, once; ``seed_commitment`` is SHA-256 of the lots' seed."""

    type: ClassVar[str] = "proposal.admitted"
    circle: UUID
    options: dict[str, Any]
    reference_digest: str
    code_digest: str
    electorate_digest: str
    electors: int
    proposer: str
    matter: str
    seed_commitment: str
    electorate: list[dict[str, Any]] | None = disclosed()
    on_ballot: list[str] | None = disclosed()


@dataclass(frozen=True)
class PhaseOpened(OnProposal):
    """The rule's plan of the phase is disclosed: it grows with what it reports, and a leaf may not."""

    type: ClassVar[str] = "phase.opened"
    number: int
    round: int
    revision: int
    kind: str
    closes_at: datetime | None
    plan: dict[str, Any] | None = disclosed()


@dataclass(frozen=True)
class PhaseEnded(OnProposal):
    """A vote ends with ``ballots`` ballots, each of which has an event of its own unless the vote is secret: whoever
    counts them finds ``profile_digest``, SHA-256 of the canonical JSON of their profile. Of a secret vote the profile
    itself is disclosed. It is not where the vote was not counted; nor where fewer than twenty ballots mark several
    options, for there it would be the list of the ballots.

    ``ballots_digest`` is SHA-256 over the leaf hashes at the heads of the ballots' streams, 32 bytes each, in the order
    of the streams' names: no ballot can be added, dropped or changed afterwards without being noticed.
    """

    type: ClassVar[str] = "phase.ended"
    number: int
    ended: str
    ballots: int | None = None
    ballots_digest: str | None = None
    profile_digest: str | None = None
    profile: dict[str, Any] | None = disclosed()


@dataclass(frozen=True)
class ParticipationSealed(OnProposal):
    """A secret vote has closed: who took part in it, and nothing of what they voted."""

    type: ClassVar[str] = "participation.sealed"
    number: int
    voters: int
    roll: list[str] | None = disclosed()


@dataclass(frozen=True)
class UrnSealed(OnProposal):
    """The slips of a secret vote as they are counted: how many, and the digest over all of them in the order of their
    trackers."""

    type: ClassVar[str] = "urn.sealed"
    number: int
    slips: int
    digest: str


@dataclass(frozen=True)
class UrnDiscarded(OnProposal):
    """A secret vote has ended without a count, because the proposal was taken from it or because too few of a group
    that is counted apart took part: none of its slips, so many, was kept."""

    type: ClassVar[str] = "urn.discarded"
    number: int
    slips: int


@dataclass(frozen=True)
class Said(OnProposal):
    """A word on a floor. What it says in codes is disclosed on its own, so that erasing its prose breaks no recount.

    Every word has the same two disclosures, empty prose included: in a sealed phase, the shape of a leaf does not
    tell a consent from an objection.
    """

    type: ClassVar[str] = "word.said"
    phase: int
    ref: str
    form: str
    about: str | None
    revision: int
    office: str | None = None
    content: dict[str, Any] | None = disclosed()
    prose: dict[str, str] | None = disclosed(subject="actor")


@dataclass(frozen=True)
class BallotCast(Event):
    """A ballot, in a stream of its own: a vote has no hot row. The choice is disclosed, never in the leaf.

    ``voter`` is whose ballot it is. Somebody else casts it only by the ``proxy`` that they hold of the voter.
    """

    type: ClassVar[str] = "ballot.cast"
    stream: ClassVar[str] = "ballot/{proposal}/{phase}/{voter}"
    proposal: UUID
    phase: int
    voter: str
    revision: int
    proxy: UUID | None = None
    choice: str | None = disclosed()


@dataclass(frozen=True)
class ElectorLeft(OnProposal):
    type: ClassVar[str] = "elector.left"
    voter: str
    phase: int


@dataclass(frozen=True)
class Recused(OnProposal):
    """A member has a stake of their own and steps out of the decision before it opens."""

    type: ClassVar[str] = "proposal.recused"
    voter: str
    text: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class ProposerLeft(OnProposal):
    type: ClassVar[str] = "proposal.proposer_left"
    lapses_at: datetime


@dataclass(frozen=True)
class Withdrawn(OnProposal):
    """``seed`` opens the commitment made at admission, so that lots drawn before can be checked; none before it."""

    type: ClassVar[str] = "proposal.withdrawn"
    seed: str | None = None
    text: str | None = disclosed(subject="actor")


@dataclass(frozen=True)
class Lapsed(OnProposal):
    """``seed`` opens the commitment made at admission, so that lots drawn before can be checked; none before it."""

    type: ClassVar[str] = "proposal.lapsed"
    reason: str
    seed: str | None = None


@dataclass(frozen=True)
class AttentionNeeded(OnProposal):
    """The process has stopped: its rule is missing, has changed, or failed. Nothing falls through to another rule."""

    type: ClassVar[str] = "process.needs_attention"
    reason: str
    detail: str


@dataclass(frozen=True)
class Resumed(OnProposal):
    """``closes_at``: until when the phase goes on that was open when the process stopped."""

    type: ClassVar[str] = "process.resumed"
    closes_at: datetime | None


@dataclass(frozen=True)
class Decided(OnProposal):
    """The outcome that the rule computed. ``outcome_digest`` is SHA-256 of its canonical form; ``seed`` opens the
    commitment made at admission."""

    type: ClassVar[str] = "decision.computed"
    verdict: str
    winners: list[str]
    revision: int
    outcome_digest: str
    seed: str
    outcome: dict[str, Any] | None = disclosed()
