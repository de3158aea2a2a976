"""What the command shows: sentences in the reader's language, tables for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import typer

from app.foundation.language import Language, text


@dataclass(frozen=True, slots=True)
class Screen:
    """Where one command speaks; with ``as_json`` its result is one JSON value and nothing else goes to the output."""

    language: Language
    as_json: bool = False

    def sentence(self, code: str, **facts: object) -> str:
        """The sentence ``cli.<code>`` in the reader's language."""
        return text(f"cli.{code}", self.language, facts)

    def say(self, code: str, **facts: object) -> None:
        """Print a sentence, unless a program reads."""
        if not self.as_json:
            typer.echo(self.sentence(code, **facts))

    def result(self, value: Any) -> None:
        """Print a result for the program that asked for JSON."""
        if self.as_json:
            typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))

    def listing(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, nothing: str) -> None:
        """Print rows as JSON, or the ``columns`` of them as a table; ``nothing`` names what is said of an empty one."""
        if self.as_json:
            self.result(rows)
            return
        if not rows:
            self.say(nothing)
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(self.sentence(f"column_{column}"), overflow="fold")
        for row in rows:
            table.add_row(*(str(row[column]) for column in columns))
        Console(highlight=False).print(table)

    def fail(self, code: str, **facts: object) -> NoReturn:
        """Say on the error output what is wrong and what would be right, and end with status 1."""
        self.complain(self.sentence(code, **facts))
        raise typer.Exit(1)

    def complain(self, sentence: str) -> None:
        """One line on the error output."""
        typer.echo(sentence, err=True)
