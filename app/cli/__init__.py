"""The command ``cercle``: what an operator does with the service from a terminal.

Each command lives in a module of its own and imports what it needs when it runs, so that ``--help`` answers at once.
"""

from typing import Annotated

import typer

from app.cli import deciding, doctor, migrating, organisations, serving
from app.cli.speech import Speaking, chosen

app = typer.Typer(cls=Speaking, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def options(
    context: typer.Context,
    language: Annotated[str | None, typer.Option(metavar="en|fr")] = None,
) -> None:
    context.obj = chosen([] if language is None else ["--language", language])


app.command("serve")(serving.serve)
app.command("worker")(serving.work)
app.command("migrate")(migrating.migrate)
app.add_typer(organisations.commands, name="organisation")
app.command("rules")(deciding.rules)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """The entry point of the command."""
    app()
