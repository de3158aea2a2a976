"""What the house does not want, each found by one function that takes a syntax tree and returns the lines at fault."""

import ast
import re
from collections.abc import Iterator

_MOST_FUNCTION_LINES = 50
_MAKES_CHANGES = re.compile(r"(?<!for )\b(insert|update|delete|merge|replace into|truncate)\b", re.IGNORECASE)
_CLOCK_CALLS = frozenset({"now", "utcnow", "today"})
_CLOCK_OWNERS = frozenset({"datetime", "date"})


def long_functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Functions longer than a screen, counted from ``def`` to the last line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > _MOST_FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines"


def commits(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Ends of a transaction: ``.commit()``, and ``.begin()``, which commits at the end of its block."""
    for call in _calls(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name == "commit" or (name == "begin" and not call.args):  # a rule begins with its case
            yield call.lineno, f".{name}("


def clock_readings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Questions to the machine about the present: ``datetime.now``, ``utcnow``, ``date.today``, ``time.time``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if (owner in _CLOCK_OWNERS and node.attr in _CLOCK_CALLS) or (owner == "time" and node.attr.startswith("time")):
            yield node.lineno, f"{owner}.{node.attr}"


def raw_changes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Changes in raw SQL, which the guard of the journal could not see; a computed text counts as one."""
    known = _from_sql(tree)
    for call in _calls(tree):
        head, _, name = ast.unparse(call.func).rpartition(".")
        writes_sql = name == "exec_driver_sql" or (name == "text" and (head.partition(".")[0] or name) in known)
        if not writes_sql or not call.args:
            continue
        said = call.args[0]
        if not isinstance(said, ast.Constant):
            yield call.lineno, f"{name}() of a computed text"
        elif _MAKES_CHANGES.search(str(said.value)):
            yield call.lineno, f"{name}({said.value!r})"


def floats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Floating-point numbers: literals and the type's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, repr(node.value)
        elif isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float"


def vague_classes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Classes named for what every class does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Service", "Manager", "Helper", "Data", "Info")):
            yield node.lineno, node.name


def _from_sql(tree: ast.Module) -> set[str]:
    """Names that a module got from the database libraries."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sqlalchemy", "sqlmodel")):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname or alias.name for alias in node.names if alias.name.startswith("sqlalchemy")}
    return names


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
