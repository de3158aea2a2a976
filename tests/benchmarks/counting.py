"""``python -m tests.benchmarks.counting``: what closing a large vote costs, end to end in the service.

Each vote lies in a real database with its electors, ballots and the heads of their streams; then its deadline passes,
and the worker closes it: everything is counted, recorded and put in force. The measure, F, is a plain SELECT of all the
ballots over the same driver in the same run. Ratios to F are what can be compared.
"""

import argparse
import asyncio
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Table, insert
from sqlmodel import SQLModel

from app.rules import papers
from app.rules.papers import Paper
from tests.api.world import World, opened

_TABLES: Final[tuple[Table, ...]] = tuple(
    SQLModel.metadata.tables[name] for name in ("elector", "ballot", "journal_stream")
)
_CHUNK: Final = 10_000
PEOPLE: Final = ["Ana", "Bilal", "Chloé"]


@dataclass(frozen=True, slots=True)
class Vote:
    """A rule with its options, how its ballots look, and the most that closing may cost, in F."""

    rule: str
    options: dict[str, Any]
    paper: Paper | None
    most: int


VOTES: Final = (
    Vote("majority", {}, None, 4),
    Vote("approval", {}, Paper("approval"), 4),
    Vote("irv", {}, Paper("ranking", equal=False), 5),
    Vote("stv", {"seats": 3, "arithmetic": "five_decimals"}, Paper("ranking", equal=False), 7),
    Vote("stv", {"seats": 3}, Paper("ranking", equal=False), 12),
    Vote("schulze", {}, Paper("ranking"), 10),
    Vote("score", {}, Paper("rating", high=5), 15),
    Vote("majority_judgment", {}, Paper("rating", high=5), 15),
)


def ballots(vote: Vote, options: list[str], pick: Callable[[int], int]) -> Iterator[str]:
    """Ballots without end, as people might mark them."""
    while True:
        yield ("for", "against", "abstain")[pick(3)] if vote.paper is None else papers.some(vote.paper, options, pick)


async def closed(world: World, vote: Vote, number: int, options: int) -> tuple[float, float]:
    """Seconds for F, and for closing the vote with so many ballots."""
    slug = f"c{uuid.uuid4().hex[:8]}"
    await world.circle(slug, PEOPLE, rule=vote.rule, options=vote.options)
    draft = await world.draft("Ana", slug)
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    text["options"] = [{"title": f"Option {n}"} for n in range(options)] if vote.paper is not None else []
    await world.do("Ana", "PUT", f"{path}/text", text, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    process = uuid.UUID(draft["id"])
    await _fill(world, process, vote, number, [f"o{n}" for n in range(1, options + 1)])
    plain = await _plain(world, process)
    world.clock.move(timedelta(days=6))
    began = time.perf_counter()
    await world.worker.do_due()
    took = time.perf_counter() - began
    page = await world.do("Ana", "GET", path)
    if page["outcome"] is None:
        raise RuntimeError(f"{vote.rule} did not close: {page['state']} {page['refusal']}")
    return plain, took


async def _fill(world: World, process: uuid.UUID, vote: Vote, number: int, options: list[str]) -> None:
    organisation, chance = world.steward.organisation_id, random.Random(number)
    marked = ballots(vote, options, chance.randrange)
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


async def _plain(world: World, process: uuid.UUID) -> float:
    """The median of five plain reads of all the ballots by the driver itself."""
    took = []
    async with world.database.glance() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for _ in range(5):
            began = time.perf_counter()
            if world.database.is_sqlite:
                await driver.execute_fetchall("SELECT choice FROM ballot WHERE process_id = ?", (process.hex,))
            else:
                await driver.fetch("SELECT choice FROM ballot WHERE process_id = $1", process)
            took.append(time.perf_counter() - began)
    return statistics.median(took)


async def main(kinds: list[str], number: int, options: int, only: str) -> None:
    """Prints a line for each vote."""
    print(f"{number} ballots, {options} options")
    for kind in kinds:
        for vote in (one for one in VOTES if only in one.rule):
            with TemporaryDirectory(prefix="cercle-counting-") as folder:
                async with opened(kind, Path(folder)) as world:
                    plain, took = await closed(world, vote, number, options)
            line = f"{kind:10} {vote.rule:18} F {plain * 1000:7.0f} ms  close {took * 1000:8.0f} ms"
            print(f"{line}  {took / plain:6.1f} F  (at most {vote.most} F)", flush=True)


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--on", default="sqlite,postgresql")
    given.add_argument("--ballots", type=int, default=100_000)
    given.add_argument("--options", type=int, default=10)
    given.add_argument("--rule", default="", help="only rules whose name holds this")
    asked = given.parse_args()
    asyncio.run(main(asked.on.split(","), asked.ballots, asked.options, asked.rule))
