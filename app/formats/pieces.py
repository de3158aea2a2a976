"""JSON read piece by piece, so that whatever is wrong in it has a line and a column."""

import re
from collections.abc import Iterator
from fractions import Fraction
from json import JSONDecoder
from typing import Any, Final

from app.formats.malformed import Fault

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_FRACTION: Final = re.compile(r"[0-9]{1,4000}/[1-9][0-9]{0,3999}")


class _Twice(ValueError):
    """A name stands twice in one object."""


class Pieces:
    """The pieces of a text, one after the other. ``at``: where the last one began."""

    def __init__(self, text: str) -> None:
        self.at = 0
        self._text = text
        self._next = 0
        self._decoder = JSONDecoder(object_pairs_hook=_each_once)

    def fault(self, code: str, where: int | None = None, /, **facts: str | int) -> Fault:
        """What is wrong with the last piece, or with the one that began there."""
        at = self.at if where is None else where
        line = self._text.count("\n", 0, at) + 1
        return Fault(code, at - self._text.rfind("\n", 0, at), line, **facts)

    def value(self) -> Any:
        """The next value, whole."""
        self._skip()
        try:
            value, self._next = self._decoder.raw_decode(self._text, self._next)
        except _Twice as twice:
            raise self.fault("json_name_twice", name=str(twice)[:40]) from None
        except (ValueError, RecursionError) as error:
            raise self.fault("json_unreadable", getattr(error, "pos", None)) from None
        return value

    def exact(self, written: Any) -> Fraction:
        """An exact figure that is not negative: an integer, or as a text a fraction in lowest terms."""
        if isinstance(written, int) and not isinstance(written, bool) and written >= 0:
            return Fraction(written)
        if isinstance(written, str) and _FRACTION.fullmatch(written) and str(Fraction(written)) == written:
            return Fraction(written)
        raise self.fault("figure_unreadable", at=str(written)[:40])

    def members(self) -> Iterator[str]:
        """The names of an object; whoever asks reads the value of each before the next."""
        self._sign("{")
        while not self._is("}"):
            name = self.value()
            if not isinstance(name, str):
                raise self.fault("json_unreadable")
            at = self.at
            self._sign(":")
            self.at = at
            yield name
            self._between("}")

    def items(self) -> Iterator[Any]:
        """The values of a list."""
        self._sign("[")
        while not self._is("]"):
            yield self.value()
            self._between("]")

    def end(self) -> None:
        """Nothing follows."""
        self._skip()
        if self._next < len(self._text):
            raise self.fault("json_unreadable")

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._next)
        self._next = self.at = match.end() if match else self._next

    def _is(self, sign: str) -> bool:
        self._skip()
        there = self._text.startswith(sign, self._next)
        self._next += there
        return there

    def _sign(self, sign: str) -> None:
        if not self._is(sign):
            raise self.fault("json_unreadable")

    def _between(self, end: str) -> None:
        """A comma with something after it, or the end that comes next."""
        comma = self._is(",")
        self._skip()
        if self._text.startswith(end, self._next) == comma:
            raise self.fault("json_unreadable")


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found
