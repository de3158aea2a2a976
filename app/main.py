"""The application: rooms, documentation and what they share, put together in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from app.agreements.routes import router as agreements
from app.audit.routes import router as audit
from app.circles.routes import router as circles
from app.delegations.routes import router as delegations
from app.foundation import bodies, migrations, operations, problems, reference
from app.foundation.clock import Clock, SystemClock
from app.foundation.database import Database
from app.foundation.routing import open_rooms
from app.journal.record import Journal
from app.people.doorkeeper import Doorkeeper
from app.people.limiter import Limiter
from app.people.mail import mailer
from app.people.routes import routers as people
from app.proposals.desk import Desk
from app.proposals.lists import Lists
from app.proposals.pages import Pages
from app.proposals.routes import deliberation, downloads, proposals, proxies, rules, simulation, steps, tensions, todo
from app.proposals.tallies import Tallies
from app.roles.routes import router as roles
from app.rules.catalogue import Catalogue
from app.settings import Settings
from app.worker import Worker

_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""What telemetry would send holds addresses, and in errors people's words: nothing leaves this house unasked."""


def create_app(
    settings: Settings | None = None, *, clock: Clock | None = None, catalogue: Catalogue | None = None
) -> FastAPI:
    """The service as an ASGI application.

    ``clock`` and ``catalogue`` can be given by tests and by the demo; by default time is the machine's and the rules
    are those installed. Raises RuleFailedToLoad when an installed rule is broken: a service that would decide wrongly
    does not start.
    """
    settings = settings or Settings()
    app = FastAPI(
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        **reference.DESCRIPTION,
    )
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.catalogue = catalogue or Catalogue.load()
    app.state.keys_in_flight = set()
    app.state.limiter = Limiter(settings.rate_limit, settings.sign_in_rate_limit)
    app.state.mailer = mailer(settings.mail_url.get_secret_value(), settings.mail_from)
    app.state.host = urlsplit(settings.public_url).netloc
    bodies.install(app, settings.max_body_bytes)
    problems.install(app)
    operations.install(app)
    reference.install(app)
    open_rooms(app, _routers(app.state.catalogue))
    return app


def _routers(catalogue: Catalogue) -> list[APIRouter]:
    return [
        deliberation.speaking(catalogue),
        proposals.router,
        deliberation.reading,
        downloads.router,
        steps.router,
        todo.router,
        tensions.router,
        rules.router,
        simulation.router,
        agreements,
        circles,
        roles,
        delegations,
        proxies.router,
        *people,
        audit,
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    settings: Settings = state.settings
    await migrations.prepare(settings.database)
    journal = Journal()
    state.database = Database(settings.database, pool_size=settings.pool_size, before_commit=journal.before_commit)
    state.doorkeeper = Doorkeeper(state.database)
    state.doorkeeper.start()
    state.pages, state.lists = Pages(state.database), Lists(state.database)
    state.tallies = Tallies(state.database, state.clock)
    state.desk = Desk(state.database, state.clock, state.catalogue)
    worker = Worker(state.database, state.clock, state.catalogue) if settings.embedded_worker else None
    if worker is not None:
        worker.start()
    try:
        yield
    finally:
        await state.desk.settle()
        await state.pages.settle()
        await state.lists.settle()
        await state.tallies.settle()
        await state.doorkeeper.stop()
        if worker is not None:
            await worker.stop()
        await state.database.close()
