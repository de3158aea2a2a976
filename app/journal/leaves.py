"""The exact bytes that are hashed: envelope, leaf hash, disclosures. Pure functions, never re-serialised later."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

LARGEST_LEAF = 16_384


class LeafTooLarge(ValueError):
    """A leaf above 16 KiB: longer texts belong in disclosures."""


def canonical(value: Any) -> bytes:
    """Canonical JSON of our profile (sorted keys, compact, UTF-8, no floats): the bytes of RFC 8785."""
    return to_json(_ordered(value))


def _ordered(value: Any) -> Any:
    """The same with the keys of every object in order. Raises TypeError for what this profile does not know."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        names = sorted(value)
        if all(type(one) is str for one in value.values()):  # as the many ballots of a vote are, and in order already
            return value if names == list(value) else {name: value[name] for name in names}
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    raise TypeError(f"a leaf cannot hold {type(value).__name__}")


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def b64url(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def disclose(name: str, value: Any) -> tuple[str, str]:
    """A salted disclosure and its digest (RFC 9901 section 4.2): 128 random bits keep a short value from guessing."""
    text = b64url(canonical([secrets.token_urlsafe(16), name, value]))
    return text, digest(text)


def digest(disclosure: str) -> str:
    """The digest of a disclosure, hashed as it is sent."""
    return b64url(hashlib.sha256(disclosure.encode()).digest())


def opened(disclosure: str) -> tuple[str, Any]:
    """(name, value) of a disclosure."""
    _, name, value = json.loads(base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))
    return name, value


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def envelope(fields: Mapping[str, Any], *, previous: bytes | None, digests: Sequence[str]) -> bytes:
    """The leaf: ``fields`` with the link to the stream's previous leaf and the sorted digests of the disclosures."""
    link = b64url(previous) if previous is not None else None
    leaf = canonical({**fields, "prev": link, "sd": sorted(digests)})
    if len(leaf) > LARGEST_LEAF:
        raise LeafTooLarge(fields["type"])
    return leaf
