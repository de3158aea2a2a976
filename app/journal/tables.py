"""The journal's tables: leaves are kept as exact bytes and never change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, LargeBinary
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from app.foundation.columns import ordered

_STREAM = ordered(120)


class JournalLog(SQLModel, table=True):
    """One log per organisation. ``origin`` names it in every leaf; ``size`` counts the sequenced events."""

    __tablename__ = "journal_log"
    organisation_id: UUID = Field(primary_key=True)
    origin: str = Field(max_length=200)
    epoch: int = 1
    size: int = Field(default=0, sa_type=BigInteger)


class JournalEvent(SQLModel, table=True):
    """One event: its envelope's bytes and their leaf hash. ``pos`` orders insertion, readers follow the index."""

    __tablename__ = "journal_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("organisation_id", "stream", "stream_seq"),
    )
    pos: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
    )
    organisation_id: UUID
    id: UUID
    stream: str = Field(sa_type=_STREAM)
    stream_seq: int
    type: str = Field(max_length=64)
    at: datetime
    leaf: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class JournalPending(SQLModel, table=True):
    """Events that are committed and wait for their index: a queue that nobody can overtake."""

    __tablename__ = "journal_pending"
    organisation_id: UUID = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)


class JournalStream(SQLModel, table=True):
    """The head of each stream: how many events it holds and the leaf hash of the last one."""

    __tablename__ = "journal_stream"
    __table_args__ = {"sqlite_with_rowid": False}
    organisation_id: UUID = Field(primary_key=True)
    stream: str = Field(primary_key=True, sa_type=_STREAM)
    seq: int
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class JournalDisclosure(SQLModel, table=True):
    """What a digest in a leaf stands for. ``subject`` is the pseudonym of the person whom it is about."""

    __tablename__ = "journal_disclosure"
    __table_args__ = (Index("ix_journal_disclosure_subject", "organisation_id", "subject"),)
    organisation_id: UUID = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    n: int = Field(primary_key=True)
    subject: str | None = Field(default=None, max_length=40)
    disclosure: str


class JournalLeaf(SQLModel, table=True):
    """The index of each event in the log: gapless, given once by the sequencer."""

    __tablename__ = "journal_leaf"
    __table_args__ = (UniqueConstraint("organisation_id", "event_id"),)
    organisation_id: UUID = Field(primary_key=True)
    idx: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: UUID
