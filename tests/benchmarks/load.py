"""Drives one case for some seconds and weighs what it cost the server, the database and the rest of the machine."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.machine import busy_seconds, cpu_seconds
from tests.benchmarks.plan import Load, Run, Targets
from tests.benchmarks.servers import ROOT, Server

_SCRIPT = Path(__file__).with_name("replay.lua")


class Driver:
    """Sends the requests, remembering how far each replay file is used up.

    `database_pid` is the first process of the database server, whose CPU is counted apart from the contestant's;
    None where the database lives inside the contestant.
    """

    def __init__(self, database_pid: int | None) -> None:
        self._database_pid = database_pid
        self._used: dict[Path, int] = {}

    def warm_up(self, server: Server, operation: str) -> None:
        """Half the work of a first request is filling caches and compiling statements: do it before measuring."""
        self._send(server, server.contestant.targets[operation], 4, 1)

    def measure(self, server: Server, operation: str, timing: tuple[int, int, int]) -> Run:
        """One measurement; `timing` is connections, seconds, round."""
        connections, seconds, number = timing
        contestant, targets = server.contestant, server.contestant.targets[operation]
        database = self._database_pid if contestant.database == "postgresql" else None
        weighed = weigh(server.pid, database, lambda: self._send(server, targets, connections, seconds))
        load, server_cpu, database_cpu, others = weighed
        server.recover()
        answered = max(load.good + load.refused, 1)
        return Run(
            contestant=contestant.label,
            group=contestant.group,
            database=contestant.database,
            operation=operation,
            connections=connections,
            round=number,
            load=load,
            server_cpu_ms=server_cpu / answered * 1000,
            database_cpu_ms=database_cpu / answered * 1000,
            other_cores=others,
            reused_lines=targets.once and self._used[targets.file] > targets.lines,
            proposals=contestant.proposals,
        )

    def _send(self, server: Server, targets: Targets, connections: int, seconds: int) -> Load:
        start = self._used.get(targets.file, 0)
        replayed, wrk = (targets.file, start), shutil.which("wrk")
        if wrk:
            load = _with_wrk(wrk, server.port, replayed, (connections, seconds))
        else:
            load = _with_own_replay(server.port, replayed, (connections, seconds))
        self._used[targets.file] = start + load.sent
        return load


def weigh(server: int, database: int | None, work: Callable[[], Load]) -> tuple[Load, float, float, float]:
    """Do the work; return its outcome, CPU seconds of the server and of the database, and cores busy for others."""
    before = _clocks(server, database)
    load = work()
    elapsed, busy, generator, served, stored = (
        new - old for new, old in zip(_clocks(server, database), before, strict=True)
    )
    return load, served, stored, max((busy - generator - served - stored) / elapsed, 0.0)


def _clocks(server: int, database: int | None) -> tuple[float, float, float, float, float]:
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    generator = reaped.ru_utime + reaped.ru_stime + own.ru_utime + own.ru_stime
    stored = cpu_seconds(database) if database else 0.0
    return time.perf_counter(), busy_seconds(), generator, cpu_seconds(server), stored


def _with_wrk(wrk: str, port: int, replayed: tuple[Path, int], timing: tuple[int, int]) -> Load:
    connections, seconds = timing
    with tempfile.NamedTemporaryFile("r") as result:
        environment = {"TARGETS": str(replayed[0]), "START": str(replayed[1]), "RESULT": result.name}
        asked = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"]
        subprocess.run(
            [wrk, *asked, "-s", str(_SCRIPT), f"http://127.0.0.1:{port}"],
            env={**os.environ, **environment},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=seconds + 60,
        )
        return Load(**json.load(result))


def _with_own_replay(port: int, replayed: tuple[Path, int], timing: tuple[int, int]) -> Load:
    connections, seconds = timing
    arguments = [port, replayed[0], replayed[1], connections, seconds]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.replay", *map(str, arguments)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=seconds + 120,
    )
    return Load(**json.loads(done.stdout))
