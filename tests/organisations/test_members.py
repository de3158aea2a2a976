"""The register of members: who may write in it, what each reader sees, and that history stays."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from app.foundation.permissions import RightMissing
from app.journal.tables import JournalEvent
from app.organisations import actions, queries
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Category, Member
from tests.people.cooperative import ON_SQLITE, Cooperative, actor

_BILAL = {"name": "Bilal Saïdi", "email": "Bilal@Ardoise.example", "language": "fr", "joined_on": "2024-09-23"}


async def _types(cooperative: Cooperative) -> list[str]:
    async with cooperative.database.read() as session:
        query = select(col(JournalEvent.type)).order_by(col(JournalEvent.pos))
        return list((await session.execute(query)).scalars())


async def test_a_steward_enters_a_member(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        made = await client.post("/v1/members", json=_BILAL)
        read = await client.get(made.headers["location"])
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    shown = {"name": "Bilal Saïdi", "email": "bilal@ardoise.example", "status": "active", "joined_on": "2024-09-23"}
    assert {name: read.json()[name] for name in shown} == shown
    assert read.json()["categories"] == read.json()["colleges"] == []
    assert (await _types(cooperative))[-1] == "member.admitted"


async def test_a_member_enters_nobody(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    before = await _types(cooperative)
    async with cooperative.as_(member) as client:
        refused = await client.post("/v1/members", json=_BILAL)
    assert (refused.status_code, refused.json()["facts"]["permission"]) == (403, "admit_member")
    assert await _types(cooperative) == before


@pytest.mark.parametrize(
    ("verb", "body", "right"),
    [
        ("suspension", {}, "suspend_member"),
        ("reinstatement", {}, "reinstate_member"),
        ("categories", {"category": "producer"}, "record_category"),
        ("college", {"college": str(uuid4())}, "place_in_college"),
    ],
)
@ON_SQLITE
async def test_a_member_records_nothing_about_others_or_themself(
    cooperative: Cooperative, verb: str, body: dict[str, Any], right: str
) -> None:
    member = await cooperative.admit("Théo Vasseur")
    before = await _types(cooperative)
    async with cooperative.as_(member) as client:
        for about in (cooperative.steward, member):
            refused = await client.post(f"/v1/members/{about.id}/{verb}", json=body)
            assert (refused.status_code, refused.json()["facts"]["permission"]) == (403, right)
    assert await _types(cooperative) == before


async def test_one_address_one_member(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        taken = await client.post("/v1/members", json={**_BILAL, "email": "SALOME@ardoise.example"})
        nobody = [(await client.post("/v1/members", json={"name": "X"})).status_code for _ in range(2)]
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert nobody == [201, 201]


@ON_SQLITE
@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": ""}, "/body/name"),
        ({"name": "x" * 201}, "/body/name"),
        ({"name": "a\nb"}, "/body/name"),
        ({"name": "a\x00b"}, "/body/name"),
        ({"email": "no address"}, "/body/email"),
        ({"email": "a@b.example,c@d.example"}, "/body/email"),
        ({"email": "a\r\nBcc: c@d.example"}, "/body/email"),
        ({"language": "de"}, "/body/language"),
        ({"kind": "robot"}, "/body/kind"),
        ({"joined_on": "yesterday"}, "/body/joined_on"),
    ],
)
async def test_a_malformed_entry_is_refused(cooperative: Cooperative, wrong: dict[str, Any], pointer: str) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        refused = await client.post("/v1/members", json={**_BILAL, **wrong})
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


async def test_an_address_is_shown_to_its_owner_and_to_stewards(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi", "bilal@ardoise.example")
    ana = await cooperative.admit("Ana Lefèvre", "ana@ardoise.example")
    seen = {}
    for who in (cooperative.steward, bilal, ana):
        async with cooperative.as_(who) as client:
            listed = (await client.get("/v1/members")).json()["items"]
            alone = (await client.get(f"/v1/members/{bilal.id}")).json()["email"]
        seen[who.name] = ([one["email"] for one in listed], alone)
    assert seen == {
        "Salomé Picard": (
            ["salome@ardoise.example", "bilal@ardoise.example", "ana@ardoise.example"],
            "bilal@ardoise.example",
        ),
        "Bilal Saïdi": ([None, "bilal@ardoise.example", None], "bilal@ardoise.example"),
        "Ana Lefèvre": ([None, None, "ana@ardoise.example"], None),
    }


async def test_the_register_is_paged_and_filtered(cooperative: Cooperative) -> None:
    admitted = [str((await cooperative.admit(f"Member {n}")).id) for n in range(5)]
    async with cooperative.as_(cooperative.steward) as client:
        await client.post(f"/v1/members/{admitted[0]}/suspension", json={})
        first = (await client.get("/v1/members", params={"limit": 4})).json()
        rest = (await client.get("/v1/members", params={"limit": 4, "cursor": first["next"]})).json()
        suspended = (await client.get("/v1/members", params={"status": "suspended"})).json()["items"]
        bad = await client.get("/v1/members", params={"cursor": "%%%"})
    assert [one["id"] for one in first["items"] + rest["items"]] == [str(cooperative.steward.id), *admitted]
    assert [one["id"] for one in suspended] == admitted[:1]
    assert bad.status_code == 422


async def test_members_describe_themselves(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi", "bilal@ardoise.example")
    entry = {"name": "Bilal Saïdi-Caron", "email": "b@ardoise.example", "language": "fr"}
    path = f"/v1/members/{bilal.id}"
    async with cooperative.as_(bilal) as client:
        silent = await client.put(path, json=entry)
        stale = await client.put(path, json=entry, headers={"If-Match": '"9"'})
        done = await client.put(path, json=entry, headers={"If-Match": '"1"'})
        same = await client.put(path, json=entry, headers={"If-Match": '"2"'})
        other = await client.put(f"/v1/members/{cooperative.steward.id}", json=entry, headers={"If-Match": "*"})
    assert (silent.status_code, stale.status_code) == (428, 412)
    assert (done.status_code, done.headers["etag"], done.json()["name"]) == (200, '"2"', "Bilal Saïdi-Caron")
    assert (same.status_code, same.headers["etag"]) == (200, '"2"')
    assert (other.status_code, other.json()["code"]) == (403, "right_missing")
    assert (await _types(cooperative)).count("member.described") == 1


async def test_a_leaf_tells_which_parts_changed_and_never_an_address(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi", "bilal@ardoise.example")
    async with cooperative.as_(bilal, **{"If-Match": "*"}) as client:
        await client.put(f"/v1/members/{bilal.id}", json={"name": bilal.name, "email": "new@ardoise.example"})
    latest = select(col(JournalEvent.leaf)).order_by(col(JournalEvent.pos).desc()).limit(1)
    async with cooperative.database.read() as session:
        leaf = (await session.execute(latest)).scalar_one()
    assert json.loads(leaf)["data"] == {"member": bilal.pseudonym, "changed": ["email"]}
    assert json.loads(leaf)["sd"] == []


async def test_an_address_taken_by_somebody_else_changes_nothing(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi", "bilal@ardoise.example")
    async with cooperative.as_(bilal, **{"If-Match": "*"}) as client:
        taken = await client.put(f"/v1/members/{bilal.id}", json={"name": "New", "email": "salome@ardoise.example"})
        read = (await client.get(f"/v1/members/{bilal.id}")).json()
    assert (taken.status_code, taken.json()["code"], read["name"]) == (409, "email_taken", "Bilal Saïdi")


async def test_of_two_who_replace_one_version_one_is_told(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi")
    async with cooperative.as_(bilal, **{"If-Match": '"1"'}) as client:
        answers = await asyncio.gather(
            *(client.put(f"/v1/members/{bilal.id}", json={"name": f"Bilal {n}"}) for n in range(4))
        )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]


async def test_suspension_and_reinstatement(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi")
    async with cooperative.as_(cooperative.steward) as client:
        path = f"/v1/members/{bilal.id}"
        too_early = await client.post(f"{path}/reinstatement", json={})
        done = await client.post(f"{path}/suspension", json={"reason": "General meeting of 12 January."})
        again = await client.post(f"{path}/suspension", json={})
        back = await client.post(f"{path}/reinstatement", json={})
        unknown = await client.post(f"/v1/members/{uuid4()}/suspension", json={})
    assert (too_early.status_code, too_early.json()["code"]) == (409, "member_step_not_open")
    assert too_early.json()["facts"] == {"step": "reinstate", "status": "active"}
    assert (done.json()["status"], again.status_code, back.json()["status"]) == ("suspended", 409, "active")
    assert unknown.status_code == 404
    assert (await _types(cooperative))[-2:] == ["member.suspended", "member.reinstated"]


async def test_the_last_steward_is_not_suspended(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        path = f"/v1/members/{cooperative.steward.id}/suspension"
        refused = await client.post(path, json={})
        await cooperative.admit("Théo Vasseur", steward=True)
        done = await client.post(path, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_steward")
    assert done.status_code == 200


async def test_categories_are_dated_and_kept(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi")
    async with cooperative.as_(cooperative.steward) as client:
        path = f"/v1/members/{bilal.id}"
        first = await client.post(f"{path}/categories", json={"category": "producer", "valid_from": "2024-09-23"})
        second = await client.post(f"{path}/categories", json={"category": "employee"})
        early = await client.post(f"{path}/categories", json={"category": "supporter", "valid_from": "2026-03-01"})
        odd = await client.post(f"{path}/categories", json={"category": "student"})
        history = (await client.get(path)).json()["categories"]
    assert (first.status_code, second.status_code, odd.status_code) == (201, 201, 422)
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "dates_out_of_order")
    assert history == [
        {"category": "producer", "valid_from": "2024-09-23", "valid_to": "2026-03-02"},
        {"category": "employee", "valid_from": "2026-03-02", "valid_to": None},
    ]


async def test_a_day_mistyped_far_ahead_is_refused(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi")
    async with cooperative.as_(cooperative.steward) as client:
        far = {"category": "producer", "valid_from": "9999-12-31"}
        category = await client.post(f"/v1/members/{bilal.id}/categories", json=far)
        member = await client.post("/v1/members", json={"name": "Ana", "language": "fr", "joined_on": "9999-12-31"})
        colleges = await client.put(
            "/v1/colleges", json={"colleges": [], "valid_from": "9999-12-31"}, headers={"If-Match": '"0"'}
        )
    for answer, field in ((category, "valid_from"), (member, "joined_on"), (colleges, "valid_from")):
        [fault] = answer.json()["errors"]
        assert (answer.status_code, fault["pointer"], fault["code"]) == (422, f"/body/{field}", "day_too_far")


async def _leave(cooperative: Cooperative, member: Member, by: Member) -> Member:
    async with cooperative.database.write() as session:
        held = await queries.held_member(session, actor(by), member.id)
        return await actions.leave(session, held, reason="Moving away.", actor=actor(by), now=cooperative.clock.now())


async def test_a_departure_ends_the_dated_facts(cooperative: Cooperative) -> None:
    bilal, ana = await cooperative.admit("Bilal Saïdi"), await cooperative.admit("Ana Lefèvre")
    async with cooperative.database.write() as session:
        held = await queries.held_member(session, actor(cooperative.steward), bilal.id)
        await actions.set_category(
            session,
            held,
            Category.PRODUCER,
            valid_from=date(2024, 9, 23),
            actor=actor(cooperative.steward),
            now=cooperative.clock.now(),
        )
    cooperative.clock.move(timedelta(days=1))
    with pytest.raises(RightMissing):
        await _leave(cooperative, bilal, ana)
    gone = await _leave(cooperative, bilal, bilal)
    assert (gone.status, gone.left_on) == (MemberStatus.LEFT, date(2026, 3, 3))
    async with cooperative.as_(cooperative.steward) as client:
        read = (await client.get(f"/v1/members/{bilal.id}")).json()
        late = await client.post(f"/v1/members/{bilal.id}/categories", json={"category": "producer"})
        rename = await client.put(f"/v1/members/{bilal.id}", json={"name": "X"}, headers={"If-Match": "*"})
    assert read["categories"][0]["valid_to"] == "2026-03-03"
    assert [late.status_code, rename.status_code] == [409, 409]
    assert late.json()["facts"] == {"step": "set_category", "status": "left"}


async def test_nobody_is_kept_and_nobody_leaves_twice(cooperative: Cooperative) -> None:
    gone = await _leave(cooperative, cooperative.steward, cooperative.steward)
    assert (gone.status, gone.steward) == (MemberStatus.LEFT, False)
    with pytest.raises(actions.members.MemberStepNotOpen):
        await _leave(cooperative, cooperative.steward, cooperative.steward)


async def test_names_are_found_behind_pseudonyms_and_ids(cooperative: Cooperative) -> None:
    bilal = await cooperative.admit("Bilal Saïdi")
    tenant = cooperative.organisation.organisation_id
    async with cooperative.database.read() as session:
        by_pseudonym = await queries.member_by_pseudonyms(session, tenant, [str(bilal.pseudonym), "s:nobody"])
        by_id = await queries.member_names(session, tenant, [bilal.id, uuid4()])
        foreign = await queries.member_by_pseudonyms(session, uuid4(), [str(bilal.pseudonym)])
        nothing = (
            await queries.member_by_pseudonyms(session, tenant, []),
            await queries.member_names(session, tenant, []),
        )
    name = queries.MemberName(bilal.id, "Bilal Saïdi")
    assert by_pseudonym == {bilal.pseudonym: name}
    assert by_id == {bilal.id: name}
    assert (foreign, nothing) == ({}, ({}, {}))
