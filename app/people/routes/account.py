"""One's own account: who am I, and which sessions and tokens act in my name."""

from uuid import UUID

from fastapi import Request, Response

from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.routing import Read, Write, permits, room
from app.people import credentials, queries
from app.people.policy import Permission
from app.people.routes.views import credential_view, member_view, organisation_view
from app.people.schemas import CredentialView, Me, TokenMade, TokenWanted
from app.people.signin import Caller, Now
from app.people.tables import CredentialKind

router = room("account", prefix="/v1/me")


@router.get("", summary="Who am I")
@permits(Permission.READ_OWN_ACCOUNT, Scope.READ)
async def read_me(caller: Caller, session: Read) -> Me:
    """The member, the organisation and the credential behind this request."""
    found = await queries.account(session, caller)
    return Me(
        member=member_view(found.member, caller),
        organisation=organisation_view(found.organisation),
        credential=credential_view(found.credential, caller),
    )


@router.get("/tokens", summary="List my tokens")
@permits(Permission.READ_OWN_ACCOUNT, Scope.READ)
async def list_my_tokens(
    request: Request, response: Response, caller: Caller, session: Read, cut: Cursor, now: Now
) -> Page[CredentialView]:
    """Your personal access tokens that still open something, oldest first."""
    rows = await queries.own_credentials(
        session, caller, CredentialKind.TOKEN, now=now, after=cut.uuid, limit=cut.limit
    )
    return page(request, response, rows, cut, key=lambda row: row.id, view=lambda row: credential_view(row, caller))


@router.post("/tokens", status_code=201, summary="Make a token")
@permits(Permission.MAKE_OWN_TOKEN, Scope.PARTICIPATE)
async def make_token(response: Response, wanted: TokenWanted, caller: Caller, session: Write, now: Now) -> TokenMade:
    """Make a personal access token. Its secret is shown in this answer only, so no idempotency key replays it."""
    issued = await credentials.make_token(
        session, wanted.scopes, label=wanted.label, expires_at=wanted.expires_at, actor=caller, now=now
    )
    response.headers["Cache-Control"] = "no-store"  # which also keeps the secret out of the kept answers
    response.headers["Location"] = f"/v1/me/tokens/{issued.credential.id}"
    return TokenMade(**credential_view(issued.credential, caller).model_dump(), token=issued.secret)


@router.delete("/tokens/{token_id}", status_code=204, summary="Revoke a token")
@permits(Permission.END_OWN_CREDENTIAL, Scope.PARTICIPATE)
async def revoke_token(token_id: UUID, caller: Caller, session: Write, now: Now) -> None:
    """End one of your tokens at once."""
    await credentials.end_own(session, CredentialKind.TOKEN, token_id, actor=caller, now=now)


@router.get("/sessions", summary="List my sessions")
@permits(Permission.READ_OWN_ACCOUNT, Scope.READ)
async def list_my_sessions(
    request: Request, response: Response, caller: Caller, session: Read, cut: Cursor, now: Now
) -> Page[CredentialView]:
    """Your open sessions, oldest first."""
    rows = await queries.own_credentials(
        session, caller, CredentialKind.SESSION, now=now, after=cut.uuid, limit=cut.limit
    )
    return page(request, response, rows, cut, key=lambda row: row.id, view=lambda row: credential_view(row, caller))


@router.delete("/sessions/{session_id}", status_code=204, summary="End a session")
@permits(Permission.END_OWN_CREDENTIAL, Scope.PARTICIPATE)
async def end_my_session(session_id: UUID, caller: Caller, session: Write, now: Now) -> None:
    """End one of your sessions at once, wherever it is open."""
    await credentials.end_own(session, CredentialKind.SESSION, session_id, actor=caller, now=now)
