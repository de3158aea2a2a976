"""Turns single measurements into medians, ratios between contestants of the same round, and answers to our aims."""

import dataclasses
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.plan import (
    BALLOT,
    COST,
    COST_SIZES,
    DETAIL,
    INSERT,
    LIST,
    OURS,
    POSITION,
    POSTGRESQL,
    SQLITE,
    Record,
    Run,
)

# What each of our operations is held against; a position is compared with the baselines' ballot.
_AGAINST = {
    BALLOT: (("func", BALLOT), ("drf", BALLOT), ("sqlmodel", BALLOT), ("raw", INSERT)),
    POSITION: (("func", BALLOT), ("drf", BALLOT), ("sqlmodel", BALLOT), ("raw", INSERT)),
    DETAIL: (("func", DETAIL), ("drf", DETAIL), ("sqlmodel", DETAIL)),
    LIST: (("func", LIST), ("drf", LIST), ("sqlmodel", LIST)),
}
_SIXTEEN = 16
_MANY = 64


@dataclass(frozen=True)
class Row:
    """Medians of one case over its rounds; `lowest` and `highest` are of the rate."""

    contestant: str
    database: str
    operation: str
    connections: int
    rounds: int
    rate: float
    lowest: float
    highest: float
    p50_ms: float | None
    p99_ms: float | None
    server_cpu_ms: float | None
    database_cpu_ms: float | None
    other_cores: float | None
    not_2xx: int
    valid: bool


@dataclass(frozen=True)
class Ratio:
    """How many times faster the first is than the second, round by round; `clean` if the first had no failures."""

    contestant: str
    against: str
    database: str
    operation: str
    connections: int
    median: float
    lowest: float
    highest: float
    clean: bool
    sound: bool


@dataclass(frozen=True)
class Aim:
    """A promise of the project, what was found, and whether it holds; `reached` is None if it was not measured."""

    promise: str
    bound: float
    found: float | None
    reached: bool | None


def rows(runs: Iterable[Run]) -> list[Row]:
    """One row for each contestant, database, operation and number of connections, in the order they first came."""
    return [_row(same) for same in _grouped(runs).values()]


def ratios(runs: Sequence[Run]) -> list[Ratio]:
    """Ours against every baseline on the same database; without ours, the baselines against `drf` and `raw`."""
    grouped = _grouped(runs)
    with_ours = {run.database for run in runs if run.group == OURS}
    found = []
    for (database, contestant, operation, connections), same in grouped.items():
        for against, theirs in _AGAINST.get(operation, ()):
            stands_in = database not in with_ours and contestant != against and against in {"drf", "raw"}
            other = grouped.get((database, against, theirs, connections))
            each = _each_round(same, other) if other and (contestant == "cercle" or stands_in) else []
            if other and each:
                found.append(_ratio(same, other, each))
    return found


def costs(runs: Iterable[Run]) -> dict[tuple[str, str], dict[int, tuple[float, float]]]:
    """For each database and operation: CPU milliseconds a request (service and database) and rate, by proposals."""
    table: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}
    for same in _grouped(run for run in runs if run.group == COST).values():
        first = same[0]
        spent = statistics.median((run.server_cpu_ms or 0.0) + (run.database_cpu_ms or 0.0) for run in same)
        by_size = table.setdefault((first.database, first.operation), {})
        by_size[first.proposals or 0] = (spent, statistics.median(run.load.rate for run in same))
    return table


def aims(record: Record) -> list[Aim]:
    """The promises of the project about its speed, each with what this run found."""
    found = {
        (ratio.against, ratio.database, ratio.operation): ratio
        for ratio in ratios(record.runs)
        if ratio.contestant == "cercle" and ratio.connections == _SIXTEEN
    }
    compared = [
        _faster(f"{operation} ≥ {bound:g} × {against}, {database}", bound, found.get((against, database, operation)))
        for against, database, operation, bound in (
            ("drf", POSTGRESQL, BALLOT, 3.5),
            ("drf", POSTGRESQL, POSITION, 3.5),
            ("func", POSTGRESQL, BALLOT, 0.5),
            ("func", POSTGRESQL, POSITION, 0.5),
            ("drf", POSTGRESQL, DETAIL, 2.0),
            ("drf", POSTGRESQL, LIST, 1.5),
            ("sqlmodel", SQLITE, BALLOT, 2.0),
            ("sqlmodel", SQLITE, POSITION, 2.0),
        )
    ]
    return [*compared, _faultless(record), *_steadiness(record), *_growth(record), *_starting(record)]


def _faultless(record: Record) -> Aim:
    """A rate counts only if every answer was a good one."""
    ours = [run for run in record.runs if run.group in {OURS, COST}]
    failed = float(sum(not run.valid for run in ours))
    return _most("measurements of ours with failures", 0, failed if ours else None)


def _steadiness(record: Record) -> list[Aim]:
    """On SQLite, four times the connections must not cost more than half of the rate."""
    medians = {
        (r.operation, r.connections): r.rate
        for r in rows(record.runs)
        if r.contestant == "cercle" and r.database == SQLITE
    }
    return [
        _least(f"{operation} at {_MANY} ≥ 0.5 × at {_SIXTEEN}, {SQLITE}", 0.5, _divided(medians, operation))
        for operation in (BALLOT, POSITION)
    ]


def _divided(medians: dict[tuple[str, int], float], operation: str) -> float | None:
    many, some = medians.get((operation, _MANY)), medians.get((operation, _SIXTEEN))
    return many / some if many is not None and some else None


def _growth(record: Record) -> list[Aim]:
    smallest, largest = COST_SIZES[0], COST_SIZES[-1]
    return [
        _most(
            f"{operation}: CPU at {largest:,} proposals ≤ 1.3 × at {smallest}, {database}",
            1.3,
            by_size[largest][0] / by_size[smallest][0] if {smallest, largest} <= set(by_size) else None,
        )
        for (database, operation), by_size in costs(record.runs).items()
    ]


def _starting(record: Record) -> list[Aim]:
    ours = [start for start in record.starts if start.contestant == "cercle"]
    return [
        aim
        for start in ours
        for aim in (
            _most(f"start to first 200, ms, {start.database}", 2000, statistics.median(start.cold_start_ms)),
            _most(f"largest process, MB, {start.database}", 150, start.largest_process_mb),
        )
    ]


def _faster(promise: str, bound: float, ratio: Ratio | None) -> Aim:
    aim = _least(promise, bound, ratio.median if ratio else None)
    return dataclasses.replace(aim, reached=False) if ratio and not ratio.clean else aim


def _least(promise: str, bound: float, found: float | None) -> Aim:
    return Aim(promise, bound, found, None if found is None else found >= bound)


def _most(promise: str, bound: float, found: float | None) -> Aim:
    return Aim(promise, bound, found, None if found is None else found <= bound)


def _grouped(runs: Iterable[Run]) -> dict[tuple[str, str, str, int], list[Run]]:
    grouped: dict[tuple[str, str, str, int], list[Run]] = {}
    for run in runs:
        grouped.setdefault((run.database, run.contestant, run.operation, run.connections), []).append(run)
    return grouped


def _row(same: Sequence[Run]) -> Row:
    first, rates = same[0], [run.load.rate for run in same]

    def median(of: Callable[[Run], float | None]) -> float | None:
        known = [value for value in map(of, same) if value is not None]
        return statistics.median(known) if known else None

    return Row(
        contestant=first.contestant,
        database=first.database,
        operation=first.operation,
        connections=first.connections,
        rounds=len(same),
        rate=statistics.median(rates),
        lowest=min(rates),
        highest=max(rates),
        p50_ms=median(lambda run: run.load.p50_ms),
        p99_ms=median(lambda run: run.load.p99_ms),
        server_cpu_ms=median(lambda run: run.server_cpu_ms),
        database_cpu_ms=median(lambda run: run.database_cpu_ms),
        other_cores=median(lambda run: run.other_cores),
        not_2xx=sum(run.load.refused + run.load.broken for run in same),
        valid=all(run.valid for run in same),
    )


def _each_round(ours: Sequence[Run], theirs: Sequence[Run]) -> list[float]:
    """Compared within each round, for the machine is never as busy in two rounds; nothing against a rate of zero."""
    by_round = {run.round: run.load.rate for run in theirs}
    return [run.load.rate / by_round[run.round] for run in ours if by_round.get(run.round)]


def _ratio(ours: Sequence[Run], theirs: Sequence[Run], each: list[float]) -> Ratio:
    first = ours[0]
    return Ratio(
        contestant=first.contestant,
        against=theirs[0].contestant,
        database=first.database,
        operation=first.operation,
        connections=first.connections,
        median=statistics.median(each),
        lowest=min(each),
        highest=max(each),
        clean=all(run.valid for run in ours),
        sound=all(run.valid for run in (*ours, *theirs)),
    )
