"""Signing in with a link, and out: public, and therefore counted per address and per e-mail."""

from fastapi import BackgroundTasks, Request, Response

from app.foundation.permissions import Scope
from app.foundation.routing import Write, permits, public, room
from app.organisations.schemas import MemberRef
from app.people import credentials, links
from app.people.policy import Permission
from app.people.routes.views import organisation_view
from app.people.schemas import LinkOnItsWay, LinkSecret, LinkWanted, SessionOpened
from app.people.signin import (
    Caller,
    Now,
    forget_cookie,
    give_cookie,
    require_same_site_of_browsers,
    spend_sign_in,
)
from app.people.tables import CredentialKind

router = room("sign-in", prefix="/v1")


@router.post("/sign-in-links", status_code=202, summary="Be sent a sign-in link")
@public
async def request_sign_in_link(
    request: Request, wanted: LinkWanted, background: BackgroundTasks, now: Now
) -> LinkOnItsWay:
    """Have a sign-in link sent to your address. The answer is the same, and as fast, whoever you are."""
    await spend_sign_in(request, wanted.email)
    state = request.app.state
    background.add_task(
        links.send_link,
        state.database,
        state.mailer,
        wanted.organisation,
        wanted.email,
        public_url=state.settings.public_url,
        now=now,
    )
    return LinkOnItsWay(minutes=int(credentials.LINK_LASTS.total_seconds()) // 60)


@router.post("/sessions", status_code=201, summary="Sign in with a link's token")
@public
async def open_session(
    request: Request, response: Response, link: LinkSecret, session: Write, now: Now
) -> SessionOpened:
    """Open a session with the token of a sign-in link, which is used up by it.

    The session comes as a token for programs and as a cookie for browsers.
    """
    require_same_site_of_browsers(request)
    await spend_sign_in(request)
    opened = await credentials.open_session(session, link.token, now=now)
    give_cookie(request, response, opened.issued.secret, int(credentials.SESSION_LASTS.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = "/v1/sessions/current"
    return SessionOpened(
        token=opened.issued.secret,
        expires_at=now + credentials.SESSION_LASTS,
        member=MemberRef(id=opened.member.id, name=opened.member.name),
        organisation=organisation_view(opened.organisation),
    )


@router.delete("/sessions/current", status_code=204, summary="Sign out")
@permits(Permission.END_OWN_CREDENTIAL, Scope.READ)
async def close_current_session(request: Request, response: Response, caller: Caller, session: Write, now: Now) -> None:
    """End the session in use, at once and everywhere."""
    await credentials.end_own(session, CredentialKind.SESSION, caller.credential_id, actor=caller, now=now)
    forget_cookie(request, response)
