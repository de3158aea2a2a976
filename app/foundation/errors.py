"""Refusals: an error is a sentence with a code and facts, defined beside the rule it guards, rendered once.

::

    Refusal            what was asked is not possible; it changes nothing
    |- Unauthenticated  401  nobody known is calling
    |- Forbidden        403  the caller may not
    |- NotFound         404  it does not exist for this caller
    |- Conflict         409  not now: the state of things forbids it
    |- Stale            412  the caller answered an older version
    |- TooLarge         413  the body passes the limit
    |- Invalid          422  the request cannot be right as written
    |- VersionRequired  428  If-Match is missing
    `- TooMany          429  too often
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a request: ``pointer`` is a JSON pointer (RFC 6901), ``code`` names a text with ``facts``."""

    pointer: str
    code: str
    facts: Mapping[str, object]


class Refusal(Exception):
    """Base of all refusals. ``code`` names the problem type and its texts; ``facts`` fill the texts."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None, **facts: object):
        super().__init__(self.code, facts)
        self.facts = facts
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


class Unauthenticated(Refusal):
    status = 401
    code = "unauthenticated"


class Forbidden(Refusal):
    status = 403
    code = "forbidden"


class NotFound(Refusal):
    status = 404
    code = "not_found"


class MethodNotAllowed(Refusal):
    status = 405
    code = "method_not_allowed"


class Conflict(Refusal):
    status = 409
    code = "conflict"


class Stale(Refusal):
    """A newer version exists: read it again, then decide again (RFC 9110 section 13.1.1)."""

    status = 412
    code = "stale"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class UnsupportedMedia(Refusal):
    status = 415
    code = "unsupported_media_type"


class Invalid(Refusal):
    status = 422
    code = "invalid"


class VersionRequired(Refusal):
    """Replacing or deleting needs ``If-Match`` (RFC 6585 section 3)."""

    status = 428
    code = "if_match_required"


class TooMany(Refusal):
    """Called too often (RFC 6585 section 4); ``Retry-After`` says when to come back."""

    status = 429
    code = "too_many_requests"


def every_refusal() -> list[type[Refusal]]:
    """All refusals that are defined, for the documentation and its tests."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return [found[code] for code in sorted(found)]
