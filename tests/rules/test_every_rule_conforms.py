"""No rule is installed that the conformance suite does not ask about."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.rules.catalogue import Catalogue

HERE = Path(__file__).parent


def _classes() -> Iterator[ast.ClassDef]:
    """The classes at the top of the modules here, read and not imported, so that it matters not which tests run."""
    for path in sorted(HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (node for node in tree.body if isinstance(node, ast.ClassDef))


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _suites() -> list[ast.ClassDef]:
    """The classes that are a conformance suite, be it through others, and that pytest collects."""
    classes = list(_classes())
    known, found = {"Conformance"}, set[str]()
    while known != found:
        found = set(known)
        known |= {node.name for node in classes if _bases(node) & known}
    return [node for node in classes if _bases(node) & known and node.name.startswith("Test")]


def _rule(node: ast.ClassDef) -> str | None:
    """The name in ``rule = Name``."""
    named = (line for line in node.body if isinstance(line, ast.Assign) and ast.unparse(line).startswith("rule = "))
    return next((ast.unparse(line.value) for line in named), None)


def test_every_rule_is_asked_what_every_rule_must_keep() -> None:
    asked = {_rule(node) for node in _suites()}
    unasked = [rule.slug for rule in Catalogue.load().rules() if rule.__name__ not in asked]
    assert unasked == []
