"""Sending somebody a sign-in link, out of sight of whoever asked for it: nothing tells who has an account."""

from datetime import datetime

from app.foundation.database import Database
from app.foundation.language import Language
from app.people.credentials import LINK_LASTS, issue_link, link_address
from app.people.mail import Letter, Mailer, deliver, sign_in_letter
from app.people.queries import addressee


async def send_link(
    database: Database, mailer: Mailer, slug: str, email: str, *, public_url: str, now: datetime
) -> None:
    """Send a link to the active member of ``slug`` with that address; for anybody else nothing happens.

    It runs after the answer, so that the answer takes as long whether or not there is such a member. A letter that
    cannot be sent is logged without its address; asking again makes a new link.
    """
    letter = await _letter(database, slug, email, public_url=public_url, now=now)
    if letter is not None:
        await deliver(mailer, letter)


async def _letter(database: Database, slug: str, email: str, *, public_url: str, now: datetime) -> Letter | None:
    async with database.read() as session:
        found = await addressee(session, slug, email)
    if found is None or found[0].email is None:
        return None
    member, organisation = found
    async with database.write() as session:
        issued = await issue_link(session, member, now=now)
    language: Language = "fr" if member.language == "fr" else "en"
    facts = {
        "name": member.representative or member.name,
        "organisation": organisation.name,
        "minutes": int(LINK_LASTS.total_seconds()) // 60,
    }
    return sign_in_letter(str(member.email), language, facts, link_address(public_url, issued.secret))
