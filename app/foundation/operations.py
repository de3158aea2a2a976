"""For operators, and for whoever looks a problem up: is the process alive, is it ready, what does a code mean."""

import re
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from app.foundation import jobs, migrations
from app.foundation.database import Database
from app.foundation.errors import NotFound, Refusal, every_refusal
from app.foundation.language import LANGUAGES, Language, has_text, text
from app.foundation.pages import html_page
from app.foundation.problems import language_of, problem_answer
from app.foundation.routing import open_rooms, public, room


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class NotReady(Refusal):
    """The service cannot do its work now."""

    status = 503
    code = "not_ready"


class DatabaseSilent(NotReady):
    """The database does not answer."""

    code = "database_silent"


class SchemaBehind(NotReady):
    """The database has not been migrated to the revision that this version needs."""

    code = "schema_behind"


class SchemaAhead(NotReady):
    """The database was migrated by a newer version: this one must not write in it."""

    code = "schema_ahead"


class Readiness(BaseModel):
    """That requests can be served: the database answers, its schema is the one needed; and whether jobs are late."""

    status: str = Field(examples=["ready"])
    database: str = Field(examples=["ok"])
    revision: str = Field(description="Of the database's schema.", examples=["0001"])
    late_jobs: int = Field(description="Jobs overdue by more than a minute.", examples=[0])
    dead_jobs: int = Field(description="Jobs given up after eight attempts: see `cercle doctor`.", examples=[0])


router = room("operations")
_FACT: Final = re.compile(r"{\w+}")


@router.get("/healthz", summary="Is the process alive?")
@public
async def healthz() -> Health:
    """Whether the process is alive."""
    return Health(status="ok")


@router.get(
    "/readyz",
    responses={503: problem_answer("The database is silent, or its schema is not the one that is needed.")},
    summary="Is the service ready?",
)
@public
async def readyz(request: Request) -> Readiness:
    """Whether the service can do its work; 503 when the database is silent or not at the revision that is needed."""
    database: Database = request.app.state.database
    try:
        async with database.read() as session:
            found = await migrations.revision(session)
            _require_revision(found)
            late = await jobs.counts(session, request.app.state.clock.now())
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseSilent from error
    return Readiness(status="ready", database="ok", revision=str(found), late_jobs=late["late"], dead_jobs=late["dead"])


@router.get("/problems/{code}", response_class=HTMLResponse, summary="Read what a problem means")
@public
async def explain_problem(code: str, request: Request) -> Any:
    """What a problem type means, in English and in French."""
    if not has_text(f"title.{code}"):
        raise NotFound
    status = next((kind.status for kind in every_refusal() if kind.code == code), 500)
    mine = language_of(request)
    [other] = [language for language in LANGUAGES if language != mine]
    said = {language: escape(_without_facts(code, language)) for language in LANGUAGES}
    body = (
        f"<p>{said[mine]}</p><p><code>{status} {code}</code></p>"
        f'<section lang="{other}"><h2>{escape(text(f"title.{code}", other))}</h2><p>{said[other]}</p></section>'
    )
    return HTMLResponse(html_page(mine, text(f"title.{code}", mine), body))


def _without_facts(code: str, language: Language) -> str:
    """What the problem says, with a gap for each fact: only the refusal itself knows them."""
    said = _FACT.sub("…", text(f"detail.{code}", language))
    return f"{said} {text('problem_page.gaps', language)}" if "…" in said else said


def _require_revision(found: str | None) -> None:
    needed = migrations.head()
    if found != needed:
        known = found is None or found in migrations.revisions()
        raise (SchemaBehind if known else SchemaAhead)(found=found or "-", needed=needed)


@router.get("/", include_in_schema=False)
@public
async def welcome() -> RedirectResponse:
    """The front door leads to the documentation of the API."""
    return RedirectResponse("/docs")


def install(app: FastAPI) -> None:
    """Add the operators' routes."""
    open_rooms(app, [router])
