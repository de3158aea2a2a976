"""How Cercle is filled, started and asked; all that the benchmark knows of our own API stands in this module.

The harness calls, for each database it compares:

1. `seed(url, wanted, folder)` on an empty database. It migrates, fills in and returns a `Seeded`, by which `targets`
   can name what it wrote. Rows that no decision hangs on (persons, members, tokens, the further proposals) may go in
   by bulk inserts through the project's own tables; proposals that positions and ballots are cast on are opened
   through the real actions, so that rule, options and electorate are frozen as in life.
2. `targets(seeded, folder, name)` which writes one replay file for each operation and returns them by name:
   `ballot`, `position`, `detail`, `list` (constants of `plan`). One request a line, four fields separated by tabs:
   METHOD, PATH, headers as `Name: value||Name: value`, BODY (may be empty, never contains a tab or a line feed).
   `Targets.once` is True for the files whose lines may be sent only once; a run that uses such a file up is invalid.
   Every line must be answered with 2xx, whichever came before it: no Idempotency-Key that repeats, no If-Match that
   gets stale, no rate limit that bites (lift it through `environment`).
3. `command(processes)` and `environment(url, folder)` to start the service; `{port}` stands for the port.
   `/healthz` answers 200 once requests are served.

`Wanted` says how much is needed. `ballots` lines go one proposal after the other, each to be filled by `members`
different members (`pair` below); `positions` lines go round the `consent_proposals` in turn, so that no two
neighbours wait for the same proposal's stream, and each of them needs an electorate of `positions / consent_proposals`
rounded up. `proposals` further ones are there to be read: `detail` goes through them all (at most some thousand
lines), `list` asks for the first fifty. They come on top of those that words are cast on, so that a list of fifty has
fifty lines at every size, and the ten of the smallest size are compared with the same page of the largest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.plan import (
    COST,
    COST_SIZES,
    POSTGRESQL,
    SQLITE,
    Contestant,
    Options,
    Targets,
)
from tests.benchmarks.postgres import Postgres

NAME = "cercle"

# More than any measured machine reaches: what is seeded must not run out before the time does.
_RATE_CEILING = 3_000
_BESIDE_BASELINES = 200


class NotConnected(RuntimeError):
    """The API is not there yet to be measured."""


@dataclass(frozen=True)
class Wanted:
    """How much a database must hold before it is measured."""

    ballots: int
    positions: int
    proposals: int
    members: int = 20_000
    consent_proposals: int = 50


@dataclass(frozen=True)
class Seeded:
    """What was written, as far as requests must name it."""

    wanted: Wanted
    tokens: tuple[str, ...]
    majority_proposals: tuple[str, ...]
    consent_proposals: tuple[str, ...]
    readable_proposals: tuple[str, ...]


def seed(url: str, wanted: Wanted, folder: Path) -> Seeded:
    """Migrate and fill an empty database."""
    raise NotConnected(f"no seed for {url} ({wanted}) in {folder}")


def targets(seeded: Seeded, folder: Path, name: str) -> Mapping[str, Targets]:
    """Write the replay files of all operations, each beginning with `name`."""
    raise NotConnected(f"no targets for {name} ({seeded.wanted}) in {folder}")


def command(processes: int) -> tuple[str, ...]:
    """How the service is started with so many worker processes."""
    raise NotConnected(f"no command for {processes} processes")


def environment(url: str, folder: Path) -> Mapping[str, str]:
    """Settings of a measured service: its database, its folder, limits out of the way."""
    return {"CERCLE_DATABASE_URL": url, "CERCLE_DATA_DIR": str(folder)}


def pair(number: int, members: int, proposals: int) -> tuple[int, int]:
    """Index of the member and of the proposal for a word, going round the proposals: no pair comes twice."""
    return number // proposals % members, number % proposals


def of_group(group: str, postgres: Postgres | None, folder: Path, options: Options) -> Iterator[Contestant]:
    """Ours as far as wanted: beside the baselines (OURS) or at each compared size (COST).

    Two worker processes on PostgreSQL; one on SQLite, which has one writer.
    """
    sizes = COST_SIZES if group == COST else (_BESIDE_BASELINES,)
    for size in sizes:
        if postgres and options.wants(group, POSTGRESQL, NAME):
            database = f"{NAME}_{group}_{size}"
            postgres.create(database)
            yield _contestant(group, postgres.url(database, "asyncpg"), folder, (options, size, 2))
        if options.wants(group, SQLITE, NAME):
            file = folder / f"{NAME}-{group}-{size}.sqlite3"
            yield _contestant(group, f"sqlite+aiosqlite:///{file}", folder, (options, size, 1))


def _contestant(group: str, url: str, folder: Path, how: tuple[Options, int, int]) -> Contestant:
    options, size, processes = how
    database = SQLITE if url.startswith("sqlite") else POSTGRESQL
    words = options.lines_for(_RATE_CEILING, 1 if group == COST else len(options.connections))
    seeded = seed(url, Wanted(ballots=words, positions=words, proposals=size), folder)
    asked = targets(seeded, folder, f"{NAME}-{group}-{database}-{size}")
    compared = size if group == COST else None
    return Contestant(NAME, group, database, command(processes), environment(url, folder), asked, compared)
