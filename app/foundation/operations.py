"""For operators, and for whoever looks a problem up: is the process alive, is it ready, what does a code mean."""

from html import escape
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from app.foundation import jobs
from app.foundation.database import Database
from app.foundation.errors import NotFound, every_refusal
from app.foundation.language import LANGUAGES, has_text, text
from app.foundation.pages import html_page
from app.foundation.problems import language_of
from app.foundation.routing import open_rooms, public, room


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """Whether requests can be served: the database answers and jobs are not late."""

    status: str = Field(examples=["ready"])
    database: str = Field(examples=["ok"])
    late_jobs: int = Field(description="Jobs overdue by more than a minute.", examples=[0])
    dead_jobs: int = Field(description="Jobs given up after eight attempts: see `cercle doctor`.", examples=[0])


router = room("operations")


@router.get("/healthz")
@public
async def healthz() -> Health:
    """Whether the process is alive."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready to serve."}})
@public
async def readyz(request: Request, response: Response) -> Readiness:
    """Whether the service can do its work; 503 when the database does not answer."""
    database: Database = request.app.state.database
    try:
        async with database.read() as session:
            await session.execute(sql("SELECT 1"))
            late = await jobs.counts(session, request.app.state.clock.now())
    except (SQLAlchemyError, OSError):
        response.status_code = 503
        return Readiness(status="unavailable", database="no answer", late_jobs=0, dead_jobs=0)
    return Readiness(status="ready", database="ok", late_jobs=late["late"], dead_jobs=late["dead"])


@router.get("/problems/{code}", response_class=HTMLResponse)
@public
async def explain_problem(code: str, request: Request) -> Any:
    """What a problem type means, in English and in French."""
    if not has_text(f"title.{code}"):
        raise NotFound
    status = next((kind.status for kind in every_refusal() if kind.code == code), 500)
    mine = language_of(request)
    [other] = [language for language in LANGUAGES if language != mine]
    said = {language: escape(text(f"detail.{code}", language)) for language in LANGUAGES}
    body = (
        f"<p>{said[mine]}</p><p><code>{status} {code}</code></p>"
        f'<section lang="{other}"><h2>{escape(text(f"title.{code}", other))}</h2><p>{said[other]}</p></section>'
    )
    return HTMLResponse(html_page(mine, text(f"title.{code}", mine), body))


@router.get("/", include_in_schema=False)
@public
async def welcome() -> RedirectResponse:
    """The front door leads to the documentation of the API."""
    return RedirectResponse("/docs")


def install(app: FastAPI) -> None:
    """Add the operators' routes."""
    open_rooms(app, [router])
