"""Tables as spreadsheets save them: rows of cells, none of which a spreadsheet would take for a formula."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import Final

from app.formats.malformed import Fault
from app.formats.source import Source

_QUOTED: Final = re.compile(r'"[^"]*("|$)')
_START: Final = re.compile(r"(^|[,;])(?='*[=+\-@\t\r])")
_GUARDED: Final = re.compile(r"(^|[,;])'(?='*[=+\-@\t\r])")


def rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, without blanks around their cells, and the lines in which they begin. Raises
    :class:`Fault`, whose column is that of the table."""
    lines = iter(source)
    first = next(lines, "")
    delimiter = next((sign for sign in _QUOTED.sub("", first) if sign in ",;\t"), ",")
    reader = csv.reader((f"{line}\n" for line in chain([first], lines)), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells or line == 1:
                yield line, [unguarded(cell).strip() if "'" in cell else cell.strip() for cell in cells]
            line = source.number + 1
    except csv.Error:
        raise Fault("csv_quotes", 1, line) from None


def require_width(cells: Sequence[str], width: int) -> None:
    """A row has as many cells as the header. Raises :class:`Fault`."""
    if len(cells) != width:
        raise Fault("csv_cells", min(len(cells), width) + 1, found=len(cells), expected=width)


def written(cells: Sequence[str]) -> str:
    """A row, each of its cells guarded."""
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow([guarded(cell) for cell in cells])
    return line.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before each ``=``, ``+``, ``-``, ``@``, tab or
    carriage return that it, or what follows a comma or semicolon in it, begins with."""
    return _START.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    """The cell that was guarded."""
    return _GUARDED.sub(r"\1", cell)
