"""The reference tells the truth, whole: it is generated from the program, committed, and compared here."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.foundation.permissions import Scope
from app.foundation.problems import MEDIA_TYPE
from app.main import create_app
from app.settings import Settings
from tests.api.operations import operations
from tests.markdown import REGENERATE
from tests.reference import charters, documents, refusals


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()


def test_what_is_committed_is_what_the_program_says() -> None:
    for path, content in documents().items():
        committed = path.read_text("utf-8") if path.exists() else ""
        assert committed == content, f"{path.name} is not up to date: run `{REGENERATE}`"


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="OPENAPI NOT VALIDATED: the validator is missing")
    assert document["openapi"].startswith("3.1")
    validator.validate(json.loads(json.dumps(document)))


def test_every_operation_has_one_clean_name_and_words(document: dict[str, Any]) -> None:
    told = [operation for _, _, operation in _operations(document)]
    names = [operation["operationId"] for operation in told]
    assert len(set(names)) == len(names)
    assert not [name for name in names if not name.isidentifier() or name != name.lower() or "v1" in name]
    assert not [one["operationId"] for one in told if not (one.get("summary") and one.get("description"))]
    assert not [name for name, one in zip(names, told, strict=True) if one["summary"] == name.replace("_", " ").title()]
    assert not [one["operationId"] for one in told if len(one["tags"]) != 1 or "security" not in one]
    known = {tag["name"] for tag in document["tags"]}
    assert {tag for one in told for tag in one["tags"]} == known, "a tag without words, or words without a tag"


def test_it_is_of_this_version_and_its_words_are_markdown(document: dict[str, Any]) -> None:
    assert document["info"]["version"] == version("cercle")
    assert "``" not in json.dumps(document)


def test_every_operation_documents_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        where = f"{method} {path}"
        answers = operation["responses"]
        problems = {status for status, answer in answers.items() if MEDIA_TYPE in answer.get("content", {})}
        assert "500" in problems, where
        if operation["security"]:
            assert problems >= {"401", "403", "429"}, where
        if "requestBody" in operation:
            assert problems >= {"400", "409", "413", "415", "422"}, where
        if method == "put":
            assert problems >= {"412", "428"}, where
        if "{" in path:
            assert "404" in problems, where
        for status in problems:
            schema = answers[status]["content"][MEDIA_TYPE]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, where
            assert answers[status]["description"], where


def test_every_status_of_a_refusal_has_a_place_in_the_document(document: dict[str, Any]) -> None:
    told = {status for _, _, operation in _operations(document) for status in operation["responses"]}
    never_from_an_operation = {str(HTTPStatus.METHOD_NOT_ALLOWED.value)}
    assert {str(refusal.status) for refusal in refusals()} <= told | never_from_an_operation


def test_every_schema_has_words_and_every_field_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert [f"{name}.{part}" for name, schema in schemas.items() for part in _without_example(schema)] == []


def test_every_parameter_has_words(document: dict[str, Any]) -> None:
    wordless = [
        f"{method} {path} {parameter['name']}"
        for path, method, operation in _operations(document)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert wordless == []


def test_every_way_in_but_the_public_ones_names_its_scope(tmp_path: Path) -> None:
    public = {one.name for one in operations(create_app(Settings(data_dir=tmp_path))) if one.scope is None}
    assert public == {"healthz", "readyz", "explain_problem", "request_sign_in_link", "open_session"}
    assert {one.scope for one in operations(create_app(Settings(data_dir=tmp_path)))} == {None, *Scope}


def test_every_right_of_every_room_is_in_the_charter_in_both_languages() -> None:
    rooms = dict(charters())
    known = {"organisations", "people", "circles", "roles", "agreements", "delegations", "proposals", "audit"}
    assert rooms.keys() >= known
    for room, charter in rooms.items():
        permissions = {type(permission) for permission in charter}
        assert len(permissions) == 1
        assert set(charter) == set(permissions.pop()), f"a right of {room} belongs to nobody"
        for question in charter.values():
            assert question.say("en") != question.say("fr"), room


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _without_example(schema: dict[str, Any]) -> Iterator[str]:
    if schema.get("examples"):
        return
    for name, part in schema.get("properties", {}).items():
        told = any(key in part for key in ("examples", "example", "enum", "const", "$ref"))
        nested = [part.get("items", {}), *part.get("anyOf", ()), *part.get("oneOf", ())]
        if not told and not any("$ref" in one for one in nested):
            yield name
