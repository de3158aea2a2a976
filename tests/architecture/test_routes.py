"""Every way in asks for a right: an endpoint states its permission, or stands in the short list of public ones."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.main import create_app
from app.settings import Settings
from tests.architecture.exceptions import PUBLIC_ENDPOINTS

PUBLIC = "public"


@pytest.fixture
def application(tmp_path: Path) -> FastAPI:
    return create_app(Settings(data_dir=tmp_path))


def test_every_endpoint_states_its_permission(application: FastAPI) -> None:
    assert sorted(_silent(application.routes)) == []


def test_the_public_endpoints_are_the_named_ones(application: FastAPI) -> None:
    public = {one.endpoint.__name__ for one in _endpoints(application.routes) if _permission(one) == PUBLIC}
    assert public == set(PUBLIC_ENDPOINTS)


def test_no_endpoint_escapes_this_test(application: FastAPI) -> None:
    described = sum(len(operations) for operations in application.openapi()["paths"].values())
    found = [one for one in _endpoints(application.routes) if one.include_in_schema]
    assert described == sum(len(one.methods or ()) for one in found) > 0


def test_an_endpoint_without_permission_would_be_found() -> None:
    inner, outer, application = APIRouter(), APIRouter(), FastAPI()

    @inner.get("/open")
    def forgotten() -> None: ...

    outer.include_router(inner, prefix="/circles")
    application.include_router(outer, prefix="/v1")
    assert list(_silent(application.routes)) == ["test_routes.forgotten"]


def _silent(routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in _endpoints(routes):
        if not _permission(route):
            yield f"{route.endpoint.__module__.rpartition('.')[2]}.{route.endpoint.__name__}"


def _endpoints(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """The endpoints below: a router that was included keeps its routes to itself."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        included = getattr(route, "original_router", route)
        yield from _endpoints(getattr(included, "routes", None) or ())


def _permission(route: APIRoute) -> str:
    return str(getattr(route.endpoint, "permission", ""))
