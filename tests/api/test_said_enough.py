"""Nobody drowns what the others say: one form is said so often about one subject in a round, and no more."""

from typing import Any

from app.proposals.deliberation.hearing import MOST_WORDS
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]


async def test_questions_have_a_limit_for_each_person(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await world.admitted("Ana", "gestion", "Bilal")
    await _comes_to_an_end(world, "Driss", path, "question", {"value": "question", "text": "Why?", "revision": 1})
    await world.do("Chloé", "POST", f"{path}/questions", {"value": "question", "text": "When?", "revision": 1})
    answer = {"value": "answered", "text": "For this reason.", "revision": 1}
    [first, *_, last] = [word["ref"] for word in (await world.do("Ana", "GET", f"{path}/words?limit=200"))["items"]]
    for _ in range(MOST_WORDS):
        await world.do("Ana", "POST", f"{path}/answers", {**answer, "about": first})
    again = await world.call("Ana", "POST", f"{path}/answers", {**answer, "about": first})
    assert again.json()["code"] == "said_enough"
    [step] = [one for one in (await world.do("Ana", "GET", path))["available_steps"] if one["name"] == "answer"]
    assert first not in step["about"]
    assert last in step["about"]
    await world.do("Ana", "POST", f"{path}/answers", {**answer, "about": last})


async def test_a_position_too_and_the_last_one_counts(world: World) -> None:
    path = await world.at_objecting(PEOPLE, min_participation="1")
    await _comes_to_an_end(world, "Driss", path, "position", {"value": "consent", "revision": 1})
    await world.answer(["Bilal", "Chloé"], path)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"


async def _comes_to_an_end(world: World, who: str, path: str, form: str, body: dict[str, Any]) -> None:
    for _ in range(MOST_WORDS):
        assert form in {step["name"] for step in (await world.do(who, "GET", path))["available_steps"]}
        await world.do(who, "POST", f"{path}/{form}s", body)
    before = await contents(world)
    for language, said in (("en", f"at most {MOST_WORDS} times"), ("fr", f"au plus {MOST_WORDS} fois")):
        refused = await world.call(who, "POST", f"{path}/{form}s", body, Accept_Language=language)
        assert (refused.status_code, refused.json()["code"]) == (409, "said_enough")
        assert said in refused.json()["detail"]
    assert changed(before, await contents(world)) == []
    steps = await world.do(who, "GET", f"{path}/steps")
    [closed] = [one for one in steps["closed_steps"] if one["name"] == form]
    assert (closed["reason"], bool(closed["detail"])) == ("said_enough", True)
