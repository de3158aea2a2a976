"""The end of the founding: stewards have laid down the structure, and hand it over to decisions."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.errors import Conflict
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.events import FoundingEnded
from app.organisations.lifecycle import OrganisationState
from app.organisations.policy import Permission, require
from app.organisations.queries import is_founding, organisation
from app.organisations.tables import Organisation


class FoundingOver(Conflict):
    """The founding has ended; the structure changes by decisions."""

    code = "founding_over"


async def end_founding(session: AsyncSession, *, actor: Actor, now: datetime) -> Organisation:
    """End the founding: from now on the structure changes by decisions only, and there is no way back.

    Raises RightMissing (403), FoundingOver (409).
    """
    require(Permission.END_FOUNDING, actor)
    found = await organisation(session, actor.organisation_id)
    if not is_founding(found):
        raise FoundingOver
    found.state = OrganisationState.GOVERNED
    record(session, actor, FoundingEnded(), now)
    await session.flush()
    return found
