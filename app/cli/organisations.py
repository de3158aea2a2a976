"""Founding cooperatives on this installation, and seeing which there are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from app.cli.failures import configured, explained
from app.cli.screen import Screen

if TYPE_CHECKING:
    from app.foundation.database import Database
    from app.settings import Settings

commands = typer.Typer(no_args_is_help=True)


@commands.command("create")
def create(  # noqa: PLR0913, PLR0917 - one argument for each option of the command line
    context: typer.Context,
    name: Annotated[str, typer.Option(prompt=True)],
    slug: Annotated[str, typer.Option(prompt=True)],
    legal_form: Annotated[str, typer.Option(prompt=True)],
    time_zone: Annotated[str, typer.Option(prompt=True)],
    steward: Annotated[str, typer.Option(prompt=True)],
    email: Annotated[str, typer.Option(prompt=True)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    settings = configured(screen)
    text = {"slug": slug, "name": name, "legal_form": legal_form, "time_zone": time_zone}
    first = {"name": steward, "email": email, "language": screen.language}
    with explained(screen):
        made = asyncio.run(_create(settings, text, first))
    screen.result(made)
    screen.say("organisation_created", organisation=name, steward=steward, link=made["link"], token=made["token"])


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


async def _create(settings: "Settings", text: dict[str, str], first: dict[str, str]) -> dict[str, Any]:
    from app.foundation.clock import SystemClock
    from app.organisations.founding import found
    from app.organisations.tables import MemberText, OrganisationText
    from app.people.credentials import fresh_access

    organisation_text, steward_text = OrganisationText.model_validate(text), MemberText.model_validate(first)
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
