"""What is wrong with the options of a rule, told where it stands: by a JSON pointer and a code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

DEEPEST: Final = 8
"""A rule within a rule within a rule: so many, and no more, stand in each other."""
MOST_RULES: Final = 16
"""So many rules, at most, make one decision."""


@dataclass(frozen=True, slots=True)
class OptionError:
    """One thing wrong with the options: where (a JSON pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    message: str
    facts: Mapping[str, Any]


def option_errors(error: ValidationError) -> tuple[OptionError, ...]:
    """All that the shape of the options finds wrong."""
    return tuple(
        OptionError("".join(f"/{_escaped(part)}" for part in one["loc"]), one["type"], one["msg"], _bounds(one))
        for one in error.errors(include_url=False, include_input=False)
    )


def within(options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rules that options name, as they are written or pinned: the name of the option, and the options that the rule
    there is set by. A college may be called ``rule`` or ``options``: its weight names no rule."""
    for name, one in options.items():
        if isinstance(one, Mapping) and str(one.get("rule", "")).isidentifier():
            inner = one.get("options", {})
            if isinstance(inner, Mapping):
                yield name, inner


def too_many_rules(options: Mapping[str, Any]) -> OptionError | None:
    """The first rule, level by level, that stands too deep or is one too many; the rule of the options is one itself.

    It is found without recursion: whatever was written can be asked."""
    waiting = [("", 1, options)]
    for number, (at, depth, here) in enumerate(waiting, start=1):
        if depth > DEEPEST or number > MOST_RULES:
            message = f"at most {MOST_RULES} rules, {DEEPEST} of them within each other"
            facts = {"most": MOST_RULES, "deepest": DEEPEST}
            return OptionError(at.removesuffix("/options"), "too_many_rules", message, facts)
        waiting += [(f"{at}/{_escaped(name)}/options", depth + 1, inner) for name, inner in within(here)]
    return None


def closing_early(options: Mapping[str, Any]) -> str | None:
    """Where in options, as they are pinned, a vote is told to close early, be it in a rule within."""
    if options.get("early_close"):
        return "/early_close"
    found = ((name, closing_early(inner)) for name, inner in within(options))
    return next((f"/{name}/options{pointer}" for name, pointer in found if pointer), None)


def _bounds(error: Mapping[str, Any]) -> dict[str, Any]:
    """The limits that a sentence about the error names; never the exception object that may lie beside them."""
    return {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, int | str)}


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
