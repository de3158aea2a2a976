"""How a cooperative comes to be: the one act before which nobody is there to ask for a right."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.deadlines import local_date
from app.foundation.errors import Conflict
from app.foundation.ids import uuid7
from app.journal.actor import Actor, new_pseudonym
from app.journal.record import record
from app.journal.tables import JournalLog
from app.organisations.actions.members import admitted
from app.organisations.events import OrganisationFounded
from app.organisations.tables import Member, MemberText, Organisation, OrganisationText


class SlugTaken(Conflict):
    """Another organisation of this service has that short name."""

    code = "slug_taken"


async def found(
    session: AsyncSession, text: OrganisationText, steward: MemberText, *, host: str, now: datetime
) -> tuple[Organisation, Member]:
    """Found a cooperative with its log and its first steward, who signs: nobody was there before.

    ``host`` goes into the log's origin, ``host/log/<slug>/1``. Raises SlugTaken (409).
    """
    born = Organisation.model_validate({**text.model_dump(), "organisation_id": uuid7()})
    session.add(born)
    session.add(JournalLog(organisation_id=born.organisation_id, origin=f"{host}/log/{born.slug}/1"))
    try:
        await session.flush()
    except IntegrityError as error:
        raise SlugTaken(slug=born.slug) from error
    first = Member.model_validate(
        {
            **steward.model_dump(),
            "organisation_id": born.organisation_id,
            "steward": True,
            "pseudonym": new_pseudonym(),
            "joined_on": getattr(steward, "joined_on", None) or local_date(now, born.time_zone),
        }
    )
    session.add(first)
    await session.flush()
    actor = Actor(born.organisation_id, str(first.pseudonym), first.id, steward=True)
    born_with = OrganisationFounded(
        slug=born.slug, legal_form=born.legal_form.value, time_zone=born.time_zone, name=born.name
    )
    record(session, actor, born_with, now)
    record(session, actor, admitted(first), now)
    return born, first
