"""What is wrong with a file of ballots, and where: a file that cannot be read whole is not read at all."""

from collections.abc import Mapping

from app.foundation.language import Language, has_text, text


class Malformed(ValueError):
    """A file of ballots breaks its format: ``line`` and ``column`` count from 1 (in CSV the column is that of the
    sheet), ``code`` names a sentence with ``facts``."""

    def __init__(self, line: int, column: int, code: str, facts: Mapping[str, str | int]) -> None:
        super().__init__(f"line {line}, column {column}: {code} {dict(facts)}")
        self.line = line
        self.column = column
        self.code = code
        self.facts = {name: _printable(fact) for name, fact in facts.items()}

    def said(self, language: Language) -> str:
        """What is wrong, as a sentence without its place."""
        return text(f"malformed.{self.code}", language, _with_kinds(self.facts, language))


class Fault(ValueError):
    """The same while a file is being read: its line is the one that was read last, unless it is named."""

    def __init__(self, code: str, column: int = 1, line: int | None = None, /, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.line = line
        self.facts = facts


class Unfit(ValueError):
    """Ballots that another format, or another way of counting, has no place for: ``code`` names a sentence."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def said(self, language: Language) -> str:
        """What does not fit, as a sentence."""
        return text(f"unfit.{self.code}", language, _with_kinds(self.facts, language))


def _printable(fact: str | int) -> str | int:
    """What was quoted from a file, without signs that would steer a terminal or could not be written."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in fact) if isinstance(fact, str) else fact


def _with_kinds(facts: Mapping[str, str | int], language: Language) -> dict[str, str | int]:
    """The facts, kinds of ballots in words."""
    kinds = {name: f"ballots.{facts[name]}" for name in ("first", "then", "has", "needs") if name in facts}
    return {**facts, **{name: text(key, language) for name, key in kinds.items() if has_text(key)}}
