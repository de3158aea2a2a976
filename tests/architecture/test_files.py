"""Files and functions fit on a screen, carry telling names and keep to what their place allows."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from tests.architecture import detectors
from tests.architecture.exceptions import COMMITS_HERE, READ_THE_CLOCK, ROOMLESS_FILES
from tests.architecture.sources import Source, sources

Detector = Callable[[ast.Module], Iterator[tuple[int, str]]]

_MOST_FILE_LINES = 300


def test_files_have_at_most_300_lines() -> None:
    assert not [f"{one.name}: {one.lines} lines" for one in sources("app", "tests") if one.lines > _MOST_FILE_LINES]


def test_functions_have_at_most_50_lines() -> None:
    _expect_none(detectors.long_functions, sources("app", "tests"))


def test_names_say_what_is_inside() -> None:
    parts = {(one.name, part) for one in sources("app", "tests") for part in PurePath(one.name).with_suffix("").parts}
    assert not [name for name, part in sorted(parts) if part in ROOMLESS_FILES]
    _expect_none(detectors.vague_classes, sources("app"))


def test_every_module_says_why_it_exists() -> None:
    silent = [one.name for one in sources("app", "tests") if one.tree.body and not ast.get_docstring(one.tree)]
    assert not silent


def test_a_transaction_is_committed_in_one_place() -> None:
    elsewhere = [one for one in sources("app") if one.name != COMMITS_HERE]
    _expect_none(detectors.commits, elsewhere)
    here = [one for one in sources("app") if one.name == COMMITS_HERE]
    assert len(_found(detectors.commits, here)) == 1


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    readers = {one.name for one in sources("app") if list(detectors.clock_readings(one.tree))}
    assert readers == set(READ_THE_CLOCK)


def test_changes_are_never_raw_sql() -> None:
    _expect_none(detectors.raw_changes, sources("app"))


def test_rules_count_in_integers_and_fractions() -> None:
    _expect_none(detectors.floats, sources("app/rules"))


def _expect_none(detector: Detector, searched: Iterable[Source]) -> None:
    faults = _found(detector, searched)
    assert not faults, "\n".join(faults)


def _found(detector: Detector, searched: Iterable[Source]) -> list[str]:
    return [f"{one.name}:{line}: {what}" for one in searched for line, what in detector(one.tree)]
