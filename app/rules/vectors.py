"""Reference vectors: worked cases with the step that follows each, which fix for ever what a rule version means.

A vector is ``{"name", "options", "case", "step"}`` in canonical shapes. Every phase of its case but the last is itself
an expected step, so that one vector holds a whole story: the rule must give the first phase from nothing, each next
phase from what came before, and ``step`` at the end (``null``: the phase goes on). The *reference digest* is the
SHA-256 of the canonical JSON of the whole list: a refactoring keeps it, a changed meaning cannot.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.rules.canonical import Json, canonical_bytes, case_from_json, json_bytes, to_json
from app.rules.contract import Case, DecisionRule, Step


def vector(name: str, rule: DecisionRule, options: Mapping[str, Any], case: Case) -> Json:
    """A new vector: what ``rule``, bound to ``options``, says today after ``case``."""
    return {"name": name, "options": dict(options), "case": to_json(case), "step": to_json(rule.after(case))}


def written(vectors: Iterable[Json]) -> bytes:
    """The file beside a rule, one vector a line so that a difference is read at a glance."""
    return b"[\n" + b",\n".join(json_bytes(one) for one in vectors) + b"\n]\n"


def read(content: str) -> list[Json]:
    """The vectors of a file. Raises ``ValueError`` for floats, which no exact case has."""
    vectors: list[Json] = json.loads(content, parse_float=_refuse)
    return vectors


def reference_digest(vectors: list[Json]) -> str:
    """SHA-256 of the canonical JSON of the whole list, in lowercase hexadecimal."""
    return hashlib.sha256(json_bytes(vectors)).hexdigest()


def differences(bind: Callable[[Mapping[str, Any]], DecisionRule], vectors: Iterable[Json]) -> Iterator[str]:
    """Where the rule of today departs from its vectors, as sentences for the person who starts the service; ``bind``
    gives it its options."""
    for one in vectors:
        bound = bind(one["options"])
        case = case_from_json(one["case"])
        expected: list[Json] = [*(shape["phase"] for shape in one["case"].get("held", ())), one["step"]]
        for length, shape in enumerate(expected):
            step = bound.after(replace(case, held=case.held[:length]))
            if canonical_bytes(step) != json_bytes(shape):
                yield f"{one['name']}, after {length} phases: expected {_label(shape)}, got {_label(to_json(step))}"


def steps(rule: DecisionRule, case: Case) -> Iterator[tuple[Case, Step]]:
    """Each prefix of a case with what the rule says after it, the whole case last."""
    for length in range(len(case.held) + 1):
        prefix = replace(case, held=case.held[:length])
        yield prefix, rule.after(prefix)


def _label(shape: Json) -> str:
    return json_bytes(shape).decode()


def _refuse(figure: str) -> None:
    raise ValueError(f"{figure} is not exact: write an integer, or a fraction in quotes")
