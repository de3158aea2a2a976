"""The text of a file, line by line and never more of it than a line, so that a file of any length can be read."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from app.formats.malformed import Fault

MOST_LINE: Final = 100_000
"""Bytes of the longest line: two hundred options with long names and their points."""
MOST_WHOLE: Final = 1 << 28
"""Bytes of a file that can only be read whole."""
_BOM: Final = b"\xef\xbb\xbf"
_AT_ONCE: Final = 2_048


class Source:
    """A file in UTF-8, with or without a byte order mark. ``number`` is that of the line which was read last; ``told``
    hears now and then how many bytes more have been read."""

    def __init__(self, stream: BinaryIO, told: Callable[[int], object] = lambda _: None) -> None:
        self.number = 0
        self._stream = stream
        self._told = told

    def __iter__(self) -> Iterator[str]:
        """Its lines without their ends. Raises :class:`Fault`: ``line_too_long``, ``not_utf8``."""
        read = 0
        while line := self._stream.readline(MOST_LINE + 2):
            self.number += 1
            read += len(line)
            if not self.number % _AT_ONCE:
                self._told(read)
                read = 0
            if self.number == 1:
                line = line.removeprefix(_BOM)
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            if len(line) > MOST_LINE:
                raise Fault("line_too_long", MOST_LINE, most=MOST_LINE)
            yield _decoded(line)
        self._told(read)

    def whole(self) -> str:
        """All of it. Raises :class:`Fault`: ``file_too_long``, ``not_utf8``."""
        content = self._stream.read(MOST_WHOLE + 1)
        self._told(len(content))
        if len(content) > MOST_WHOLE:
            raise Fault("file_too_long", 1, 1, most=MOST_WHOLE)
        try:
            return content.removeprefix(_BOM).decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise Fault("not_utf8", error.start - content.rfind(b"\n", 0, error.start), line) from None


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Fault("not_utf8", len(line[: error.start].decode()) + 1) from None
