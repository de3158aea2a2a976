"""What a proposal puts to the vote when there is more than yes and no: its options, as people wrote them.

The ids are given here, in the order of the text, so that a ballot, the urn and a recount need no words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.foundation.written import Line, Prose
from app.rules.faults import within
from app.rules.papers import MOST_OPTIONS

OPTION = "option"
"""The form of a word that puts another option on the ballot; its reference is the option's id."""


class OptionText(BaseModel):
    """One of several things between which the circle chooses: a way to act, or a person."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"title": "Move to the Rue des Lilas"}]}
    )

    title: Annotated[str, Line(200)]
    body: Annotated[Annotated[str, Prose(4000)] | None, Field(description="What it means.")] = None


class OptionView(OptionText):
    """An option with the id by which ballots name it."""

    id: str = Field(examples=["o1"])


def _each_once(options: list[OptionText]) -> list[OptionText]:
    if len({option.title.casefold() for option in options}) < len(options):
        raise PydanticCustomError("option_twice", "two options have the same title")
    return options


Options = Annotated[list[OptionText], Field(max_length=MOST_OPTIONS), AfterValidator(_each_once)]


def dump(options: Iterable[OptionText]) -> list[dict[str, Any]]:
    """The options as a revision keeps them, with their ids: ``o1``, ``o2``..."""
    return [{"id": f"o{n}", **option.model_dump()} for n, option in enumerate(options, start=1)]


def ids(stored: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ids of stored options, in their order."""
    return tuple(option["id"] for option in stored)


def names(stored: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the options are called, by id."""
    return {option["id"]: option["title"] for option in stored}


def with_choice(body: str, stored: Sequence[Mapping[str, Any]], winners: Sequence[str]) -> str:
    """The text of an agreement: the proposal's own, and what was chosen."""
    chosen = {option["id"]: option for option in stored}
    of_winners = [chosen[winner][name] for winner in winners if winner in chosen for name in ("title", "body")]
    return "\n\n".join(filter(None, (body, *of_winners)))


def collects(options: Mapping[str, Any]) -> bool:
    """Whether a rule with these options, or one within it, lets members put options on the ballot."""
    return options.get("collecting") is not None or any(collects(inner) for _, inner in within(options))
