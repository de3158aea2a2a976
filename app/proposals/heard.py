"""The shapes in which what was said and cast travels over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.proposals.schemas import Named

_ID = "0198c1d2-5b7e-7000-8000-0000000000a1"
_AT = "2026-11-23T09:30:00Z"


class WordView(BaseModel):
    """Something said in the process. Before a sealed phase ends, only one's own words are shown."""

    ref: str = Field(examples=["w00000012"])
    phase: int = Field(examples=[4])
    round: int = Field(examples=[2])
    by: Named
    form: str = Field(examples=["position"])
    value: str = Field(examples=["objection"])
    about: str | None = Field(default=None, examples=["w00000007"])
    revision: int = Field(examples=[1])
    office: str | None = Field(default=None, examples=["facilitator"])
    facts: dict[str, Any] = Field(default={}, examples=[{"harms": "aim"}])
    texts: dict[str, str] = Field(default={}, examples=[{"text": "Accounting needs a receipt."}])
    said_at: datetime = Field(examples=[_AT])


class WordReceipt(BaseModel):
    """A word was taken down; ``event`` is its entry in the journal."""

    ref: str = Field(examples=["w00000012"])
    phase: int = Field(examples=[4])
    form: str = Field(examples=["position"])
    value: str = Field(examples=["consent"])
    about: str | None = Field(default=None, examples=["w00000007"])
    revision: int = Field(examples=[1])
    said_at: datetime = Field(examples=[_AT])
    event: UUID = Field(examples=[_ID])


class BallotReceipt(BaseModel):
    """A ballot lies in the urn; ``event`` is its entry in the journal.

    A secret ballot has none, and no time: ``tracker`` is shown here once. It finds the ballot again in the urn when the
    vote has closed, and is needed to replace it before.
    """

    phase: int = Field(examples=[1])
    value: str = Field(examples=["for"])
    cast_at: datetime | None = Field(default=None, examples=[_AT])
    event: UUID | None = Field(default=None, examples=[_ID])
    tracker: UUID | None = Field(default=None, examples=[None])


class TallyView(BaseModel):
    """How a vote stands, at most a second old."""

    counted_at: datetime = Field(examples=[_AT])
    round: int = Field(examples=[1])
    ballots: int = Field(description="How many ballots lie in the urn.", examples=[17])
    choices: dict[str, int] | None = Field(
        description="How many of each; null where ballots are sealed or secret, or mark several options.",
        examples=[{"for": 12, "against": 5}],
    )


class SlipView(BaseModel):
    """A ballot of a secret vote as it was counted: whoever cast it knows it by its tracker, and nobody else does."""

    model_config = ConfigDict(from_attributes=True)

    tracker: UUID = Field(examples=["7d9f4b1e-0b6c-4c35-9d53-0b7e0d1a9c44"])
    choice: str = Field(examples=["for"])
    college: str = Field(description="Only where the rule counts colleges apart.", examples=[""])
    unit: str = Field(description="Only where the rule counts units apart.", examples=[""])
    weights: str = Field(description="Only where the rule weighs votes.", examples=[""])


class SlipSought(BaseModel):
    """Which ballot of a secret vote is looked for."""

    model_config = ConfigDict(extra="forbid")

    tracker: UUID = Field(
        description="What was shown when the ballot was cast.", examples=["7d9f4b1e-0b6c-4c35-9d53-0b7e0d1a9c44"]
    )
    round: int = Field(default=1, ge=1, le=10_000, description="The round of the vote.", examples=[1])


class MatterView(BaseModel):
    """What the rule keeps track of beside the step: objections and concerns with their state and their texts."""

    ref: str = Field(examples=["w00000012"])
    kind: str = Field(examples=["objection"])
    status: str = Field(examples=["qualified"])
    by: Named
    facts: dict[str, Any] = Field(default={}, examples=[{"harms": "aim"}])
    texts: dict[str, str] = Field(default={}, examples=[{"text": "Accounting needs a receipt."}])


class ElectorView(BaseModel):
    """One voter of the frozen electorate."""

    member: Named
    pseudonym: str = Field(description="As the journal knows them.", examples=["s:fQk3"])
    college: str = Field(default="", description="Voting college at admission.", examples=[_ID])
    has_left: bool = Field(examples=[False])
