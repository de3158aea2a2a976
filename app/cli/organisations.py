"""Founding cooperatives on this installation, and seeing which there are."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from app.cli.asking import Wrong, answers, fault_of
from app.cli.failures import configured, explained
from app.cli.screen import Screen
from app.foundation.language import Language, text

if TYPE_CHECKING:
    from app.foundation.database import Database
    from app.settings import Settings

commands = typer.Typer(no_args_is_help=True)


@commands.command("create")
def create(  # noqa: PLR0913, PLR0917 - one argument for each option of the command line
    context: typer.Context,
    name: Annotated[str | None, typer.Option()] = None,
    slug: Annotated[str | None, typer.Option()] = None,
    legal_form: Annotated[str | None, typer.Option()] = None,
    time_zone: Annotated[str | None, typer.Option()] = None,
    steward: Annotated[str | None, typer.Option()] = None,
    email: Annotated[str | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    settings = configured(screen)
    with explained(screen):  # a database that does not answer is told before six questions, and not after them
        taken = {row["slug"] for row in asyncio.run(_list(settings))}
    given = {"name": name, "slug": slug, "legal_form": legal_form, "time_zone": time_zone}
    said = answers(screen, {**given, "steward": steward, "email": email}, _wrong(screen.language, taken))
    first = {"name": said.pop("steward"), "email": said.pop("email"), "language": screen.language}
    with explained(screen):
        made = asyncio.run(_create(settings, said, first))
    screen.result(made)
    facts = {"organisation": said["name"], "steward": first["name"], "link": made["link"], "token": made["token"]}
    screen.say("organisation_created", **facts)


@commands.command("list")
def listed(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    settings = configured(screen)
    with explained(screen):
        rows = asyncio.run(_list(settings))
    screen.listing(rows, ("slug", "name", "legal_form", "state", "members", "events"), nothing="no_organisation")


def _wrong(language: Language, taken: Collection[str]) -> Wrong:
    from app.organisations.tables import MemberText, OrganisationText

    def wrong(name: str, said: str) -> str | None:
        if name == "slug" and said in taken:
            return text("detail.slug_taken", language, {"slug": said})
        if name == "steward":
            return fault_of(MemberText, "name", said, language)
        return fault_of(MemberText if name == "email" else OrganisationText, name, said, language)

    return wrong


async def _create(settings: "Settings", about: dict[str, str], first: dict[str, str]) -> dict[str, Any]:
    from app.foundation.clock import SystemClock
    from app.organisations.founding import found
    from app.organisations.tables import MemberText, OrganisationText
    from app.people.credentials import fresh_access

    organisation_text, steward_text = OrganisationText.model_validate(about), MemberText.model_validate(first)
    now = SystemClock().now()
    host = urlsplit(settings.public_url).netloc
    async with _opened(settings) as database, database.write() as session:
        organisation, steward = await found(session, organisation_text, steward_text, host=host, now=now)
        link, token = await fresh_access(
            session, organisation.slug, str(steward.email), public_url=settings.public_url, now=now
        )
        return {
            "organisation": {"id": organisation.organisation_id, "slug": organisation.slug},
            "steward": {"id": steward.id, "name": steward.name},
            "link": link,
            "token": token,
        }


async def _list(settings: "Settings") -> list[dict[str, Any]]:
    from app.cli.queries import organisations

    async with _opened(settings) as database, database.read() as session:
        return await organisations(session)


@asynccontextmanager
async def _opened(settings: "Settings") -> AsyncIterator["Database"]:
    from app.foundation import migrations
    from app.foundation.database import Database
    from app.journal.record import Journal

    await migrations.prepare(settings.database)
    database = Database(settings.database, pool_size=1, before_commit=Journal().before_commit)
    try:
        yield database
    finally:
        await database.close()
