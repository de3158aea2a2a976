"""Bringing the database to the schema that this program needs, and back."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.failures import configured, explained
from app.cli.screen import Screen

if TYPE_CHECKING:
    from app.settings import Settings


def migrate(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check")] = False,
    downgrade: Annotated[str | None, typer.Option(metavar="REVISION")] = None,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    settings = configured(screen)
    if downgrade is not None and not yes:
        typer.confirm(screen.sentence("downgrade_loses", to=downgrade), abort=True, err=True)
    with explained(screen):
        if not asyncio.run(_migrate(settings, screen, check=check, downgrade=downgrade)):
            raise typer.Exit(1)


async def _migrate(settings: "Settings", screen: Screen, *, check: bool, downgrade: str | None) -> bool:
    from app.foundation import migrations

    before = await migrations.current(settings.database)
    needed = migrations.head()
    if check:
        migrations.check(before)
        pending = before.revision != needed
        screen.result({"revision": before.revision, "head": needed, "pending": pending})
        screen.say("migrate_pending" if pending else "migrate_current", found=before.revision or "-", needed=needed)
        return not pending
    if downgrade is None:
        await migrations.upgrade(settings.database)
    else:
        await migrations.downgrade(settings.database, downgrade)
    after = await migrations.current(settings.database)
    screen.result({"before": before.revision, "revision": after.revision, "head": needed})
    moved = "migrate_done" if after != before else "migrate_current"
    screen.say(moved, found=after.revision or "-", before=before.revision or "-", needed=needed)
    return True
