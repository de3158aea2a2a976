"""Rights read like a charter: a permission is granted by a question about where the actor stands.

Each room keeps one table, permission -> question, in its ``policy.py``; the documentation is generated from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Standing = TypeVar("Standing")


class Scope(StrEnum):
    """What a credential may be used for; a token carries no more than it needs."""

    READ = "read"
    PARTICIPATE = "participate"
    STEWARD = "steward"


@dataclass(frozen=True)
class Question(Generic[Standing]):
    """A yes-or-no question about a standing, named so that the charter and a refusal can say it."""

    name: str
    ask: Callable[[Standing], bool]

    def __call__(self, standing: Standing) -> bool:
        return self.ask(standing)

    def __or__(self, other: "Question[Standing]") -> "Question[Standing]":
        return Question(f"{self.name} or {other.name}", lambda standing: self(standing) or other(standing))

    def __and__(self, other: "Question[Standing]") -> "Question[Standing]":
        return Question(f"({self.name} and {other.name})", lambda standing: self(standing) and other(standing))


def question(ask: Callable[[Standing], bool]) -> Question[Standing]:
    """Name a predicate after its function: ``is_facilitator`` is asked as "is facilitator"."""
    return Question(ask.__name__.replace("_", " "), ask)
