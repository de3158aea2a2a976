"""What the database alone can do in the same minute: the smallest durable transaction, without any service."""

import asyncio
import hashlib
import re
import sqlite3
import subprocess
import time
from pathlib import Path

import asyncpg

from tests.benchmarks.contestants import DATABASE
from tests.benchmarks.plan import BASELINES, INSERT, POSTGRESQL, SQLITE, Load, Run
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.replay import percentile

_TABLE = """CREATE TABLE IF NOT EXISTS raw_ballots(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, proposal_id bigint, member_id bigint, choice text)"""
_INDEX = "CREATE INDEX IF NOT EXISTS raw_ballots_pair ON raw_ballots(proposal_id, member_id)"
_PGBENCH_SCRIPT = """\\set m random(1, 100000)
\\set p random(1, 1000000000)
INSERT INTO raw_ballots(proposal_id, member_id, choice) VALUES (:p, :m, 'consent');
"""


def insert_into_postgresql(postgres: Postgres, folder: Path, timing: tuple[int, int, int]) -> Run:
    """Committed single-row inserts; `timing` is connections, seconds, round.

    With pgbench where it is installed, else with asyncpg connections in one Python process, which is then the limit.
    """
    connections, seconds, number = timing
    postgres.run(DATABASE, _TABLE, _INDEX)
    if postgres.pgbench:
        load = _pgbench(postgres.pgbench, postgres.dsn(DATABASE), folder, (connections, seconds))
    else:
        load = asyncio.run(_asyncpg_loop(postgres.dsn(DATABASE), connections, seconds))
    return Run("raw", BASELINES, POSTGRESQL, INSERT, connections, number, load)


def insert_into_sqlite(folder: Path, timing: tuple[int, int, int]) -> Run:
    """Ballot and hash-linked audit row per commit with `synchronous=FULL`, from one connection.

    SQLite has one writer whatever the number of connections, so the same rate is compared at each of them.
    """
    connections, seconds, number = timing
    database = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE IF NOT EXISTS b(id INTEGER PRIMARY KEY, p INT, m INT, c TEXT, r TEXT)",
        "CREATE TABLE IF NOT EXISTS a(seq INTEGER PRIMARY KEY, payload TEXT, prev BLOB, hash BLOB)",
    ):
        database.execute(statement)
    latencies: list[float] = []
    head, began = b"\0" * 32, time.perf_counter()
    while time.perf_counter() < began + seconds:
        at = time.perf_counter()
        payload = f'{{"p":1,"m":{len(latencies)},"c":"consent"}}'
        link = hashlib.sha256(head + payload.encode()).digest()
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO b(p,m,c,r) VALUES (1,?,'consent','because')", (len(latencies),))
        database.execute("INSERT INTO a(payload,prev,hash) VALUES (?,?,?)", (payload, head, link))
        database.execute("COMMIT")
        head = link
        latencies.append(time.perf_counter() - at)
    load = _load(latencies, time.perf_counter() - began)
    database.close()
    return Run("raw", BASELINES, SQLITE, INSERT, connections, number, load)


def _pgbench(pgbench: Path, dsn: str, folder: Path, timing: tuple[int, int]) -> Load:
    script = folder / "raw.sql"
    script.write_text(_PGBENCH_SCRIPT)
    program = [str(pgbench), "--no-vacuum", "--protocol=prepared", f"--file={script}"]
    asked = [f"--client={timing[0]}", "--jobs=1", f"--time={timing[1]}", dsn]
    done = subprocess.run([*program, *asked], check=True, capture_output=True, text=True, cwd=folder)
    count = int(_number(r"transactions actually processed: (\d+)", done.stdout))
    failed = int(_number(r"number of failed transactions: (\d+)", done.stdout, "0"))
    rate = _number(r"tps = ([\d.]+)", done.stdout)
    return Load(count / rate, count + failed, count, failed, 0, None, None)


def _number(pattern: str, text: str, otherwise: str | None = None) -> float:
    found = re.search(pattern, text)
    if found is None and otherwise is None:
        raise RuntimeError(f"pgbench said something unexpected:\n{text}")
    return float(found[1] if found else otherwise or "0")


async def _asyncpg_loop(url: str, connections: int, seconds: int) -> Load:
    pool = await asyncpg.create_pool(url, min_size=connections, max_size=connections)
    latencies: list[float] = []
    began = time.perf_counter()

    async def insert() -> None:
        async with pool.acquire() as connection:
            statement = await connection.prepare(
                "INSERT INTO raw_ballots(proposal_id, member_id, choice) VALUES ($1, $2, 'consent')"
            )
            while time.perf_counter() < began + seconds:
                at = time.perf_counter()
                await statement.fetch(time.perf_counter_ns(), len(latencies))
                latencies.append(time.perf_counter() - at)

    await asyncio.gather(*(insert() for _ in range(connections)))
    elapsed = time.perf_counter() - began
    await pool.close()
    return _load(latencies, elapsed)


def _load(latencies: list[float], seconds: float) -> Load:
    ordered, count = sorted(latencies), len(latencies)
    return Load(seconds, count, count, 0, 0, percentile(ordered, 0.50) * 1000, percentile(ordered, 0.99) * 1000)
