"""What a person fills in to say one word, and what a circle fills in to choose how it decides."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.foundation import written


class Prose:
    """Marks a field of a form as free text: it goes into a disclosure and never reaches a rule."""


Text = Annotated[str, written.Prose(10_000), Prose()]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def shown_by(**filled: Any) -> ConfigDict:
    """The ``model_config`` of a form that shows how it is filled in: clients read the example in the API's contract."""
    return ConfigDict(json_schema_extra={"examples": [{"revision": 1, **filled}]})


class Form(BaseModel):
    """What a person fills in to say one word.

    ``revision`` names the text that is answered: a stale one is refused. ``value`` is coded. Fields of type
    :data:`Text` are prose; every other field a subclass adds is a coded fact. ``plural`` names the collection to which
    a filled form is posted, in kebab-case.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    plural: ClassVar[str]

    value: str
    revision: Annotated[int, Field(ge=1, strict=True, description="The revision of the text that this answers.")]
    about: Annotated[Ref | None, Field(description="The word that this one is about, if the step asks for it.")] = None

    @classmethod
    def values(cls) -> tuple[str, ...]:
        """The values that the form knows, in its order; none where any text of its kind may stand."""
        return tuple(map(str, get_args(cls.model_fields["value"].annotation)))

    @classmethod
    def prose_fields(cls) -> tuple[str, ...]:
        """Names of the fields that hold free text, in the order of the form."""
        return _prose_fields(cls)

    def prose(self) -> dict[str, str]:
        """The free text that was written, by field, or by ``field/key`` where a field holds several: what goes into a
        disclosure."""
        found: dict[str, str] = {}
        for name in self.prose_fields():
            written = getattr(self, name)
            if isinstance(written, Mapping):
                found |= {f"{name}/{key}": text for key, text in written.items()}
            elif written is not None:
                found[name] = written
        return found

    def facts(self) -> dict[str, Any]:
        """The coded fields that were filled in besides value, revision and subject: what goes into ``Word.facts``."""
        filled = self.model_dump(mode="json", exclude={"value", "revision", "about", *self.prose_fields()})
        frozen = {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in filled.items()}
        return {name: fact for name, fact in frozen.items() if fact is not None and fact != ()}


@cache
def _prose_fields(form: type[Form]) -> tuple[str, ...]:
    return tuple(
        name for name, info in form.model_fields.items() if _is_prose(info.annotation) or _marked(info.metadata)
    )


def _is_prose(annotation: Any) -> bool:
    return _marked(getattr(annotation, "__metadata__", ())) or any(map(_is_prose, get_args(annotation)))


def _marked(metadata: Iterable[Any]) -> bool:
    return any(isinstance(mark, Prose) for mark in metadata)


class Inner(BaseModel):
    """A rule within a rule: what it is and how it is set. The catalogue completes it when options are pinned, so that
    the whole tree is: ``version`` (the newest, unless named), the defaults of ``options``, and ``reference_digest``,
    the meaning that the rule had then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
    version: Annotated[int | None, Field(ge=1, strict=True)] = None
    options: dict[str, Any] = {}
    reference_digest: Annotated[str | None, StringConstraints(pattern="^[0-9a-f]{64}$")] = None


class Options(BaseModel):
    """Base of a rule's options: unknown names are refused, values are frozen and pinned with the process."""

    model_config = ConfigDict(extra="forbid", frozen=True)
