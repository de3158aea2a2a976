"""One benchmark from empty databases to a full record: seed, start, warm up, go round through all cases, weigh."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import contestants, environment, machine, ours, raw
from tests.benchmarks.load import Driver
from tests.benchmarks.plan import (
    BALLOT,
    BASELINES,
    COST,
    COST_CONNECTIONS,
    DETAIL,
    INSERT,
    LIST,
    OURS,
    POSITION,
    POSTGRESQL,
    SQLITE,
    Contestant,
    Options,
    Record,
    Run,
    Start,
)
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.postgres import start as start_postgres
from tests.benchmarks.servers import Server, running

# All baselines together use up the lines of one file; a faster machine is told that lines came twice.
_RATE_CEILING = 8_000
_COLD_STARTS = 3

Measurement = Callable[[tuple[int, int, int]], Run]
Case = tuple[str, int, Measurement]  # operation, connections, what to call
Tell = Callable[[str], None]

# What is compared with one another is measured one right after the other, while the machine is in the same mood.
_NEIGHBOURS = {INSERT: 0, BALLOT: 0, POSITION: 0, DETAIL: 1, LIST: 2}


def measure(options: Options, folder: Path, tell: Tell) -> Record:
    """Do all that the options ask for with files below `folder`; `tell` hears of the progress.

    First all contestants side by side, then ours alone at several sizes of the database.
    """
    record = Record(machine.describe(folder))
    postgres = start_postgres() if options.wants(POSTGRESQL) else None
    if postgres:
        record.setting["postgresql"] = postgres.version
    phase = Phase(options, folder, postgres, record, tell)
    phase.play(_side_by_side(options, folder, postgres), _raw(options, folder, postgres))
    phase.play(ours.of_group(COST, postgres, folder, options), [])
    return record


@dataclass(frozen=True)
class Phase:
    """What all phases of one benchmark have in common."""

    options: Options
    folder: Path
    postgres: Postgres | None
    record: Record
    tell: Tell

    def play(self, found: Iterable[Contestant], besides: list[Case]) -> None:
        """Start the contestants side by side, warm them up, go round through their cases, weigh and stop them."""
        driver = Driver(self.postgres.pid if self.postgres else None)
        with contextlib.ExitStack() as stack:
            started = []
            for contestant in found:
                if _operations(contestant, self.options):
                    self.tell(f"starting {contestant.label} on {contestant.database}")
                    started.append(_start(contestant, self.folder, stack))
            for server, _ in started:
                for operation in _operations(server.contestant, self.options):
                    driver.warm_up(server, operation)
            cases = [*_measurements(self.options, driver, [server for server, _ in started]), *besides]
            cases.sort(key=lambda case: (_NEIGHBOURS[case[0]], case[1]))
            for number in range(self.options.rounds):
                for _, connections, measurement in cases:
                    self._note(measurement((connections, self.options.secs, number)))
            self.record.starts += [_weighed(server, cold) for server, cold in started]

    def _note(self, run: Run) -> None:
        self.record.runs.append(run)
        wrong = "" if run.valid else f"  {run.load.refused} refused, {run.load.broken} broken"
        where = f"{run.database} {run.contestant} {run.operation} at {run.connections}"
        self.tell(f"round {run.round + 1}/{self.options.rounds}  {where}: {run.load.rate:,.0f}/s{wrong}")


def _side_by_side(options: Options, folder: Path, postgres: Postgres | None) -> Iterator[Contestant]:
    ballots = options.lines_for(_RATE_CEILING, len(options.connections))
    baselines = ("func", "drf", "sqlmodel")
    programs = environment.build(folder) if options.wants(BASELINES, *baselines) else None
    found: list[Contestant] = []
    if postgres and programs:
        found += contestants.on_postgresql(programs, postgres, folder, ballots)
    if options.wants(SQLITE) and programs:
        found += contestants.on_sqlite(programs, folder, ballots)
    yield from (contestant for contestant in found if options.wants(contestant.name))
    yield from ours.of_group(OURS, postgres, folder, options)


def _operations(contestant: Contestant, options: Options) -> list[str]:
    return [operation for operation in contestant.targets if options.wants(operation)]


def _start(contestant: Contestant, folder: Path, stack: contextlib.ExitStack) -> tuple[Server, list[float]]:
    """Start a contestant for good, after some cold starts to time; the size of a database does not change those."""
    cold: list[float] = []
    for _ in range(_COLD_STARTS - 1 if contestant.group != COST else 0):
        with running(contestant, folder) as server:
            cold.append(server.cold_start_ms)
    server = stack.enter_context(running(contestant, folder))
    return server, [*cold, server.cold_start_ms]


def _measurements(options: Options, driver: Driver, servers: list[Server]) -> Iterator[Case]:
    for server in servers:
        levels = (COST_CONNECTIONS,) if server.contestant.group == COST else options.connections
        for operation, connections in itertools.product(_operations(server.contestant, options), levels):
            yield operation, connections, functools.partial(driver.measure, server, operation)


def _raw(options: Options, folder: Path, postgres: Postgres | None) -> list[Case]:
    if not options.wants(BASELINES, "raw", INSERT):
        return []
    found: list[Case] = []
    for connections in options.connections:
        if postgres:
            found.append((INSERT, connections, functools.partial(raw.insert_into_postgresql, postgres, folder)))
        if options.wants(SQLITE):
            found.append((INSERT, connections, functools.partial(raw.insert_into_sqlite, folder)))
    return found


def _weighed(server: Server, cold: list[float]) -> Start:
    processes, together, largest = machine.memory(server.pid)
    contestant = server.contestant
    return Start(contestant.label, contestant.database, tuple(cold), processes, together, largest, server.restarts)
