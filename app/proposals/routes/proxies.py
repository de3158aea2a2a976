"""Giving a proxy over HTTP; one's own proxies are read and ended in their own room."""

from fastapi import Response

from app.delegations.actions import NewProxy
from app.delegations.policy import Permission
from app.delegations.queries import named
from app.delegations.routes import proxy_view
from app.delegations.schemas import ProxyGiving, ProxyView
from app.foundation.permissions import Scope
from app.foundation.routing import Write, permits, room
from app.people.signin import Caller, Now
from app.proposals.actions.proxies import give_proxy as give

router = room("proxies", prefix="/v1")


@router.post("/proxies", status_code=201, summary="Give a proxy")
@permits(Permission.GIVE_PROXY, Scope.PARTICIPATE)
async def give_proxy(body: ProxyGiving, caller: Caller, session: Write, now: Now, response: Response) -> ProxyView:
    """Let another full member of the circle vote for you where the circle's rule allows proxies.

    You may vote yourself all the same: your own ballot counts, and replaces one that was cast for you. Nobody can pass
    on a proxy that they hold.
    """
    new = NewProxy(body.holder_id, body.circle_id, body.proposal_id, body.until)
    proxy = await give(session, new, actor=caller, now=now)
    response.headers["Location"] = f"/v1/proxies/{proxy.id}"
    return proxy_view(await named(session, proxy))
