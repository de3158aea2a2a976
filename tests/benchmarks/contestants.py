"""How the baselines are seeded, started and asked: the same tables and the same requests for all of them."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.plan import (
    BALLOT,
    BASELINES,
    DETAIL,
    LIST,
    POSTGRESQL,
    SQLITE,
    Contestant,
    Targets,
)
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.servers import ROOT

DATABASE = "baselines"

_HERE = "tests.benchmarks.baselines"
_MEMBERS = 100_000
_PROPOSALS = 200
_MEMBERS_PER_PROPOSAL = 5_000
_CHOICES = ("consent", "object", "abstain", "stand_aside")


def on_postgresql(programs: Path, postgres: Postgres, folder: Path, ballots: int) -> list[Contestant]:
    """`func`, `drf` and `sqlmodel`, two worker processes each, on one seeded database.

    They share the database and the file of ballots, so that each of them continues with fresh ballots where the
    other stopped.
    """
    postgres.create(DATABASE)
    schema = (Path(__file__).parent / "baselines" / "schema.sql").read_text()
    postgres.run(DATABASE, schema, "VACUUM ANALYZE", "CHECKPOINT")
    asked = write_targets(folder, "baselines-postgresql", ballots)
    django = {"BENCH_DSN": postgres.dsn(DATABASE), "DJANGO_SETTINGS_MODULE": f"{_HERE}.drf_settings"}
    gunicorn = (str(programs / "gunicorn"), "--chdir", str(ROOT), "-w", "2", "-b", "127.0.0.1:{port}")
    url = postgres.url(DATABASE, "psycopg")
    return [
        Contestant(
            "func",
            BASELINES,
            POSTGRESQL,
            _uvicorn(programs, "func_app", 2),
            {"BENCH_DSN": postgres.dsn(DATABASE)},
            asked,
        ),
        Contestant("drf", BASELINES, POSTGRESQL, (*gunicorn, "django.core.wsgi:get_wsgi_application()"), django, asked),
        Contestant("sqlmodel", BASELINES, POSTGRESQL, _uvicorn(programs, "sqlmodel_app", 2), {"BENCH_URL": url}, asked),
    ]


def on_sqlite(programs: Path, folder: Path, ballots: int) -> list[Contestant]:
    """`sqlmodel` with one process on a SQLite file with synchronous FULL."""
    environment = {"BENCH_URL": f"sqlite:///{folder / 'sqlmodel.sqlite3'}"}
    seed = [str(programs / "python"), "-m", f"{_HERE}.sqlmodel_seed"]
    subprocess.run(seed, check=True, cwd=ROOT, env={**os.environ, **environment})
    asked = write_targets(folder, "baselines-sqlite", ballots)
    return [Contestant("sqlmodel", BASELINES, SQLITE, _uvicorn(programs, "sqlmodel_app", 1), environment, asked)]


def write_targets(folder: Path, name: str, ballots: int) -> dict[str, Targets]:
    """Files of requests: ballots of ever new pairs of member and proposal, details of all proposals, the list."""
    ballots = min(ballots, _MEMBERS_PER_PROPOSAL * (_PROPOSALS - 1))
    reader = "Authorization: Bearer tok5"
    return {
        BALLOT: _write(folder / f"{name}-ballot.tsv", (_ballot(i) for i in range(ballots)), once=True),
        DETAIL: _write(
            folder / f"{name}-detail.tsv", (f"GET\t/proposals/{i}\t{reader}\t" for i in range(1, _PROPOSALS + 1))
        ),
        LIST: _write(folder / f"{name}-list.tsv", [f"GET\t/proposals?limit=50\t{reader}\t"]),
    }


def _uvicorn(programs: Path, module: str, workers: int) -> tuple[str, ...]:
    quiet = ("--no-access-log", "--log-level", "warning")
    count = ("--workers", str(workers)) if workers > 1 else ()
    return (
        str(programs / "uvicorn"),
        "--app-dir",
        str(ROOT),
        "--port",
        "{port}",
        *quiet,
        *count,
        f"{_HERE}.{module}:app",
    )


def _ballot(number: int) -> str:
    # A stride prime to the number of members visits each of them once before the first comes again.
    member = 1 + number * 7919 % _MEMBERS
    body = json.dumps({"choice": _CHOICES[number % 4], "reason": "because " * 6})
    headers = f"Authorization: Bearer tok{member}||Content-Type: application/json"
    return f"POST\t/proposals/{1 + number // _MEMBERS_PER_PROPOSAL}/ballots\t{headers}\t{body}"


def _write(file: Path, lines: Iterable[str], *, once: bool = False) -> Targets:
    count = 0
    with file.open("w") as out:
        for line in lines:
            out.write(line + "\n")
            count += 1
    return Targets(file, count, once)
