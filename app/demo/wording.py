"""The demonstration's own words in the chosen language, and dates and hours as people write them in it."""

import datetime as dt
import tomllib
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from app.foundation.counted import Counted
from app.foundation.language import Language


class Trouble(Exception):
    """The demonstration cannot go on; ``code`` names a sentence of the section ``trouble`` or of another."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code if "." in code else f"trouble.{code}"
        self.facts = facts


class Wording:
    """One language, and the time zone in which hours are told."""

    def __init__(self, language: Language, time_zone: str) -> None:
        self.language: Language = language
        self._zone = ZoneInfo(time_zone)

    def say(self, key: str, **facts: object) -> str:
        """The sentence ``section.code`` with its facts, in the form that a number asks for."""
        section, _, code = key.partition(".")
        return Counted(self.language).fill(texts()[section][code][self.language], facts)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        section, _, code = key.partition(".")
        return code in texts()[section]

    def trouble(self, trouble: Trouble) -> str:
        """What went wrong, as a sentence."""
        return self.say(trouble.code, **trouble.facts)

    def local(self, instant: dt.datetime) -> dt.datetime:
        """The instant on the cooperative's clock."""
        return instant.astimezone(self._zone)

    def hour(self, instant: dt.datetime) -> str:
        """08:30, or 8 h 30."""
        there = self.local(instant)
        return self.say("calendar.hour", hour=there.hour, minute=there.minute)

    def day(self, instant: dt.datetime) -> str:
        """Monday 5 October."""
        return self._written("calendar.day", self.local(instant).date())

    def date(self, day: dt.date) -> str:
        """5 October 2026."""
        return self._written("calendar.date", day)

    def until(self, instant: dt.datetime) -> str:
        """Until Monday 5 October, 23:59."""
        return self.say("calendar.until", day=self.day(instant), hour=self.hour(instant))

    def _written(self, key: str, day: dt.date) -> str:
        weekday = self.say("calendar.weekdays").split()[day.weekday()]
        month = self.say("calendar.months").split()[day.month - 1]
        number = self.say("calendar.first") if day.day == 1 else str(day.day)
        return self.say(key, weekday=weekday, day=number, month=month, year=day.year)


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """Every sentence by section and code, in each language."""
    found: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        resources.files("app.demo").joinpath("texts.toml").read_text("utf-8")
    )
    return found
