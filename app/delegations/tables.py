"""Proxies: who votes for whom, in which circle, and for how long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column
from sqlmodel import Field, Index

from app.delegations.lifecycle import EndReason
from app.foundation.columns import Choice, Owned, belongs_to, governed

MOST_HELD = 1_000
"""No statutes let one member gather more."""


class Proxy(Owned, table=True):
    """A member lets another vote for them, in one circle, and in one vote alone if ``proposal_id`` names it.

    Only one's own voice can be given: a row says nothing of what its giver holds from others. Rows are never deleted;
    what has ended says when and why.
    """

    __tablename__ = "proxy"
    __table_args__ = (
        belongs_to("giver_id", "member"),
        belongs_to("holder_id", "member"),
        belongs_to("circle_id", "circle"),
        Index(None, "organisation_id", "giver_id"),
        Index(None, "organisation_id", "holder_id"),
        Index(None, "organisation_id", "proposal_id"),
        governed(),
    )
    giver_id: UUID
    holder_id: UUID
    circle_id: UUID
    proposal_id: UUID | None = None
    given_at: datetime
    until: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = Field(default=None, sa_column=Column(Choice(EndReason), nullable=True))


class CapInForce(Owned, table=True):
    """How many proxies one member may hold in one vote as the statutes have it, from a moment on; the latest counts.

    ``None`` where the statutes have come to name no number any more.
    """

    __tablename__ = "proxy_cap"
    __table_args__ = (governed(),)
    most: int | None = None
    since: datetime
