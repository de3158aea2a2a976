"""What a count of a file says: the verdict, its reasons and its tables, for people or for programs."""

from typing import TYPE_CHECKING, Any

import typer

from app.cli.screen import Screen
from app.formats.ballots import Ballots
from app.formats.pairwise import Pairwise
from app.formats.recount import kind_needed
from app.proposals.reader import Pinned, Reader
from app.rules.canonical import to_json
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule, Outcome

if TYPE_CHECKING:
    from app.proposals.schemas import TableView


def show(
    screen: Screen, catalogue: Catalogue, bound: DecisionRule, found: Ballots | Pairwise, outcome: Outcome
) -> None:
    """Print the outcome with everything that the rule has to say about it."""
    pinned = Pinned(bound.slug, bound.version, bound.options.model_dump(mode="json"))
    reader = Reader(catalogue, screen.language, pinned, _names(bound, found))
    reasons = reader.reasons(outcome.reasons)
    winners = [{"id": one, "name": found.options.get(one, one)} for one in outcome.winners]
    screen.result(
        {
            "title": found.title,
            "rule": {"slug": bound.slug, "version": bound.version, "options": pinned.options},
            "reference_digest": catalogue.reference_digest(bound.slug, bound.version),
            "ballots": _counted(found),
            "options": found.options,
            "verdict": outcome.verdict,
            "winners": winners,
            "reasons": [one.model_dump(mode="json") for one in reasons],
            "tables": to_json(outcome.tables),
        }
    )
    if screen.as_json:
        return
    if found.title:
        typer.echo(found.title)
    _say_how(screen, reader, bound, found)
    sure = "_but" if outcome.verdict == "tied" and winners else ""
    screen.say(f"tally_{outcome.verdict}{sure}", winners=", ".join(one["name"] for one in winners))
    for reason in reasons:
        typer.echo(f"- {reason.sentence}")
    for table in reader.tables(outcome.tables):
        _print(table)


def _names(bound: DecisionRule, found: Ballots | Pairwise) -> dict[str, str]:
    """What options and colleges are called; the answers of a rule have its own words."""
    if isinstance(found, Pairwise):
        return dict(found.options)
    options = {} if kind_needed(bound, found) is None else found.options
    return {**found.colleges, **options}


def _counted(found: Ballots | Pairwise) -> dict[str, Any]:
    """What was counted, in figures."""
    if isinstance(found, Pairwise):
        return {"kind": "pairwise"}
    return {"kind": found.kind, "weight": str(found.total), "distinct": len(found.rows)}


def _say_how(screen: Screen, reader: Reader, bound: DecisionRule, found: Ballots | Pairwise) -> None:
    title = reader.texts["title"]
    if isinstance(found, Pairwise):
        screen.say("tally_counted_pairs", title=title, version=bound.version, options=len(found.options))
        return
    facts = {"ballots": found.total, "distinct": len(found.rows)}
    screen.say("tally_counted", title=title, version=bound.version, **facts)
    if (found.seats or 1) > 1 and "seats" not in type(bound.options).model_fields:
        screen.say("tally_seats_unused", seats=found.seats)


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
