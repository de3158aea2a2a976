"""The page behind a sign-in link: one button, for mail scanners open every address and press none."""

from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.foundation.errors import Refusal
from app.foundation.language import text
from app.foundation.problems import language_of
from app.foundation.routing import Write, public, room
from app.people import credentials
from app.people.pages import HEADERS, button_page, message_page
from app.people.signin import Now, give_cookie, require_same_site, spend_sign_in

router = room("sign-in", include_in_schema=False)


@router.get("/sign-in", response_class=HTMLResponse)
@public
async def show_sign_in(request: Request, token: str = "") -> HTMLResponse:
    """The page with the button; opening it uses nothing up."""
    language = language_of(request)
    body = button_page(language, token) if token else message_page(language, text("page.no_token", language))
    return HTMLResponse(body, headers=HEADERS)


@router.post("/sign-in", response_class=HTMLResponse)
@public
async def sign_in_by_form(request: Request, session: Write, now: Now) -> Response:
    """What the button sends: opens the session and leaves its cookie with the browser."""
    language = language_of(request)
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    try:
        require_same_site(request)
        await spend_sign_in(request)
        opened = await credentials.open_session(session, form.get("token", [""])[0], now=now)
    except Refusal as refusal:
        said = text(f"detail.{refusal.code}", language, refusal.facts)
        return HTMLResponse(message_page(language, said), refusal.status, {**refusal.headers, **HEADERS})
    facts = {"name": opened.member.name, "organisation": opened.organisation.name}
    answer = HTMLResponse(message_page(language, text("page.signed_in", language, facts)), headers=HEADERS)
    give_cookie(request, answer, opened.issued.secret, int(credentials.SESSION_LASTS.total_seconds()))
    return answer
