"""Baseline `func`: FastAPI over asyncpg, a ballot and its audit row stored by one database function in one round trip.

The least a service can do that commits a ballot with a hash-chained audit row. `BENCH_DSN` names the database.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Header
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one pool per process, and the members seen so far by their token."""
    app.state.pool = await asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=4, max_size=16)
    app.state.tokens = {}
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


class BallotIn(BaseModel):
    """What a member sends."""

    choice: str = Field(pattern="^(consent|object|abstain|stand_aside)$")
    reason: str = Field("", max_length=4000)


class BallotOut(BaseModel):
    """What was stored, with its place in the audit chain."""

    proposal_id: int
    member_id: int
    choice: str
    seq: int


class ProposalOut(BaseModel):
    """A proposal as listed."""

    id: int
    title: str
    body: str
    state: str
    created_at: str


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Ready."""
    return {"status": "ok"}


@app.post("/proposals/{pid}/ballots", status_code=201, response_model=BallotOut)
async def cast(pid: int, ballot: BallotIn, authorization: str = Header("")) -> BallotOut:
    """Cast or replace a ballot."""
    mid = await _member(authorization)
    sql = "SELECT cast_ballot($1,$2,$3,$4)"
    seq = await app.state.pool.fetchval(sql, pid, mid, ballot.choice, ballot.reason)
    return BallotOut(proposal_id=pid, member_id=mid, choice=ballot.choice, seq=seq)


@app.get("/proposals/{pid}", response_model=ProposalOut)
async def detail(pid: int, authorization: str = Header("")) -> ProposalOut:
    """One proposal."""
    await _member(authorization)
    row = await app.state.pool.fetchrow("SELECT * FROM proposals WHERE id=$1", pid)
    if row is None:
        raise HTTPException(404)
    return _out(row)


@app.get("/proposals", response_model=list[ProposalOut])
async def listing(limit: int = 50, authorization: str = Header("")) -> list[ProposalOut]:
    """The newest proposals."""
    await _member(authorization)
    rows = await app.state.pool.fetch("SELECT * FROM proposals ORDER BY id DESC LIMIT $1", limit)
    return [_out(row) for row in rows]


async def _member(authorization: str) -> int:
    token = authorization.removeprefix("Bearer ")
    mid: int | None = app.state.tokens.get(token)
    if mid is None:
        mid = await app.state.pool.fetchval("SELECT id FROM members WHERE token=$1", token)
        if mid is None:
            raise HTTPException(401)
        app.state.tokens[token] = mid
    return mid


def _out(row: asyncpg.Record) -> ProposalOut:
    return ProposalOut(**{**row, "created_at": row["created_at"].isoformat()})
