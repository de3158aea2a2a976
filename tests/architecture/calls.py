"""Who calls whom among the functions of the application, as far as names tell: enough to see an event recorded."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.sources import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef

RECORD = "record"
"""The one way into the journal: a function of this name in a module of ``app.journal``."""


def functions(searched: Iterable[Source]) -> dict[str, tuple[Function, Mapping[str, str]]]:
    """Top-level functions by ``module:name``, each with the names its module imported."""
    found: dict[str, tuple[Function, Mapping[str, str]]] = {}
    for source in searched:
        imported = dict(_imported(source.tree))
        own = [node for node in source.tree.body if isinstance(node, Function)]
        names = imported | {node.name: f"{source.module}.{node.name}" for node in own}
        found |= {f"{source.module}:{node.name}": (node, names) for node in own}
    return found


def recording(searched: Iterable[Source]) -> set[str]:
    """The functions that record an event, themselves or through a function that they call."""
    known = functions(searched)
    targets = {name: set(_targets(*definition)) for name, definition in known.items()}
    reached = {name for name, called in targets.items() if any(_is_record(target) for target in called)}
    while True:
        further = {name for name, called in targets.items() if {_as_function(target) for target in called} & reached}
        if further <= reached:
            return reached
        reached |= further


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or name, name


def _targets(function: Function, names: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            head, _, tail = _dotted(node.func).partition(".")
            if head in names:
                yield f"{names[head]}.{tail}".removesuffix(".")


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def _is_record(target: str) -> bool:
    return target.startswith("app.journal.") and target.endswith(f".{RECORD}")


def _as_function(target: str) -> str:
    module, _, name = target.rpartition(".")
    return f"{module}:{name}"
