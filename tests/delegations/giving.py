"""A circle whose members give each other proxies, and take them back."""

from typing import Any

import pytest

from app.circles.tables import Basis
from app.delegations import actions, queries
from app.delegations.tables import Proxy
from tests.circles.structure import Structure
from tests.people.cooperative import actor

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


@pytest.fixture
async def circle(structure: Structure) -> Structure:
    """The cooperative, with five full members and a guest in one circle."""
    for name in PEOPLE:
        await structure.join(name, structure.gestion)
    await structure.join("Guy", structure.gestion, Basis.GUEST)
    return structure


async def give(at: Structure, giver: str, holder: str | None, **more: Any) -> Proxy:
    """A proxy from one to another, in the circle unless told."""
    holder_id = None if holder is None else (await at.person(holder)).id
    new = actions.NewProxy(holder_id, more.pop("circle_id", at.gestion.id), **more)
    async with at.write() as session:
        return await actions.give(session, new, actor=actor(await at.person(giver)), now=at.now)


async def end(at: Structure, proxy: Proxy, who: str) -> Proxy:
    """The proxy, ended by one of the two."""
    acting = actor(await at.person(who))
    async with at.write() as session:
        found = await queries.proxy(session, acting, proxy.id, held=True)
        return await actions.revoke(session, found, actor=acting, now=at.now)
