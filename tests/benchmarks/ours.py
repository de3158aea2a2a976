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

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path

from app.settings import Settings
from tests.benchmarks.plan import (
    BALLOT,
    COST,
    COST_SIZES,
    DETAIL,
    LIST,
    POSITION,
    POSTGRESQL,
    SQLITE,
    Contestant,
    Options,
    Targets,
)
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.seeding import READERS, Seeded, Wanted, fill

NAME = "cercle"

# More than any measured machine reaches: what is seeded must not run out before the time does.
_RATE_CEILING = 3_000
_BESIDE_BASELINES = 200
_MOST_PAGES = 2_000
_CHOICES = ("for", "against", "abstain", "blank")
_POSITIONS = (
    {"value": "consent"},
    {"value": "consent"},
    {"value": "consent_with_concern", "text": "because " * 6},
)


def seed(url: str, wanted: Wanted, folder: Path) -> Seeded:
    """Migrate and fill an empty database."""
    return asyncio.run(fill(Settings(database_url=url, data_dir=folder), wanted))


def targets(seeded: Seeded, folder: Path, name: str) -> Mapping[str, Targets]:
    """Write the replay files of all operations, each beginning with `name`."""
    wanted, page = seeded.wanted, seeded.readable_proposals[-_MOST_PAGES:]
    readers = cycle(seeded.tokens[:READERS])
    return {
        BALLOT: _write(folder / f"{name}-ballot.tsv", (_ballot(seeded, i) for i in range(wanted.ballots)), once=True),
        POSITION: _write(
            folder / f"{name}-position.tsv", (_position(seeded, i) for i in range(wanted.positions)), once=True
        ),
        DETAIL: _write(
            folder / f"{name}-detail.tsv",
            (f"GET\t/v1/proposals/{one}\t{_bearer(token)}\t" for one, token in zip(page, readers, strict=False)),
        ),
        LIST: _write(
            folder / f"{name}-list.tsv",
            (f"GET\t/v1/proposals?limit=50\t{_bearer(next(readers))}\t" for _ in range(READERS)),
        ),
    }


def command(processes: int) -> tuple[str, ...]:
    """How the service is started with so many worker processes."""
    program = Path(sys.executable).with_name("cercle")
    return (str(program), "serve", "--port", "{port}", "--processes", str(processes))


def environment(url: str, folder: Path) -> Mapping[str, str]:
    """Settings of a measured service: its database, its folder, limits out of the way."""
    return {"CERCLE_DATABASE_URL": url, "CERCLE_DATA_DIR": str(folder), "CERCLE_RATE_LIMIT": ""}


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


def _ballot(seeded: Seeded, number: int) -> str:
    members = len(seeded.tokens[: seeded.wanted.members])
    # A stride prime to the number of members visits each of them once before the first comes again.
    token = seeded.tokens[number * 7919 % members]
    proposal = seeded.majority_proposals[number // members]
    return _post(f"/v1/proposals/{proposal}/ballots", token, {"value": _CHOICES[number % 4], "revision": 1})


def _position(seeded: Seeded, number: int) -> str:
    member, proposal = pair(number, seeded.wanted.speakers, seeded.wanted.consent_proposals)
    path = f"/v1/proposals/{seeded.consent_proposals[proposal]}/positions"
    return _post(path, seeded.tokens[member], {**_POSITIONS[number % len(_POSITIONS)], "revision": 1})


def _post(path: str, token: str, body: Mapping[str, object]) -> str:
    return f"POST\t{path}\t{_bearer(token)}||Content-Type: application/json\t{json.dumps(body)}"


def _bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def _write(file: Path, lines: Iterable[str], *, once: bool = False) -> Targets:
    count = 0
    with file.open("w") as out:
        for line in lines:
            out.write(line + "\n")
            count += 1
    return Targets(file, count, once)
