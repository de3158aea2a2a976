"""The shapes in which the log travels."""

from typing import Any

from pydantic import BaseModel, Field

_HASH = "w8vXv2rj3mJcQ0n0J9S0m4m3hN5z8zv0Qv1b3nq9h2E"
_LEAF = '{"actor":"s:fQk3","at":"2026-03-04T05:06:07.123456Z","data":{},"seq":0,"stream":"organisation"}'


class LogView(BaseModel):
    """An organisation's log as a whole."""

    origin: str = Field(description="The log's name, which stands in every leaf.", examples=["coop.example/log/coop/1"])
    size: int = Field(description="How many events have their index: 0 to size - 1, without a gap.", examples=[128])
    pending: int = Field(description="Events that are committed and wait for an index.", examples=[0])


class DisclosedView(BaseModel):
    """What a digest in the leaf stands for."""

    disclosure: str = Field(
        description="The disclosure as it is hashed.", examples=["WyJzYWx0IiwibmFtZSIsIkdlc3Rpb24iXQ"]
    )
    name: str = Field(description="The field that it discloses.", examples=["name"])
    value: Any = Field(description="The field's value.", examples=["Gestion"])


class LogEventView(BaseModel):
    """One event of the log, checkable by itself and against the others of its stream."""

    idx: int = Field(description="Its place in the log.", examples=[17])
    leaf: str = Field(description="The exact text that is hashed, in UTF-8.", examples=[_LEAF])
    envelope: dict[str, Any] = Field(description="The same, parsed.", examples=[{"seq": 0, "stream": "organisation"}])
    leaf_hash: str = Field(description="SHA-256 of a zero byte and the leaf, base64url.", examples=[_HASH])
    disclosures: list[DisclosedView] = Field(description="What the caller may read of what the leaf only commits to.")
    withheld: int = Field(description="Disclosures that the caller may not read now.", examples=[0])
    erased: int = Field(description="Digests whose disclosure does not exist any more.", examples=[0])


class LogPage(BaseModel):
    """A stretch of the log; ``next`` is the ``after`` of the following one, null at the end."""

    items: list[LogEventView] = Field(description="Events in the order of the log.")
    next: int | None = Field(description="Pass it as `after` to read on.", examples=[49])
