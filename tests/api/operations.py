"""Every operation of the API with a request that would be right, made from its own documentation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.foundation.permissions import Scope


@dataclass(frozen=True, slots=True)
class Operation:
    """One way in: ``scope`` is None where nobody needs to sign in, ``body`` an example of what it takes."""

    method: str
    path: str
    scope: Scope | None
    body: Any
    answers: Mapping[str, Any]
    name: str

    @property
    def is_public(self) -> bool:
        return self.scope is None

    def address(self, ids: Mapping[str, str]) -> str:
        """The path with each parameter filled in."""
        return self.path.format_map(ids)


def operations(app: FastAPI) -> list[Operation]:
    """All operations in the document, with the scope that their endpoint asks for."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    endpoints = {route.name: route.endpoint for route in _endpoints(app.routes)}
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            name = told["operationId"]
            content = told.get("requestBody", {}).get("content", {})
            body = example(content["application/json"]["schema"], schemas) if content else None
            scope = getattr(endpoints[name], "scope", None)
            found.append(Operation(method.upper(), path, scope, body, told["responses"], name))
    return found


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value that the schema's own examples, constants and defaults make up; required parts alone are filled in."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    variants = schema.get("anyOf") or schema.get("oneOf")
    return example(variants[0], schemas) if variants else _plain_example(schema, schemas)


def _plain_example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {name: example(one, schemas) for name, one in schema["properties"].items() if name in required}
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)] * schema.get("minItems", 0)
    return {"integer": schema.get("minimum", 1), "boolean": True}.get(schema.get("type", ""), "example")


def _endpoints(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        included = getattr(route, "original_router", route)
        yield from _endpoints(getattr(included, "routes", None) or ())
