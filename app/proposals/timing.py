"""What a waiting proposal calls for when nobody acts: admission after a day, lapse when nobody carries it."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation import jobs
from app.proposals.lifecycle import ADMITTED_AFTER
from app.proposals.tables import Proposal

ADMISSION: Final = "proposal.admission"
LAPSE: Final = "proposal.lapse"


async def call_for_admission(session: AsyncSession, proposal: Proposal, now: datetime) -> None:
    """The job that admits a submitted proposal if nobody does it within a day; once for each submission."""
    key = f"{proposal.id}/{proposal.version}"
    due = now + ADMITTED_AFTER
    await jobs.enqueue(session, proposal.organisation_id, ADMISSION, key=key, run_at=due, proposal=str(proposal.id))


async def call_for_lapse(session: AsyncSession, proposal: Proposal, lapses_at: datetime) -> None:
    """The job that ends a proposal whose proposer has left, if nobody has taken it over."""
    key = str(proposal.id)
    await jobs.enqueue(session, proposal.organisation_id, LAPSE, key=key, run_at=lapses_at, proposal=key)
