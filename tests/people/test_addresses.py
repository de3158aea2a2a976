"""Nobody signs in as somebody else by giving them an address: it is the member's own, or a week has to pass."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from app.journal.tables import JournalEvent
from app.organisations.tables import Member
from app.rules.catalogue import Catalogue
from app.worker import Worker
from tests.people.cooperative import Cooperative

OLD, NEW = "ana@ardoise.example", "ana@elsewhere.example"


@pytest.fixture
async def ana(cooperative: Cooperative) -> Member:
    """A member with an address."""
    return await cooperative.admit("Ana Lefèvre", OLD)


async def _announce(cooperative: Cooperative, ana: Member, email: str | None = NEW, **more: Any) -> httpx.Response:
    async with cooperative.as_(cooperative.steward) as client:
        return await client.post(f"/v1/members/{ana.id}/email-announcement", json={"email": email, **more})


async def _call_off(cooperative: Cooperative, ana: Member, by: Member) -> httpx.Response:
    async with cooperative.as_(by) as client:
        return await client.post(f"/v1/members/{ana.id}/email-announcement/withdrawal")


async def _pass(cooperative: Cooperative, **delta: float) -> None:
    cooperative.clock.move(timedelta(**delta))
    await Worker(cooperative.database, cooperative.clock, Catalogue([])).do_due()


async def _is_let_in_by(cooperative: Cooperative, email: str) -> bool:
    """Whether a link is sent there."""
    before = len(cooperative.letters.getvalue())
    async with cooperative.client() as client:
        await client.post("/v1/sign-in-links", json={"organisation": "ardoise", "email": email})
    return "cercle_link_" in cooperative.letters.getvalue()[before:]


async def _events(cooperative: Cooperative) -> Sequence[str]:
    async with cooperative.database.read() as session:
        query = select(col(JournalEvent.type)).where(col(JournalEvent.type).like("member.%"))
        return (await session.execute(query.order_by(col(JournalEvent.pos)))).scalars().all()


@pytest.mark.parametrize("email", [NEW, None])
async def test_a_steward_does_not_replace_somebodys_address(
    cooperative: Cooperative, ana: Member, email: str | None
) -> None:
    before = await _events(cooperative)
    async with cooperative.as_(cooperative.steward, **{"If-Match": "*"}) as client:
        refused = await client.put(f"/v1/members/{ana.id}", json={"name": ana.name, "email": email})
        renamed = await client.put(f"/v1/members/{ana.id}", json={"name": "Ana L.", "email": OLD})
    assert (refused.status_code, refused.json()["code"]) == (403, "address_of_another")
    assert (renamed.status_code, renamed.json()["email"]) == (200, OLD)
    assert list(await _events(cooperative)) == [*before, "member.described"]
    assert not await _is_let_in_by(cooperative, NEW)


async def test_a_first_address_is_an_address_too(cooperative: Cooperative) -> None:
    paul = await cooperative.admit("Paul Roux")
    async with cooperative.as_(cooperative.steward, **{"If-Match": "*"}) as client:
        refused = await client.put(f"/v1/members/{paul.id}", json={"name": paul.name, "email": NEW})
    assert refused.json()["code"] == "address_of_another"


async def test_an_announced_address_takes_effect_after_a_week(cooperative: Cooperative, ana: Member) -> None:
    session = await cooperative.secret(ana)
    announced = await _announce(cooperative, ana, NEW.upper())
    assert announced.status_code == 200
    assert announced.json()["email"] == OLD
    assert announced.json()["announced_email"] == {"email": NEW, "takes_effect_at": "2026-03-09T22:59:59Z"}
    told = cooperative.letters.getvalue()
    assert OLD in told
    assert "2026-03-09" in told
    await _pass(cooperative, days=7)
    assert await _is_let_in_by(cooperative, OLD)
    assert not await _is_let_in_by(cooperative, NEW)
    await _pass(cooperative, days=1)
    assert not await _is_let_in_by(cooperative, OLD)
    assert await _is_let_in_by(cooperative, NEW)
    async with cooperative.client(Authorization=f"Bearer {session}") as client:
        assert (await client.get("/v1/me")).json()["code"] == "credential_ended"
    assert list(await _events(cooperative))[-2:] == ["member.email_announced", "member.described"]


@pytest.mark.parametrize("own", [True, False])
async def test_until_then_the_member_or_a_steward_calls_it_off(
    cooperative: Cooperative, ana: Member, own: bool
) -> None:
    await _announce(cooperative, ana)
    done = await _call_off(cooperative, ana, ana if own else cooperative.steward)
    assert (done.status_code, done.json()["announced_email"]) == (200, None)
    again = await _call_off(cooperative, ana, ana)
    await _pass(cooperative, days=8)
    assert again.status_code == 200
    assert await _is_let_in_by(cooperative, OLD)
    assert (await _events(cooperative)).count("member.email_called_off") == 1


async def test_announced_anew_it_waits_anew(cooperative: Cooperative, ana: Member) -> None:
    await _announce(cooperative, ana, "first@elsewhere.example")
    await _pass(cooperative, days=6)
    await _announce(cooperative, ana)
    await _pass(cooperative, days=6)
    assert await _is_let_in_by(cooperative, OLD)
    await _pass(cooperative, days=2)
    assert await _is_let_in_by(cooperative, NEW)


async def test_a_member_replaces_their_own_at_once_and_the_old_one_hears_of_it(
    cooperative: Cooperative, ana: Member
) -> None:
    await _announce(cooperative, ana, "third@elsewhere.example")
    told = len(cooperative.letters.getvalue())
    async with cooperative.as_(ana, **{"If-Match": "*"}) as client:
        done = await client.put(f"/v1/members/{ana.id}", json={"name": ana.name, "email": NEW})
        same = await client.put(f"/v1/members/{ana.id}", json={"name": ana.name, "email": NEW})
    assert (done.json()["email"], done.json()["announced_email"], same.status_code) == (NEW, None, 200)
    assert cooperative.letters.getvalue()[told:].count(f"{OLD} · ") == 1
    await _pass(cooperative, days=8)
    assert await _is_let_in_by(cooperative, NEW)


async def test_no_token_reaches_an_address(cooperative: Cooperative, ana: Member) -> None:
    tokens = {}
    for who, scopes in ((ana, ["participate"]), (cooperative.steward, ["participate", "steward"])):
        async with cooperative.as_(who) as client:
            made = await client.post("/v1/me/tokens", json={"label": "x", "scopes": scopes})
        tokens[who.id] = {"Authorization": f"Bearer {made.json()['token']}", "If-Match": "*"}
    path = f"/v1/members/{ana.id}"
    async with cooperative.client() as client:
        own = await client.put(path, json={"name": ana.name, "email": NEW}, headers=tokens[ana.id])
        steward = tokens[cooperative.steward.id]
        announced = await client.post(f"{path}/email-announcement", json={"email": NEW}, headers=steward)
    assert {own.json()["code"], announced.json()["code"]} == {"email_needs_session"}


async def test_only_stewards_announce_and_others_see_nothing_of_it(cooperative: Cooperative, ana: Member) -> None:
    bilal = await cooperative.admit("Bilal Saïdi", "bilal@ardoise.example")
    async with cooperative.as_(bilal) as client:
        refused = await client.post(f"/v1/members/{ana.id}/email-announcement", json={"email": NEW})
        await _announce(cooperative, ana)
        read = (await client.get(f"/v1/members/{ana.id}")).json()
        off = await client.post(f"/v1/members/{ana.id}/email-announcement/withdrawal")
    assert (refused.json()["facts"]["permission"], off.json()["facts"]["permission"]) == (
        "announce_email",
        "call_off_email",
    )
    assert (read["email"], read["announced_email"]) == (None, None)
    async with cooperative.as_(ana) as client:
        assert (await client.get("/v1/me")).json()["member"]["announced_email"]["email"] == NEW


async def test_an_address_of_somebody_else_never_takes_effect(cooperative: Cooperative, ana: Member) -> None:
    taken = await _announce(cooperative, ana, "salome@ardoise.example")
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    await _announce(cooperative, ana)
    await cooperative.admit("Quicker", NEW)
    await _pass(cooperative, days=8)
    assert await _is_let_in_by(cooperative, OLD)
    assert list(await _events(cooperative))[-1] == "member.email_called_off"
