"""``python -m tests.benchmarks.counting``: what closing a large vote costs, end to end in the service.

Each vote lies in a real database with its electors, ballots and the heads of their streams; then its deadline passes,
and the worker closes it: everything is counted, recorded and put in force. A small vote of the same kind was closed
before, as in any service that has run for a while. The measure, F, is a plain SELECT of all the ballots over the same
driver in the same run: who cast it, for whom, college, unit, weights and choice, as whoever counts one by one has to
read them. Ratios to F are what can be compared. A read of the choices alone, which tells nothing of whose they are, is
shown beside it.

Rankings are drawn as from voters who know some options better than others (a thousand of them on twenty options mark
780 different ballots, a hundred thousand on ten options 47 000); ratings give each option a mark around its own mean,
so that nearly every ballot is another.
"""

import argparse
import asyncio
import gc
import random
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from sqlalchemy import Table, insert
from sqlmodel import SQLModel

from tests.api.world import World, opened

_TABLES: Final[tuple[Table, ...]] = tuple(
    SQLModel.metadata.tables[name] for name in ("elector", "ballot", "journal_stream")
)
_CHUNK: Final = 10_000
_WHOLE: Final = "SELECT voter, by_proxy, college, unit, weights, choice FROM ballot WHERE process_id = "
_CHOICES: Final = "SELECT choice FROM ballot WHERE process_id = "
PEOPLE: Final = ["Ana", "Bilal", "Chloé"]


@dataclass(frozen=True, slots=True)
class Vote:
    """A rule with its options, how its ballots look, and the most that closing may cost, in F."""

    rule: str
    options: dict[str, Any]
    kind: Literal["plain", "approval", "ranking", "rating"]
    most: int


VOTES: Final = (
    Vote("majority", {}, "plain", 4),
    Vote("approval", {}, "approval", 4),
    Vote("irv", {}, "ranking", 5),
    Vote("stv", {"seats": 3, "arithmetic": "five_decimals"}, "ranking", 7),
    Vote("stv", {"seats": 3}, "ranking", 12),
    Vote("schulze", {}, "ranking", 10),
    Vote("score", {}, "rating", 15),
    Vote("star", {}, "rating", 15),
    Vote("majority_judgment", {}, "rating", 15),
)


def ballots(kind: str, options: list[str], chance: random.Random) -> Iterator[str]:
    """Ballots without end, as people might mark them."""
    known = [1 / place for place, _ in enumerate(options, start=1)]
    liked = [5 * chance.random() for _ in options]
    while True:
        match kind:
            case "plain":
                yield chance.choice(("for", "against", "abstain"))
            case "approval":
                yield ",".join(sorted(chance.sample(options, chance.randint(1, 4))))
            case "ranking":
                yield ">".join(_some(options, known, chance))
            case _:
                marks = (min(5, max(0, round(chance.gauss(mean, 1.2)))) for mean in liked)
                yield ",".join(sorted(f"{option}:{mark}" for option, mark in zip(options, marks, strict=True)))


def _some(options: list[str], known: list[float], chance: random.Random) -> Iterator[str]:
    """Some of the options, six on average, the better known ones sooner."""
    left = list(range(len(options)))
    while left:
        place = chance.choices(left, [known[one] for one in left])[0]
        left.remove(place)
        yield options[place]
        if chance.random() < 1 / 6:
            return


async def closed(world: World, vote: Vote, number: int, options: int) -> tuple[float, float, float, float]:
    """Seconds for F, for the choices alone, for the running counts, and for closing the vote with so many ballots."""
    slug = f"c{uuid.uuid4().hex[:8]}"
    await world.circle(slug, PEOPLE, rule=vote.rule, options=vote.options)
    draft = await world.draft("Ana", slug)
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    text["options"] = [{"title": f"Option {n}"} for n in range(options)] if vote.kind != "plain" else []
    await world.do("Ana", "PUT", f"{path}/text", text, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    process = uuid.UUID(draft["id"])
    await _fill(world, process, vote, number, [f"o{n}" for n in range(1, options + 1)])
    whole, choices = await _plain(world, process, _WHOLE), await _plain(world, process, _CHOICES)
    running = await _running(world, path)
    world.clock.move(timedelta(days=6))
    began = time.perf_counter()
    await world.worker.do_due()
    took = time.perf_counter() - began
    page = await world.do("Ana", "GET", path)
    if page["outcome"] is None:
        raise RuntimeError(f"{vote.rule} did not close: {page['state']} {page['refusal']}")
    return whole, choices, running, took


async def _running(world: World, path: str) -> float:
    """The median of twenty looks at how the open vote stands, over HTTP, after a first one."""
    took = []
    await world.do("Ana", "GET", f"{path}/tally")
    for _ in range(20):
        began = time.perf_counter()
        await world.do("Ana", "GET", f"{path}/tally")
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def _fill(world: World, process: uuid.UUID, vote: Vote, number: int, options: list[str]) -> None:
    organisation, chance = world.steward.organisation_id, random.Random(number)
    marked = ballots(vote.kind, options, chance)
    async with world.database.writer.begin() as connection:
        for start in range(0, number, _CHUNK):
            voters = [f"s:bench{n:09d}" for n in range(start, min(start + _CHUNK, number))]
            place = {"organisation_id": organisation, "process_id": process}
            rows: tuple[list[dict[str, Any]], ...] = (
                [{**place, "voter": one, "college": "", "unit": "", "measures": {"heads": "1"}} for one in voters],
                [
                    {**place, "round": 1, "voter": one, "choice": next(marked), "college": "", "unit": "",
                     "weights": "", "by_proxy": "", "cast_at": world.clock.now()}
                    for one in voters
                ],
                [
                    {"organisation_id": organisation, "stream": f"ballot/{process}/1/{one}", "seq": 1,
                     "leaf_hash": chance.randbytes(32)}
                    for one in voters
                ],
            )  # fmt: skip
            for table, content in zip(_TABLES, rows, strict=True):
                await connection.execute(insert(table), content)
    if not world.database.is_sqlite:  # as the server does by itself within a minute
        async with world.database.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.exec_driver_sql("VACUUM (ANALYZE)")


async def _plain(world: World, process: uuid.UUID, statement: str) -> float:
    """The median of five plain reads of all the ballots by the driver itself."""
    took = []
    async with world.database.glance() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for _ in range(5):
            began = time.perf_counter()
            if world.database.is_sqlite:
                await driver.execute_fetchall(statement + "?", (process.hex,))
            else:
                await driver.fetch(statement + "$1", process)
            took.append(time.perf_counter() - began)
    return statistics.median(took)


async def main(kinds: list[str], number: int, options: int, only: str) -> None:
    """Prints a line for each vote."""
    print(f"{number} ballots, {options} options")
    for kind in kinds:
        for vote in (one for one in VOTES if only in one.rule):
            with TemporaryDirectory(prefix="cercle-counting-") as folder:
                async with opened(kind, Path(folder)) as world:
                    await closed(world, vote, 100, options)
                    gc.freeze()  # as every process of the service does once it has loaded
                    whole, choices, running, took = await closed(world, vote, number, options)
            exact = " exact" if vote.rule == "stv" and "arithmetic" not in vote.options else ""
            line = f"{kind:10} {vote.rule + exact:18} F {whole * 1000:6.0f} ms  tally {running * 1000:5.1f} ms"
            line += f"  close {took * 1000:7.0f} ms {took / whole:6.1f} F (at most {vote.most})"
            print(f"{line}  choices alone {choices * 1000:6.0f} ms {took / choices:6.1f}", flush=True)


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--on", default="sqlite,postgresql")
    given.add_argument("--ballots", type=int, default=100_000)
    given.add_argument("--options", type=int, default=10)
    given.add_argument("--rule", default="", help="only rules whose name holds this")
    asked = given.parse_args()
    asyncio.run(main(asked.on.split(","), asked.ballots, asked.options, asked.rule))
