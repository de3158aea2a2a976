"""An announcement over HTTP: it takes effect at the end of its window, or an objection hands it to consent."""

from datetime import timedelta
from typing import Any, Final

from tests.api.test_proxies import refusal
from tests.api.world import World

PEOPLE: Final = ["Ana", "Bilal", "Chloé", "Driss"]
THEN_CONSENT: Final[dict[str, Any]] = {
    "first": {"rule": "lazy_consensus"},
    "second": {"rule": "consent", "options": {"begins_with": "objecting"}},
    "on": ["objected"],
}


async def stance(world: World, who: str, path: str, value: str, **more: Any) -> Any:
    return await world.call(who, "POST", f"{path}/stances", {"value": value, "revision": 1, **more})


async def test_what_nobody_objects_to_and_somebody_supports_is_in_force(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="lazy_consensus", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for language, title in (("en", "Announced"), ("fr", "Annonce")):
        page = await world.do("Bilal", "GET", path, Accept_Language=language)
        assert (page["phase"]["title"], page["outcome"]) == (title, None)
    assert (await stance(world, "Bilal", path, "support")).status_code == 201
    assert (await stance(world, "Driss", path, "seen")).status_code == 201
    world.clock.move(timedelta(days=4))
    await world.worker.do_due()
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted"
    assert [reason["code"] for reason in page["outcome"]["reasons"]] == ["no_objection", "one_objection"]
    register = await world.do("Ana", "GET", "/v1/agreements")
    assert [one["title"] for one in register["items"]] == ["Refund of expenses"]


async def test_silence_carries_nothing(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="lazy_consensus", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    world.clock.move(timedelta(days=4))
    await world.worker.do_due()
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["code"]) == ("lapsed", "too_few_in_favour")
    assert (await world.do("Ana", "GET", "/v1/agreements"))["items"] == []


async def test_an_objection_needs_its_reason_and_hands_it_to_consent(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="fallback", options=THEN_CONSENT)
    path = await world.admitted("Ana", "gestion", "Bilal")
    for who, value in (("Ana", "support"), ("Bilal", "maybe")):
        assert (await stance(world, who, path, value)).status_code in (403, 422)
    assert refusal(await stance(world, "Driss", path, "objection"))[0] == 422
    assert (await stance(world, "Driss", path, "objection", text="The till does not hold as much.")).status_code == 201
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] == "objecting"
    assert refusal(await stance(world, "Bilal", path, "support"))[0] == 409
    await world.answer(PEOPLE[1:], path)
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["code"]) == ("adopted", "consent")
