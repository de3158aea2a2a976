"""The command ``cercle``: what an operator does with the service from a terminal.

Each command lives in a module of its own and imports what it needs when it runs, so that ``--help`` answers at once.
"""

import os
from typing import Annotated

import typer
import typer.main

from app.cli import deciding, doctor, migrating, organisations, serving, tallying
from app.cli.speech import Speaking, chosen

# Without decoration: loading what draws it would take longer than everything else that the help does.
app = typer.Typer(
    cls=Speaking, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback()
def options(
    context: typer.Context,
    language: Annotated[str | None, typer.Option(metavar="en|fr")] = None,
) -> None:
    context.obj = chosen([] if language is None else ["--language", language])


@app.command("demo", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def demonstrate(context: typer.Context) -> None:
    """Hand everything over to the demonstration, which is loaded only when somebody wants to see it."""
    from app.demo.commands import demo

    os.environ["CERCLE_LANGUAGE"] = context.obj  # it reads its settings itself
    asked = context.parent.params["language"] if context.parent is not None else None
    told = {"language": context.obj} if asked else {}  # `link` follows the story's language unless one is asked for
    typer.main.get_command(demo).main(context.args, prog_name="cercle demo", default_map={**told, "link": told})


app.command("serve")(serving.serve)
app.command("worker")(serving.work)
app.command("migrate")(migrating.migrate)
app.add_typer(organisations.commands, name="organisation")
app.command("rules")(deciding.rules)
app.command("tally")(tallying.tally)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """The entry point of the command."""
    app()
