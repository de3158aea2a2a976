"""Markdown as generated documents write it."""

from collections.abc import Iterable, Iterator
from typing import Final

REGENERATE: Final = "uv run python -m tests.reference"
NOTE: Final = f"<!-- Generated: `{REGENERATE}`. -->"


def row(*cells: str) -> str:
    """One row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table under its head."""
    names = tuple(head)
    yield from (row(*names), row(*("---" for _ in names)))
    yield from (row(*cells) for cells in rows)
