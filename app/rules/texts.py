"""The words of a rule in the reader's language: titles, helps, and a sentence with exact figures for every reason."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, Final, Literal

from app.foundation.counted import Counted
from app.rules.case import Figure, Reason

Language = Literal["en", "fr"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

FIGURES: Final = "figures"
"""The entry of a rule's words that says figures which are not said as fractions."""

Texts = Mapping[str, Any]
"""What lies beside a rule: nested tables whose leaves are ``{en = "...", fr = "..."}``."""


class MissingText(LookupError):
    """A rule said something for which it brought no words in this language."""

    def __init__(self, what: str, language: str) -> None:
        super().__init__(f"no text for {what} in {language}")
        self.what = what
        self.language = language


def is_leaf(texts: object) -> bool:
    """Whether this is one text in its languages, and not a table of texts."""
    return isinstance(texts, Mapping) and any(isinstance(texts.get(language), str) for language in LANGUAGES)


def in_language(texts: Texts, language: Language, path: str = "") -> dict[str, Any]:
    """The same tables with the text of one language at each leaf. Raises :class:`MissingText`."""
    read: dict[str, Any] = {}
    for name, content in texts.items():
        here = f"{path}.{name}".strip(".")
        if not is_leaf(content):
            read[name] = in_language(content, language, here)
        elif content.get(language):
            read[name] = content[language]
        else:
            raise MissingText(here, language)
    return read


def over(own: Texts, common: Texts) -> dict[str, Any]:
    """Both sets of words, table by table; where both say something, one's ``own`` counts."""
    both = {**common, **own}
    for name in common.keys() & own.keys():
        if isinstance(own[name], Mapping) and isinstance(common[name], Mapping) and not is_leaf(own[name]):
            both[name] = over(own[name], common[name])
    return both


def sentence(tree: Sequence[Texts], reason: Reason, language: Language, names: Mapping[str, str] | None = None) -> str:
    """A reason as a sentence. ``tree`` are the words of a rule and of those within it in one language, ``names`` what
    options and colleges are called. Raises :class:`MissingText`.

    A template names facts in braces, with the forms of :class:`~app.foundation.counted.Counted`. A fact that is a code
    is said in the words of the table ``codes``. Where two rules of a tree know the same code, the first whose template
    is answered by the facts speaks.
    """
    speaking = [words for words in tree if reason.code in words.get("reasons", {})]
    if not speaking:
        raise MissingText(f"reasons.{reason.code}", language)
    said = _Sentence(
        {code: name for words in reversed(tree) for code, name in words.get("codes", {}).items()}, language
    )
    said.codes |= names or {}
    answered = (one for one in speaking if said.named(one["reasons"][reason.code]) <= reason.facts.keys())
    words = next(answered, speaking[0])
    said.figure = words.get(FIGURES, str)
    return said.fill(words["reasons"][reason.code], reason.facts)


def decimal(figure: object, places: int, language: Language) -> str:
    """A fraction with so many decimals, if it has no more; anything else as it is: nothing is rounded."""
    if not isinstance(figure, Fraction) or figure.denominator == 1 or 10**places % figure.denominator:
        return str(figure)
    whole, rest = divmod(abs(int(figure * 10**places)), 10**places)
    return f"{'-' * (figure < 0)}{whole}{'.' if language == 'en' else ','}{rest:0{places}}"


def in_decimals(words: Texts, places: int | None, language: Language) -> Texts:
    """The words of a count whose figures people read with so many decimals, if it has a number of them."""
    return words if places is None else {**words, FIGURES: partial(decimal, places=places, language=language)}


def cell(words: Texts, content: Figure, names: Mapping[str, str] | None = None) -> str:
    """A cell of an outcome's table in the words of one language. ``names``: what the options are called.

    A code is said in the words of the table ``codes``, and one with a number behind it (``round_3``) with that number.
    Raises :class:`MissingText`.
    """
    if not isinstance(content, str):
        return str(words.get(FIGURES, str)(content))
    known = {**words.get("codes", {}), **(names or {})}
    code, _, number = content.rpartition("_")
    if content in known:
        return str(known[content])
    if code in known and number.isdecimal():
        return f"{known[code]} {number}"
    raise MissingText(f"codes.{content}", "")


class _Sentence(Counted):
    def __init__(self, codes: dict[str, str], language: Language) -> None:
        super().__init__(language)
        self.codes = codes
        self.figure: Callable[[object], str] = str

    def named(self, template: str) -> set[str]:
        """The facts that a template names."""
        return {name for _, name, _, _ in self.parse(template) if name}

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if key not in kwargs:
            raise MissingText(f"fact {key}", self.language)
        return super().get_value(key, args, kwargs)

    def said(self, value: object) -> str:
        if not isinstance(value, str):
            return self.figure(value)
        return ", ".join(self.codes.get(one, one) for one in value.split(","))
