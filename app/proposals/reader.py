"""A process in the language of who reads it: the words of its pinned rule, and what its options are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.foundation.language import Language, has_text, text
from app.proposals.schemas import ReasonView, TableView
from app.rules import texts
from app.rules.canonical import to_json
from app.rules.catalogue import Catalogue, UnknownRule
from app.rules.contract import Figure, Reason


@dataclass(frozen=True, slots=True)
class Pinned:
    """The rule of a process with its options, which hold the rules within it; no rule before admission."""

    slug: str | None = None
    version: int | None = None
    options: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language a process is read, by which rule, and what its options are called."""

    rules: Catalogue
    language: Language
    pinned: Pinned = field(default_factory=Pinned)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> Mapping[str, Any]:
        """The words of the rule; none when it is not installed."""
        if self.pinned.slug is None:
            return {}
        try:
            return self.rules.texts(self.pinned.slug, self.pinned.version, self.language, self.pinned.options)
        except UnknownRule:
            return {}

    def reasons(self, reasons: Iterable[Reason]) -> list[ReasonView]:
        """Reasons with their sentences; a code stands for itself when its rule is not installed."""
        return [
            ReasonView(code=one.code, facts=to_json(dict(one.facts)), about=one.about, sentence=self._sentence(one))
            for one in reasons
        ]

    def tables(self, tables: Mapping[str, Sequence[Sequence[Figure]]]) -> list[TableView]:
        """The tables of an outcome as people read them; none when the rule is not installed."""
        words = self.texts
        if not words:
            return []
        return [
            TableView(
                name=name,
                title=words["tables"][name]["title"],
                columns=[self._cell(words, content) for content in rows[0]],
                rows=[[self._cell(words, content) for content in row] for row in rows[1:]],
            )
            for name, rows in tables.items()
        ]

    def _cell(self, words: Mapping[str, Any], content: Figure) -> str:
        """A cell in words; what has none, such as a unit of a federation, is called by its own name."""
        try:
            return texts.cell(words, content, self.names)
        except texts.MissingText:
            return str(content)

    def _sentence(self, reason: Reason) -> str:
        key = f"engine.{reason.code}"
        if has_text(key):  # what is said in the place of any rule
            return text(key, self.language, reason.facts)
        try:
            tree = self.rules.tree(self.pinned.slug or "", self.pinned.version, self.language, self.pinned.options)
        except UnknownRule:
            return reason.code
        return texts.sentence(tree, reason, self.language, self.names)
