"""What ends a command early, said as a sentence instead of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from app.cli.asking import in_words
from app.cli.screen import Screen
from app.foundation.errors import Refusal
from app.foundation.language import text

if TYPE_CHECKING:
    from app.settings import Settings


def configured(screen: Screen) -> "Settings":
    """The settings of this installation; ends the command when one of them cannot be right."""
    from pydantic import ValidationError

    from app.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for setting, sentence in in_words(error, screen.language):
            screen.complain(screen.sentence("setting_wrong", variable=f"CERCLE_{setting.upper()}", message=sentence))
        raise typer.Exit(1) from error


@contextmanager
def explained(screen: Screen) -> Iterator[None]:
    """Whatever a command can meet and an operator can mend ends it with a sentence and status 1."""
    from sqlalchemy.exc import SQLAlchemyError

    from app.foundation.migrations import WrongSchema
    from app.rules.catalogue import RuleFailedToLoad

    try:
        yield
    except Refusal as refusal:
        screen.complain(text(f"detail.{refusal.code}", screen.language, refusal.facts))
        raise typer.Exit(1) from refusal
    except WrongSchema as error:
        screen.fail(error.code, **error.facts)
    except RuleFailedToLoad as error:
        screen.fail("rule_failed", rule=error.name, reason=error.reason)
    except (OSError, SQLAlchemyError) as error:
        screen.fail("database_no_answer", error=f"{type(error).__name__}: {getattr(error, 'orig', None) or error}")
