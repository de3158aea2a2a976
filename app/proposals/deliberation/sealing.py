"""When a vote closes: a digest that no ballot can be added to, dropped from or changed under without being noticed."""

import hashlib
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import system
from app.journal.record import heads_of, record
from app.proposals import events
from app.proposals.deliberation.urns import seal
from app.proposals.tables import PhaseHeld
from app.rules.contract import Phase


async def sealed(session: AsyncSession, row: PhaseHeld, phase: Phase, now: datetime) -> str:
    """SHA-256 in hexadecimal over the heads of the ballots' streams, sorted; of a secret vote, over its slips, after
    its roll and its urn were closed in an event each."""
    if phase.sight != "secret":
        streams = f"ballot/{row.process_id}/{row.number}/"
        heads = await heads_of(session, row.organisation_id, streams)
        return hashlib.sha256("".join(f"{stream} {head.hex()}\n" for stream, head in heads).encode()).hexdigest()
    roll, slips, digest = await seal(session, row)
    actor, process = system(row.organisation_id), row.process_id
    roll_sealed = events.ParticipationSealed(proposal=process, number=row.number, voters=len(roll), roll=roll)
    record(session, actor, roll_sealed, now)
    record(session, actor, events.UrnSealed(proposal=process, number=row.number, slips=slips, digest=digest), now)
    return digest
