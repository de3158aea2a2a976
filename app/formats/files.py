"""The door of the room: ballots are read from a file in any of its formats, whole or not at all, and written to one."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import BinaryIO, Final, Literal

from app.formats import abif, blt, record, spreadsheet
from app.formats.ballots import Ballots
from app.formats.malformed import Fault, Malformed
from app.formats.pairwise import Pairwise
from app.formats.source import Source
from app.rules.papers import Kind

Format = Literal["csv", "blt", "abif", "json"]

_READERS: Final[Mapping[Format, Callable[[Source, Kind | None], Ballots | Pairwise]]] = {
    "csv": spreadsheet.read,
    "blt": blt.read,
    "abif": abif.read,
    "json": record.read,
}
_WRITERS: Final[Mapping[Format, Callable[[Ballots], Iterator[str]]]] = {
    "csv": spreadsheet.write,
    "blt": blt.write,
    "abif": abif.write,
    "json": record.write,
}
_ENDINGS: Final[Mapping[str, Format]] = {".csv": "csv", ".tsv": "csv", ".blt": "blt", ".abif": "abif", ".json": "json"}


def format_of(name: str) -> Format | None:
    """The format of a file by the end of its name."""
    return _ENDINGS.get(PurePath(name).suffix.lower())


def read(
    stream: BinaryIO, written_in: Format, wanted: Kind | None = None, told: Callable[[int], object] = lambda _: None
) -> Ballots | Pairwise:
    """The ballots of a file, equal ones added up while it is read; or preferences, where a table or a JSON file holds
    those.

    ``wanted``: if rankings are, points are read as rankings (more points, better rank). ``told`` hears now and then how
    many bytes more have been read. Raises :class:`Malformed`.
    """
    source = Source(stream, told)
    try:
        return _READERS[written_in](source, wanted)
    except Fault as fault:
        line = source.number or 1 if fault.line is None else fault.line
        raise Malformed(line, fault.column, fault.code, fault.facts) from None


def written(ballots: Ballots, write_in: Format) -> Iterator[str]:
    """The text of a file that holds these ballots, line by line.

    Raises :class:`~app.formats.malformed.Unfit` where the format has no place for them.
    """
    return _WRITERS[write_in](ballots)
