"""The detectors find what they look for: a guard that nobody saw bark guards nothing."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.architecture import detectors

Detector = Callable[[ast.Module], Iterator[tuple[int, str]]]

LONG = "def f():\n" + "    x = 1\n" * 50
TEXT = "from sqlalchemy import text\n"
FITTING = "def f():\n" + "    x = 1\n" * 49


@pytest.mark.parametrize(
    ("detector", "offence"),
    [
        (detectors.long_functions, LONG),
        (detectors.long_functions, f"class A:\n    async {LONG.replace(chr(10), chr(10) + '    ')}"),
        (detectors.commits, "await session.commit()"),
        (detectors.commits, "async with session.begin(): ..."),
        (detectors.clock_readings, "datetime.now(UTC)"),
        (detectors.clock_readings, "datetime.datetime.utcnow()"),
        (detectors.clock_readings, "partial(date.today)"),
        (detectors.clock_readings, "time.time_ns()"),
        (detectors.raw_changes, f"{TEXT}text('UPDATE circle SET name = 1')"),
        (detectors.raw_changes, f"{TEXT}text('WITH a AS (SELECT 1) DELETE FROM circle')"),
        (detectors.raw_changes, "import sqlalchemy as sa\nsa.text(' insert into circle')"),
        (detectors.raw_changes, TEXT + "text(f'SELECT {name}')"),
        (detectors.raw_changes, "connection.exec_driver_sql('DELETE FROM circle')"),
        (detectors.floats, "quorum = 0.5"),
        (detectors.floats, "share = float(1)"),
        (detectors.floats, "def f(share: float): ..."),
        (detectors.vague_classes, "class CircleService: ..."),
        (detectors.vague_classes, "class PersonInfo: ..."),
    ],
)
def test_finds_the_offence(detector: Detector, offence: str) -> None:
    assert list(detector(ast.parse(offence)))


@pytest.mark.parametrize(
    ("detector", "innocent"),
    [
        (detectors.long_functions, FITTING),
        (detectors.commits, "await session.flush()\nrule.begin(case)\ncommit = 1"),
        (detectors.clock_readings, "clock.now()\nself._clock.now()\ntime.monotonic()"),
        (detectors.raw_changes, f"{TEXT}text('SELECT updated FROM circle FOR UPDATE')\ntext('')"),
        (detectors.raw_changes, "connection.exec_driver_sql('BEGIN IMMEDIATE')"),
        (detectors.raw_changes, "from app.foundation.language import text\ntext(f'Delete {name}?')"),
        (detectors.floats, "quorum = Fraction(1, 2)\nfloating = 1"),
        (detectors.vague_classes, "class Circle: ...\nclass Database: ..."),
    ],
)
def test_leaves_the_innocent_alone(detector: Detector, innocent: str) -> None:
    assert not list(detector(ast.parse(innocent)))
