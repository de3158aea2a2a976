"""Telling the old address that another will open the door: whoever loses a way in hears of it where they still are."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.deadlines import local_date
from app.foundation.language import Language
from app.organisations.queries import organisation
from app.organisations.tables import Member
from app.people.mail import Letter, notice


async def email_announced(session: AsyncSession, member: Member) -> list[Letter]:
    """What the present address is told of one that a steward has announced; nothing when there is none."""
    if member.email is None or member.next_email_at is None:
        return []
    tenant = await organisation(session, member.organisation_id)
    last_day = local_date(member.next_email_at, tenant.time_zone)
    facts = {"name": _called(member), "organisation": tenant.name, "day": last_day}
    return [notice(member.email, _language(member), "email_announced", facts)]


async def email_replaced(session: AsyncSession, member: Member, former: str | None) -> list[Letter]:
    """What the former address is told once the member has replaced it; nothing when they have not."""
    if former is None or former == member.email:
        return []
    tenant = await organisation(session, member.organisation_id)
    return [notice(former, _language(member), "email_replaced", {"name": _called(member), "organisation": tenant.name})]


def _called(member: Member) -> str:
    return member.representative or member.name


def _language(member: Member) -> Language:
    return "fr" if member.language == "fr" else "en"
