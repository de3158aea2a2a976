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
    from app.formats.malformed import Unfit
    from app.formats.pairwise import Pairwise
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
        from app.cli.tallied import show
        from app.formats.recount import count
        from app.rules.catalogue import Catalogue

        catalogue = Catalogue.load()
    chosen = _Chosen(rule, _options(screen, option or [], options), seats)
    bind = _binding(screen, catalogue, chosen)
    found, bound = _read(screen, catalogue, file, _format(screen, file, written_in), bind)
    with _fitting(screen, catalogue, bound, found), _waiting(screen, found):
        outcome = count(bound, found, lots, electors)
    show(screen, catalogue, bound, found, outcome)


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


def _binding(
    screen: Screen, catalogue: "Catalogue", chosen: _Chosen
) -> Callable[["Ballots | Pairwise"], "DecisionRule"]:
    """Binds the rule once the file has been read, which may say for how many seats it is."""
    from app.foundation.errors import Fault
    from app.foundation.problems import fault_in_words
    from app.rules.catalogue import InvalidOptions, UnknownRule

    slug, version = _version(chosen.rule)
    try:
        known = catalogue.get(slug, version).Options.model_fields
    except UnknownRule:
        screen.fail("tally_no_rule", rule=chosen.rule, known=", ".join(sorted({one.slug for one in catalogue.rules()})))
    if chosen.seats is not None and "seats" not in known:
        screen.fail("tally_no_seats", rule=chosen.rule)

    def bind(found: "Ballots | Pairwise") -> "DecisionRule":
        seats = getattr(found, "seats", None) if chosen.seats is None else chosen.seats
        asked = {"seats": seats} if seats is not None and "seats" in known else {}
        taken = {**asked, **chosen.options} if chosen.seats is None else {**chosen.options, **asked}
        try:
            return catalogue.bind(slug, version, taken)
        except InvalidOptions as error:
            for one in error.errors:
                fault = Fault(one.pointer, one.code, {**one.facts, "message": one.message})
                name = one.pointer.removeprefix("/")
                screen.complain(
                    screen.sentence("value_wrong", name=name, message=fault_in_words(fault, screen.language))
                )
            raise typer.Exit(1) from None

    return bind


def _version(rule: str) -> tuple[str, int | None]:
    """The rule and its version, where one is named behind ``@``; else the newest."""
    slug, _, version = rule.partition("@")
    return (slug, int(version)) if re.fullmatch("[1-9][0-9]{0,8}", version) else (rule, None)


def _format(screen: Screen, file: Path, asked: str | None) -> "Format":
    from app.formats.files import format_of

    found = format_of(f"x.{asked}" if asked is not None else file.name)
    if found is None:
        screen.fail("tally_no_format", file=file)
    return found


def _read(
    screen: Screen,
    catalogue: "Catalogue",
    file: Path,
    written_in: "Format",
    bind: Callable[["Ballots | Pairwise"], "DecisionRule"],
) -> tuple["Ballots | Pairwise", "DecisionRule"]:
    """What the file holds and the rule that counts it. Points are read again as rankings if the rule wants those."""
    from app.formats.ballots import Ballots
    from app.formats.files import read
    from app.formats.malformed import Malformed
    from app.formats.recount import kind_needed

    try:
        with _opened(screen, file) as (stream, told):
            found = read(stream, written_in, told=told)
            bound = bind(found)
            if isinstance(found, Ballots) and found.kind == "rating":
                with _fitting(screen, catalogue, bound, found):
                    needed = kind_needed(bound, found)
                if needed == "ranking":
                    stream.seek(0)
                    found = read(stream, written_in, "ranking")
    except Malformed as error:
        screen.fail(
            "tally_malformed", file=file, line=error.line, column=error.column, message=error.said(screen.language)
        )
    except OSError as error:
        screen.fail("tally_no_file", file=file, error=error.strerror or error)
    return found, bound


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


@contextmanager
def _fitting(
    screen: Screen, catalogue: "Catalogue", bound: "DecisionRule", found: "Ballots | Pairwise"
) -> Iterator[None]:
    """Why the rule cannot count this file, if it cannot: a sentence on the error output."""
    from app.formats.malformed import Unfit
    from app.foundation.language import text
    from app.rules.papers import BadBallot

    try:
        yield
    except Unfit as unfit:
        screen.fail("tally_unfit", rule=bound.slug, message=_said(screen, catalogue, bound, unfit))
    except BadBallot as bad:
        facts = {name: found.options.get(str(fact), fact) for name, fact in bad.facts.items()}
        screen.fail("tally_unfit", rule=bound.slug, message=text(f"fault.{bad.code}", screen.language, facts))


def _said(screen: Screen, catalogue: "Catalogue", bound: "DecisionRule", unfit: "Unfit") -> str:
    """What does not fit, a step of the rule being called as the rule calls it."""
    words = catalogue.texts(bound.slug, bound.version, screen.language, bound.options.model_dump(mode="json"))
    title = words.get("phases", {}).get(unfit.facts.get("step"), {}).get("title")
    facts = unfit.facts if title is None else {**unfit.facts, "step": title}
    return type(unfit)(unfit.code, **facts).said(screen.language)


@contextmanager
def _waiting(screen: Screen, found: "Ballots | Pairwise") -> Iterator[None]:
    """Something that moves on the error output while many ballots are counted."""
    if len(getattr(found, "rows", ())) < _MANY:
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(screen.sentence("tally_counting")):
        yield
