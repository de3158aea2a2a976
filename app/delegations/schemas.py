"""The shapes in which proxies travel."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from pydantic_core import PydanticCustomError

from app.delegations.lifecycle import EndReason
from app.delegations.tables import MOST_HELD
from app.foundation.written import Shape
from app.organisations.schemas import MemberRef

_PROXY = "0198c1d2-5b7e-7000-8000-00000000a501"
_CIRCLE = "0198c1d2-5b7e-7000-8000-00000000c001"
_MEMBER = "0198c1d2-5b7e-7000-8000-00000000a001"
_PROPOSAL = "0198c1d2-5b7e-7000-8000-0000000000a1"
_LAST_YEAR: Final = 9998
"""Up to here every moment can be told in every time zone."""


def _utc(value: datetime) -> datetime:
    if not 1 < value.year <= _LAST_YEAR:
        raise PydanticCustomError("moment_out_of_range", "name a moment of this age")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class ProxyGiving(Shape):
    """A proxy to be given: your own voice, for others to use while you are away."""

    holder_id: UUID | None = Field(
        default=None,
        description="Who votes for you, a full member of the same circle; it must be said.",
        examples=[_MEMBER],
    )
    circle_id: UUID = Field(description="In which circle.", examples=[_CIRCLE])
    proposal_id: UUID | None = Field(
        default=None, description="For the vote on this proposal alone; without it, for every vote.", examples=[None]
    )
    until: Moment | None = Field(
        default=None,
        description="Until when; without it, until it is taken back. In an SA a proxy has an end, or is for one vote.",
        examples=["2026-04-02T09:00:00Z"],
    )


class ProxyView(BaseModel):
    """Who votes for whom, since when and until when."""

    id: UUID = Field(description="The proxy's id.", examples=[_PROXY])
    giver: MemberRef = Field(description="Whose voice it is.")
    holder: MemberRef = Field(description="Who may vote by it.")
    circle_id: UUID = Field(description="In which circle.", examples=[_CIRCLE])
    proposal_id: UUID | None = Field(description="For which vote alone; null for every vote.", examples=[_PROPOSAL])
    given_at: datetime = Field(description="Since when.", examples=["2026-03-02T09:00:00Z"])
    until: datetime | None = Field(description="Until when at the latest.", examples=[None])
    ended_at: datetime | None = Field(description="When it ended; null while it runs.", examples=[None])
    end_reason: EndReason | None = Field(description="Why it ended.", examples=["revoked"])


class ProxyCapSetting(Shape):
    """How many proxies one member may hold in one vote, as the statutes have it."""

    most: int | None = Field(
        ge=1,
        le=MOST_HELD,
        strict=True,
        description="The number that the statutes name; null where they name none. The law's own limits stay.",
        examples=[3],
    )


class ProxyCapView(BaseModel):
    """How many proxies one member may hold in one vote, as the statutes have it."""

    most: int | None = Field(
        description="The number that the statutes name. Null: two, or in a SCOP what the law says.", examples=[3]
    )
