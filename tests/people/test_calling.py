"""Who is calling: every credential that is no good is turned away with its own reason, before anything is asked."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.foundation.database import Database
from app.organisations.actions import leave
from app.organisations.queries import held_member
from app.people import credentials, tokens
from app.people.tables import CredentialKind
from tests.people.cooperative import HERE, ON_SQLITE, Cooperative, actor, application, founded


async def _code(cooperative: Cooperative, secret: str) -> tuple[int, str, str]:
    async with cooperative.client(Authorization=f"Bearer {secret}") as client:
        answer = await client.get("/v1/me")
    return answer.status_code, answer.json().get("code", ""), answer.headers.get("www-authenticate", "")


async def _token(cooperative: Cooperative, *scopes: str) -> str:
    async with cooperative.as_(cooperative.steward) as client:
        made = await client.post("/v1/me/tokens", json={"label": "test", "scopes": list(scopes)})
    return str(made.json()["token"])


_INVALID = 'Bearer error="invalid_token"'


@ON_SQLITE
async def test_nobody_known_is_calling(cooperative: Cooperative) -> None:
    async with cooperative.client() as client:
        nothing = await client.get("/v1/me")
        other = await client.get("/v1/me", headers={"Authorization": "Basic YTpi"})
    for answer in (nothing, other):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


@ON_SQLITE
async def test_an_unknown_credential(cooperative: Cooperative) -> None:
    unknown = tokens.new_secret(CredentialKind.TOKEN)
    for secret in (unknown, "garbage", ""):
        assert await _code(cooperative, secret) == (401, "credential_unknown", _INVALID)


async def test_a_link_is_no_session(cooperative: Cooperative) -> None:
    assert await _code(cooperative, await cooperative.link(cooperative.steward)) == (
        401,
        "credential_unknown",
        _INVALID,
    )


async def test_an_expired_session(cooperative: Cooperative) -> None:
    secret = await cooperative.secret(cooperative.steward)
    cooperative.clock.move(credentials.SESSION_LASTS - timedelta(seconds=1))
    assert (await _code(cooperative, secret))[0] == 200
    cooperative.clock.move(timedelta(seconds=1))
    assert await _code(cooperative, secret) == (401, "credential_expired", _INVALID)


async def test_signing_out_ends_the_session(cooperative: Cooperative) -> None:
    secret = await cooperative.secret(cooperative.steward)
    async with cooperative.as_(cooperative.steward) as client:
        assert (await client.delete("/v1/sessions/current")).status_code == 204
    assert await _code(cooperative, secret) == (401, "credential_ended", _INVALID)


async def test_a_suspended_member_and_a_reinstated_one(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    secret = await cooperative.secret(member)
    async with cooperative.as_(cooperative.steward) as client:
        await client.post(f"/v1/members/{member.id}/suspension", json={"reason": "Decided on 2 March."})
        assert await _code(cooperative, secret) == (401, "member_suspended", _INVALID)
        await client.post(f"/v1/members/{member.id}/reinstatement", json={})
    assert (await _code(cooperative, secret))[0] == 200


async def test_somebody_who_has_left(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    secret, link = await cooperative.secret(member), await cooperative.link(member)
    async with cooperative.database.write() as session:
        held = await held_member(session, actor(member), member.id)
        await leave(session, held, reason=None, actor=actor(member), now=cooperative.clock.now())
    assert await _code(cooperative, secret) == (401, "member_left", _INVALID)
    async with cooperative.client() as client:
        assert (await client.post("/v1/sessions", json={"token": link})).json()["code"] == "member_left"


async def test_what_a_departure_ends(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    secret, link = await cooperative.secret(member), await cooperative.link(member)
    async with cooperative.database.write() as session:
        await credentials.end_credentials(session, member.organisation_id, member.id, cooperative.clock.now())
    assert await _code(cooperative, secret) == (401, "credential_ended", _INVALID)
    async with cooperative.client() as client:
        assert (await client.post("/v1/sessions", json={"token": link})).json()["code"] == "link_used"
    assert (await _code(cooperative, await cooperative.secret(cooperative.steward)))[0] == 200


async def test_a_scope_that_the_credential_lacks(cooperative: Cooperative) -> None:
    reading = await _token(cooperative, "read")
    async with cooperative.client(Authorization=f"Bearer {reading}") as client:
        assert (await client.get("/v1/members")).status_code == 200
        refused = await client.post("/v1/members", json={"name": "Nobody"})
        listed = (await client.get("/v1/members")).json()["items"]
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert refused.json()["facts"] == {"scope": "steward"}
    assert 'scope="steward"' in refused.headers["www-authenticate"]
    assert len(listed) == 1


async def test_too_many_requests_of_one_credential(database: Database, tmp_path: Path) -> None:
    cooperative = await founded(application(database, tmp_path, rate_limit="3/minute"), "ardoise")
    secret = await cooperative.secret(cooperative.steward)
    member = await cooperative.admit("Théo Vasseur")
    assert [(await _code(cooperative, secret))[1] for _ in range(4)] == ["", "", "", "too_often"]
    assert (await _code(cooperative, await cooperative.secret(member)))[0] == 200
    async with cooperative.client(Authorization=f"Bearer {secret}") as client:
        refused = await client.get("/v1/me")
    assert refused.status_code == 429
    assert refused.headers["ratelimit"] == '"default";r=0;t=60'
    assert refused.headers["retry-after"] == "60"


@ON_SQLITE
async def test_a_cookie_reads_but_another_site_cannot_write_with_it(cooperative: Cooperative) -> None:
    cookie = {"Cookie": f"cercle_session={await cooperative.secret(cooperative.steward)}"}
    body = {"label": "x", "scopes": ["read"]}
    tried: list[tuple[dict[str, str], int]] = [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": HERE}, 201),
    ]
    for headers, status in tried:
        async with cooperative.client(**cookie, **headers) as client:
            assert (await client.get("/v1/me")).status_code == 200
            assert (await client.post("/v1/me/tokens", json=body)).status_code == status, headers
    async with cooperative.client(**cookie) as client:
        assert (await client.post("/v1/me/tokens", json=body)).json()["code"] == "cross_site"
        made = (await client.get("/v1/me/tokens")).json()["items"]
    assert len(made) == 2


@ON_SQLITE
async def test_a_bearer_goes_before_a_cookie(cooperative: Cooperative) -> None:
    secret = await cooperative.secret(cooperative.steward)
    async with cooperative.client(Cookie=f"cercle_session={secret}", Authorization="Bearer nonsense") as client:
        assert (await client.get("/v1/me")).json()["code"] == "credential_unknown"


@ON_SQLITE
async def test_the_secure_cookies_name_counts_only_over_https(cooperative: Cooperative) -> None:
    secret = await cooperative.secret(cooperative.steward)
    async with cooperative.client(Cookie=f"__Host-cercle_session={secret}") as client:
        assert (await client.get("/v1/me")).status_code == 401


async def test_one_statement_tells_who_is_calling(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        await client.get("/v1/organisation")
        asked: list[str] = []
        reader = cooperative.database._reader.sync_engine

        def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(reader, "before_cursor_execute", note)
        await client.get("/v1/organisation")
        event.remove(reader, "before_cursor_execute", note)
    assert len(asked) == 2
    assert "credential" in asked[0]


async def test_the_last_use_is_noted_once_an_hour(cooperative: Cooperative) -> None:
    async def noted() -> str | None:
        async with cooperative.as_(cooperative.steward) as client:
            shown = str((await client.get("/v1/me")).json()["credential"]["last_used_at"])
        await cooperative.application.state.doorkeeper.write_notes()
        return shown

    first = cooperative.clock.now()
    assert [await noted(), await noted()] == ["None", first.isoformat().replace("+00:00", "Z")]
    cooperative.clock.move(timedelta(minutes=59))
    assert [await noted(), await noted()] == [first.isoformat().replace("+00:00", "Z")] * 2
    later = cooperative.clock.move(timedelta(minutes=1))
    await noted()
    assert await noted() == later.isoformat().replace("+00:00", "Z")


async def test_a_repeated_post_is_answered_once(cooperative: Cooperative) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    async with cooperative.as_(cooperative.steward) as client:
        first = await client.post("/v1/members", json={"name": "Awa Traoré"}, headers=key)
        again = await client.post("/v1/members", json={"name": "Awa Traoré"}, headers=key)
        other = await client.post("/v1/members", json={"name": "Victor Lacoste"}, headers=key)
        members = (await client.get("/v1/members")).json()["items"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(members) == 2


@ON_SQLITE
@pytest.mark.parametrize("path", ["/v1/me", "/v1/members", "/v1/organisation", "/v1/colleges", "/v1/me/tokens"])
async def test_every_door_asks(cooperative: Cooperative, path: str) -> None:
    async with cooperative.client() as client:
        assert (await client.get(path)).status_code == 401


@ON_SQLITE
async def test_a_busy_database_costs_the_caller_nothing(
    cooperative: Cooperative, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = await cooperative.secret(cooperative.steward)
    monkeypatch.setattr(cooperative.database._writer.pool, "_timeout", 0.05)
    async with cooperative.database.write() as session:
        await session.connection()  # SQLite's one writer is taken
        assert (await _code(cooperative, secret))[0] == 200
        await cooperative.application.state.doorkeeper.write_notes()
    assert "was not noted" in caplog.text
    assert secret not in caplog.text


@ON_SQLITE
async def test_without_a_rate_nobody_is_refused(database: Database, tmp_path: Path) -> None:
    cooperative = await founded(application(database, tmp_path, rate_limit="", sign_in_rate_limit=""), "ardoise")
    secret = await cooperative.secret(cooperative.steward)
    assert {(await _code(cooperative, secret))[0] for _ in range(5)} == {200}
    async with cooperative.client() as client:
        tried = [(await client.post("/v1/sessions", json={"token": "x"})).status_code for _ in range(30)]
    assert set(tried) == {401}
