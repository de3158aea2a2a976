"""A cooperative behind the whole service, on a real database and with a clock that the test moves."""

import itertools
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from fastapi import FastAPI

from app.circles import actions as circles
from app.circles.tables import Basis, Circle, CircleKind, CircleText, Domain
from app.foundation import jobs, migrations
from app.foundation.clock import MovedClock
from app.foundation.database import Database
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.main import create_app
from app.organisations.actions import admit_member, end_founding
from app.organisations.founding import found
from app.organisations.tables import Admission, LegalForm, Member, MemberText, OrganisationText
from app.people import credentials
from app.people.limiter import Limiter
from app.roles import actions as roles
from app.roles.tables import RoleKind, RoleText
from app.rules.catalogue import Catalogue
from app.settings import Settings
from app.worker import Worker
from tests import databases

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_numbers = itertools.count(1)
_TEMPLATE = "api_template"
_FILE = "cercle.sqlite3"
CONSENT: dict[str, Any] = {"min_participation": "2/3"}


@dataclass
class World:
    """One service with one organisation; people are called by first name."""

    app: FastAPI
    clock: MovedClock
    worker: Worker
    client: httpx.AsyncClient
    steward: Member
    members: dict[str, Member] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    circles: dict[str, Circle] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    async def call(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request of somebody; ``body`` is sent as JSON."""
        if who is not None:
            headers["Authorization"] = f"Bearer {self.secrets[who]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, json=body, headers=named)

    async def do(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The same, for a request that must succeed; returns the answer's JSON."""
        answer = await self.call(who, method, path, body, **headers)
        assert answer.is_success, f"{who} {method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def pass_time(self, **delta: float) -> None:
        """Let time pass, and let the worker do what fell due on the way, in order."""
        until = self.clock.now() + timedelta(**delta)
        while self.clock.now() < until:
            async with self.database.read() as session:
                due = await jobs.next_due(session)
            later = until if due is None else max(due, self.clock.now() + timedelta(minutes=1))
            self.clock.move_to(min(later, until))
            await self.worker.do_due()
        await self.worker.sequence_all()

    async def circle(
        self, slug: str, people: list[str], *, rule: str = "consent", options: dict[str, Any] | None = None
    ) -> Circle:
        """A circle of these people, of whom the second is facilitator and the third secretary; it holds one domain."""
        now, actor = self.clock.now(), as_actor(self.steward)
        async with self.database.write() as session:
            for name in people:
                if name not in self.members:
                    text = Admission(name=name, email=f"{name.lower()}@ardoise.example", language="fr")
                    self.members[name] = await admit_member(session, text, actor=actor, now=now)
            parent = next(iter(self.circles.values())).id if self.circles else None
            kind = CircleKind.OPERATIONAL if parent else CircleKind.ANCHOR
            new = circles.NewCircle(slug, CircleText(name=slug.title(), aim="Work together."), kind, parent)
            made = await circles.found_circle(session, new, actor=actor, now=now)
            for name in people:
                await circles.join(session, made, self.members[name], Basis.APPOINTED, actor=actor, now=now)
            for name, office in zip(people[1:3], (RoleKind.FACILITATOR, RoleKind.SECRETARY), strict=False):
                role = roles.NewRole(RoleText(name=office.value), [], None, office)
                seat = await roles.create_role(session, made, role, actor=actor, now=now)
                await roles.assign(session, seat, self.members[name], actor=actor, now=now)
            domain = circles.NewDomain(slug, slug.title(), "All of it.", None)
            self.domains[slug] = await circles.entrust_domain(session, made, domain, actor=actor, now=now)
            wanted = circles.WantedRule(rule, None, CONSENT if options is None else options)
            await circles.set_rule(session, made, wanted, catalogue=self.app.state.catalogue, actor=actor, now=now)
        self.circles[slug] = made
        for name in people:
            if name not in self.secrets:
                self.secrets[name] = await self._secret(self.members[name])
        return made

    async def govern(self) -> None:
        """End the founding."""
        async with self.database.write() as session:
            await end_founding(session, actor=as_actor(self.steward), now=self.clock.now())

    async def draft(self, who: str, circle: str, title: str = "Refund of expenses") -> dict[str, Any]:
        """A draft of somebody that touches the circle's domain."""
        tension = {"driver": "Nobody knows.", "example": "Last week.", "requirement": "A rule."}
        sensed = await self.do(who, "POST", "/v1/tensions", tension)
        body = {
            "tension_id": sensed["id"],
            "title": title,
            "body": "An expense up to 50 euros is refunded within a week.",
            "changes": [{"kind": "adopt_agreement", "domain_id": str(self.domains[circle].id)}],
            "review_on": "2027-03-01",
        }
        made: dict[str, Any] = await self.do(who, "POST", "/v1/proposals", body)
        return made

    async def admitted(self, who: str, circle: str, facilitator: str, title: str = "Refund of expenses") -> str:
        """A proposal of somebody that the facilitator has let in; returns its path."""
        made = await self.draft(who, circle, title)
        path = f"/v1/proposals/{made['id']}"
        await self.do(who, "POST", f"{path}/submission")
        await self.do(facilitator, "POST", f"{path}/admission")
        return path

    async def at_objecting(
        self, people: list[str], *, slug: str = "gestion", title: str = "Refund of expenses", **options: Any
    ) -> str:
        """A circle of these people, and a proposal of the first of them that is asked for consent; returns its path."""
        await self.circle(slug, people, options={"begins_with": "objecting", **options})
        return await self.admitted(people[0], slug, people[1], title)

    async def at_ballot(self, people: list[str], *, slug: str = "gestion", **options: Any) -> str:
        """A circle that decides by majority, and a proposal of the first of its people that is voted on."""
        await self.circle(slug, people, rule="majority", options=options)
        return await self.admitted(people[0], slug, people[1])

    async def answer(self, names: Sequence[str], path: str, value: str = "consent", revision: int = 1) -> None:
        """The same position of each of them, without words."""
        for name in names:
            await self.do(name, "POST", f"{path}/positions", {"value": value, "revision": revision})

    async def vote(self, names: Sequence[str], path: str, value: str) -> None:
        """The same ballot of each of them."""
        for name in names:
            await self.do(name, "POST", f"{path}/ballots", {"value": value, "revision": 1})

    async def leave(self, who: str) -> None:
        """Somebody leaves the cooperative; the steward writes it down."""
        await self.do("Salomé", "POST", f"/v1/members/{self.members[who].id}/departure", {"reason": "End of studies."})

    async def token(self, who: str, *scopes: Scope) -> str:
        """A personal access token of somebody with these scopes alone, under the name ``who scope ...``."""
        name = " ".join((who, *(scope.value for scope in scopes)))
        wanted = {"label": "test", "scopes": [scope.value for scope in scopes]}
        made = await self.do(who, "POST", "/v1/me/tokens", wanted)
        self.secrets[name] = made["token"]
        return name

    async def neighbour(self, name: str = "Odile") -> Member:
        """Another cooperative of the same service, with its steward."""
        text = OrganisationText(slug="voisine", name="La Voisine", legal_form=LegalForm.SCIC_SAS, time_zone="Etc/UTC")
        first = MemberText(name=name, email=f"{name.lower()}@voisine.example", language="en")
        async with self.database.write() as session:
            _, steward = await found(session, text, first, host="localhost", now=self.clock.now())
        self.members[name], self.secrets[name] = steward, await self._secret(steward)
        return steward

    async def _secret(self, member: Member) -> str:
        async with self.database.write() as session:
            link = await credentials.issue_link(session, member, now=self.clock.now())
        async with self.database.write() as session:
            opened = await credentials.open_session(session, link.secret, now=self.clock.now())
        return opened.issued.secret


def as_actor(member: Member) -> Actor:
    """The member as an actor with every scope."""
    return Actor(member.organisation_id, str(member.pseudonym), member.id, member.steward, frozenset(Scope))


@asynccontextmanager
async def opened(kind: str, folder: Path, *, catalogue: Catalogue | None = None) -> AsyncIterator[World]:
    """A world on ``sqlite`` or ``postgresql``, gone afterwards."""
    name = f"api_{next(_numbers)}"
    url = await _database(kind, folder, name)
    settings = Settings(database_url=url, data_dir=folder, embedded_worker=False, pool_size=5)
    clock = MovedClock(START)
    app = _application(settings, clock, catalogue)
    async with app.router.lifespan_context(app):
        text = OrganisationText(
            slug="ardoise", name="Scic Ardoise", legal_form=LegalForm.SCIC_SAS, time_zone="Europe/Paris"
        )
        first = MemberText(name="Salomé", email="salome@ardoise.example", language="fr")
        async with app.state.database.write() as session:
            _, steward = await found(session, text, first, host="localhost", now=START)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            worker = Worker(app.state.database, clock, app.state.catalogue)
            world = World(app, clock, worker, client, steward)
            world.members["Salomé"] = steward
            world.secrets["Salomé"] = await world._secret(steward)
            yield world
    if catalogue is None:
        _idle.append(app)
    if kind == "postgresql":
        databases.server_or_skip().drop_database(name)


def _application(settings: Settings, clock: MovedClock, catalogue: Catalogue | None) -> FastAPI:
    """Routes and forms are made once in a run, which is most of the work; what differs is set anew for each world."""
    if catalogue is not None or not _idle:
        return create_app(settings, clock=clock, catalogue=catalogue)
    app = _idle.pop()
    app.state.settings, app.state.clock = settings, clock
    app.state.keys_in_flight, app.state.limiter = set(), Limiter(settings.rate_limit, settings.sign_in_rate_limit)
    return app


_idle: list[FastAPI] = []


async def _database(kind: str, folder: Path, name: str) -> str:
    if kind == "sqlite":
        made = folder / _FILE
        shutil.copyfile(await _sqlite_template(), made)
        return f"sqlite+aiosqlite:///{made}"
    server = databases.server_or_skip()
    if _TEMPLATE not in server.created:
        await _create(server.create_database(_TEMPLATE))
    return server.create_database(name, template=_TEMPLATE)


async def _sqlite_template() -> Path:
    """A file with all tables, made once in a run."""
    if not _sqlite_folder:
        _sqlite_folder.append(TemporaryDirectory(prefix="cercle-api-"))
        await _create(f"sqlite+aiosqlite:///{_sqlite_folder[0].name}/{_FILE}")
    return Path(_sqlite_folder[0].name) / _FILE


_sqlite_folder: "list[TemporaryDirectory[str]]" = []


async def _create(url: str) -> None:
    await migrations.upgrade(url)
