"""Looking an installation over: everything that could be wrong with it, each with what to do about it."""

import asyncio
from typing import Annotated

import typer

from app.cli.failures import configured, explained
from app.cli.screen import Screen

_MARKS = {"ok": "✓", "note": "·", "wrong": "✗"}


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    settings = configured(screen)
    with explained(screen):
        from app.cli.checks import examine
        from app.foundation.clock import SystemClock

        findings = asyncio.run(examine(settings, SystemClock().now()))
    lines = [
        {
            "check": one.check,
            "state": one.state,
            "code": one.code,
            "facts": one.facts,
            "sentence": screen.sentence(f"check_{one.code}", **one.spoken(screen.language)),
        }
        for one in findings
    ]
    wrong = sum(one.state == "wrong" for one in findings)
    screen.result({"wrong": wrong, "findings": lines})
    if not as_json:
        for line in lines:
            typer.echo(f"{_MARKS[str(line['state'])]} {line['sentence']}")
        screen.say("doctor_wrong" if wrong else "doctor_well", count=wrong)
    if wrong:
        raise typer.Exit(1)
