"""What people send is taken as they wrote it or refused where it stands: no name is lost, no text says nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.api.observing import changed, contents
from tests.api.operations import Operation, operations
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
BLANK, ODD, TURNED = "\u200b", "a\x07b", "Ana \u202eaidnaS"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service, for what it says of itself."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data")))


def test_no_request_loses_a_name_that_it_does_not_know(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    sent = {name for operation in _taking(app) for name in _named(operation, app, schemas)}
    assert len(sent) > len(PEOPLE)
    assert sorted(name for name in sent if schemas[name].get("additionalProperties") is not False) == []


async def test_an_unknown_name_has_a_pointer_everywhere(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion")
    ids = dict.fromkeys(
        ("circle_id", "role_id", "member_id", "assignment_id", "agreement_id", "tension_id"), draft["id"]
    )
    before = await contents(world)
    for operation in _taking(world.app):
        address = operation.address({**ids, "proposal_id": draft["id"], "slug": "x", "number": "1"})
        answer = await world.call("Salomé", operation.method, address, {**operation.body, "nmae": 1}, If_Match="*")
        if operation.scope is None or "{" not in operation.path:
            assert answer.status_code == 422, (operation.name, answer.text)
        faults = [one["pointer"] for one in answer.json()["errors"]]
        assert answer.status_code in {404, 409} or "/body/nmae" in faults, (operation.name, answer.text)
    assert changed(before, await contents(world)) == []


@pytest.mark.parametrize("text", [BLANK, ODD, TURNED, " "])
async def test_a_text_that_cannot_be_read_is_refused_where_it_stands(world: World, text: str) -> None:
    path = await world.at_objecting(PEOPLE)
    draft = await world.draft("Ana", "gestion")
    before = await contents(world)
    proposal = {"tension_id": draft["tension_id"], "title": "Refund", "body": "b", "changes": draft["changes"]}
    proposal |= {"review_on": "2027-03-01"}
    tension = {"driver": "d", "example": "e", "requirement": "r"}
    circle = {"slug": "atelier", "name": "Atelier", "aim": "Make.", "parent_id": str(world.circles["gestion"].id)}
    bilal = f"/v1/members/{world.members['Bilal'].id}"
    for who, address, body, field in (
        *(("Ana", "/v1/tensions", tension, field) for field in tension),
        *(("Ana", "/v1/proposals", proposal, field) for field in ("title", "body", "evaluation")),
        ("Salomé", "/v1/members", {"name": "X"}, "name"),
        ("Salomé", "/v1/members", {"name": "X"}, "representative"),
        ("Salomé", "/v1/members", {"name": "X"}, "email"),
        ("Salomé", f"{bilal}/suspension", {}, "reason"),
        ("Salomé", f"{bilal}/departure", {}, "reason"),
        ("Salomé", "/v1/circles", circle, "name"),
        ("Salomé", "/v1/circles", circle, "aim"),
        ("Salomé", "/v1/circles", circle, "slug"),
        ("Ana", "/v1/me/tokens", {"label": "x", "scopes": ["read"]}, "label"),
        ("Bilal", f"{path}/positions", {"value": "objection", "revision": 1, "harms": "aim"}, "text"),
        ("Ana", f"{path}/withdrawal", {}, "text"),
    ):
        answer = await world.call(who, "POST", address, {**body, field: text})
        assert answer.status_code == 422, (address, field, answer.text)
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"/body/{field}"], answer.text
        assert "String should" not in answer.text
    assert changed(before, await contents(world)) == []


def _taking(app: FastAPI) -> list[Operation]:
    return [operation for operation in operations(app) if operation.body is not None]


def _named(operation: Operation, app: FastAPI, schemas: dict[str, Any]) -> Iterator[str]:
    told = app.openapi()["paths"][operation.path][operation.method.lower()]
    waiting: list[Any] = [told["requestBody"]["content"]["application/json"]["schema"]]
    seen: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
            waiting.extend(part.values())
    yield from (name for name in seen if "properties" in schemas[name])
