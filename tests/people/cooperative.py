"""A small cooperative on a real database, with the real doors to its people: what these tests stand on."""

import io
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import SQLModel

from app.foundation import problems
from app.foundation.clock import MovedClock
from app.foundation.database import Database
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.journal.record import Journal
from app.organisations.actions import admit_member
from app.organisations.founding import found
from app.organisations.tables import Admission, LegalForm, Member, MemberText, Organisation, OrganisationText
from app.people import credentials
from app.people.doorkeeper import Doorkeeper
from app.people.limiter import Limiter
from app.people.mail import ConsoleMailer
from app.people.routes import routers
from app.settings import Settings
from tests import databases

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what no database has a part in."""

_TEMPLATE = "people_template"
_numbers = itertools.count()


@dataclass
class Cooperative:
    """One organisation with its steward, reached by actions or over HTTP."""

    application: FastAPI
    database: Database
    clock: MovedClock
    letters: io.StringIO
    organisation: Organisation
    steward: Member
    secrets: dict[Any, str] = field(default_factory=dict)

    async def admit(self, name: str, email: str | None = None, **more: Any) -> Member:
        """A member more."""
        text = Admission(name=name, email=email, **more)
        async with self.database.write() as session:
            return await admit_member(session, text, actor=actor(self.steward), now=self.clock.now())

    async def link(self, member: Member) -> str:
        """The secret of a fresh sign-in link."""
        async with self.database.write() as session:
            return (await credentials.issue_link(session, member, now=self.clock.now())).secret

    async def secret(self, member: Member) -> str:
        """The secret of a session of that member; always the same one."""
        if member.id not in self.secrets:
            link = await self.link(member)
            async with self.database.write() as session:
                opened = await credentials.open_session(session, link, now=self.clock.now())
            self.secrets[member.id] = opened.issued.secret
        return self.secrets[member.id]

    @asynccontextmanager
    async def as_(self, member: Member | None, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client that calls as ``member``, or as nobody."""
        if member is not None:
            headers["Authorization"] = f"Bearer {await self.secret(member)}"
        async with self.client(**headers) as client:
            yield client

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A client with these headers and no other."""
        transport = httpx.ASGITransport(self.application, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers)


def actor(member: Member) -> Actor:
    """The member as an actor who may do all that they may do."""
    return Actor(member.organisation_id, str(member.pseudonym), member.id, member.steward, frozenset(Scope))


async def founded(application: FastAPI, slug: str) -> Cooperative:
    """A new organisation behind ``application``."""
    state = application.state
    text = OrganisationText(slug=slug, name=slug.title(), legal_form=LegalForm.SCIC_SAS, time_zone="Europe/Paris")
    steward = MemberText(name="Salomé Picard", email="salome@ardoise.example", language="fr")
    async with state.database.write() as session:
        organisation, first = await found(session, text, steward, host="localhost", now=state.clock.now())
    return Cooperative(application, state.database, state.clock, state.letters, organisation, first)


def application(database: Database, folder: Path, **settings: Any) -> FastAPI:
    """The doors to people, on that database."""
    made = FastAPI()
    problems.install(made)
    for router in routers:
        made.include_router(router)
    chosen = Settings(data_dir=folder, public_url=HERE).model_copy(update=settings)
    made.state.settings = chosen
    made.state.database = database
    made.state.clock = MovedClock(START)
    made.state.keys_in_flight = set()
    made.state.doorkeeper = Doorkeeper(database)
    made.state.limiter = Limiter(chosen.rate_limit, chosen.sign_in_rate_limit)
    made.state.letters = io.StringIO()
    made.state.mailer = ConsoleMailer(made.state.letters)
    return made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with its tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        async for made in _opened(f"sqlite+aiosqlite:///{tmp_path / 'cercle.sqlite3'}"):
            await _create_tables(made)
            yield made
        return
    server = databases.server_or_skip()
    if _TEMPLATE not in server.created:
        async for made in _opened(server.create_database(_TEMPLATE)):
            await _create_tables(made)
    name = f"people_{next(_numbers)}"
    async for made in _opened(server.create_database(name, template=_TEMPLATE)):
        yield made
    server.drop_database(name)


@pytest.fixture
async def cooperative(database: Database, tmp_path: Path) -> Cooperative:
    """A cooperative with one steward."""
    return await founded(application(database, tmp_path), "ardoise")


async def _opened(url: str) -> AsyncIterator[Database]:
    made = Database(url, before_commit=Journal().before_commit)
    try:
        yield made
    finally:
        await made.close()


async def _create_tables(made: Database) -> None:
    async with made.writer.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
