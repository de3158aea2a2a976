"""Sentences with figures in them, in the form that each figure asks for."""

import string
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal


class Counted(string.Formatter):
    """Fills a template: ``{answered}`` names a fact, and ``{silent:member|members}`` takes the form that it asks for.

    Two forms are for one and for several, French counting zero with one; three are for none, one and several. ``#`` in
    a form stands for the figure itself. A fact that is text takes the last form.
    """

    def __init__(self, language: Literal["en", "fr"]) -> None:
        self.language = language

    def fill(self, template: str, facts: Mapping[str, Any]) -> str:
        """The template with its facts. Raises KeyError when one is missing."""
        return self.vformat(template, (), facts)

    def said(self, value: object) -> str:
        """How a fact is said by itself."""
        return str(value)

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" not in format_spec:
            return format(value, format_spec) if format_spec else self.said(value)
        return self._form(value, format_spec.split("|")).replace("#", self.said(value))

    def _form(self, value: object, forms: Sequence[str]) -> str:
        *none, one, many = forms
        if not isinstance(value, int | Fraction):
            return many
        if none and value == 0:
            return none[0]
        is_one = value == 1 if self.language == "en" else value // 1 in {0, 1}
        return one if is_one else many
