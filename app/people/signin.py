"""Who is calling: one look at the credential on every request, before anything else is asked of the database."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from app.foundation import idempotency
from app.foundation.errors import Forbidden, Unauthenticated
from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.people import tokens
from app.people.doorkeeper import Doorkeeper, Holder
from app.people.tables import CredentialKind

COOKIE: Final = "__Host-cercle_session"
PLAIN_COOKIE: Final = "cercle_session"
"""The cookie's name over http, where browsers refuse the ``__Host-`` prefix: on a machine of one's own."""

_SCOPES: Final = {scope.value: scope for scope in Scope}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NOTED_EVERY: Final = timedelta(hours=1)


class CredentialUnknown(Unauthenticated):
    """No credential of this service reads like that, or it is a link, which opens sessions and nothing else."""

    code = "credential_unknown"


class CredentialExpired(Unauthenticated):
    code = "credential_expired"


class CredentialEnded(Unauthenticated):
    """It was revoked, signed out, or ended with the departure of its holder."""

    code = "credential_ended"


class MemberSuspendedNow(Unauthenticated):
    """A suspended member takes no part until reinstated."""

    code = "member_suspended"


class MemberGone(Unauthenticated):
    """Somebody who has left the organisation is no caller of it any more."""

    code = "member_left"


class ScopeMissing(Forbidden):
    """The credential was made for less than this; ``scope`` names what it lacks."""

    code = "scope_missing"


class CrossSite(Forbidden):
    """Another site may be using the browser's cookie behind its owner's back (cross-site request forgery)."""

    code = "cross_site"


class SignIn(SecurityBase):
    """The dependency that turns a bearer token, or the browser's session cookie, into an :class:`Actor`."""

    def __init__(self) -> None:
        self.model = BearerModel(description="A session or a personal access token: `cercle_ses_…`, `cercle_pat_…`.")
        self.scheme_name = "credential"

    async def __call__(self, request: Request) -> Actor:
        """Whoever is calling.

        Raises Unauthenticated (401) for no or no valid credential and for members who are not active, CrossSite and
        ScopeMissing (403), TooOften (429), and what ``idempotency.claim`` raises.
        """
        secret = _presented(request)
        now: datetime = request.app.state.clock.now()
        row = await _holder(request.app.state.doorkeeper, secret)
        _check(row, now)
        await request.app.state.limiter.spend(row.id)
        scopes = frozenset(_SCOPES[one] for one in row.scopes)
        _check_scope(request, scopes)
        session = getattr(request.state, "session", None)
        if session is not None:
            await idempotency.claim(
                session, request, organisation_id=row.organisation_id, principal=row.id.hex, now=now
            )
        if row.last_used_at is None or now - row.last_used_at >= _NOTED_EVERY:
            request.app.state.doorkeeper.note_use(row.digest, now)
        steward = row.steward and Scope.STEWARD in scopes
        in_session = tokens.kind_of(secret) is CredentialKind.SESSION
        return Actor(row.organisation_id, row.pseudonym, row.member_id, steward, scopes, row.id, in_session)


async def _now(request: Request) -> datetime:
    found: datetime = request.app.state.clock.now()
    return found


Caller = Annotated[Actor, Depends(SignIn())]
Now = Annotated[datetime, Depends(_now)]


def require_same_site(request: Request) -> None:
    """Refuse what a page of another site sends through this browser; raises CrossSite (403).

    Browsers say where a request comes from in ``Sec-Fetch-Site``; those that do not still send ``Origin``.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    here = {request.app.state.settings.public_url, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if request.headers.get("origin") not in {_origin(one) for one in here}:
        raise CrossSite


def require_same_site_of_browsers(request: Request) -> None:
    """The same where no cookie is asked for: programs, which say nothing of a site, may pass. Raises CrossSite."""
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        require_same_site(request)


async def spend_sign_in(request: Request, *emails: str) -> None:
    """Count a sign-in attempt against the caller's address, and against each e-mail. Raises TooManySignIns (429)."""
    address = request.client.host if request.client else "unknown"
    await request.app.state.limiter.spend_sign_in(f"from {address}", *(f"for {one.lower()}" for one in emails))


def give_cookie(request: Request, response: Response, secret: str, seconds: int) -> None:
    """Leave the session with the browser, where no script can read it and no other site can send it along."""
    name = session_cookie(request)
    response.set_cookie(name, secret, max_age=seconds, secure=name == COOKIE, httponly=True, samesite="lax")


def forget_cookie(request: Request, response: Response) -> None:
    """Take the session back from the browser."""
    name = session_cookie(request)
    response.delete_cookie(name, secure=name == COOKIE, httponly=True, samesite="lax")


def session_cookie(request: Request) -> str:
    """The name that this installation's session cookie has."""
    return COOKIE if request.app.state.settings.public_url.startswith("https:") else PLAIN_COOKIE


def _presented(request: Request) -> str:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(headers=_challenge())
        return secret.strip()
    cookie = request.cookies.get(session_cookie(request))
    if cookie is None:
        raise Unauthenticated(headers=_challenge())
    if request.method not in _SAFE:
        require_same_site(request)
    return cookie


async def _holder(doorkeeper: Doorkeeper, secret: str) -> Holder:
    if tokens.kind_of(secret) not in {CredentialKind.SESSION, CredentialKind.TOKEN}:
        raise CredentialUnknown(headers=_challenge(invalid=True))
    row = await doorkeeper.holder(tokens.digest(secret))
    if row is None:
        raise CredentialUnknown(headers=_challenge(invalid=True))
    return row


def _check(row: Holder, now: datetime) -> None:
    refusal: type[Unauthenticated] | None = None
    if row.status == MemberStatus.LEFT:
        refusal = MemberGone
    elif row.status == MemberStatus.SUSPENDED:
        refusal = MemberSuspendedNow
    elif row.ended_at is not None:
        refusal = CredentialEnded
    elif row.expires_at is not None and row.expires_at <= now:
        refusal = CredentialExpired
    if refusal is not None:
        raise refusal(headers=_challenge(invalid=True))


def _check_scope(request: Request, scopes: frozenset[Scope]) -> None:
    needed: Scope | None = request.scope["route"].endpoint.scope
    if needed is not None and needed not in scopes:
        raise ScopeMissing(
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed.value}"'},
            scope=needed.value,
        )


def _challenge(*, invalid: bool = False) -> dict[str, str]:
    """RFC 6750 section 3: how to authenticate, and whether what came was no good."""
    return {"WWW-Authenticate": 'Bearer error="invalid_token"' if invalid else "Bearer"}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
