"""The operators' page tells the settings that there are, with the defaults that they have."""

import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from typer.main import get_command

from app.cli import app
from app.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text("utf-8")


def test_every_setting_is_told_with_its_default() -> None:
    told = re.findall(r"^\| `(CERCLE_\w+)` \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    assert told == [
        (f"CERCLE_{name.upper()}", _shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]


def test_every_command_and_option_that_is_told_exists() -> None:
    command: Any = get_command(app)
    for line in re.findall(r"`?cercle ((?:serve|worker|migrate|doctor|organisation|rules)[^`#\n\\]*)", PAGE):
        words = line.split()
        asked = command
        while words and words[0] in getattr(asked, "commands", {}):
            asked = asked.commands[words.pop(0)]
        known = {option for parameter in asked.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        default = str(default).lower()
    return "empty" if default == "" else f"`{default}`"
