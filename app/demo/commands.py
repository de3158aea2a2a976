"""The commands `cercle demo` and `cercle demo link NAME`."""

import asyncio
import json
import logging
import os
from typing import Annotated, Final

import typer
from rich.console import Console
from uvicorn import Config

from app.demo import script
from app.demo.folder import Folder
from app.demo.linking import Access, access
from app.demo.narrator import Narrator
from app.demo.show import Show, Stopped, Wish
from app.demo.wording import Trouble, Wording
from app.foundation.language import Language
from app.settings import Settings

_PORT: Final = 8000
_PACE: Final = 0.03
_INTERRUPTED: Final = 130
_log = logging.getLogger("cercle.demo")

demo = typer.Typer(
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Watch a cooperative decide; its service then keeps running.",
)


@demo.callback()
def play(
    context: typer.Context,
    ends: Annotated[bool, typer.Option("--exit", help="End after the story instead of serving on.")] = False,
    language: Annotated[Language | None, typer.Option(help="Language of the story.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on, or the next free one.")] = _PORT,
    fast: Annotated[bool, typer.Option("--fast", help="Do not pause between two beats.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build the database anew and tell the story again.")] = False,
) -> None:
    """Build Scic Ardoise in a database of its own, play two decisions through the HTTP API, then serve until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    console = Console(highlight=False)
    plan, settings = script.cooperative(), Settings()
    narrator = Narrator(console, Wording(language or settings.language, plan.organisation.time_zone))
    folder = Folder(settings.data_dir)
    pace = 0 if fast or not console.is_terminal else _PACE
    wish = Wish(port=port, ends=ends, fresh=fresh, pace=pace, command=_command())
    show = Show(wish, folder, narrator, plan, script.script())
    _run(show, narrator, folder, wish)


@demo.command("link")
def link(
    name: Annotated[str, typer.Argument(help="First name, full name or key of one of its people.")],
    language: Annotated[Language | None, typer.Option(help="Language of the answer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Print a fresh sign-in link and a token for one of the demonstration's people."""
    plan, settings = script.cooperative(), Settings()
    folder = Folder(settings.data_dir)
    told_in = folder.standing.language if folder.standing else settings.language
    wording = Wording(language or told_in, plan.organisation.time_zone)
    try:
        found = asyncio.run(access(folder, plan, name, _command()))
    except Trouble as trouble:
        _complain(wording.trouble(trouble))
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        _show(found, Narrator(Console(highlight=False), wording))


def _run(show: Show, narrator: Narrator, folder: Folder, wish: Wish) -> None:
    """The show, with an end for each way in which it can end: never a stack trace."""
    stopped = not wish.ends
    try:
        with asyncio.Runner(loop_factory=Config(show.run, log_config=None).get_loop_factory()) as runner:
            runner.run(show.run())
    except Trouble as trouble:
        _complain(narrator.wording.trouble(trouble))
        raise typer.Exit(1) from None
    except (KeyboardInterrupt, Stopped):
        stopped = True
    except Exception as error:
        _log.exception("the demonstration failed")
        _complain(narrator.wording.say("trouble.unexpected", error=f"{type(error).__name__}: {error}", log=folder.log))
        raise typer.Exit(1) from None

    if stopped:
        narrator.gap()
        narrator.paragraph(narrator.wording.say("check.stopped", command=f"{wish.command} demo"))
        raise typer.Exit(0 if show.is_over else _INTERRUPTED)


def _show(found: Access, narrator: Narrator) -> None:
    say = narrator.wording.say
    narrator.paragraph(say("link.for", name=found.name, address=found.address), style="bold")
    for what, secret in (
        (say("link.link", minutes=found.link_minutes), found.link),
        (say("link.token", days=found.token_days), found.token),
    ):
        narrator.gap()
        narrator.paragraph(what)
        narrator.verbatim(f"  {secret}")
    if not found.is_running:
        narrator.gap()
        narrator.paragraph(say("link.not_running", command=found.command))


def _complain(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(sentence, style="red", markup=False)


def _command() -> str:
    """How people reach this program: through uv, unless they installed it."""
    return "uv run cercle" if "UV" in os.environ else "cercle"
