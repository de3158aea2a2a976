"""The words on the command line keep the cases they name and no others."""

import pytest

from tests.benchmarks.plan import Load, Options, Run


def _wants(only: str, *words: str) -> bool:
    return Options(rounds=1, secs=1, connections=(1,), only=frozenset(filter(None, only.split(",")))).wants(*words)


def test_no_words_keep_everything() -> None:
    assert _wants("", "baselines", "postgresql", "drf", "list")


@pytest.mark.parametrize(
    ("only", "words", "kept"),
    [
        ("baselines", ("baselines", "postgresql"), True),
        ("baselines", ("ours", "postgresql"), False),
        ("baselines", ("postgresql",), True),
        ("ours,sqlite", ("ours", "sqlite"), True),
        ("ours,sqlite", ("ours", "postgresql"), False),
        ("ours,baselines", ("cost",), False),
        ("ballot,list", ("detail",), False),
    ],
)
def test_words_of_one_kind_are_alternatives_and_kinds_narrow_each_other(
    only: str, words: tuple[str, ...], kept: bool
) -> None:
    assert _wants(only, *words) is kept


@pytest.mark.parametrize(
    ("load", "reused", "valid"),
    [
        (Load(1, 10, 10, 0, 0, 1, 1), False, True),
        (Load(1, 10, 9, 1, 0, 1, 1), False, False),
        (Load(1, 10, 9, 0, 1, 1, 1), False, False),
        (Load(1, 10, 0, 0, 0, 0, 0), False, False),
        (Load(1, 10, 10, 0, 0, 1, 1), True, False),
    ],
)
def test_a_run_counts_only_when_all_was_answered_well_and_nothing_was_sent_twice(
    load: Load, reused: bool, valid: bool
) -> None:
    run = Run("func", "baselines", "postgresql", "ballot", 1, 0, load, reused_lines=reused)
    assert run.valid is valid
