"""The shape of a secret: a prefix that says what it is, 256 random bits, and a check that catches typing errors."""

import hashlib
import re
import secrets
import zlib
from typing import Final

from app.people.tables import CredentialKind

_PREFIXES: Final = {
    CredentialKind.SESSION: "cercle_ses_",
    CredentialKind.TOKEN: "cercle_pat_",
    CredentialKind.LINK: "cercle_link_",
}
_SHAPE: Final = re.compile(r"(cercle_(?:ses|pat|link)_[A-Za-z0-9_-]{43})([0-9a-f]{8})")
_KINDS: Final = {prefix: kind for kind, prefix in _PREFIXES.items()}


def new_secret(kind: CredentialKind) -> str:
    """A new secret of that kind. Whoever holds it is taken for the member: it is shown once and never stored."""
    body = _PREFIXES[kind] + secrets.token_urlsafe(32)
    return body + _check(body)


def kind_of(secret: str) -> CredentialKind | None:
    """What a secret claims to be; None for anything that this service cannot have made."""
    shape = _SHAPE.fullmatch(secret)
    if shape is None or shape[2] != _check(shape[1]):
        return None
    return _KINDS[shape[1][:-43]]


def digest(secret: str) -> str:
    """What is stored: SHA-256. With 256 random bits there is nothing to guess, so nothing to slow down."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
