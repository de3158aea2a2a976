"""The HTTP face of proxies: one's own are read and ended here; one is given where votes are known."""

from uuid import UUID

from fastapi import Request, Response

from app.delegations import actions, queries
from app.delegations.policy import Permission, Standing, require
from app.delegations.schemas import ProxyCapSetting, ProxyCapView, ProxyView
from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.routing import Read, Write, permits, room
from app.organisations.schemas import MemberRef
from app.people.signin import Caller, Now

router = room("proxies", prefix="/v1")


@router.get("/proxies", summary="List one's proxies")
@permits(Permission.READ_PROXIES, Scope.READ)
async def list_proxies(
    caller: Caller, session: Read, request: Request, response: Response, cut: Cursor
) -> Page[ProxyView]:
    """The proxies that you gave and those that you hold, in the order of giving, ended ones included."""
    rows = await queries.own(session, caller, after=cut.uuid, limit=cut.limit)
    return page(request, response, rows, cut, key=lambda row: row.proxy.id, view=proxy_view)


@router.get("/proxies/{proxy_id}", summary="Read a proxy")
@permits(Permission.READ_PROXIES, Scope.READ)
async def get_proxy(proxy_id: UUID, caller: Caller, session: Read) -> ProxyView:
    """One proxy that you gave or hold; the log tells everybody that it was given."""
    return proxy_view(await queries.named(session, await queries.proxy(session, caller, proxy_id)))


@router.post("/proxies/{proxy_id}/revocation", summary="End a proxy")
@permits(Permission.END_PROXY, Scope.PARTICIPATE)
async def revoke_proxy(proxy_id: UUID, caller: Caller, session: Write, now: Now) -> ProxyView:
    """Take back a proxy that you gave, or give up one that you hold.

    A ballot that was cast by it stays, until its giver votes.
    """
    proxy = await queries.proxy(session, caller, proxy_id, held=True)
    await actions.revoke(session, proxy, actor=caller, now=now)
    return proxy_view(await queries.named(session, proxy))


@router.get("/proxy-cap", summary="Read how many proxies one member may hold")
@permits(Permission.READ_PROXY_CAP, Scope.READ)
async def read_proxy_cap(caller: Caller, session: Read, response: Response) -> ProxyCapView:
    """How many proxies one member may hold in one vote, as the statutes have it."""
    require(Permission.READ_PROXY_CAP, Standing(caller))
    so_far, most = await queries.caps_set(session, caller.organisation_id)
    etag(response, so_far)
    return ProxyCapView(most=most)


@router.put("/proxy-cap", summary="Set how many proxies one member may hold")
@permits(Permission.SET_PROXY_CAP, Scope.STEWARD)
async def set_proxy_cap(
    body: ProxyCapSetting, caller: Caller, session: Write, now: Now, request: Request, response: Response
) -> ProxyCapView:
    """Record the number that the statutes name; needs `If-Match`.

    It counts for proxies that are given, and in votes that are let in, from now on. In a SCOP the law's limit stays.
    """
    require(Permission.SET_PROXY_CAP, Standing(caller))
    so_far, _ = await queries.caps_set(session, caller.organisation_id, alone=True)
    require_match(request, so_far)
    await actions.set_cap(session, body.most, actor=caller, now=now)
    etag(response, so_far + 1)
    return ProxyCapView(most=body.most)


def proxy_view(found: queries.Named) -> ProxyView:
    """A proxy as people read it."""
    proxy = found.proxy
    return ProxyView(
        id=proxy.id,
        giver=MemberRef(id=proxy.giver_id, name=found.giver),
        holder=MemberRef(id=proxy.holder_id, name=found.holder),
        circle_id=proxy.circle_id,
        proposal_id=proxy.proposal_id,
        given_at=proxy.given_at,
        until=proxy.until,
        ended_at=proxy.ended_at,
        end_reason=proxy.end_reason,
    )
