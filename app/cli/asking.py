"""What the command asks when it was not told: each answer is checked at once, and asked for again until it can be."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from app.cli.screen import Screen
from app.foundation.language import Language, text

if TYPE_CHECKING:
    from pydantic import BaseModel

Wrong = Callable[[str, str], str | None]
"""What is wrong with the answer to a question, as a sentence; None when it can be right."""


def answers(screen: Screen, given: Mapping[str, str | None], wrong: Wrong) -> dict[str, str]:
    """The answer to every question in ``given``, those without one being asked.

    Options that cannot be right are all named, and end the command with status 1 before anything is asked.
    """
    faults = {name: wrong(name, said) for name, said in given.items() if said is not None}
    if any(faults.values()):
        for name, fault in faults.items():
            if fault is not None:
                screen.complain(screen.sentence("value_wrong", name=f"--{name.replace('_', '-')}", message=fault))
        raise typer.Exit(1)
    return {name: _asked(screen, name, wrong) if said is None else said for name, said in given.items()}


def in_words(error: Any, language: Language) -> Iterator[tuple[str, str]]:
    """Where and what, for each fault that a shape has found: the sentences are those of the API."""
    from app.foundation.problems import fault_in_words, faults

    for fault in faults(error.errors()):
        yield fault.pointer.removeprefix("/"), fault_in_words(fault, language)


def fault_of(shape: "type[BaseModel]", field: str, said: str, language: Language) -> str | None:
    """What is wrong with one field of a shape, whatever the others may be."""
    from pydantic import ValidationError

    try:
        shape.model_validate({field: said})
    except ValidationError as error:
        return next((sentence for place, sentence in in_words(error, language) if place == field), None)
    return None


def _asked(screen: Screen, name: str, wrong: Wrong) -> str:
    while True:
        said = str(typer.prompt(text(f"cli_prompt.{name}", screen.language), err=screen.as_json))
        fault = wrong(name, said)
        if fault is None:
            return said
        screen.complain(fault)
