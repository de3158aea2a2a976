"""Colleges: at least three or none, between a tenth and a half, together one, and no past count ever moves."""

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from app.journal.tables import JournalEvent
from app.organisations import queries
from app.organisations.actions.colleges import LARGEST_SHARE, LEAST_COLLEGES, LEAST_SHARE, _faults
from app.organisations.tables import CollegeMember, CollegeSetting
from tests.people.cooperative import ON_SQLITE, Cooperative

_THREE = [
    {"name": "Students", "weight": "1/2"},
    {"name": "Beneficiaries", "weight": "3/10"},
    {"name": "Partners", "weight": "1/5"},
]


async def _set(
    client: httpx.AsyncClient, colleges: list[dict[str, Any]], version: int = 0, **more: Any
) -> httpx.Response:
    return await client.put("/v1/colleges", json={"colleges": colleges, **more}, headers={"If-Match": f'"{version}"'})


async def test_colleges_are_set_as_a_whole(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        before = await client.get("/v1/colleges")
        done = await _set(client, _THREE)
        read = await client.get("/v1/colleges")
        yesterday = (await client.get("/v1/colleges", params={"on": "2026-03-01"})).json()
    assert (before.json()["colleges"], before.headers["etag"]) == ([], '"0"')
    assert (done.status_code, done.headers["etag"]) == (200, '"1"')
    assert read.json() == done.json()
    assert [(one["name"], one["weight"]) for one in read.json()["colleges"]] == [
        ("Students", "1/2"),
        ("Beneficiaries", "3/10"),
        ("Partners", "1/5"),
    ]
    assert yesterday == {"on": "2026-03-01", "colleges": []}


async def test_the_leaf_holds_exact_weights_and_no_name(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        await _set(
            client, [{**one, "weight": weight} for one, weight in zip(_THREE, ("5/10", "30/100", "1/5"), strict=True)]
        )
    async with cooperative.database.read() as session:
        query = select(col(JournalEvent.leaf)).where(col(JournalEvent.type) == "colleges.set")
        leaf = (await session.execute(query)).scalar_one()
    assert [one["weight"] for one in json.loads(leaf)["data"]["colleges"]] == ["1/2", "3/10", "1/5"]
    assert b"Students" not in leaf


@ON_SQLITE
@pytest.mark.parametrize(
    ("weights", "faults"),
    [
        (["1/2", "1/2"], [("/body/colleges", "too_few_colleges")]),
        (["1/2"], [("/body/colleges", "too_few_colleges"), ("/body/colleges", "college_sum")]),
        (["1/2", "1/4", "1/8"], [("/body/colleges", "college_sum")]),
        (["1/3", "1/3", "1/2"], [("/body/colleges", "college_sum")]),
        (["51/100", "29/100", "1/5"], [("/body/colleges/0/weight", "college_share")]),
        (["1/2", "41/100", "9/100"], [("/body/colleges/2/weight", "college_share")]),
        (["1/2", "1/2", "0"], [("/body/colleges/2/weight", "college_share")]),
    ],
)
async def test_weights_that_no_statutes_may_have(
    cooperative: Cooperative, weights: list[str], faults: list[tuple[str, str]]
) -> None:
    colleges = [{"name": f"College {n}", "weight": weight} for n, weight in enumerate(weights)]
    async with cooperative.as_(cooperative.steward) as client:
        refused = await _set(client, colleges)
        after = await client.get("/v1/colleges")
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == faults
    assert (after.json()["colleges"], after.headers["etag"]) == ([], '"0"')


@ON_SQLITE
@pytest.mark.parametrize("weight", ["0.3", "-1/3", "1/0", "a", "1/3/4", "1" * 10, ""])
async def test_a_weight_is_an_exact_fraction(cooperative: Cooperative, weight: str) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        refused = await _set(client, [*_THREE, {"name": "Other", "weight": weight}])
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/body/colleges/3/weight"]


@pytest.mark.parametrize("weights", [["1/2", "2/5", "1/10"], ["1/3", "1/3", "1/3"], ["1/10"] * 10])
def test_weights_on_the_edge_of_what_is_allowed(weights: list[str]) -> None:
    settings = [CollegeSetting(name=f"College {n}", weight=weight) for n, weight in enumerate(weights)]
    assert list(_faults(settings)) == []


@ON_SQLITE
async def test_names_tell_colleges_apart(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        refused = await _set(client, [_THREE[0], {"name": "STUDENTS", "weight": "3/10"}, _THREE[2]])
    assert [one["code"] for one in refused.json()["errors"]] == ["college_twice", "college_twice"]


async def test_only_a_steward_sets_colleges_and_only_what_was_read(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    async with cooperative.as_(member) as client:
        refused = await _set(client, _THREE)
    async with cooperative.as_(cooperative.steward) as client:
        silent = await client.put("/v1/colleges", json={"colleges": _THREE})
        await _set(client, _THREE)
        stale = await _set(client, [])
        ended = await _set(client, [], version=1)
    assert (refused.status_code, refused.json()["facts"]["permission"]) == (403, "set_colleges")
    assert (silent.status_code, stale.status_code) == (428, 412)
    assert (ended.status_code, ended.json()["colleges"]) == (200, [])


async def test_a_member_is_placed_and_replaced(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    async with cooperative.as_(cooperative.steward) as client:
        first, second, _ = (await _set(client, _THREE)).json()["colleges"]
        path = f"/v1/members/{member.id}/college"
        placed = await client.post(path, json={"college": first["id"]})
        cooperative.clock.move(timedelta(days=10))
        moved = await client.post(path, json={"college": second["id"]})
        back = await client.post(path, json={"college": first["id"], "valid_from": "2026-03-05"})
        unknown = await client.post(path, json={"college": str(uuid4())})
        too_early = await client.post(path, json={"college": first["id"], "valid_from": "2026-01-01"})
        history = (await client.get(f"/v1/members/{member.id}")).json()["colleges"]
    assert (placed.status_code, moved.status_code) == (201, 201)
    assert history == [
        {"college": first["id"], "valid_from": "2026-03-02", "valid_to": "2026-03-12"},
        {"college": second["id"], "valid_from": "2026-03-12", "valid_to": None},
    ]
    assert [(one.status_code, one.json()["errors"][0]["code"]) for one in (back, unknown, too_early)] == [
        (422, "dates_out_of_order"),
        (422, "college_unknown"),
        (422, "college_unknown"),
    ]


async def test_changed_colleges_take_their_members_over_and_the_past_stays(cooperative: Cooperative) -> None:
    tenant = cooperative.organisation.organisation_id
    theo, ana, zoe = [await cooperative.admit(name) for name in ("Théo", "Ana", "Zoé")]
    async with cooperative.as_(cooperative.steward) as client:
        old = (await _set(client, _THREE)).json()["colleges"]
        for member, college in zip((theo, ana, zoe), old, strict=True):
            await client.post(f"/v1/members/{member.id}/college", json={"college": college["id"]})
        cooperative.clock.move(timedelta(days=20))
        wanted = [
            {"id": old[0]["id"], "name": "Students", "weight": "1/2"},
            {"id": old[1]["id"], "name": "Beneficiaries", "weight": "1/4"},
            {"name": "Public bodies", "weight": "1/4"},
        ]
        new = (await _set(client, wanted, version=1)).json()["colleges"]
    async with cooperative.database.read() as session:
        then, now_ = date(2026, 3, 21), date(2026, 3, 22)
        everybody = [theo.id, ana.id, zoe.id]
        before = await queries.colleges_of(session, tenant, everybody, then)
        after = await queries.colleges_of(session, tenant, everybody, now_)
        sums = [
            sum(Fraction(one.weight) for one in await queries.colleges(session, tenant, day)) for day in (then, now_)
        ]
        open_ones = select(CollegeMember).where(col(CollegeMember.valid_to).is_(None))
        assert len((await session.execute(open_ones)).all()) == 2
        assert await queries.colleges_of(session, tenant, [], then) == {}
    assert new[0]["id"] == old[0]["id"]
    assert new[1]["id"] != old[1]["id"]
    assert {one: share.weight for one, share in before.items()} == {
        theo.id: Fraction(1, 2),
        ana.id: Fraction(3, 10),
        zoe.id: Fraction(1, 5),
    }
    assert {one: (share.name, share.weight) for one, share in after.items()} == {
        theo.id: ("Students", Fraction(1, 2)),
        ana.id: ("Beneficiaries", Fraction(1, 4)),
    }
    assert sums == [1, 1]


async def test_a_setting_follows_the_one_before_it(cooperative: Cooperative) -> None:
    async with cooperative.as_(cooperative.steward) as client:
        old = (await _set(client, _THREE)).json()["colleges"]
        early = await _set(client, [], version=1, valid_from="2026-03-01")
        twice = [{**one, "id": old[0]["id"]} for one in _THREE[:2]]
        wrong = await _set(client, [*twice, {**_THREE[2], "id": str(uuid4())}], version=1)
        later = await _set(client, [], version=1, valid_from="2026-04-01")
        today = (await client.get("/v1/colleges")).json()["colleges"]
        then = (await client.get("/v1/colleges", params={"on": "2026-04-01"})).json()["colleges"]
    assert [one["code"] for one in early.json()["errors"]] == ["dates_out_of_order"]
    assert [one["pointer"] for one in wrong.json()["errors"]] == [f"/body/colleges/{n}/id" for n in range(3)]
    assert (later.status_code, len(today), then) == (200, 3, [])


@given(st.lists(st.fractions(0, 1, max_denominator=20), max_size=8))
def test_a_setting_is_faultless_exactly_when_the_law_allows_it(weights: list[Fraction]) -> None:
    settings = [CollegeSetting(name=f"College {n}", weight=str(weight)) for n, weight in enumerate(weights)]
    lawful = not weights or (
        len(weights) >= LEAST_COLLEGES
        and sum(weights) == 1
        and all(LEAST_SHARE <= one <= LARGEST_SHARE for one in weights)
    )
    assert (not list(_faults(settings))) == lawful
