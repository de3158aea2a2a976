"""A refusal is one shape everywhere: RFC 9457, in English and French, with a page that explains its type."""

import json
import logging
from html import escape
from typing import Any

import pytest

from app.foundation.language import LANGUAGES, text
from tests.api.observing import changed, contents
from tests.api.world import World
from tests.reference import refusals

PEOPLE = ["Ana", "Bilal", "Chloé"]


async def test_a_refusal_is_a_problem_in_the_callers_language(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    body = {"value": "consent", "revision": 1}
    english = await world.call("Salomé", "POST", f"{path}/positions", body, Accept_Language="en-GB")
    french = await world.call("Salomé", "POST", f"{path}/positions", body, Accept_Language="fr-BE, en;q=0.5")
    for answer, language in ((english, "en"), (french, "fr")):
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
        assert (answer.status_code, problem["status"], problem["code"]) == (403, 403, "not_in_electorate")
        assert problem["type"] == "/problems/not_in_electorate"
        assert problem["instance"] == f"{path}/positions"
        assert len(problem["request_id"]) == 36
    assert english.json()["title"] == "You are not in this electorate"
    assert french.json()["title"] == "Vous ne faites pas partie des personnes consultées"
    assert english.json()["request_id"] != french.json()["request_id"]


async def test_every_type_has_a_page_in_both_languages(world: World) -> None:
    for refusal in refusals():
        page = await world.call(None, "GET", f"/problems/{refusal.code}")
        assert "{" not in page.text.partition("</style>")[2], "a fact that only the refusal itself knows"
        assert page.status_code == 200, refusal.code
        for language in LANGUAGES:
            assert escape(text(f"title.{refusal.code}", language)) in page.text, (refusal.code, language)
    assert (await world.call(None, "GET", "/problems/internal")).status_code == 200
    unknown = await world.call(None, "GET", "/problems/no_such_thing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_faults_point_at_what_is_wrong(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    body = {"driver": "", "example": 7, "requirements": "x"}
    answer = await world.call("Ana", "POST", "/v1/tensions", body, Accept_Language="fr")
    faults = {fault["pointer"]: fault for fault in answer.json()["errors"]}
    assert answer.status_code == 422
    assert {pointer: fault["code"] for pointer, fault in faults.items()} == {
        "/body/driver": "string_too_short",
        "/body/example": "string_type",
        "/body/requirement": "missing",
        "/body/requirements": "extra_forbidden",
    }
    assert faults["/body/requirement"]["detail"] == "Ce champ est obligatoire."


async def test_a_wrong_method_is_told_all_the_right_ones(world: World) -> None:
    one = "0198c1d2-5b7e-7000-8000-000000000000"
    for method, address, allowed in (
        ("DELETE", "/v1/proposals", "GET, POST"),
        ("PATCH", f"/v1/proposals/{one}", "GET"),
        ("POST", f"/v1/proposals/{one}/text", "PUT"),
        ("GET", f"/v1/proposals/{one}/positions", "POST"),
        ("DELETE", f"/v1/members/{one}", "GET, PUT"),
        ("PUT", "/v1/me/tokens", "GET, POST"),
        ("POST", "/healthz", "GET"),
    ):
        answer = await world.call("Salomé", method, address)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == allowed
        assert allowed in answer.json()["detail"]


async def test_an_address_that_does_not_exist_is_a_problem_too(world: World) -> None:
    for address in ("/v1/nothing", "/v1/proposals/not-a-uuid/text/more", "/nothing"):
        answer = await world.call("Salomé", "GET", address)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_what_nobody_foresaw_says_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("secret of the machine")

    monkeypatch.setattr("app.proposals.routes.tensions.queries.tensions", fails)
    with caplog.at_level(logging.CRITICAL):
        answer = await world.call("Salomé", "GET", "/v1/tensions", Accept_Language="fr")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "machine" not in answer.text
    assert answer.json()["title"] == "Erreur imprévue"


async def test_a_refusal_says_which_right_is_missing_and_who_has_it(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    before = await contents(world)
    refused = await world.call("Ana", "POST", f"{path}/admission", Accept_Language="en")
    assert refused.json()["facts"]["permission"] == "admit"
    assert "acts as the circle's facilitator" in refused.json()["detail"]
    french = await world.call("Ana", "POST", f"{path}/admission", Accept_Language="fr")
    assert "Admettre une proposition" in french.json()["detail"]
    assert "assure la facilitation du cercle" in french.json()["detail"]
    assert changed(before, await contents(world)) == []


async def test_no_fact_of_a_problem_is_markup_on_its_page(world: World) -> None:
    answer = await world.call(None, "GET", "/problems/<script>")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["instance"] in {"/problems/<script>", escape("/problems/<script>")}


async def test_whoever_hangs_up_is_no_fault_of_the_service(world: World, caplog: pytest.LogCaptureFixture) -> None:
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answered.append(message)

    headers = [(b"content-length", b"50"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/tensions", "raw_path": b"/v1/tensions", "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 8000), "root_path": "",
    }  # fmt: skip
    await world.app(scope, receive, send)
    assert answered[0]["status"] == 400
    assert caplog.text == ""
