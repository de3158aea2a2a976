"""Counting the ballots of a file by any rule, with everything that the rule has to say about it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from app.cli.failures import explained
from app.cli.screen import Screen

if TYPE_CHECKING:
    from app.formats.ballots import Ballots
    from app.formats.files import Format
    from app.proposals.schemas import TableView
    from app.rules.case import Outcome
    from app.rules.catalogue import Catalogue
    from app.rules.contract import DecisionRule

_LARGE: Final = 2_000_000
"""Bytes from which on a file takes long enough for a bar."""
_MANY: Final = 20_000
"""Distinct ballots from which on a count takes long enough to say so."""
_NO_TEXT: Final = re.compile(r"-?[0-9]{1,9}|true|false|null|[\[{].*", re.DOTALL)


def tally(  # noqa: PLR0913, PLR0917 - one argument for each option of the command line
    context: typer.Context,
    file: Annotated[Path, typer.Argument()],
    rule: Annotated[str, typer.Option()],
    option: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    options: Annotated[str | None, typer.Option(metavar="JSON")] = None,
    seats: Annotated[int | None, typer.Option(min=1)] = None,
    electors: Annotated[int | None, typer.Option(min=1)] = None,
    lots: Annotated[str | None, typer.Option(metavar="SEED")] = None,
    written_in: Annotated[str | None, typer.Option("--format", metavar="csv|blt|abif|json")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    with explained(screen):
        from app.rules.catalogue import Catalogue

        catalogue = Catalogue.load()
    chosen = _Chosen(rule, _options(screen, option or [], options), seats)
    ballots, bound = _read(screen, file, _format(screen, file, written_in), _binding(screen, catalogue, chosen))
    outcome = _count(screen, bound, ballots, lots, electors)
    _show(screen, catalogue, bound, ballots, outcome)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rule and the options that were asked for."""

    rule: str
    options: Mapping[str, Any]
    seats: int | None


def _options(screen: Screen, pairs: Sequence[str], text: str | None) -> dict[str, Any]:
    """The options as they were typed: whole numbers, true, false, null and JSON are what they look like."""
    given = _parsed(screen, "options", text or "{}")
    if not isinstance(given, dict):
        screen.fail("tally_options")
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            screen.fail("tally_option", option=pair)
        given[name] = _parsed(screen, name, value) if _NO_TEXT.fullmatch(value) else value
    return given


def _parsed(screen: Screen, name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        screen.fail("tally_not_json", option=name)


def _binding(screen: Screen, catalogue: "Catalogue", chosen: _Chosen) -> Callable[["Ballots"], "DecisionRule"]:
    """Binds the rule once the file has been read, which may say for how many seats it is."""
    from app.foundation.errors import Fault
    from app.foundation.problems import fault_in_words
    from app.rules.catalogue import InvalidOptions, UnknownRule

    try:
        known = catalogue.get(chosen.rule).Options.model_fields
    except UnknownRule:
        screen.fail("tally_no_rule", rule=chosen.rule, known=", ".join(sorted({one.slug for one in catalogue.rules()})))
    if chosen.seats is not None and "seats" not in known:
        screen.fail("tally_no_seats", rule=chosen.rule)

    def bind(ballots: "Ballots") -> "DecisionRule":
        seats = ballots.seats if chosen.seats is None else chosen.seats
        asked = {"seats": seats} if seats is not None and "seats" in known else {}
        taken = {**asked, **chosen.options} if chosen.seats is None else {**chosen.options, **asked}
        try:
            return catalogue.bind(chosen.rule, None, taken)
        except InvalidOptions as error:
            for one in error.errors:
                fault = Fault(one.pointer, one.code, {**one.facts, "message": one.message})
                name = one.pointer.removeprefix("/")
                screen.complain(
                    screen.sentence("value_wrong", name=name, message=fault_in_words(fault, screen.language))
                )
            raise typer.Exit(1) from None

    return bind


def _format(screen: Screen, file: Path, asked: str | None) -> "Format":
    from app.formats.files import format_of

    found = format_of(f"x.{asked}" if asked is not None else file.name)
    if found is None:
        screen.fail("tally_no_format", file=file)
    return found


def _read(
    screen: Screen, file: Path, written_in: "Format", bind: Callable[["Ballots"], "DecisionRule"]
) -> tuple["Ballots", "DecisionRule"]:
    """The ballots and the rule that counts them. Points are read again as rankings if the rule wants those."""
    from app.formats.files import read
    from app.formats.malformed import Malformed
    from app.formats.recount import kind_needed

    try:
        with _opened(screen, file) as (stream, told):
            ballots = read(stream, written_in, told=told)
            bound = bind(ballots)
            if ballots.kind == "rating" and kind_needed(bound, ballots) == "ranking":
                stream.seek(0)
                ballots = read(stream, written_in, "ranking")
    except Malformed as error:
        screen.fail(
            "tally_malformed", file=file, line=error.line, column=error.column, message=error.said(screen.language)
        )
    except OSError as error:
        screen.fail("tally_no_file", file=file, error=error.strerror or error)
    return ballots, bound


@contextmanager
def _opened(screen: Screen, file: Path) -> Iterator[tuple[BinaryIO, Callable[[int], object]]]:
    """The file, and who hears how far it has been read: a bar on the error output, where a person looks at one."""
    with file.open("rb") as stream:
        size = file.stat().st_size
        if size < _LARGE:
            yield stream, lambda _: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(screen.sentence("tally_reading", file=file.name), total=size)
            yield stream, lambda read: progress.advance(task, read)


def _count(
    screen: Screen, bound: "DecisionRule", ballots: "Ballots", seed: str | None, electors: int | None
) -> "Outcome":
    from app.formats.malformed import Unfit
    from app.formats.recount import count
    from app.foundation.language import text
    from app.rules.papers import BadBallot

    try:
        with _waiting(screen, ballots):
            return count(bound, ballots, seed, electors)
    except Unfit as unfit:
        screen.fail("tally_unfit", rule=bound.slug, message=unfit.said(screen.language))
    except BadBallot as bad:
        facts = {name: ballots.options.get(str(fact), fact) for name, fact in bad.facts.items()}
        screen.fail("tally_unfit", rule=bound.slug, message=text(f"fault.{bad.code}", screen.language, facts))


@contextmanager
def _waiting(screen: Screen, ballots: "Ballots") -> Iterator[None]:
    """Something that moves on the error output while many ballots are counted."""
    if len(ballots.rows) < _MANY:
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(screen.sentence("tally_counting")):
        yield


def _show(
    screen: Screen, catalogue: "Catalogue", bound: "DecisionRule", ballots: "Ballots", outcome: "Outcome"
) -> None:
    from app.formats.recount import kind_needed
    from app.proposals.reader import Pinned, Reader
    from app.rules.canonical import to_json

    pinned = Pinned(bound.slug, bound.version, bound.options.model_dump(mode="json"))
    names = {} if kind_needed(bound, ballots) is None else ballots.options
    reader = Reader(catalogue, screen.language, pinned, names)
    reasons = reader.reasons(outcome.reasons)
    winners = [{"id": one, "name": ballots.options.get(one, one)} for one in outcome.winners]
    screen.result(
        {
            "title": ballots.title,
            "rule": {"slug": bound.slug, "version": bound.version, "options": pinned.options},
            "reference_digest": catalogue.reference_digest(bound.slug, bound.version),
            "ballots": {"kind": ballots.kind, "weight": str(ballots.total), "distinct": len(ballots.rows)},
            "options": ballots.options,
            "verdict": outcome.verdict,
            "winners": winners,
            "reasons": [one.model_dump(mode="json") for one in reasons],
            "tables": to_json(outcome.tables),
        }
    )
    if screen.as_json:
        return
    if ballots.title:
        typer.echo(ballots.title)
    facts = {"ballots": ballots.total, "distinct": len(ballots.rows)}
    screen.say("tally_counted", title=reader.texts["title"], version=bound.version, **facts)
    if (ballots.seats or 1) > 1 and "seats" not in type(bound.options).model_fields:
        screen.say("tally_seats_unused", seats=ballots.seats)
    sure = "_but" if outcome.verdict == "tied" and winners else ""
    screen.say(f"tally_{outcome.verdict}{sure}", winners=", ".join(one["name"] for one in winners))
    for reason in reasons:
        typer.echo(f"- {reason.sentence}")
    for table in reader.tables(outcome.tables):
        _print(table)


def _print(table: "TableView") -> None:
    """A table of the count as it is, whatever signs are in the names of options."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        drawn.add_column(column, overflow="fold")
    for row in table.rows:
        drawn.add_row(*row)
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(f"\n{table.title}", style="bold")
    console.print(drawn)
