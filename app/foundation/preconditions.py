"""ETags (RFC 9110): the version of a row, asked back before anything is replaced."""

from fastapi import Request, Response

from app.foundation.errors import Stale, VersionRequired


def etag(response: Response, version: int) -> None:
    """State the version of what is answered."""
    response.headers["ETag"] = f'"{version}"'


def require_match(request: Request, version: int) -> None:
    """Refuse to replace anything but the version that the caller has read.

    Raises VersionRequired (428) without ``If-Match``, Stale (412) when another version is in force.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise VersionRequired
    wanted = {part.strip() for part in header.split(",")}
    if "*" not in wanted and f'"{version}"' not in wanted:
        raise Stale(current=version)
