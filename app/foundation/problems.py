"""Every refusal leaves as ``application/problem+json`` (RFC 9457), in the caller's language, from one place."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from app.foundation.errors import (
    Fault,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    UnsupportedMedia,
)
from app.foundation.ids import uuid7
from app.foundation.language import Language, has_text, negotiate, text
from app.foundation.permissions import in_words

MEDIA_TYPE = "application/problem+json"
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_log = logging.getLogger("cercle.problems")


_MEANINGS: Final = {
    400: "The request could not be read.",
    401: "Nobody known is calling.",
    403: "The caller may not; the problem names the missing right.",
    404: "It does not exist for this caller.",
    409: "Not now: the state of things forbids it; the problem says why.",
    412: "A newer version exists.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request cannot be right as written; each fault has a pointer.",
    428: "If-Match is missing.",
    429: "Too often; Retry-After says when to come back.",
    500: "An unforeseen error; nothing was changed.",
}


def problem_answer(meaning: str) -> dict[str, Any]:
    """How the API's document shows a problem."""
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: problem_answer(meaning) for status, meaning in _MEANINGS.items()
}


class FaultView(BaseModel):
    """One fault of a request."""

    pointer: str = Field(
        description="JSON pointer to the faulty part, from the root of the request.", examples=["/body/title"]
    )
    code: str = Field(description="Stable code of the fault.", examples=["string_too_short"])
    detail: str = Field(description="What would be right.", examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """A refusal: what was refused, by which rule, and what would be right. Nothing was changed."""

    type: str = Field(description="Stable address of the page that explains it.", examples=["/problems/not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is nothing here that you may see."])
    instance: str = Field(description="The path that was asked for.", examples=["/v1/proposals/0198c1d2"])
    request_id: str = Field(
        description="Name it when you ask the operator.", examples=["0198c1d2-5b7e-7000-8000-000000000000"]
    )
    errors: list[FaultView] = Field(default=[], description="The faults, when several can be named.")
    facts: dict[str, Any] = Field(default={}, description="Exact figures and codes behind the sentence.", examples=[{}])


def install(app: FastAPI) -> None:
    """Make ``app`` answer every refusal, and every unforeseen error, as a problem."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        return problem(request, cast(Refusal, error))

    async def malformed(request: Request, error: Exception) -> JSONResponse:
        return problem(request, Invalid(faults=faults(cast(RequestValidationError, error).errors())))

    async def by_protocol(request: Request, error: Exception) -> JSONResponse:
        return problem(request, _from_protocol(request, cast(StarletteHTTPException, error)))

    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # nobody is there to read it

    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        _log.error("unforeseen error at %s %s", request.method, request.url.path, exc_info=error)
        return _render(request, 500, "internal", {}, (), {})

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(StarletteHTTPException, by_protocol)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, unforeseen)


def problem(request: Request, refusal: Refusal) -> JSONResponse:
    """The answer for one refusal."""
    return _render(request, refusal.status, refusal.code, refusal.facts, refusal.faults, refusal.headers)


def faults(errors: Sequence[Mapping[str, Any]], root: str = "") -> list[Fault]:
    """pydantic's errors as faults with JSON pointers; a body that is no JSON has no parts to point at."""
    return [
        Fault(
            root + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in _where(error)),
            error["type"],
            {**error.get("ctx", {}), "message": error["msg"]},
        )
        for error in errors
    ]


def _where(error: Mapping[str, Any]) -> Sequence[int | str]:
    found: Sequence[int | str] = error["loc"]
    return found[:1] if error["type"] == "json_invalid" else found


def language_of(request: Request) -> Language:
    """The language that the caller asked for, else the installation's."""
    return negotiate(request.headers.get("accept-language"), request.app.state.settings.language)


def request_id(request: Request) -> str:
    """The request's name in logs and problems."""
    if not hasattr(request.state, "request_id"):
        request.state.request_id = str(uuid7())
    found: str = request.state.request_id
    return found


def _from_protocol(request: Request, error: StarletteHTTPException) -> Refusal:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound()
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _methods(request)
        return MethodNotAllowed(headers={"Allow": ", ".join(allowed)}, allowed=", ".join(allowed))
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge(limit=request.app.state.settings.max_body_bytes)
    if error.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return UnsupportedMedia()
    return Refusal(message=str(error.detail))


def _methods(request: Request) -> list[str]:
    """The methods that this address takes: each is tried, for a router that was included hides its routes."""
    routes: Sequence[BaseRoute] = request.app.router.routes
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


def _render(
    request: Request,
    status: int,
    code: str,
    facts: Mapping[str, object],
    found: Sequence[Fault],
    headers: Mapping[str, str],
) -> JSONResponse:
    language = language_of(request)
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    body = Problem(
        type=f"/problems/{code}",
        title=text(f"title.{code}", language),
        status=status,
        code=code,
        detail=text(f"detail.{code}", language, shown),
        instance=request.url.path,
        request_id=request_id(request),
        errors=[
            FaultView(pointer=fault.pointer, code=fault.code, detail=fault_in_words(fault, language)) for fault in found
        ],
        facts={name: str(value) for name, value in facts.items()},
    )
    always = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    return JSONResponse(body.model_dump(mode="json"), status, {**always, **headers}, MEDIA_TYPE)


def _shown(name: str, value: object, language: Language) -> object:
    """Codes that have a text of their own are said in the caller's words."""
    if name == "needed":
        return in_words(str(value), language)
    if isinstance(value, str):
        for key in (f"{name}.{value}", f"word.{value}"):
            if has_text(key):
                return text(key, language)
    return value


def fault_in_words(fault: Fault, language: Language) -> str:
    """What would be right instead, in the reader's language as far as there is a text for it."""
    key = f"fault.{fault.code}"
    message = str(fault.facts.get("message", fault.code))
    return text(key, language, fault.facts) if has_text(key) else message
