"""Rows and events of a deliberation, laid down by hand: what readers of the log meet."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.ids import uuid7
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.tables import Member
from app.proposals.events import Said, TextWritten
from app.proposals.lifecycle import ProposalState
from app.proposals.tables import PhaseHeld, Process, Proposal, Tension
from tests.circles.structure import Structure
from tests.people.cooperative import actor


@dataclass
class Deliberation:
    """One proposal of one member."""

    structure: Structure
    proposer: Member
    id: UUID

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.structure.gestion.organisation_id, self.id

    async def turn(self, state: ProposalState, **more: Any) -> None:
        """Have the proposal in that state."""
        async with self.structure.write() as session:
            proposal = await session.get_one(Proposal, self.key)
            proposal.state = state
            for name, value in more.items():
                setattr(proposal, name, value)
            self._tell(session, actor(self.proposer), "edited")

    async def phase(self, number: int, sight: str, *, carries: bool = False) -> None:
        """Open a phase with that sight, which may carry on the one before."""
        organisation_id, proposal_id = self.key
        async with self.structure.write() as session:
            if number == 1:
                session.add(Process.model_validate(_process(organisation_id, proposal_id, self.structure.now)))
                await session.flush()
            plan = {"kind": "objecting", "sight": sight, "carries": carries}
            held = {
                "organisation_id": organisation_id,
                "process_id": proposal_id,
                "number": number,
                "round": 1,
                "revision": 1,
                "kind": "objecting",
                "plan": plan,
                "opened_at": self.structure.now,
                "awaited": 0,
            }
            session.add(PhaseHeld.model_validate(held))
            self._tell(session, actor(self.proposer), "admitted")

    async def end(self, number: int) -> None:
        """End a phase."""
        async with self.structure.write() as session:
            held = await session.get_one(PhaseHeld, (*self.key, number))
            held.ended, held.ended_at = "deadline", self.structure.now
            self._tell(session, actor(self.proposer), "ended")

    async def say(self, by: Member, phase: int, value: str, prose: str) -> None:
        """A word in that phase."""
        async with self.structure.write() as session:
            said = Said(
                proposal=self.id, phase=phase, ref=f"w{phase}", form="position", about=None, revision=1,
                content={"value": value}, prose={"text": prose},
            )  # fmt: skip
            record(session, actor(by), said, self.structure.now)

    def _tell(self, session: AsyncSession, who: Actor, body: str) -> None:
        written = TextWritten(
            proposal=self.id, circle=self.structure.gestion.id, tension=self.id, revision=1, edition=1,
            amendment="draft", digest="0", review_on="2026-09-02", title="Refunds", body=body,
        )  # fmt: skip
        record(session, who, written, self.structure.now)


async def drafted(structure: Structure, proposer: Member) -> Deliberation:
    """A draft of that member."""
    organisation_id, now = structure.gestion.organisation_id, structure.now
    made = Deliberation(structure, proposer, uuid7())
    async with structure.write() as session:
        tension = Tension.model_validate(
            {
                "organisation_id": organisation_id,
                "sensed_by": proposer.id,
                "created_at": now,
                "driver": "Refunds are late.",
                "example": "In May.",
                "requirement": "Refunds in a week.",
            }
        )
        session.add(tension)
        await session.flush()
        proposal = {
            "organisation_id": organisation_id,
            "id": made.id,
            "circle_id": structure.gestion.id,
            "proposer_id": proposer.id,
            "tension_id": tension.id,
            "title": "Refunds",
            "created_at": now,
        }
        session.add(Proposal.model_validate(proposal))
        made._tell(session, actor(proposer), "first draft")
    return made


def _process(organisation_id: UUID, proposal_id: UUID, now: Any) -> dict[str, Any]:
    words = ("reference_digest", "code_digest", "electorate_digest", "proposer", "matter", "seed")
    return {
        "organisation_id": organisation_id,
        "id": proposal_id,
        "rule_slug": "consent",
        "rule_version": 1,
        "options": {},
        "electors": 1,
        "on_ballot": [],
        "reads": [],
        "opened_at": now,
        **dict.fromkeys(words, "-"),
    }
