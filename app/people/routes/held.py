"""The member named in the path, locked for a change."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.foundation.preconditions import require_match
from app.foundation.routing import Write
from app.organisations import queries
from app.organisations.tables import Member
from app.people.signin import Caller


async def held_member(member_id: UUID, caller: Caller, session: Write) -> Member:
    """The entry that the path names, as far as the caller may see it. Raises NotFound (404)."""
    return await queries.held_member(session, caller, member_id)


async def held_as_read(request: Request, member: Annotated[Member, Depends(held_member)]) -> Member:
    """The same, when the caller has read its present version. Raises VersionRequired (428), Stale (412)."""
    require_match(request, member.version)
    return member


Held = Annotated[Member, Depends(held_member)]
HeldAsRead = Annotated[Member, Depends(held_as_read)]
