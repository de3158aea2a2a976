"""A vote that may close before its time, because nothing that is still to come can change how it ends."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.proposals.deliberation.cases import Running, load
from app.proposals.deliberation.engine import NeedsAttention, pinned
from app.rules.catalogue import Catalogue


async def looks_foregone(session: AsyncSession, organisation_id: UUID, process_id: UUID, rules: Catalogue) -> bool:
    """Whether the vote might close now; whoever closes it asks :func:`is_foregone` again, alone with it."""
    return is_foregone(await load(session, organisation_id, process_id), rules)


def is_foregone(running: Running, rules: Catalogue) -> bool:
    """What the pinned rule says of an open vote that it lets close early; never where ballots are not open."""
    now = running.case.now
    if running.open_phase is None or now is None or not now.phase.hurries or now.phase.sight != "open":
        return False
    try:
        return pinned(running, rules).foregone(running.case)
    except NeedsAttention:  # the next step meets it again, says so, and stops the process
        return False
