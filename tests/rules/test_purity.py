"""Rules see no clock, no chance and no machine, and give the same bytes under any order of hashing."""

import ast
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

ROOM = Path(str(files("app.rules")))
MODULES = sorted(ROOM.rglob("*.py"))
BANNED = {
    "time",
    "random",
    "os",
    "datetime",
    "secrets",
    "uuid",
    "socket",
    "pathlib",
    "asyncio",
    "threading",
    "subprocess",
    "io",
}
ONLY_WHERE_NEEDED = {
    "hashlib": {"canonical.py", "catalogue.py", "lots.py", "vectors.py"},
    "json": {"canonical.py", "vectors.py"},
    "importlib": {"catalogue.py"},
    "tomllib": {"catalogue.py"},
    "sys": {"catalogue.py"},
    "hypothesis": {"conformance.py"},
}
CALLS = {"float", "open", "eval", "exec", "input", "hash", "id", "print", "round", "globals"}
SETS = {"set", "frozenset"}


def faults(name: str, source: str) -> list[str]:
    """What a rule must not contain."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for module in imported(node):
            if module in BANNED or name not in ONLY_WHERE_NEEDED.get(module, {name}):
                found.append(f"{name}:{node.lineno} imports {module}")  # type: ignore[attr-defined]
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"{name}:{node.lineno} has the float {node.value}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            found.append(f"{name}:{node.lineno} divides: two integers would give a float")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found.append(f"{name}:{node.lineno} calls {node.func.id}")
        found += [f"{name}:{one.lineno} iterates over a set" for one in iterated(node) if is_set(one)]
    return found


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [(node.module or "").partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


def iterated(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.For | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Starred):
        return [node.value]
    is_sequence = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"tuple", "list", "next", "iter"}
    )
    return node.args[:1] if isinstance(node, ast.Call) and is_sequence else []


def is_set(node: ast.expr) -> bool:
    """Sets by their look: displays, calls, ids of an electorate, and what is computed from one of these."""
    if isinstance(node, ast.BinOp):
        return is_set(node.left) or is_set(node.right)
    if isinstance(node, ast.Attribute):
        return node.attr == "ids" and not (isinstance(node.value, ast.Attribute) and node.value.attr == "who")
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SETS
    return called or isinstance(node, ast.Set | ast.SetComp)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_of_the_room_is_pure(module: Path) -> None:
    assert faults(module.name, module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from datetime import datetime",
        "import os.path",
        "import json",
        "x = 0.5",
        "x = 1 / 2",
        "x = float(1)",
        "for one in {1, 2}: pass",
        "x = [one for one in electorate.ids]",
        "x = (*(electorate.ids - {1}),)",
        "x = tuple(set(names))",
    ],
)
def test_the_search_finds_what_is_banned(source: str) -> None:
    assert len(faults("rule.py", source)) == 1


@pytest.mark.slow
def test_outcomes_are_the_same_bytes_under_ten_hash_seeds_and_shuffles() -> None:
    tellers = [teller(seed) for seed in range(10)]
    told = {one.communicate()[0] for one in tellers}
    assert [one.returncode for one in tellers] == [0] * 10
    assert len(told) == 1
    assert len(told.pop().splitlines()) > 80


def teller(seed: int) -> "subprocess.Popen[str]":
    root = ROOM.parent.parent
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "tests.rules.tell", str(seed)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=root)  # noqa: S603 - ours
