"""A facilitator who tests an objection on its logic alone reads an answer to each criterion that it names."""

from typing import Any

from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]
ANSWERS = {"new": "Nobody was asked for one before.", "certain": "It is written in the text."}


async def test_each_criterion_comes_with_its_answer(world: World) -> None:
    path = await world.at_objecting(PEOPLE, judge="facilitator_logic")
    objection: dict[str, Any] = {"value": "objection", "text": "No receipt.", "harms": "aim", "revision": 1}
    objection |= {"criteria": list(ANSWERS), "answers": ANSWERS}
    for language, said in (("en", "criteria that you name"), ("fr", "critères que vous citez")):
        strayed = {**objection, "criteria": ["new"]}
        refused = await world.call("Driss", "POST", f"{path}/positions", strayed, Accept_Language=language)
        [fault] = refused.json()["errors"]
        assert (refused.status_code, fault["pointer"]) == (422, "/body/answers")
        assert said in fault["detail"]
    await world.do("Driss", "POST", f"{path}/positions", objection)
    await world.answer(["Bilal", "Chloé"], path)
    assert (await world.do("Bilal", "GET", path))["phase"]["kind"] == "testing"
    texts = {"text": "No receipt.", **{f"answers/{name}": answer for name, answer in ANSWERS.items()}}
    [matter] = (await world.do("Bilal", "GET", f"{path}/objections"))["items"]
    assert (matter["facts"]["criteria"], matter["texts"]) == (list(ANSWERS), texts)
    [word] = [one for one in (await world.do("Bilal", "GET", f"{path}/words"))["items"] if one["texts"]]
    assert word["texts"] == texts
