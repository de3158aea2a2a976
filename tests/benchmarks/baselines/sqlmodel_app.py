"""Baseline `sqlmodel`: FastAPI and SQLModel as most tutorials write it, sync sessions in the thread pool.

Each ballot writes ballot, hash-chained audit row and chain head in one transaction.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel
from pydantic import Field as PydanticField
from sqlmodel import Session, col, select
from starlette.exceptions import HTTPException

from tests.benchmarks.baselines.sqlmodel_tables import Audit, Ballot, ChainHead, Member, Proposal, engine, now

app = FastAPI()


class BallotIn(BaseModel):
    """What a member sends."""

    choice: str = PydanticField(pattern="^(consent|object|abstain|stand_aside)$")
    reason: str = PydanticField("", max_length=4000)


def reading() -> Iterator[Session]:
    """A session for reading."""
    with Session(engine) as session:
        yield session


def writing() -> Iterator[Session]:
    """A session whose transaction takes the write lock of SQLite at once."""
    with Session(engine.execution_options(write=True)) as session:
        yield session


Reading = Annotated[Session, Depends(reading)]
Writing = Annotated[Session, Depends(writing)]


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """Ready."""
    return {"status": "ok"}


@app.post("/proposals/{pid}/ballots", status_code=201, response_model=Ballot)
def cast(pid: int, ballot: BallotIn, session: Writing, authorization: str = Header("")) -> Ballot:
    """Cast or replace a ballot."""
    member = _member(session, authorization)
    proposal = session.get(Proposal, pid)
    if proposal is None or proposal.state != "open":
        raise HTTPException(409)
    row = session.exec(select(Ballot).where(Ballot.proposal_id == pid, Ballot.member_id == member.id)).first()
    if row is None:
        row = Ballot(proposal_id=pid, member_id=member.id, choice=ballot.choice, reason=ballot.reason)
    else:
        row.choice, row.reason, row.cast_at = ballot.choice, ballot.reason, now()
    session.add(row)
    _append_audit(session, json.dumps({"p": pid, "m": member.id, "c": ballot.choice, "r": ballot.reason}))
    session.commit()
    session.refresh(row)
    return row


@app.get("/proposals/{pid}", response_model=Proposal)
def detail(pid: int, session: Reading, authorization: str = Header("")) -> Proposal:
    """One proposal."""
    _member(session, authorization)
    proposal = session.get(Proposal, pid)
    if proposal is None:
        raise HTTPException(404)
    return proposal


@app.get("/proposals", response_model=list[Proposal])
def listing(session: Reading, limit: int = 50, authorization: str = Header("")) -> Sequence[Proposal]:
    """The newest proposals."""
    _member(session, authorization)
    return session.exec(select(Proposal).order_by(col(Proposal.id).desc()).limit(limit)).all()


def _member(session: Session, authorization: str) -> Member:
    member = session.exec(select(Member).where(Member.token == authorization.removeprefix("Bearer "))).first()
    if member is None:
        raise HTTPException(401)
    return member


def _append_audit(session: Session, payload: str) -> None:
    head = session.exec(select(ChainHead).where(ChainHead.id == 1).with_for_update()).one()
    link = hashlib.sha256(head.hash + payload.encode()).digest()
    head.seq += 1
    session.add(Audit(seq=head.seq, kind="ballot.cast", payload=payload, prev=head.hash, hash=link))
    head.hash = link
    session.add(head)
