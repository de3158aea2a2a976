"""What people write: a line such as a name, and prose of several lines. The same everywhere, whoever reads it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

Written = TypeVar("Written", str, str | None)

_TURNS: Final = r"\u202a-\u202e\u2066-\u2069"
"""Characters that turn the direction of writing round: a name could show as somebody else's."""
_NOT_IN_PROSE: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNS}]")
_NOT_IN_A_LINE: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{_TURNS}]")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ADDRESS: Final = re.compile(r'[^@\s\x00-\x1f\x7f<>(),;:"\\\[\]]{1,64}@[^@\s\x00-\x1f\x7f<>(),;:"\\\[\]]{1,189}')
_INVISIBLE: Final = frozenset({"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"})
"""Letters and symbols that leave no mark on the page."""


def line(value: Written) -> Written:
    """One line that says something: no control character, no line break, nothing that turns the writing round."""
    return _checked(value, _NOT_IN_A_LINE)


def prose(value: Written) -> Written:
    """The same for several lines, which end in a line feed whatever machine they come from; tabs may stay."""
    if value is None:
        return None
    return _checked(re.sub("\r\n?", "\n", value), _NOT_IN_PROSE)


def slug(value: str) -> str:
    """A short name for addresses: lower-case letters, digits and single hyphens between them."""
    if not _SLUG.fullmatch(value):
        raise PydanticCustomError("slug", "write lower-case letters, digits and hyphens, such as scic-ardoise")
    return value


def address(value: Written) -> Written:
    """One e-mail address in lower case, and nothing that a mail header could take for more than one."""
    if value is None:
        return None
    if not _ADDRESS.fullmatch(value) or _NOT_IN_A_LINE.search(value):
        raise PydanticCustomError("address", "write one e-mail address, such as ana@ardoise.example")
    return value.lower()


def _checked(value: Written, refused: re.Pattern[str]) -> Written:
    if value is None:
        return None
    if refused.search(value):
        raise PydanticCustomError("unprintable", "a character cannot be printed or turns the direction of writing")
    if value and not any(_leaves_a_mark(one) for one in value):
        raise PydanticCustomError("blank", "write something")
    return value


def _leaves_a_mark(one: str) -> bool:
    return unicodedata.category(one)[0] in "LNPS" and one not in _INVISIBLE


Slug = Annotated[str, StringConstraints(max_length=60), AfterValidator(slug)]


@dataclass(frozen=True, slots=True)
class Line(GroupedMetadata):
    """``Annotated[str, Line(120)]``: :func:`line` of at most that many characters, without the blanks around it."""

    most: int

    def __iter__(self) -> Iterator[Any]:
        yield from StringConstraints(strip_whitespace=True, min_length=1, max_length=self.most)
        yield AfterValidator(line)


@dataclass(frozen=True, slots=True)
class Prose(GroupedMetadata):
    """``Annotated[str, Prose(2000)]``: the same of :func:`prose`, which may be left empty when ``least`` is 0."""

    most: int
    least: int = 1

    def __iter__(self) -> Iterator[Any]:
        yield from StringConstraints(strip_whitespace=True, min_length=self.least, max_length=self.most)
        yield AfterValidator(prose)


class Shape(BaseModel):
    """Base of what is sent to the service: a name that is not known is refused, for it would be silently lost."""

    model_config = ConfigDict(extra="forbid")
