"""The guide to writing a decision rule, read as what it is: the files of a package, and two rules more."""

import re
from pathlib import Path
from typing import Final

GUIDE: Final = Path(__file__).parents[2] / "docs" / "writing-a-decision-rule.md"
_FILE: Final = re.compile(r"^### `(?P<path>[^`\n]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK: Final = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Every file of the package, by its path: the heading over a block of code."""
    return {found["path"]: found["text"] for found in _FILE.finditer(GUIDE.read_text("utf-8"))}


def blocks(heading: str) -> dict[str, str]:
    """The blocks of code of one section, by language."""
    _, _, rest = GUIDE.read_text("utf-8").partition(f"\n## {heading}\n")
    section, _, _ = rest.partition("\n## ")
    return {found["language"]: found["text"] for found in _BLOCK.finditer(section)}


def write(folder: Path) -> Path:
    """The package of the guide as files in ``folder``; returns it."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
