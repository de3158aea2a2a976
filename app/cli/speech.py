"""In which language the command speaks, and how its help is put into it."""

import locale
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from typer.core import TyperGroup

from app.foundation.language import LANGUAGES, Language, has_text, text

_OPTION: Final = "--language"


class Speaking(TyperGroup):
    """A group of commands whose help is in the language that its arguments ask for."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        _translate(self, "cercle", chosen(args))
        return super().make_context(info_name, args, parent, **extra)


def chosen(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Language:
    """The language after ``--language``, else that of ``CERCLE_LANGUAGE``, else that of the terminal, else English."""
    given = [argument.partition("=")[2] for argument in arguments if argument.startswith(f"{_OPTION}=")]
    given += [word for option, word in pairwise(arguments) if option == _OPTION]
    for candidate in (*given, environment.get("CERCLE_LANGUAGE", ""), *_of_terminal(environment)):
        for language in LANGUAGES:
            if candidate.lower().startswith(language):
                return language
    return "en"


def _of_terminal(environment: Mapping[str, str]) -> list[str]:
    variables = [environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)]
    return variables[:1] or [locale.getlocale()[0] or ""]


def _translate(command: Any, path: str, language: Language) -> None:
    """Put into words a command, its options and the commands below it."""
    if has_text(f"cli_help.{path}"):
        command.help = command.short_help = text(f"cli_help.{path}", language)
    for parameter in command.params:
        if has_text(f"cli_option.{parameter.name}"):
            parameter.help = text(f"cli_option.{parameter.name}", language)
    for name, below in getattr(command, "commands", {}).items():
        _translate(below, f"{path}_{name}", language)
