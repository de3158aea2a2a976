"""Running the service: the API in one process or several, and the worker on its own."""

import asyncio
import errno
import gc
import logging
import logging.config
import signal
import socket
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app.cli.failures import configured, explained
from app.cli.screen import Screen
from app.foundation.revisions import is_at_head

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.settings import Settings

_LAST_REQUESTS: Final = 3
"""Seconds that requests in hand have left when the service is asked to stop: a stream would hold it for ever."""

LOG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "loggers": {"cercle": {"level": "INFO"}, "uvicorn": {"level": "INFO"}},
}


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8000,
    processes: Annotated[int, typer.Option(min=1, max=64)] = 1,
) -> None:
    screen = Screen(context.obj)
    settings = configured(screen)
    if processes > 1 and settings.database.startswith("sqlite"):
        screen.fail("serve_one_process")
    _require_free(screen, host, port)
    with explained(screen):
        if processes == 1 or not asyncio.run(is_at_head(settings.database)):  # each process looks closer in any case
            _prepare(settings)

    import uvicorn

    uvicorn.run(
        "app.cli.serving:service",
        factory=True,
        host=host,
        port=port,
        workers=processes,
        lifespan="on",
        ws="none",
        access_log=False,
        server_header=False,
        log_config=LOG,
        timeout_graceful_shutdown=_LAST_REQUESTS,
    )


def work(context: typer.Context) -> None:
    screen = Screen(context.obj)
    settings = configured(screen)
    logging.config.dictConfig(LOG)
    with explained(screen):
        _prepare(settings)
        asyncio.run(_work(settings, screen))


def _require_free(screen: Screen, host: str, port: int) -> None:
    """End the command when nobody could listen there: the server itself would say so late and in its own words."""
    try:
        kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            tried.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            screen.fail("serve_port_taken", host=host, port=port, next=port % 65_535 + 1)
        screen.fail("serve_no_address", host=host, port=port, error=error.strerror)


def service() -> "FastAPI":
    """The application, loaded without looking for garbage: there is none yet, and looking takes a fifth of the start.
    What is loaded stays, and is not looked at again."""
    gc.disable()
    from app.main import create_app

    made = create_app()
    gc.freeze()
    gc.enable()
    return made


def _prepare(settings: "Settings") -> None:
    from app.foundation import migrations

    asyncio.run(migrations.prepare(settings.database))


async def _work(settings: "Settings", screen: Screen) -> None:
    from app.foundation.clock import SystemClock
    from app.foundation.database import Database
    from app.journal.record import Journal
    from app.rules.catalogue import Catalogue
    from app.worker import Worker

    journal = Journal()
    database = Database(settings.database, pool_size=settings.pool_size, before_commit=journal.before_commit)
    working = asyncio.create_task(Worker(database, SystemClock(), Catalogue.load()).run())
    for sent in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sent, working.cancel)
    screen.say("worker_started")
    try:
        await working
    except asyncio.CancelledError:
        screen.say("worker_stopped")
    finally:
        await database.close()
