"""The API's reference: the OpenAPI document, and Swagger UI served from the package."""

from importlib import resources
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.foundation.problems import PROBLEMS, Problem
from app.foundation.routing import public

DESCRIPTION: Final[dict[str, Any]] = {
    "title": "Cercle",
    "version": version("cercle"),
    "summary": "Cooperatives share the power to decide.",
    "description": (
        "Circles, roles, proposals, consent and votes under pluggable decision rules, and a journal that anybody "
        "entitled can verify.\n\n"
        "Send a token as `Authorization: Bearer cercle_pat_...`; it belongs to one member of one organisation. "
        "Refusals are problems (RFC 9457) in English or French, by `Accept-Language`, and change nothing. "
        "Lists are read with `cursor` and `limit`. Replacing needs `If-Match`. "
        "Every POST accepts an `Idempotency-Key`. What can be done now is in `available_steps`."
    ),
    "license_info": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "servers": [{"url": "/", "description": "This installation"}],
    "openapi_tags": [
        {"name": "tensions", "description": "Felt gaps between what is and what could be: what proposals answer."},
        {"name": "proposals", "description": "Texts put to decision, and the steps around them."},
        {
            "name": "deliberation",
            "description": "What is said and cast while a proposal is decided, and what came of it.",
        },
        {"name": "agreements", "description": "The register of what was decided."},
        {"name": "circles", "description": "Circles, their domains, members and decision rules."},
        {"name": "roles", "description": "Roles of a circle and the mandates of those who fill them."},
        {"name": "proxies", "description": "Who votes for whom."},
        {"name": "members", "description": "The organisation, its members and their legal categories."},
        {"name": "colleges", "description": "Voting colleges, as the general meeting has set them."},
        {"name": "rules", "description": "Decision rules that are installed."},
        {"name": "log", "description": "The log of everything that was decided."},
        {"name": "sign-in", "description": "Signing in by a link sent by e-mail."},
        {"name": "account", "description": "The caller: sessions and tokens."},
        {"name": "operations", "description": "For operators."},
    ],
}

_OF_CHANGES: Final = frozenset({"412", "413", "415", "428"})
_PARAMETERS: Final = {"slug": "The organisation's short name.", "code": "The problem's code."}
_FILES: Final = "/static/swagger-ui"
# Groups are folded, so that a hundred operations fit on a screen; what can be tried can be tried at once.
_SHOWN: Final = {"docExpansion": "none", "defaultModelsExpandDepth": 0, "tryItOutEnabled": True}


def install(app: FastAPI) -> None:
    """Serve the document at ``/openapi.json`` and Swagger UI at ``/docs``, without any other host."""
    folder = resources.files("swagger_ui_bundle") / "vendor"
    [bundled] = [one for one in folder.iterdir() if one.name.startswith("swagger-ui")]
    app.mount(_FILES, StaticFiles(directory=str(bundled)), name="swagger-ui")
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _mended(made())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    @public
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="The API of Cercle",
            swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{_FILES}/swagger-ui.css",
            swagger_favicon_url=f"{_FILES}/favicon-32x32.png",
            swagger_ui_parameters=_SHOWN,
        )
        return HTMLResponse(bytes(page.body).decode().replace("<html>", '<html lang="en">', 1))


def _mended(document: dict[str, Any]) -> dict[str, Any]:
    """Problems are one schema, the framework's own error shape, which is never sent, is not in the document, what the
    framework leaves without a word is described, and an operation stands in one group and says who may call it."""
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, schema in schemas.items():
        if name.startswith("Page_"):
            schema["description"] = "One page of a list."
    for path in document["paths"].values():
        for method, operation in path.items():
            operation["responses"] = _answers(method, operation["responses"])
            operation["tags"] = operation["tags"][-1:]  # its own tag comes after that of its room
            operation.setdefault("security", [])
            for parameter in operation.get("parameters", []):
                parameter.setdefault("description", _named(parameter["name"]))
    mended: dict[str, Any] = _in_markdown(document)
    return mended


def _in_markdown(part: Any) -> Any:
    """Descriptions come from docstrings, where code stands between double backticks."""
    if isinstance(part, dict):
        return {name: _in_markdown(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [_in_markdown(inner) for inner in part]
    return part.replace("``", "`") if isinstance(part, str) else part


def _answers(method: str, told: dict[str, Any]) -> dict[str, Any]:
    """Only what the method can be answered: reading replaces nothing, and a body is sent to be taken in."""
    answers = {status: answer for status, answer in told.items() if method != "get" or status not in _OF_CHANGES}
    if "application/json" in answers.get("422", {}).get("content", {}):
        answers["422"] = PROBLEMS[422]
    return answers


def _named(parameter: str) -> str:
    return _PARAMETERS.get(parameter, f"The id of the {parameter.removesuffix('_id')}.")
