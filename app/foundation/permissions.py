"""Rights read like a charter: a permission is granted by a question about where the actor stands.

Each room keeps one table, permission -> question, in its ``policy.py``; the documentation is generated from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from app.foundation.errors import Forbidden
from app.foundation.language import Language, text

Standing = TypeVar("Standing")
Right = TypeVar("Right", bound=StrEnum)


class RightMissing(Forbidden):
    """The charter does not grant ``permission`` to whoever asks; ``needed`` names who has it."""

    code = "right_missing"


class Scope(StrEnum):
    """What a credential may be used for; a token carries no more than it needs."""

    READ = "read"
    PARTICIPATE = "participate"
    STEWARD = "steward"


@dataclass(frozen=True)
class Question(Generic[Standing]):
    """A yes-or-no question about a standing, named so that the charter and a refusal can say it.

    ``name`` is a code; :meth:`say` puts it into words, each predicate with its text ``question.<name>``.
    """

    name: str
    ask: Callable[[Standing], bool]
    word: str | None = None
    parts: "tuple[Question[Standing], ...]" = ()

    def __post_init__(self) -> None:
        _asked[self.name] = self

    def __call__(self, standing: Standing) -> bool:
        return self.ask(standing)

    def __or__(self, other: "Question[Standing]") -> "Question[Standing]":
        name = f"{self.name} or {other.name}"
        return Question(name, lambda standing: self(standing) or other(standing), "or", (self, other))

    def __and__(self, other: "Question[Standing]") -> "Question[Standing]":
        name = f"({_within(self)} and {_within(other)})"
        return Question(name, lambda standing: self(standing) and other(standing), "and", (self, other))

    def say(self, language: Language) -> str:
        """The question as what is said of whoever may: "is the facilitator or is a steward"."""
        if self.word is None:
            return text(f"question.{self.name.replace(' ', '_')}", language)
        said = [
            part.say(language) if part.word in (None, self.word) else f"({part.say(language)})" for part in self.parts
        ]
        return f" {text(f'question.{self.word}', language)} ".join(said)


def require(charter: Mapping[Right, Question[Standing]], permission: Right, standing: Standing) -> None:
    """Refuse what a room's charter does not grant. Raises RightMissing (403), which names the right and who has it."""
    granted = charter[permission]
    if not granted(standing):
        raise RightMissing(permission=permission.value, needed=granted.name)


_asked: "dict[str, Question[Any]]" = {}


def in_words(name: str, language: Language) -> str:
    """The question of that name in words; the name itself when nobody asks it."""
    found = _asked.get(name)
    return name if found is None else found.say(language)


def _within(question: "Question[Any]") -> str:
    return f"({question.name})" if question.word == "or" else question.name


def question(ask: Callable[[Standing], bool]) -> Question[Standing]:
    """Name a predicate after its function: ``is_facilitator`` is asked as "is facilitator"."""
    return Question(ask.__name__.replace("_", " "), ask)
