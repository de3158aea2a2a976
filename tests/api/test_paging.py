"""Lists are read by cursor: stable while others write, and no cursor that was tampered with reads anything."""

import asyncio
import base64
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.observing import statements
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
TENSION = {"driver": "d", "example": "e", "requirement": "r"}


async def test_a_list_is_read_whole_once_and_in_order_while_others_write(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    made = [(await world.do("Ana", "POST", "/v1/tensions", TENSION))["id"] for _ in range(5)]
    read: list[str] = []
    address: str | None = "/v1/tensions?limit=2"
    while address:
        answer = await world.call("Bilal", "GET", address)
        page = answer.json()
        read += [item["id"] for item in page["items"]]
        address = None if page["next"] is None else _link(answer.headers["link"])
        assert (page["next"] is None) == ("link" not in answer.headers)
        await world.do("Ana", "POST", "/v1/tensions", TENSION)
    assert read == list(reversed(made))


async def test_the_link_keeps_the_filters(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    for title in ("One", "Two", "Three"):
        await world.draft("Ana", "gestion", title)
    first = await world.call("Ana", "GET", "/v1/proposals?limit=2&state=draft")
    following = _link(first.headers["link"])
    assert "state=draft" in following
    assert first.json()["next"] in following
    [item] = (await world.do("Ana", "GET", following))["items"]
    assert item["title"] == "One"


async def test_who_lists_at_the_same_time_sees_their_own_drafts_and_nobody_elses(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    shown = (await world.admitted("Ana", "gestion", "Bilal")).rsplit("/", 1)[1]
    drafts = {who: (await world.draft(who, "gestion"))["id"] for who in ("Bilal", "Driss")}
    readers = PEOPLE * 2
    answers = await asyncio.gather(*(world.do(who, "GET", "/v1/proposals") for who in readers))
    for who, page in zip(readers, answers, strict=True):
        hidden = [drafts[who]] if who in drafts else []
        assert [item["id"] for item in page["items"]] == [*hidden, shown]


async def test_what_was_said_and_written_is_read_page_by_page(world: World) -> None:
    await world.circle("gestion", PEOPLE, options={"begins_with": "objecting", "judge": "none", "max_rounds": 1})
    draft = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "changes", "review_on")}
    for n in range(4):
        await world.do("Ana", "PUT", f"{path}/text", {**text, "body": f"Text {n}."}, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    objection = {"value": "objection", "harms": "aim", "revision": 1}
    for who in PEOPLE[1:]:
        await world.do(who, "POST", f"{path}/positions", {**objection, "text": "Not yet."})
        if who != PEOPLE[-1]:
            assert await _pages(world, who, f"{path}/words?limit=1") == [[f"{who} Not yet."]], "the round is sealed"
    said = [f"{who} Not yet." for who in PEOPLE[1:]]
    assert await _pages(world, "Ana", f"{path}/words?limit=3&form=position") == [said[:3], said[3:]]
    assert await _pages(world, "Ana", f"{path}/objections?limit=3") == [said[:3], said[3:]]
    texts = await _pages(world, "Bilal", f"{path}/revisions?limit=2")
    assert [len(page) for page in texts] == [2, 2, 1]
    assert [text for page in texts for text in page][1:] == [f"Text {n}." for n in range(4)]
    for address in ("words", "objections", "revisions"):
        refused = await world.call("Ana", "GET", f"{path}/{address}?cursor={_encoded([None])}")
        assert refused.json()["errors"][0]["pointer"] == "/query/cursor"
    for number in (-1, 0, 2**62):
        assert (await world.call("Ana", "GET", f"{path}/revisions?cursor={_encoded([number])}")).is_success


async def test_a_page_costs_the_same_however_much_was_said(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await world.admitted("Ana", "gestion", "Bilal")
    costs = []
    for asked in (1, 12):
        for n in range(asked):
            question = {"value": "question", "text": f"Question {n}?", "revision": 1}
            await world.do(PEOPLE[1 + n % 4], "POST", f"{path}/questions", question)
        for address in ("words", "words?limit=1", "objections", "revisions", "rounds"):
            with statements(world) as sent:
                await world.do("Ana", "GET", f"{path}/{address}")
            costs.append(len(sent))
    assert costs[:5] == costs[5:]


async def _pages(world: World, who: str, address: str) -> list[list[str]]:
    """Every page of a list, each item by who said it and what, or by its text."""
    found = []
    following: str | None = address
    while following:
        answer = await world.call(who, "GET", following)
        assert answer.is_success, answer.text
        found.append(
            [one.get("body") or f"{one['by']['name']} {one['texts']['text']}" for one in answer.json()["items"]]
        )
        following = _link(answer.headers["link"]) if "link" in answer.headers else None
    return found


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "99999999999999999999"])
async def test_a_page_holds_between_1_and_200_items(world: World, limit: str) -> None:
    refused = await world.call("Salomé", "GET", f"/v1/members?limit={limit}")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/limit")
    assert len((await world.do("Salomé", "GET", "/v1/members?limit=200"))["items"]) == 1


async def test_a_cursor_that_was_tampered_with_is_refused(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    forged: tuple[Any, ...] = (
        [1],
        ["not an id"],
        [],
        ["a", "b"],
        {"a": 1},
        None,
        [None],
        [True],
        ["\x00"],
        ["\ud800"],
        [10**30],
        [[[]]],
    )
    cursors = ["", "!", "%00", "é", "A" * 600, "W" * 511, *(_encoded(one) for one in forged)]
    lists = ("/v1/proposals", "/v1/tensions", "/v1/members", "/v1/circles", "/v1/agreements", "/v1/me/sessions")
    for cursor in cursors:
        for address in lists:
            refused = await world.call("Ana", "GET", f"{address}?cursor={cursor}")
            assert refused.status_code == 422, (address, cursor, refused.text)
            assert refused.json()["errors"][0]["pointer"] == "/query/cursor"
    for forgery in (["\x00"], ["\ud800"]):
        refused = await world.call("Ana", "GET", f"{path}/electorate?cursor={_encoded(forgery)}")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor")


async def test_the_log_is_read_by_index_within_bounds(world: World) -> None:
    await world.worker.sequence_all()
    log = "/v1/organisations/ardoise/log/events"
    assert len((await world.do("Salomé", "GET", f"{log}?limit=1"))["items"]) == 1
    for query in ("after=-1", "after=x", f"after={10**30}", "limit=0", "limit=201"):
        refused = await world.call("Salomé", "GET", f"{log}?{query}")
        assert refused.status_code == 422, (query, refused.text)


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _link(header: str) -> str:
    address, _, relation = header.partition(">; ")
    assert relation == 'rel="next"'
    return urlsplit(address.removeprefix("<")).geturl()
