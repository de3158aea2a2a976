"""A selection without candidates over HTTP: nobody stands, somebody is elected, and has accepted."""

from typing import Any, Final

from tests.api.test_proxies import refusal
from tests.api.world import World

PEOPLE: Final = ["Ana", "Bilal", "Chloé", "Driss"]


async def known_as(world: World, path: str) -> dict[str, str]:
    """The pseudonyms of the electors, by name."""
    found = await world.do("Ana", "GET", f"{path}/electorate")
    return {one["member"]["name"]: one["pseudonym"] for one in found["items"]}


async def say(world: World, who: str, path: str, value: str, **more: Any) -> Any:
    return await world.call(who, "POST", path, {"value": value, "revision": 1, **more})


async def phase(world: World, path: str) -> str:
    found = (await world.do("Ana", "GET", path))["phase"]
    return str(found and found["kind"])


async def at_nominations(world: World, **options: Any) -> tuple[str, dict[str, str]]:
    """A selection whose role is confirmed; its path, and who is who."""
    await world.circle("gestion", PEOPLE, rule="selection", options=options)
    path = await world.admitted("Ana", "gestion", "Bilal", "Who keeps the till?")
    assert refusal(await say(world, "Ana", f"{path}/confirmations", "confirmed"))[0] == 403
    assert (await say(world, "Bilal", f"{path}/confirmations", "confirmed")).status_code == 201
    return path, await known_as(world, path)


async def at_proposing(world: World) -> tuple[str, dict[str, str]]:
    """Three of four have named Chloé in the end, and everybody was heard."""
    path, people = await at_nominations(world)
    for by, name in {"Ana": "Driss", "Bilal": "Driss", "Chloé": "Chloé", "Driss": "Chloé"}.items():
        assert (await say(world, by, f"{path}/nominations", people[name])).status_code == 201
    for by in PEOPLE:
        assert (await say(world, by, f"{path}/whys", "said", text="Open books.")).status_code == 201
    for by in PEOPLE[1:]:
        assert (await say(world, by, f"{path}/changes", "keep")).status_code == 201
    assert refusal(await say(world, "Ana", f"{path}/changes", people["Chloé"]))[0] == 422
    assert (await say(world, "Ana", f"{path}/changes", people["Chloé"], text="The books.")).status_code == 201
    return path, people


async def test_names_are_sealed_and_only_electors_can_be_named(world: World) -> None:
    path, people = await at_nominations(world)
    for name in ("s:nobody", "pass"):
        assert (await say(world, "Ana", f"{path}/nominations", name)).status_code == 422
    assert (await say(world, "Ana", f"{path}/nominations", people["Driss"])).status_code == 201
    for reader, seen in (("Ana", 1), ("Driss", 0)):
        assert len((await world.do(reader, "GET", f"{path}/words?form=nomination"))["items"]) == seen


async def test_somebody_is_elected_by_reasons_and_has_accepted(world: World) -> None:
    path, people = await at_proposing(world)
    assert await phase(world, path) == "proposing"
    assert refusal(await say(world, "Ana", f"{path}/proposed-people", people["Ana"], text="Me."))[0] == 403
    proposed = await say(world, "Bilal", f"{path}/proposed-people", people["Chloé"], text="Three spoke of the books.")
    assert proposed.status_code == 201, proposed.text
    assert (await world.do("Ana", "GET", path))["phase"]["subject"] == people["Chloé"]
    await world.answer(PEOPLE, path)
    assert refusal(await say(world, "Driss", f"{path}/acceptances", "accept"))[0] == 403
    [waiting] = (await world.do("Chloé", "GET", "/v1/me/todo"))["items"]
    assert [step["name"] for step in waiting["steps"]] == ["acceptance"]
    assert (await say(world, "Chloé", f"{path}/acceptances", "accept")).status_code == 201
    outcome = (await world.do("Ana", "GET", path))["outcome"]
    assert outcome["winners"] == [{"id": people["Chloé"], "title": "Chloé"}]
    assert [one["code"] for one in outcome["reasons"]] == ["elected", "named_by"]
    assert (await world.do("Ana", "GET", f"{path}/outcome"))["winners"] == outcome["winners"]


async def test_silence_elects_nobody(world: World) -> None:
    path, people = await at_nominations(world, basis="count")
    for by in PEOPLE:
        await say(world, by, f"{path}/nominations", people["Chloé"])
    await world.pass_time(days=10)
    outcome = (await world.do("Ana", "GET", path))["outcome"]
    assert (outcome["verdict"], outcome["winners"], outcome["reasons"][0]["code"]) == ("not_elected", [], "exhausted")
