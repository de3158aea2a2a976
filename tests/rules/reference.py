"""``python -m tests.rules.reference [slug_version ...]`` writes the reference vectors of all rules, or of those named.

Once a version is released its file is frozen: new stories then become tests, and a new meaning a new version.
"""

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from app.rules.canonical import Json
from app.rules.vectors import vector, written
from tests.rules import told
from tests.rules.stories import Story


def stories() -> dict[str, Mapping[str, Story]]:
    """The stories of every built-in rule, by slug and version."""
    names = sorted(module.name for module in pkgutil.iter_modules(told.__path__))
    return {name: importlib.import_module(f"{told.__name__}.{name}").STORIES for name in names}


def vectors(played: Mapping[str, Story]) -> list[Json]:
    """Each story as a vector, under the options it was played with."""
    processes = ((name, story()) for name, story in played.items())
    return [
        vector(name, process.rule, process.rule.options.model_dump(mode="json", exclude_defaults=True), process.case)
        for name, process in processes
    ]


def main() -> None:
    """Writes the vectors beside the rules."""
    folder = Path(str(files("app.rules.builtin")))
    for name, played in stories().items():
        if name in sys.argv[1:] or not sys.argv[1:]:
            (folder / f"{name}.vectors.json").write_bytes(written(vectors(played)))


if __name__ == "__main__":
    main()
