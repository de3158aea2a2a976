"""How a request runs: body first, then one transaction around the whole of it, then the answer.

An endpoint gets its session with :data:`Read` or :data:`Write`. The transaction opens around handler *and*
serialisation, and is committed before the answer leaves: a failing commit is a 500 and leaves no trace.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.foundation import bodies, idempotency
from app.foundation.database import Database, retried
from app.foundation.errors import Stale
from app.foundation.permissions import Scope
from app.foundation.problems import PROBLEMS

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class GovernedRoute(APIRoute):
    """A route whose unsafe methods run in one transaction, retried when a neighbour's made it fail."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        is_safe = self.methods is not None and self.methods <= _SAFE
        shares = getattr(self.endpoint, "shares_transaction", False)
        asks = getattr(self.endpoint, "changes_nothing", False)

        async def handle_governed(request: Request) -> Response:
            bodies.require_plain_address(request)
            if is_safe:
                return await handle(request)
            body = await request.body()  # nobody holds the writer while a slow client is still sending
            if self.body_field is not None:
                bodies.require_json(request, body)
                bodies.require_text(body)
            if asks or (shares and not idempotency.has_key(request)):
                return await handle(request)
            try:
                return await retried(lambda: _once(request, handle))
            except StaleDataError as error:
                raise Stale from error

        return handle_governed


async def _once(request: Request, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    database: Database = request.app.state.database
    async with database.write() as session:
        request.state.session = session
        with idempotency.in_flight(request):
            try:
                response = await handle(request)
            except idempotency.Replay as replay:
                return replay.response
            await idempotency.keep(session, request, response)
    return response


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.read() as session:
        yield session


async def _writing(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


Read = Annotated[AsyncSession, Depends(_reading, scope="function")]
Write = Annotated[AsyncSession, Depends(_writing)]


def room(tag: str, **options: Any) -> APIRouter:
    """The router of a room: every route of it is governed, and documents its problems."""
    return APIRouter(
        route_class=GovernedRoute,
        tags=[tag],
        responses=PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
        **options,
    )


def open_rooms(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Give ``app`` the routes of the rooms, those that are asked most first: routes are tried in order."""
    app.router.routes.extend(route for router in routers for route in router.routes)


def permits(permission: str, scope: Scope) -> Callable[[Endpoint], Endpoint]:
    """States which permission an endpoint's action asks for and which scope a credential needs.

    ``public`` needs neither; the action itself asks the charter, so that no other way in can forget it.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.permission = permission  # type: ignore[attr-defined]
        endpoint.scope = scope  # type: ignore[attr-defined]
        return endpoint

    return mark


def public(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint that anybody may call without signing in."""
    endpoint.permission = "public"  # type: ignore[attr-defined]
    endpoint.scope = None  # type: ignore[attr-defined]
    return endpoint


def shares_transaction(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint whose writes join those of concurrent requests in one transaction (group commit).

    A request with an ``Idempotency-Key`` gets a transaction of its own all the same: it must hold the kept answer.
    """
    endpoint.shares_transaction = True  # type: ignore[attr-defined]
    return endpoint


def changes_nothing(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint that answers a question too long for an address: a POST that reads, and holds no transaction.

    It is always safe to repeat: an ``Idempotency-Key`` is taken, and nothing is kept under it.
    """
    endpoint.changes_nothing = True  # type: ignore[attr-defined]
    return endpoint
