"""What is said, before it is known whether it may be: an utterance, and the name that a word gets."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.journal.record import position
from app.proposals.streams import ref_at, stream_of
from app.proposals.tables import Proposal
from app.rules.contract import Form


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody fills in a form on a proposal."""

    actor: Actor
    proposal_id: UUID
    form: str
    body: Form


def next_ref(session: AsyncSession, proposal: Proposal) -> str:
    """The reference of the next word: its place in the proposal's stream, so that references sort as words were
    said. The stream must be held."""
    return ref_at(position(session, proposal.organisation_id, stream_of(proposal.id)))
