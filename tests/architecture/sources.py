"""The source files as the architecture tests read them: path, module name and syntax tree."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path
    name: str
    """Path from the root, with slashes."""
    lines: int
    tree: ast.Module

    @property
    def module(self) -> str:
        """Dotted name under which the file is imported."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def sources(*folders: str) -> tuple[Source, ...]:
    """All Python files under the folders, in order of path."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path, path.relative_to(ROOT).as_posix(), text.count("\n"), ast.parse(text))
