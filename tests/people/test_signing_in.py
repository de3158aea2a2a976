"""Signing in with a link: it works once and briefly, and tells nobody who has an account."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.foundation.database import Database
from app.people.tables import Credential
from tests.people.cooperative import HERE, ON_SQLITE, Cooperative, application, founded


def _token(cooperative: Cooperative) -> str:
    found = re.findall(r"cercle_link_\S+", cooperative.letters.getvalue())
    return str(found[-1])


async def _ask(cooperative: Cooperative, email: str, slug: str = "ardoise") -> httpx.Response:
    async with cooperative.client() as client:
        return await client.post("/v1/sign-in-links", json={"organisation": slug, "email": email})


async def _open(cooperative: Cooperative, token: str, **headers: str) -> httpx.Response:
    async with cooperative.client(**headers) as client:
        return await client.post("/v1/sessions", json={"token": token})


async def test_a_link_opens_a_session(cooperative: Cooperative) -> None:
    asked = await _ask(cooperative, "Salome@Ardoise.example")
    opened = await _open(cooperative, _token(cooperative))
    assert (asked.status_code, opened.status_code) == (202, 201)
    assert opened.headers["cache-control"] == "no-store"
    assert opened.json()["member"]["name"] == "Salomé Picard"
    assert opened.json()["organisation"]["slug"] == "ardoise"
    async with cooperative.client(Authorization=f"Bearer {opened.json()['token']}") as client:
        me = (await client.get("/v1/me")).json()
    assert me["member"]["email"] == "salome@ardoise.example"
    assert me["credential"]["scopes"] == ["read", "participate", "steward"]


@ON_SQLITE
async def test_the_letter_is_in_the_members_language(cooperative: Cooperative) -> None:
    await _ask(cooperative, "salome@ardoise.example")
    assert "Votre lien de connexion à Ardoise" in cooperative.letters.getvalue()


async def test_nobody_learns_who_has_an_account(cooperative: Cooperative) -> None:
    gone = await cooperative.admit("Théo Vasseur", "theo@ardoise.example")
    async with cooperative.as_(cooperative.steward) as client:
        assert (await client.post(f"/v1/members/{gone.id}/suspension", json={})).status_code == 200
    known = await _ask(cooperative, "salome@ardoise.example")
    written = cooperative.letters.getvalue()
    others = [
        await _ask(cooperative, "nobody@ardoise.example"),
        await _ask(cooperative, "theo@ardoise.example"),
        await _ask(cooperative, "salome@ardoise.example", slug="elsewhere"),
    ]
    assert {(one.status_code, one.text) for one in others} == {(known.status_code, known.text)}
    assert {tuple(sorted(one.headers)) for one in others} == {tuple(sorted(known.headers))}
    assert cooperative.letters.getvalue() == written


@ON_SQLITE
async def test_asking_for_a_link_writes_nothing_before_the_answer(cooperative: Cooperative) -> None:
    answered: list[int] = []

    async def receive() -> dict[str, object]:
        body = b'{"organisation": "ardoise", "email": "salome@ardoise.example"}'
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            answered.append(len(cooperative.letters.getvalue()))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/sign-in-links",
        "raw_path": b"/v1/sign-in-links",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8000")],
        "client": ("127.0.0.1", 1),
    }
    await cooperative.application(scope, receive, send)  # type: ignore[arg-type]
    assert answered == [0]
    assert cooperative.letters.getvalue()


async def test_a_link_works_once(cooperative: Cooperative) -> None:
    link = await cooperative.link(cooperative.steward)
    first, second = await _open(cooperative, link), await _open(cooperative, link)
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (401, "link_used")


async def test_of_many_who_come_at_once_one_is_let_in(cooperative: Cooperative) -> None:
    link = await cooperative.link(cooperative.steward)
    answers = await asyncio.gather(*(_open(cooperative, link) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [201, 401, 401, 401, 401, 401]


async def test_a_link_lives_fifteen_minutes(cooperative: Cooperative) -> None:
    late, in_time = await cooperative.link(cooperative.steward), await cooperative.link(cooperative.steward)
    cooperative.clock.move(timedelta(minutes=15) - timedelta(seconds=1))
    assert (await _open(cooperative, in_time)).status_code == 201
    cooperative.clock.move(timedelta(seconds=1))
    refused = await _open(cooperative, late)
    assert (refused.status_code, refused.json()["code"]) == (401, "link_expired")


async def test_anything_else_opens_nothing(cooperative: Cooperative) -> None:
    session = await cooperative.secret(cooperative.steward)
    for token in ("", "cercle_link_x", session, "é" * 100):
        refused = await _open(cooperative, token)
        assert (refused.status_code, refused.json()["code"]) == (401, "link_unknown")


async def test_a_link_of_somebody_suspended_opens_nothing(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    link = await cooperative.link(member)
    async with cooperative.as_(cooperative.steward) as client:
        await client.post(f"/v1/members/{member.id}/suspension", json={})
    refused = await _open(cooperative, link)
    assert (refused.status_code, refused.json()["code"]) == (401, "member_suspended")


@ON_SQLITE
async def test_too_many_attempts_are_refused(database: Database, tmp_path: Path) -> None:
    cooperative = await founded(application(database, tmp_path, sign_in_rate_limit="3/minute"), "ardoise")
    answers = [await _open(cooperative, "x") for _ in range(4)]
    assert [one.status_code for one in answers] == [401, 401, 401, 429]
    assert answers[3].json()["code"] == "too_many_sign_ins"
    assert answers[3].headers["retry-after"] == "60"
    assert answers[3].headers["ratelimit-policy"] == '"default";q=3;w=60'


@ON_SQLITE
async def test_the_page_opens_without_using_the_link_up(cooperative: Cooperative) -> None:
    link = await cooperative.link(cooperative.steward)
    async with cooperative.client(**{"Accept-Language": "fr"}) as client:
        await client.get("/sign-in", params={"token": link})
        page = await client.get("/sign-in", params={"token": link})
    assert page.status_code == 200
    assert "<button>Se connecter</button>" in page.text
    assert link in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await _open(cooperative, link)).status_code == 201


async def test_the_button_signs_in_without_javascript(cooperative: Cooperative) -> None:
    link = await cooperative.link(cooperative.steward)
    async with cooperative.client(Origin=HERE) as client:
        page = await client.post("/sign-in", data={"token": link})
        cookie = page.headers["set-cookie"]
        me = await client.get("/v1/me")
        again = await client.post("/sign-in", data={"token": link})
    assert (page.status_code, me.status_code) == (200, 200)
    assert "Salomé Picard" in page.text
    assert cookie.startswith("cercle_session=cercle_ses_")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert (again.status_code, "already" in again.text or "has been used" in again.text) == (401, True)


@ON_SQLITE
async def test_another_site_cannot_sign_somebody_in(cooperative: Cooperative) -> None:
    link = await cooperative.link(cooperative.steward)
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    async with cooperative.client(**elsewhere) as client:
        assert (await client.post("/sign-in", data={"token": link})).status_code == 403
    assert (await _open(cooperative, link, **elsewhere)).json()["code"] == "cross_site"
    assert (await _open(cooperative, link)).status_code == 201


@ON_SQLITE
async def test_a_token_in_the_address_cannot_write_the_page(cooperative: Cooperative) -> None:
    async with cooperative.client() as client:
        page = await client.get("/sign-in", params={"token": '"><script>alert(1)</script>'})
        empty = await client.get("/sign-in")
    assert "<script" not in page.text
    assert "<form" not in empty.text


@ON_SQLITE
async def test_over_https_the_cookie_is_bound_to_the_host(database: Database, tmp_path: Path) -> None:
    made = application(database, tmp_path, public_url="https://cercle.example")
    cooperative = await founded(made, "ardoise")
    opened = await _open(cooperative, await cooperative.link(cooperative.steward))
    cookie = opened.headers["set-cookie"]
    assert cookie.startswith("__Host-cercle_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()


async def test_no_secret_is_stored(cooperative: Cooperative) -> None:
    await _ask(cooperative, "salome@ardoise.example")
    opened = await _open(cooperative, _token(cooperative))
    async with cooperative.database.read() as session:
        rows = (await session.execute(Credential.__table__.select())).all()  # type: ignore[attr-defined]
    stored = repr(rows)
    assert len(rows) == 2
    assert opened.json()["token"] not in stored
    assert "cercle_" not in stored


@ON_SQLITE
@pytest.mark.parametrize("body", [{}, {"organisation": "ardoise"}, {"organisation": "a\x00b", "email": "x@y.z"}])
async def test_a_malformed_request_is_refused(cooperative: Cooperative, body: dict[str, str]) -> None:
    async with cooperative.client() as client:
        refused = await client.post("/v1/sign-in-links", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("/body/")
