"""A secret vote: who has voted is known, what was voted is known, and nothing that is kept joins the two."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.proposals.replay import replay
from tests.api.exports import exported, replayed, told
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaëlle", "Hugo"]
CAST = ["for", "against", "for", "for", "abstain", "against", "for"]


async def opened(world: World, **options: Any) -> str:
    return await world.at_ballot(PEOPLE, visibility="secret", **options)


async def cast(world: World, who: str, path: str, value: str, **more: Any) -> Any:
    return await world.do(who, "POST", f"{path}/ballots", {"value": value, "revision": 1, **more})


async def test_a_secret_vote_is_counted_and_told_without_names(world: World) -> None:
    path = await opened(world)
    trackers = {}
    for who, value in zip(PEOPLE, CAST, strict=False):
        receipt = await cast(world, who, path, value)
        trackers[who] = receipt["tracker"]
        assert UUID(receipt["tracker"]).version == 4
        assert (receipt["value"], receipt["event"], receipt["cast_at"]) == (value, None, None)
    assert len(set(trackers.values())) == len(CAST)
    during = json.dumps(await exported(world))
    assert "ballot.cast" not in during
    assert not any(tracker in during for tracker in trackers.values())
    page = await world.do("Ana", "GET", path)
    assert [step["name"] for step in page["available_steps"] if step["due"]] == []
    assert [step["due"] for step in (await world.do("Hugo", "GET", path))["available_steps"]] == [True]
    await world.pass_time(days=6)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["facts"]["for"]) == ("adopted", 4)
    assert (await replayed(world, path)).outcome is not None
    leaves = [json.loads(line["leaf"]) for line in await exported(world)]
    assert [leaf["data"]["voters"] for leaf in leaves if leaf["type"] == "participation.sealed"] == [len(CAST)]
    assert [leaf["data"]["slips"] for leaf in leaves if leaf["type"] == "urn.sealed"] == [len(CAST)]
    assert not any(leaf["type"] == "ballot.cast" for leaf in leaves)


async def test_everybody_counts_the_urn_again_and_finds_their_own(world: World) -> None:
    people = [*PEOPLE, *(f"Elector{n}" for n in range(13))]
    path = await world.at_ballot(people, visibility="secret")
    mine = {}
    for who, value in zip(people[:20], [*CAST, *CAST, *CAST], strict=False):
        mine[(await cast(world, who, path, value))["tracker"]] = value
    assert (await world.do("Ana", "GET", f"{path}/urn"))["items"] == [], "not before the close"
    await world.pass_time(days=6)
    found: list[Any] = []
    address: str | None = f"{path}/urn?round=1&limit=9"
    while address:
        answer = await world.call("Hugo", "GET", address)
        found += answer.json()["items"]
        address = answer.headers["link"].split(";")[0].strip("<>") if answer.json()["next"] else None
    assert {slip["tracker"]: slip["choice"] for slip in found} == mine
    assert [slip["tracker"] for slip in found] == sorted(mine)
    lines = "".join(f"{slip['tracker']}\t{slip['choice']}\t\t\t\n" for slip in found)
    leaves = [json.loads(line["leaf"]) for line in await exported(world)]
    [sealed] = [leaf["data"] for leaf in leaves if leaf["type"] == "urn.sealed"]
    assert sealed["digest"] == hashlib.sha256(lines.encode()).hexdigest()


async def test_the_last_voter_ends_the_vote(world: World) -> None:
    path = await opened(world)
    for who in PEOPLE:
        await cast(world, who, path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def test_a_secret_ballot_is_replaced_by_its_tracker_alone(world: World) -> None:
    path = await opened(world)
    first = await cast(world, "Ana", path, "for")
    other = await cast(world, "Bilal", path, "against")
    again = await world.call("Ana", "POST", f"{path}/ballots", {"value": "against", "revision": 1})
    assert (again.status_code, again.json()["code"]) == (409, "voted_in_secret")
    made_up = {"value": "against", "revision": 1, "tracker": "00000000-0000-4000-8000-000000000000"}
    unknown = await world.call("Ana", "POST", f"{path}/ballots", made_up)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "tracker_unknown")
    replaced = await cast(world, "Ana", path, "abstain", tracker=first["tracker"])
    assert replaced["tracker"] not in (first["tracker"], other["tracker"])
    used = {"value": "for", "revision": 1, "tracker": first["tracker"]}
    assert (await world.call("Ana", "POST", f"{path}/ballots", used)).status_code == 422
    for who in PEOPLE[2:]:
        await cast(world, who, path, "for")
    facts = (await world.do("Ana", "GET", path))["outcome"]["reasons"][0]["facts"]
    assert (facts["for"], facts["against"], facts["abstain"]) == (6, 1, 1)


async def test_no_answer_is_kept_that_names_voter_and_vote(world: World) -> None:
    path = await opened(world)
    ballot = {"value": "for", "revision": 1}
    refused = await world.call("Ana", "POST", f"{path}/ballots", ballot, Idempotency_Key="once")
    assert (refused.status_code, refused.json()["code"]) == (422, "secret_unkeyed")
    assert (await cast(world, "Ana", path, "for"))["tracker"]


async def test_nothing_that_is_kept_joins_voter_and_vote(world: World) -> None:
    """By key, by order, by time, in the log, and by the number of the transaction that wrote a row."""
    path = await opened(world)
    order = ["Emma", "Ana", "Hugo", "Chloé", "Bilal", "Gaëlle", "Driss"]
    voted = {who: f"{'for' if n % 2 else 'against'}" for n, who in enumerate(order)}
    trackers = {who: (await cast(world, who, path, value))["tracker"].replace("-", "") for who, value in voted.items()}
    secrets = {tracker: str(world.members[who].pseudonym) for who, tracker in trackers.items()}
    await world.pass_time(days=6)
    tables = await _rows(world)
    assert tables["urn_slip"] == []
    assert {row["tracker"].replace("-", "") for row in tables["counted_slip"]} == set(trackers.values())
    slip_columns = set(tables["counted_slip"][0]) - {"organisation_id", "process_id", "round", "xmin"}
    assert not slip_columns & set(tables["participation"][0]), "no key but the vote's own"
    assert not any("at" in name.split("_") for name in {*slip_columns, *tables["participation"][0]}), "no time"
    in_order = [row["tracker"] for row in tables["counted_slip"]]
    assert in_order == sorted(in_order), "the place in the file is the order of random numbers"
    for tracker, pseudonym in secrets.items():
        for name, rows in tables.items():
            together = [row for row in rows if tracker in str(row).replace("-", "") and pseudonym in str(row)]
            assert together == [], name
    if not world.database.is_sqlite:
        written = {row["xmin"] for row in tables["counted_slip"]}
        assert len(written) == 1, "one transaction wrote them all"
        assert not written & {row["xmin"] for row in tables["participation"]}


async def test_a_vote_that_ends_leaves_no_trace_where_another_goes_on(world: World) -> None:
    """Without a count, too: the proposal is withdrawn. The other vote's slips lie in order then, written at once."""
    path = await opened(world)
    other = await world.admitted("Chloé", "gestion", "Bilal", "Opening hours")
    trackers = [(await cast(world, who, other, "for"))["tracker"] for who in PEOPLE[:5]]
    for who in PEOPLE[:3]:
        await cast(world, who, path, "against")
    await world.do("Ana", "POST", f"{path}/withdrawal", {})
    slips = (await _rows(world))["urn_slip"]
    assert [row["tracker"].replace("-", "") for row in slips] == sorted(one.replace("-", "") for one in trackers)
    assert len({row.get("xmin") for row in slips}) == 1
    events = told(await exported(world), path.rpartition("/")[2])
    assert [one.data["slips"] for one in events if one.type == "urn.discarded"] == [3]
    assert replay(events, world.app.state.catalogue).end == "proposal.withdrawn"
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", other))["outcome"]["reasons"][0]["facts"]["for"] == 5


async def test_who_left_after_voting_in_secret_still_counts(world: World) -> None:
    path = await opened(world)
    await cast(world, "Bilal", path, "for")
    await world.leave("Bilal")
    await cast(world, "Chloé", path, "for")
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", path))["outcome"]["reasons"][0]["facts"]["for"] == 2
    assert (await replayed(world, path)).outcome is not None


@pytest.mark.parametrize("value", ["for", "nonsense"])
async def test_outsiders_and_nonsense_leave_no_trace(world: World, value: str) -> None:
    path = await opened(world)
    who = "Salomé" if value == "for" else "Ana"
    refused = await world.call(who, "POST", f"{path}/ballots", {"value": value, "revision": 1})
    assert refused.status_code == (403 if value == "for" else 422)
    tables = await _rows(world)
    assert (tables["participation"], tables["urn_slip"]) == ([], [])


async def _rows(world: World) -> dict[str, list[dict[str, Any]]]:
    """The tables of a vote, row by row as they lie in the file, with the transaction that wrote each."""
    more = "" if world.database.is_sqlite else ", xmin::text AS xmin"
    names = ("participation", "urn_slip", "counted_slip", "idempotent_answer", "journal_event", "journal_disclosure")
    found = {}
    async with world.database.read() as session:
        for name in names:
            rows = await session.execute(text(f"SELECT *{more} FROM {name}"))  # noqa: S608 - names from above
            found[name] = [{key: str(value) for key, value in row.items()} for row in rows.mappings()]
    return found
