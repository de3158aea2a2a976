"""Tells the story on a terminal: eighty columns suffice, colours are a comfort and never the meaning."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from app.demo.wording import Wording

_WIDEST: Final = 88
_COLOURS: Final = ("cyan", "magenta", "green", "yellow", "bright_blue", "bright_red", "bright_cyan", "bright_magenta")
_HOUR: Final = 9
_FRENCH_SPACE: Final = re.compile(r" (?=[:;?!»%])|(?<=«) |(?<=\d) (?=\d{3}\b)")


@dataclass(frozen=True)
class Moment:
    """One thing that happened: when, who did what, the narrator's sentence, and what was said or written."""

    at: datetime
    what: str
    tell: str
    who: Sequence[str] = ()
    said: Sequence[str] = ()
    written: Sequence[str] = ()
    request: str = ""


class Narrator:
    """Prints paragraphs, moments and phases; keeps the day it is in the story, and each person's colour."""

    def __init__(self, console: Console, wording: Wording) -> None:
        self.wording = wording
        self._console = console
        self._width = min(console.width, _WIDEST)
        self._day: date | None = None
        self._free = cycle(_COLOURS)
        self._colours: dict[str, str] = {}

    def title(self, title: str, above: str = "") -> None:
        """A new part of the telling."""
        self._day = None
        self.gap()
        self._line(Text("━" * self._width, style="bold blue"))
        if above:
            self._line(Text(f" {above}", style="dim"))
        self._line(Text(f" {title}", style="bold"))
        self._line(Text("━" * self._width, style="bold blue"))

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def paragraph(self, text: str, *, indent: int = 1, first: str = "", style: str = "") -> None:
        """Text set within the width; ``first`` stands before its first line."""
        margin = " " * indent
        for number, line in enumerate(self._wrapped(text, indent + len(first))):
            before = first if number == 0 else " " * len(first)
            self._line(Text(margin + before + line, style=style))

    def verbatim(self, text: str) -> None:
        """A line to copy: never wrapped by us, whatever its length."""
        self._console.print(Text(text, style="bold cyan"), soft_wrap=True)

    def moment(self, moment: Moment) -> None:
        """One thing that happened in the story."""
        self._turn_to(moment.at)
        self.gap()
        self._heading(moment)
        self.paragraph(moment.tell, indent=_HOUR)
        for name, text in zip(moment.who, moment.said, strict=False):
            quote = self.wording.say("story.quote", text=text)
            self.paragraph(quote, indent=_HOUR + 2, style=f"italic {self._colour(name)}")
        for text in moment.written:
            self.block(text)

    def phase(self, title: str, until: datetime | None, reasons: Iterable[str]) -> None:
        """The process has come to another phase, or to its end."""
        self.gap()
        heading = Text(" " * (_HOUR - 2) + "▶ " + title, style="bold blue")
        if until is not None:
            heading.append(" · " + self.wording.until(until), style="not bold blue")
        self._line(heading)
        for reason in reasons:
            self.paragraph(reason, indent=_HOUR, style="dim")

    def tree(self, rows: Iterable[tuple[int, str, Sequence[str]]]) -> None:
        """Things under one another: how deep, the name, and lines about it."""
        for depth, name, lines in rows:
            self.gap()
            self._line(Text("   " * depth + " ● " + name, style="bold"))
            for line in lines:
                self.paragraph(line, indent=3 * depth + 3)

    def people(self, names: Iterable[str]) -> None:
        """Give each of them a colour now."""
        for name in names:
            self._colour(name)

    def _heading(self, moment: Moment) -> None:
        left = Text(f" {self.wording.hour(moment.at):<{_HOUR - 1}}", style="dim")
        for number, name in enumerate(moment.who):
            if number:
                last = number == len(moment.who) - 1
                left.append(self.wording.say("story.and") if last else ", ", style="not dim")
            left.append(name, style=f"not dim bold {self._colour(name)}")
        left.append(f" {moment.what}" if moment.who else moment.what, style="not dim")
        request = Text(moment.request, style="dim")
        room = self._width - left.cell_len - request.cell_len
        if request and room >= 1:
            left.append(" " * room)
            left.append_text(request)
        self._line(left)

    def block(self, text: str, *, indent: int = _HOUR) -> None:
        """A text of several lines with its numbers and dashes, behind a bar."""
        for line in text.splitlines():
            bare = line.lstrip()
            inner = len(line) - len(bare)
            hanging = re.match(r"(\d+\. |- )?", bare)
            hang = len(hanging.group()) if hanging else 0
            for number, piece in enumerate(self._wrapped(bare, indent + 2 + inner, hang)):
                shift = inner if number == 0 else inner + hang
                self._line(Text(" " * indent + "│ " + " " * shift + piece))

    def _turn_to(self, instant: datetime) -> None:
        today = self.wording.local(instant).date()
        if today != self._day:
            self._day = today
            self.gap()
            day = self.wording.day(instant)
            self._line(Text(f" {day[0].upper()}{day[1:]}", style="bold underline"))

    def _colour(self, name: str) -> str:
        if name not in self._colours:
            self._colours[name] = next(self._free)
        return self._colours[name]

    def _wrapped(self, text: str, taken: int, hang: int = 0) -> list[str]:
        width = max(self._width - taken, 20)
        lines = textwrap.wrap(self._set(text), width, break_long_words=False, break_on_hyphens=False)
        if not hang or not lines[1:]:
            return lines
        rest = textwrap.wrap(" ".join(lines[1:]), width - hang, break_long_words=False, break_on_hyphens=False)
        return [lines[0], *rest]

    def _set(self, text: str) -> str:
        """French sign spacing does not break at the end of a line."""
        return _FRENCH_SPACE.sub("\u00a0", text) if self.wording.language == "fr" else text

    def _line(self, text: Text) -> None:
        self._console.print(text, no_wrap=True, overflow="ignore", crop=False)


def sentences(reasons: Iterable[Any]) -> list[str]:
    """The sentences of reasons as the API gives them, each once."""
    return list(dict.fromkeys(reason["sentence"] for reason in reasons))
