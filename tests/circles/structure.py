"""A cooperative with circles on a real database: what the tests of circles, roles, agreements and the log stand on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.agreements.routes import router as agreements
from app.audit.routes import router as log
from app.circles import actions, queries
from app.circles.routes import router as circles
from app.circles.tables import Basis, Circle, CircleKind, CircleMembership, CircleText, Domain
from app.foundation.database import Database
from app.journal.actor import Actor
from app.journal.leaves import opened
from app.journal.sequencer import sequence
from app.journal.tables import JournalDisclosure, JournalEvent
from app.organisations.actions import end_founding
from app.organisations.tables import Member
from app.roles import actions as role_actions
from app.roles.routes import router as roles
from app.roles.tables import Role, RoleKind, RoleText
from app.rules.catalogue import Catalogue
from tests.people.cooperative import Cooperative, actor, application, founded

ROUTERS: tuple[APIRouter, ...] = (circles, roles, agreements, log)


@dataclass
class Structure:
    """The anchor, one circle below it, and ways to build more and to look at what the journal says."""

    cooperative: Cooperative
    anchor: Circle
    gestion: Circle
    people: dict[str, Member] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.cooperative.database

    @property
    def steward(self) -> Actor:
        return actor(self.cooperative.steward)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with self.database.write() as session:
            yield session

    async def person(self, name: str) -> Member:
        """The member of that name, admitted at the first call."""
        if name not in self.people:
            self.people[name] = await self.cooperative.admit(name, f"{name.lower()}@ardoise.example")
        return self.people[name]

    async def circle(self, slug: str, parent: Circle | None = None) -> Circle:
        """A circle more, under the anchor unless told."""
        async with self.write() as session:
            return await found(session, slug, parent or self.anchor, actor=self.steward, now=self.now)

    async def domain(self, slug: str, circle: Circle) -> Domain:
        """A domain that ``circle`` holds."""
        new = actions.NewDomain(slug, slug.title(), "What it covers.", None)
        async with self.write() as session:
            return await actions.entrust_domain(session, circle, new, actor=self.steward, now=self.now)

    async def join(self, name: str, circle: Circle, basis: Basis = Basis.APPOINTED) -> CircleMembership:
        """A place in ``circle`` for the person of that name."""
        member = await self.person(name)
        async with self.write() as session:
            return await actions.join(session, circle, member, basis, actor=self.steward, now=self.now)

    async def role(self, circle: Circle, kind: RoleKind = RoleKind.OTHER, name: str = "Treasurer", **more: Any) -> Role:
        """A role in ``circle``."""
        new = role_actions.NewRole(
            RoleText(name=name, purpose="Bills are paid."), ["Pay bills"], more.get("term_months"), kind
        )
        async with self.write() as session:
            return await role_actions.create_role(session, circle, new, actor=self.steward, now=self.now)

    async def fill(self, role: Role, name: str) -> Any:
        """A mandate in ``role`` for the person of that name."""
        member = await self.person(name)
        async with self.write() as session:
            return await role_actions.assign(session, role, member, actor=self.steward, now=self.now)

    async def places(self, circle: Circle) -> set[tuple[str, str]]:
        """(name, basis) of everybody who is in ``circle`` today."""
        async with self.database.read() as session:
            found = await queries.places(session, circle.organisation_id, circle.id, limit=200)
        return {(place.name, place.membership.basis.value) for place in found}

    async def govern(self) -> None:
        """End the founding."""
        async with self.write() as session:
            await end_founding(session, actor=self.steward, now=self.now)

    async def index(self) -> int:
        """Give every committed event its place in the log; returns how many there were."""
        async with self.write() as session:
            return await sequence(session, self.anchor.organisation_id)

    async def said(self, kind: str) -> list[dict[str, Any]]:
        """What the journal disclosed in events of that kind, in their order."""
        query = (
            select(col(JournalEvent.id), col(JournalDisclosure.disclosure))
            .outerjoin(JournalDisclosure, col(JournalDisclosure.event_id) == col(JournalEvent.id))
            .where(col(JournalEvent.type) == kind)
            .order_by(col(JournalEvent.pos), col(JournalDisclosure.n))
        )
        told: dict[Any, dict[str, Any]] = {}
        async with self.database.read() as session:
            for event_id, disclosure in await session.execute(query):
                told.setdefault(event_id, {}).update(dict([opened(disclosure)]) if disclosure else {})
        return list(told.values())

    @property
    def now(self) -> Any:
        return self.cooperative.clock.now()


async def found(session: AsyncSession, slug: str, parent: Circle | None, *, actor: Actor, now: Any) -> Circle:
    """A circle with a name and an aim made of its slug."""
    kind = CircleKind.OPERATIONAL if parent else CircleKind.ANCHOR
    text = CircleText(name=slug.title(), aim=f"What {slug} is for.")
    new = actions.NewCircle(slug, text, kind, parent.id if parent else None)
    return await actions.found_circle(session, new, actor=actor, now=now)


@cache
def catalogue() -> Catalogue:
    """The decision rules that are installed, loaded and checked once for the run."""
    return Catalogue.load()


async def structured(cooperative: Cooperative) -> Structure:
    """The cooperative with its anchor and one circle, reachable over HTTP."""
    cooperative.application.state.catalogue = catalogue()
    for router in ROUTERS:
        cooperative.application.include_router(router)
    who, now = actor(cooperative.steward), cooperative.clock.now()
    async with cooperative.database.write() as session:
        anchor = await found(session, "coeur", None, actor=who, now=now)
        gestion = await found(session, "gestion", anchor, actor=who, now=now)
    return Structure(cooperative, anchor, gestion)


@pytest.fixture
async def structure(database: Database, tmp_path: Path) -> Structure:
    """A cooperative with two circles."""
    return await structured(await founded(application(database, tmp_path), "ardoise"))


@pytest.fixture
async def elsewhere(structure: Structure) -> Structure:
    """Another cooperative on the same service."""
    other = await founded(structure.cooperative.application, "panier")
    who, now = actor(other.steward), other.clock.now()
    async with other.database.write() as session:
        anchor = await found(session, "coeur", None, actor=who, now=now)
        gestion = await found(session, "gestion", anchor, actor=who, now=now)
    return Structure(other, anchor, gestion)
