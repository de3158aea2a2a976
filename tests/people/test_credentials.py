"""Sessions and tokens: shown once, listed and ended by their owner alone, never more than their maker has."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.foundation.errors import NotFound
from app.foundation.idempotency import IdempotentAnswer
from app.foundation.permissions import RightMissing
from app.journal.actor import system
from app.people.credentials import end_own, fresh_access
from app.people.queries import NameAmbiguous, account
from app.people.tables import CredentialKind
from tests.people.cooperative import HERE, ON_SQLITE, Cooperative, founded

_READ = {"label": "Report", "scopes": ["read"]}


async def _make(cooperative: Cooperative, secret: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with cooperative.client(Authorization=f"Bearer {secret}") as client:
        made = await client.post("/v1/me/tokens", json={**_READ, **body})
    return made.status_code, made.json()


async def test_a_token_is_shown_once_and_listed_without_its_secret(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        made = await client.post("/v1/me/tokens", json=_READ)
        listed = (await client.get("/v1/me/tokens")).json()["items"]
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["location"] == f"/v1/me/tokens/{listed[0]['id']}"
    assert made.json()["token"].startswith("cercle_pat_")
    assert listed == [{name: value for name, value in made.json().items() if name != "token"}]


async def test_a_tokens_answer_is_not_kept_for_an_idempotency_key(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward, **{"Idempotency-Key": "k"}) as client:
        first, second = [(await client.post("/v1/me/tokens", json=_READ)).json()["token"] for _ in range(2)]
    async with cooperative.database.read() as session:
        kept = (await session.execute(IdempotentAnswer.__table__.select())).all()  # type: ignore[attr-defined]
    assert first != second
    assert kept == []


async def test_a_token_has_no_more_than_its_maker(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    status, body = await _make(cooperative, await cooperative.secret(member), scopes=["read", "steward"])
    assert (status, body["code"], body["facts"]) == (403, "scope_not_yours", {"scope": "steward"})
    _, narrow = await _make(cooperative, await cooperative.secret(cooperative.steward), scopes=["participate", "read"])
    status, body = await _make(cooperative, narrow["token"], scopes=["steward"])
    assert (status, body["code"]) == (403, "scope_not_yours")
    status, body = await _make(cooperative, narrow["token"], scopes=["read", "read"])
    assert (status, body["scopes"]) == (201, ["read"])


async def test_a_token_made_with_a_token_does_not_outlive_it(cooperative: Cooperative) -> None:
    soon = (cooperative.clock.now() + timedelta(days=3)).isoformat()
    session = await cooperative.secret(cooperative.steward)
    _, short = await _make(cooperative, session, scopes=["participate", "read"], expires_at=soon)
    _, child = await _make(cooperative, short["token"])
    assert child["expires_at"] == short["expires_at"]
    cooperative.clock.move(timedelta(days=3))
    async with cooperative.client(Authorization=f"Bearer {child['token']}") as client:
        assert (await client.get("/v1/me")).json()["code"] == "credential_expired"


async def test_a_token_ends_with_the_one_that_it_was_made_with_and_so_do_those_made_with_it(
    cooperative: Cooperative,
) -> None:
    session = await cooperative.secret(cooperative.steward)
    both = {"scopes": ["participate", "read"]}
    _, stolen = await _make(cooperative, session, **both)
    _, child = await _make(cooperative, stolen["token"], **both)
    _, grandchild = await _make(cooperative, child["token"], **both)
    _, apart = await _make(cooperative, session, **both)
    async with cooperative.client(Authorization=f"Bearer {session}") as client:
        assert (await client.delete(f"/v1/me/tokens/{stolen['id']}")).status_code == 204
    for token, status in ((child, 401), (grandchild, 401), (apart, 200)):
        async with cooperative.client(Authorization=f"Bearer {token['token']}") as client:
            assert (await client.get("/v1/me")).status_code == status


@ON_SQLITE
@pytest.mark.parametrize("days", [-1, 0, 367])
async def test_a_token_ends_within_a_year(cooperative: Cooperative, days: int) -> None:
    until = (cooperative.clock.now() + timedelta(days=days)).isoformat()
    status, body = await _make(cooperative, await cooperative.secret(cooperative.steward), expires_at=until)
    assert status == 422
    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [("/body/expires_at", "expiry_out_of_range")]


@ON_SQLITE
@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["everything"]}, {"label": ""}, {"expires_at": "2026-05-01T00:00:00"}]
)
async def test_a_malformed_token_is_refused(cooperative: Cooperative, wrong: dict[str, Any]) -> None:
    status, _ = await _make(cooperative, await cooperative.secret(cooperative.steward), **wrong)
    assert status == 422


async def test_a_revoked_token_opens_nothing_and_is_not_listed(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        made = (await client.post("/v1/me/tokens", json=_READ)).json()
        assert (await client.delete(f"/v1/me/tokens/{made['id']}")).status_code == 204
        assert (await client.delete(f"/v1/me/tokens/{made['id']}")).status_code == 404
        assert (await client.get("/v1/me/tokens")).json()["items"] == []
    async with cooperative.client(Authorization=f"Bearer {made['token']}") as client:
        assert (await client.get("/v1/me")).json()["code"] == "credential_ended"


async def test_nobody_ends_what_is_not_theirs(cooperative: Cooperative) -> None:
    member, stranger = await cooperative.admit("Théo Vasseur"), await founded(cooperative.application, "elsewhere")
    async with cooperative.as_(cooperative.steward) as client:
        token = (await client.post("/v1/me/tokens", json=_READ)).json()
        session = (await client.get("/v1/me/sessions")).json()["items"][0]
    for other in (cooperative.as_(member), stranger.as_(stranger.steward)):
        async with other as client:
            assert (await client.delete(f"/v1/me/tokens/{token['id']}")).status_code == 404
            assert (await client.delete(f"/v1/me/sessions/{session['id']}")).status_code == 404
    async with cooperative.client(Authorization=f"Bearer {token['token']}") as client:
        assert (await client.get("/v1/me")).status_code == 200


async def test_sessions_are_listed_and_ended(cooperative: Cooperative) -> None:
    here = await cooperative.secret(cooperative.steward)
    cooperative.secrets.clear()
    async with cooperative.as_(cooperative.steward) as client:
        listed = (await client.get("/v1/me/sessions")).json()["items"]
        assert [one["current"] for one in listed] == [False, True]
        assert (await client.delete(f"/v1/me/sessions/{listed[0]['id']}")).status_code == 204
        assert len((await client.get("/v1/me/sessions")).json()["items"]) == 1
    async with cooperative.client(Authorization=f"Bearer {here}") as client:
        assert (await client.get("/v1/me")).json()["code"] == "credential_ended"


async def test_lists_are_paged(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        made = [(await client.post("/v1/me/tokens", json=_READ)).json()["id"] for _ in range(5)]
        first = await client.get("/v1/me/tokens", params={"limit": 3})
        rest = await client.get("/v1/me/tokens", params={"limit": 3, "cursor": first.json()["next"]})
    assert [one["id"] for one in first.json()["items"] + rest.json()["items"]] == made
    assert (rest.json()["next"], 'rel="next"' in first.headers["link"]) == (None, True)


async def test_signing_out_with_a_token_is_not_a_session(cooperative: Cooperative) -> None:
    _, made = await _make(cooperative, await cooperative.secret(cooperative.steward))
    async with cooperative.client(Authorization=f"Bearer {made['token']}") as client:
        assert (await client.delete("/v1/sessions/current")).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("name", ["Hélène Barbier", "helene", "HELENE", "helene@ardoise.example"])
async def test_an_operator_gets_access_by_any_name(cooperative: Cooperative, name: str) -> None:
    member = await cooperative.admit("Hélène Barbier", "helene@ardoise.example")
    async with cooperative.database.write() as session:
        link, token = await fresh_access(session, "ardoise", name, public_url=HERE, now=cooperative.clock.now())
    async with cooperative.client(Authorization=f"Bearer {token}") as client:
        me = (await client.get("/v1/me")).json()
        opened = await client.post("/v1/sessions", json={"token": link.partition("token=")[2]})
    assert link.startswith(f"{HERE}/sign-in?token=cercle_link_")
    assert (me["member"]["id"], me["credential"]["scopes"]) == (str(member.id), ["read", "participate"])
    assert opened.status_code == 201


async def test_an_operator_must_say_whom_they_mean(cooperative: Cooperative) -> None:
    await cooperative.admit("Salomé Durand")
    now = cooperative.clock.now()
    async with cooperative.database.write() as session:
        with pytest.raises(NameAmbiguous) as ambiguous:
            await fresh_access(session, "ardoise", "Salome", public_url=HERE, now=now)
        for nobody in ("", "Zoé"):
            with pytest.raises(NotFound):
                await fresh_access(session, "ardoise", nobody, public_url=HERE, now=now)
        with pytest.raises(NotFound):
            await fresh_access(session, "elsewhere", "Salome", public_url=HERE, now=now)
    assert ambiguous.value.facts["names"] == "Salomé Durand, Salomé Picard"


@ON_SQLITE
async def test_the_service_itself_has_no_account(cooperative: Cooperative) -> None:
    nobody, now = system(cooperative.organisation.organisation_id), cooperative.clock.now()
    unknown = replace(nobody, member_id=cooperative.steward.id, credential_id=None)
    async with cooperative.database.read() as session:
        with pytest.raises(RightMissing) as refused:
            await account(session, nobody)
        with pytest.raises(NotFound):
            await account(session, unknown)
        with pytest.raises(NotFound):
            await end_own(session, CredentialKind.SESSION, None, actor=unknown, now=now)
    assert refused.value.facts == {"permission": "read_own_account", "needed": "is member"}
