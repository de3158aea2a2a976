"""What cannot be right is refused at the door with the right problem, on every database, and changes nothing."""

import json
from typing import Any
from uuid import uuid4

import httpx

from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
TENSION = {"driver": "d", "example": "e", "requirement": "r"}
JSON = "application/json"


async def test_what_is_no_json_is_refused(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    for body, kind, status, code in (
        (b"{", JSON, 422, "invalid"),
        (b'{"driver": "d",}', JSON, 422, "invalid"),
        (b"[]", JSON, 422, "invalid"),
        (b"null", JSON, 422, "invalid"),
        (b"", JSON, 422, "invalid"),
        (b"[" * 100_000, JSON, 400, "bad_request"),
        (b'{"driver":' * 5_000 + b"1" + b"}" * 5_000, JSON, 400, "bad_request"),
        (b'{"driver": "\xff"}', JSON, 422, "invalid"),
        (b'{"driver": "\xed\xa0\x80", "example": "e", "requirement": "r"}', JSON, 422, "invalid"),
        (json.dumps(TENSION).encode("utf-16"), JSON, 422, "invalid"),
        (b'{"driver": ' + b"9" * 10_000 + b"}", JSON, 400, "bad_request"),
        (json.dumps(TENSION).encode(), "text/plain", 415, "unsupported_media_type"),
        (json.dumps(TENSION).encode(), "application/xml", 415, "unsupported_media_type"),
        (json.dumps(TENSION).encode(), "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (json.dumps(TENSION).encode(), "", 415, "unsupported_media_type"),
        (json.dumps(TENSION).encode(), "rubbish", 415, "unsupported_media_type"),
    ):
        answer = await _post(world, "Ana", "/v1/tensions", body, kind)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (body[:40], kind, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert changed(before, await contents(world)) == []
    assert (
        await _post(world, "Ana", "/v1/tensions", json.dumps(TENSION).encode(), f"{JSON}; charset=utf-8")
    ).is_success


async def test_a_fault_in_json_points_at_the_body(world: World) -> None:
    answer = await _post(world, "Salomé", "/v1/tensions", b'{"driver": x}', JSON)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/body", "json_invalid")]


async def test_a_body_above_the_limit_is_refused_before_it_is_read(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    most = world.app.state.settings.max_body_bytes
    big = json.dumps(TENSION | {"driver": "x" * most}).encode()
    for sent in (big, _in_pieces(big)):
        answer = await _post(world, "Ana", "/v1/tensions", sent, JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["facts"] == {"limit": str(most)}
    lied = await world.client.post(
        "/v1/tensions",
        content=b"{}",
        headers={
            "Authorization": f"Bearer {world.secrets['Ana']}",
            "Content-Type": JSON,
            "Content-Length": "9" * 40,
        },
    )
    assert lied.status_code == 413
    anybody = await world.client.post("/sign-in", content=b"x" * (most + 1))
    assert anybody.status_code == 413
    assert changed(before, await contents(world)) == []


async def test_characters_that_nothing_can_keep_are_refused_where_they_stand(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    draft = await world.draft("Ana", "gestion")
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    before = await contents(world)
    for bad in ("\x00", "a\x00b", "\ud800", "\udfff x", "\udc00\ud800"):
        for who, method, address, body, pointer in (
            ("Ana", "POST", "/v1/tensions", TENSION | {"driver": bad}, "/body/driver"),
            ("Ana", "POST", "/v1/tensions", TENSION | {bad: "x"}, "/body"),
            ("Ana", "PUT", f"/v1/proposals/{draft['id']}/text", text | {"body": bad}, "/body/body"),
            ("Bilal", "POST", f"{path}/positions", _concern(bad), "/body/text"),
            ("Bilal", "POST", f"{path}/positions", _concern("x") | {"targets": ["body", bad]}, "/body/targets/1"),
            ("Salomé", "POST", "/v1/members", {"name": bad, "email": "a@b.example"}, "/body/name"),
            (
                "Salomé",
                "PUT",
                f"/v1/circles/{world.circles['gestion'].id}/decision-rule",
                _options(bad),
                "/body/options/x",
            ),
        ):
            answer = await _post(world, who, address, json.dumps(body).encode(), JSON, method)
            assert answer.status_code == 422, (bad, address, answer.text)
            assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, "no_text")]
    assert changed(before, await contents(world)) == []
    kept = await world.do("Ana", "POST", "/v1/tensions", TENSION | {"driver": "😀 \\u0000 é"})
    assert kept["driver"] == "😀 \\u0000 é", "a backslash is a character like any other"


async def test_an_address_with_a_nul_names_nothing(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    for address, status in (
        (f"{path}/words?form=%00", 422),
        (f"{path}/electorate?cursor=%00", 422),
        ("/v1/proposals?state=%00", 422),
        ("/v1/organisations/%00/log", 404),
        ("/v1/proposals/%00", 404),
        ("/problems/%00", 404),
    ):
        answer = await world.call("Ana", "GET", address)
        assert answer.status_code == status, (address, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_huge_numbers_and_wrong_kinds_are_refused_with_pointers(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    before = await contents(world)
    for body, pointer in (
        ({"value": "consent"}, "/body/revision"),
        ({"value": "consent", "revision": 0}, "/body/revision"),
        ({"value": "consent", "revision": -(10**30)}, "/body/revision"),
        ({"value": "consent", "revision": "one"}, "/body/revision"),
        ({"value": "consent", "revision": 1.5}, "/body/revision"),
        ({"value": "consent", "revision": None}, "/body/revision"),
        ({"value": "maybe", "revision": 1}, "/body/value"),
        ({"value": ["consent"], "revision": 1}, "/body/value"),
        ({"value": "objection", "revision": 1}, "/body/text"),
        ({"value": "objection", "revision": 1, "text": "No."}, "/body/harms"),
        ({"value": "objection", "revision": 1, "text": "   ", "harms": "aim"}, "/body/text"),
        ({"value": "objection", "revision": 1, "text": "x" * 10_001, "harms": "aim"}, "/body/text"),
        ({"value": "consent", "revision": 1, "surprise": True}, "/body/surprise"),
        ({"value": "consent", "revision": 1, "about": "w00000001"}, "/body/about"),
        ({"value": "stand_aside", "revision": 1}, "/body/value"),
    ):
        answer = await world.call("Bilal", "POST", f"{path}/positions", body)
        assert answer.status_code == 422, (body, answer.text)
        assert pointer in [one["pointer"] for one in answer.json()["errors"]], (body, answer.text)
    assert changed(before, await contents(world)) == []


async def test_a_proposal_that_cannot_be_right_is_refused(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    await world.circle("atelier", ["Ana", "Gaël", "Hawa"])
    tension = await world.do("Ana", "POST", "/v1/tensions", TENSION)
    good = _proposal(world, tension["id"], "gestion")
    before = await contents(world)
    twenty_one = [{"kind": "adopt_agreement", "domain_id": str(world.domains["gestion"].id)}] * 21
    unknown = {"kind": "adopt_agreement", "domain_id": str(uuid4())}
    of_two = [{"kind": "adopt_agreement", "domain_id": str(one.id)} for one in world.domains.values()]
    for part, pointer, code in (
        ({"review_on": "2026-03-02"}, "/body/review_on", "date_not_future"),
        ({"review_on": "2020-01-01"}, "/body/review_on", "date_not_future"),
        ({"review_on": "2026-02-30"}, "/body/review_on", None),
        ({"changes": []}, "/body/changes", "too_short"),
        ({"changes": twenty_one}, "/body/changes", "too_long"),
        ({"changes": [unknown]}, "/body/changes/0/domain_id", "unknown_domain"),
        ({"changes": of_two}, "/body/changes/1/domain_id", "held_by"),
        ({"changes": [{"kind": "dissolve", "domain_id": str(uuid4())}]}, "/body/changes/0/kind", "literal_error"),
        ({"title": "x" * 201}, "/body/title", "string_too_long"),
        ({"title": " "}, "/body/title", "string_too_short"),
        ({"circle_id": str(world.circles["atelier"].id)}, "/body/circle_id", "extra_forbidden"),
    ):
        answer = await world.call("Ana", "POST", "/v1/proposals", good | part)
        faults = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
        assert answer.status_code == 422, (part, answer.text)
        assert pointer in faults, (part, faults)
        assert code is None or faults[pointer] == code, (part, faults)
    outsider = await world.call("Gaël", "POST", "/v1/proposals", good)
    assert (outsider.status_code, outsider.json()["code"]) == (403, "no_voice_in_circle")
    nothing = await world.call("Ana", "POST", "/v1/proposals", good | {"tension_id": str(uuid4())})
    assert nothing.status_code == 404
    assert changed(before, await contents(world)) == []


async def test_an_unknown_rule_or_option_is_refused_with_a_pointer(world: World) -> None:
    circle = await world.circle("gestion", PEOPLE)
    address = f"/v1/circles/{circle.id}/decision-rule"
    etag = (await world.call("Salomé", "GET", address)).headers["etag"]
    before = await contents(world)
    for body, code, pointer in (
        ({"slug": "show_of_hands", "options": {}}, "unknown_decision_rule", "/body/slug"),
        ({"slug": "consent", "version": 99, "options": {}}, "unknown_decision_rule", "/body/version"),
        ({"slug": "consent", "version": 10**30, "options": {}}, "unknown_decision_rule", "/body/version"),
        (
            {"slug": "consent", "options": {"min_participation": "3/2"}},
            "invalid_rule_options",
            "/body/options/min_participation",
        ),
        ({"slug": "consent", "options": {"mercy": 1}}, "invalid_rule_options", "/body/options/mercy"),
        ({"slug": "consent", "options": {"tolerance": 10_001}}, "invalid_rule_options", "/body/options/tolerance"),
        ({"slug": "consent", "options": {"tolerance": -1}}, "invalid_rule_options", "/body/options/tolerance"),
        (
            {"slug": "consent", "options": {"durations": {"objecting": "soon"}}},
            "invalid_rule_options",
            "/body/options/durations/objecting",
        ),
    ):
        answer = await world.call("Salomé", "PUT", address, body, If_Match=etag)
        assert (answer.status_code, answer.json()["code"]) == (422, code), (body, answer.text)
        assert pointer in [one["pointer"] for one in answer.json()["errors"]], answer.text
    assert changed(before, await contents(world)) == []


def _concern(text: str) -> dict[str, Any]:
    return {"value": "consent_with_concern", "revision": 1, "text": text}


def _options(text: str) -> dict[str, Any]:
    return {"slug": "consent", "options": {"x": text}}


def _proposal(world: World, tension: str, circle: str) -> dict[str, Any]:
    return {
        "tension_id": tension,
        "title": "Refund",
        "body": "Within a week.",
        "changes": [{"kind": "adopt_agreement", "domain_id": str(world.domains[circle].id)}],
        "review_on": "2027-03-01",
    }


async def _post(world: World, who: str, address: str, body: Any, kind: str, method: str = "POST") -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.secrets[who]}", "If-Match": "*"}
    if kind:
        headers["Content-Type"] = kind
    return await world.client.request(method, address, content=body, headers=headers)


async def _in_pieces(body: bytes) -> Any:
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]
