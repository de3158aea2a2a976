"""Two servers at once: a voice given, used and taken up again in the same instant is still one voice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.delegations.tables import Proxy
from app.proposals.tables import Ballot
from tests.api.exports import replayed
from tests.api.world import World
from tests.faults.twins import Twin, twin

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]


@pytest.fixture
async def other(world: World) -> AsyncIterator[Twin]:
    """The second server."""
    async with twin(world) as made:
        yield made


def proxy(world: World, holder: str) -> dict[str, Any]:
    return {"holder_id": str(world.members[holder].id), "circle_id": str(world.circles["gestion"].id)}


async def test_giver_and_holder_vote_at_once(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={"proxies": True})
    for giver in ("Ana", "Chloé"):
        await world.do(giver, "POST", "/v1/proxies", proxy(world, "Bilal"))
    for n in range(4):
        path = await world.admitted("Ana", "gestion", "Bilal", f"Proposal {n}")
        own = {"value": "for", "revision": 1}
        for_them = [{**own, "value": "against", "on_behalf_of": str(world.members[one].id)} for one in ("Ana", "Chloé")]
        answers = await asyncio.gather(
            *(other.call("Bilal", "POST", f"{path}/ballots", one) for one in (*for_them, own)),
            *(world.call(one, "POST", f"{path}/ballots", own) for one in ("Ana", "Chloé", "Driss")),
            *(world.call("Bilal", "POST", f"{path}/ballots", one) for one in for_them),
        )
        statuses = [one.status_code for one in answers]
        assert statuses[2:6] == [201] * 4, [one.text for one in answers]
        assert {*statuses[:2], *statuses[6:]} <= {201, 409}
        async with world.database.read() as session:
            rows = (await session.execute(select(col(Ballot.choice), col(Ballot.by_proxy)))).all()
        assert set(rows) == {("for", "")}, "whoever came first, their own ballots lie in the urn"
        await world.pass_time(days=6)
        await other.worker.do_due()
        assert (await replayed(world, path)).outcome is not None
        other.clock.move_to(world.clock.now())


async def test_two_who_give_at_once_do_not_pass_the_cap(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE)
    body = proxy(world, "Farid")
    doors: list[World | Twin] = [world, other, world, other]
    answers = await asyncio.gather(
        *(door.call(giver, "POST", "/v1/proxies", body) for door, giver in zip(doors, PEOPLE[:4], strict=True))
    )
    assert sorted(one.status_code for one in answers) == [201, 201, 409, 409], [one.text for one in answers]
    assert await _running(world) == 2


async def test_one_who_gives_twice_at_once_has_given_once(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE)
    answers = await asyncio.gather(
        world.call("Ana", "POST", "/v1/proxies", proxy(world, "Bilal")),
        other.call("Ana", "POST", "/v1/proxies", proxy(world, "Chloé")),
    )
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert await _running(world) == 1


async def test_two_who_give_each_other_at_once_close_no_ring(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE)
    answers = await asyncio.gather(
        world.call("Ana", "POST", "/v1/proxies", proxy(world, "Bilal")),
        other.call("Bilal", "POST", "/v1/proxies", proxy(world, "Ana")),
    )
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert {one.json().get("code") for one in answers} == {None, "proxy_cycle"}


async def test_whoever_leaves_at_that_moment_holds_nothing(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE)
    for holder in ("Driss", "Emma", "Farid"):
        giver = {"Driss": "Ana", "Emma": "Bilal", "Farid": "Chloé"}[holder]
        gave, _ = await asyncio.gather(
            other.call(giver, "POST", "/v1/proxies", proxy(world, holder)), world.leave(holder)
        )
        assert gave.status_code in {201, 422}, gave.text
    assert await _running(world) == 0


async def test_it_is_ended_once(world: World, other: Twin) -> None:
    await world.circle("gestion", PEOPLE)
    made = await world.do("Ana", "POST", "/v1/proxies", proxy(world, "Bilal"))
    path = f"/v1/proxies/{made['id']}/revocation"
    answers = await asyncio.gather(world.call("Ana", "POST", path), other.call("Bilal", "POST", path))
    assert sorted(one.status_code for one in answers) == [200, 409]


async def _running(world: World) -> int:
    query = select(func.count()).select_from(Proxy).where(col(Proxy.ended_at).is_(None))
    async with world.database.read() as session:
        return (await session.execute(query)).scalar_one()
