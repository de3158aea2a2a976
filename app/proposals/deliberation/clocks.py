"""How long a phase lasts, what its clock has left when it is interrupted, and when it goes on."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation import jobs
from app.foundation.deadlines import deadline, time_left
from app.organisations.queries import organisation
from app.proposals.deliberation.cases import Running
from app.proposals.tables import PhaseHeld
from app.rules.contract import REST, Phase

DEADLINE: Final = "phase.deadline"
RESUMED_FOR_AT_LEAST: Final = timedelta(hours=24)


async def closes_at(session: AsyncSession, running: Running, plan: Phase, now: datetime) -> datetime | None:
    """When a phase that opens now ends at the latest; None if it waits for people without end."""
    if plan.lasts is None:
        return None
    zone = (await organisation(session, running.proposal.organisation_id)).time_zone
    if plan.lasts != REST:
        return deadline(now, plan.lasts, zone)
    interrupted = next((row for row in reversed(running.phases) if row.left is not None), None)
    rest = now + timedelta(seconds=interrupted.left or 0 if interrupted is not None else 0)
    return max(rest, deadline(now, plan.at_least, zone)) if plan.at_least else rest


def seconds_left(row: PhaseHeld, now: datetime) -> int | None:
    """What the clock of a phase that is interrupted now has left, to be kept with it."""
    left = time_left(row.closes_at, now)
    return None if left is None else int(left.total_seconds())


def restart(running: Running, now: datetime) -> datetime | None:
    """Until when a process that was stopped goes on: the time that was left, and a day at least, for while it stood
    still nobody could answer, and what nobody could say is no silence. A phase that was over stays over."""
    phase = running.open_phase
    if phase is None:
        return None
    if phase.left:
        phase.closes_at = now + max(timedelta(seconds=phase.left), RESUMED_FOR_AT_LEAST)
        running.proposal.phase_closes_at = phase.closes_at
    return phase.closes_at


async def wake(session: AsyncSession, row: PhaseHeld) -> None:
    """Have the phase end at its deadline."""
    if row.closes_at is not None:
        key = f"{row.process_id}/{row.number}/{row.closes_at.isoformat()}"
        await jobs.enqueue(
            session, row.organisation_id, DEADLINE, key=key, run_at=row.closes_at,
            process=str(row.process_id), phase=row.number,
        )  # fmt: skip
