"""Ratios are taken within a round, and an aim says yes only to what was found."""

import pytest

from tests.benchmarks import summary
from tests.benchmarks.plan import Load, Record, Run, Start


def _run(contestant: str, rate: float, number: int = 0, **changes: object) -> Run:
    load = Load(seconds=1.0, sent=int(rate), good=int(rate), refused=0, broken=0, p50_ms=1.0, p99_ms=2.0)
    group = "ours" if contestant == "cercle" else "baselines"
    facts: dict[str, object] = {"group": group, "database": "postgresql", "operation": "ballot", "connections": 16}
    return Run(contestant=contestant, round=number, load=load, **{**facts, **changes})  # type: ignore[arg-type]


def test_each_round_is_compared_with_itself() -> None:
    """A slow minute slows both: 100/50 and 10/5 are the same ratio, whatever the medians say."""
    runs = [_run("cercle", 100, 0), _run("drf", 50, 0), _run("cercle", 10, 1), _run("drf", 5, 1)]
    (ratio,) = summary.ratios(runs)
    assert (ratio.against, ratio.median, ratio.lowest, ratio.highest) == ("drf", 2.0, 2.0, 2.0)


def test_the_middle_round_stands_for_all() -> None:
    runs = [run for n, rate in enumerate((10, 40, 20)) for run in (_run("cercle", rate, n), _run("drf", 10, n))]
    (ratio,) = summary.ratios(runs)
    assert (ratio.median, ratio.lowest, ratio.highest) == (2.0, 1.0, 4.0)


def test_a_position_is_held_against_the_ballot_of_the_baselines() -> None:
    (ratio,) = summary.ratios([_run("cercle", 30, operation="position"), _run("func", 60)])
    assert (ratio.operation, ratio.against, ratio.median) == ("position", "func", 0.5)


def test_a_failure_on_either_side_makes_a_ratio_unsound() -> None:
    wrong = Load(seconds=1.0, sent=2, good=1, refused=1, broken=0, p50_ms=1.0, p99_ms=1.0)
    failing = Run("drf", "baselines", "postgresql", "ballot", 16, 0, wrong)
    (ratio,) = summary.ratios([_run("cercle", 10), failing])
    assert not ratio.sound


def test_a_baseline_that_answered_nothing_gives_no_ratio() -> None:
    assert summary.ratios([_run("cercle", 10), _run("drf", 0)]) == []


def test_databases_and_numbers_of_connections_are_not_mixed() -> None:
    others = [_run("drf", 5, connections=64), _run("drf", 5, database="sqlite")]
    assert summary.ratios([_run("cercle", 10), *others]) == []


def test_medians_take_the_middle_of_the_rounds() -> None:
    (row,) = summary.rows([_run("drf", rate, number) for number, rate in enumerate((10, 90, 20))])
    assert (row.rate, row.lowest, row.highest, row.rounds, row.valid) == (20, 10, 90, 3, True)


def test_cost_counts_service_and_database_together() -> None:
    runs = [
        _run("cercle@10", 5, group="cost", proposals=10, server_cpu_ms=1.0, database_cpu_ms=0.5),
        _run("cercle@100000", 5, group="cost", proposals=100_000, server_cpu_ms=1.0, database_cpu_ms=1.0),
    ]
    assert summary.costs(runs) == {("postgresql", "ballot"): {10: (1.5, 5.0), 100_000: (2.0, 5.0)}}
    (growth,) = [aim for aim in summary.aims(Record(runs=runs)) if "CPU" in aim.promise]
    assert growth.found == pytest.approx(4 / 3)
    assert growth.reached is False


@pytest.mark.parametrize(("ours", "reached"), [(34, False), (35, True)])
def test_an_aim_is_reached_at_its_bound_and_not_below(ours: int, reached: bool) -> None:
    found = summary.aims(Record(runs=[_run("cercle", ours), _run("drf", 10)]))
    (aim,) = [aim for aim in found if "drf" in aim.promise and aim.found is not None]
    assert (aim.bound, aim.reached) == (3.5, reached)


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    assert {aim.reached for aim in summary.aims(Record())} == {None}


def test_ours_with_failures_reaches_no_aim() -> None:
    wrong = Load(seconds=1.0, sent=101, good=100, refused=1, broken=0, p50_ms=1.0, p99_ms=1.0)
    runs = [Run("cercle", "ours", "postgresql", "ballot", 16, 0, wrong), _run("drf", 10)]
    assert {aim.reached for aim in summary.aims(Record(runs=runs))} == {None, False}


def test_start_and_memory_are_held_against_their_bounds() -> None:
    start = Start("cercle", "sqlite", (1900.0, 2500.0, 1800.0), 1, 80.0, 160.0)
    reached = [aim.reached for aim in summary.aims(Record(starts=[start])) if aim.found]
    assert reached == [True, False]
