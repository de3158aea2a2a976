"""Tables and engine of the baseline `sqlmodel`: PostgreSQL or SQLite (WAL, synchronous FULL), named by `BENCH_URL`."""

import os
import sqlite3
import time
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, event
from sqlmodel import Field, SQLModel, UniqueConstraint, create_engine


def now() -> datetime:
    """The clock of the machine."""
    return datetime.fromtimestamp(time.time(), UTC)


class Member(SQLModel, table=True):
    """Who may cast, known by a token."""

    __tablename__ = "members"
    id: int = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    name: str


class Proposal(SQLModel, table=True):
    """What is decided."""

    __tablename__ = "proposals"
    id: int | None = Field(default=None, primary_key=True)
    circle_id: int = 1
    title: str
    body: str
    state: str = "open"
    created_at: datetime = Field(default_factory=now)


class Ballot(SQLModel, table=True):
    """One member's choice on one proposal."""

    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("proposal_id", "member_id"),)
    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposals.id")
    member_id: int = Field(foreign_key="members.id")
    choice: str
    reason: str = ""
    cast_at: datetime = Field(default_factory=now)


class Audit(SQLModel, table=True):
    """What happened, each row linked to the one before by its hash."""

    __tablename__ = "audit"
    seq: int = Field(primary_key=True)
    ts: datetime = Field(default_factory=now)
    kind: str
    payload: str
    prev: bytes
    hash: bytes


class ChainHead(SQLModel, table=True):
    """The last link."""

    __tablename__ = "chain_head"
    id: int = Field(primary_key=True)
    seq: int
    hash: bytes


def engine_for(url: str) -> Engine:
    """An engine with the usual pool; on SQLite with WAL, synchronous FULL and immediate write transactions."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=20, max_overflow=20)
    arguments = {"check_same_thread": False, "timeout": 30}
    lite = create_engine(url, pool_size=20, max_overflow=20, connect_args=arguments)
    event.listen(lite, "connect", _set_pragmas)
    event.listen(lite, "begin", _begin)
    return lite


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


engine = engine_for(os.environ["BENCH_URL"])
