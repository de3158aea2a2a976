"""Worked examples of a decision by consent, played over HTTP with their exact figures."""

from tests.api.stories import OBJECTION
from tests.api.world import World

PROPOSER = "Ana"
TWELVE = ["Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaël", "Hawa", "Inès", "Jules", "Karim", "Léa", "Malo"]
OPTIONS = {"silence_policy": "silence_is_consent", "min_participation": "2/3", "judge": "facilitator_logic"}


async def test_an_objection_is_integrated_and_the_new_text_adopted(world: World) -> None:
    """W37: 7 consent, 1 concern, 1 objection, 3 silent, then on the new text 9 consent, 3 silent; 8 of 12 needed."""
    path = await world.at_objecting([PROPOSER, *TWELVE], **OPTIONS)
    await world.answer(TWELVE[:7], path)
    concern = {"value": "consent_with_concern", "text": "Paper gets lost.", "revision": 1}
    await world.do(TWELVE[7], "POST", f"{path}/positions", concern)
    await world.do(TWELVE[8], "POST", f"{path}/positions", {**OBJECTION, "revision": 1})
    assert (await world.do(PROPOSER, "GET", path))["phase"]["kind"] == "objecting"
    await world.pass_time(days=4, hours=16)
    page = await world.do(PROPOSER, "GET", path)
    assert (page["phase"]["kind"], page["revision"]) == ("testing", 1)
    await world.do("Bilal", "POST", f"{path}/judgments", {"value": "valid", "text": "It names the law.", "revision": 1})
    amendment = {"value": "substantive", "body": "Within a week, against its receipt.", "revision": 1}
    await world.do(PROPOSER, "POST", f"{path}/amendments", amendment)
    for name in (PROPOSER, TWELVE[8]):
        await world.do(name, "POST", f"{path}/settlements", {"revision": 2})
    await world.answer(TWELVE[:9], path, revision=2)
    await world.pass_time(days=5)
    page = await world.do(PROPOSER, "GET", path)
    assert (page["state"], page["revision"]) == ("adopted", 2)
    facts = page["outcome"]["reasons"][0]["facts"]
    assert {name: facts[name] for name in ("answered", "needed", "of", "consents", "silent", "qualified")} == {
        "answered": 9,
        "needed": 8,
        "of": 12,
        "consents": 9,
        "silent": 3,
        "qualified": 0,
    }
    [agreement] = (await world.do(PROPOSER, "GET", "/v1/agreements"))["items"]
    detail = await world.do(PROPOSER, "GET", f"/v1/agreements/{agreement['id']}")
    assert detail["text"] == "Within a week, against its receipt."


async def test_too_few_answers_are_extended_once_and_then_escalated(world: World) -> None:
    """W37, variant: 6 consent, 6 silent; 6 is less than 8."""
    path = await world.at_objecting([PROPOSER, *TWELVE], **OPTIONS)
    await world.answer(TWELVE[:6], path)
    await world.pass_time(days=4, hours=16)
    page = await world.do(PROPOSER, "GET", path)
    assert (page["phase"]["kind"], page["phase"]["round"], page["phase"]["number"]) == ("objecting", 1, 2)
    assert page["phase"]["reasons"][0]["facts"]["needed"] == 8
    await world.pass_time(days=3)
    page = await world.do(PROPOSER, "GET", path)
    kinds = [phase["kind"] for one in await world.do(PROPOSER, "GET", f"{path}/rounds") for phase in one["phases"]]
    assert kinds == ["objecting", "objecting", "escalated"]
    assert (page["state"], page["outcome"]["verdict"]) == ("lapsed", "lapsed"), "there is no broader circle to decide"
    codes = [reason["code"] for reason in page["outcome"]["reasons"]]
    assert (codes[0], codes[-1]) == ("participation", "no_broader_circle")
    assert page["outcome"]["reasons"][0]["facts"]["answered"] == 6


async def test_the_last_word_of_each_before_the_close_counts(world: World) -> None:
    path = await world.at_objecting([PROPOSER, *TWELVE[:4]], **OPTIONS)
    await world.do("Driss", "POST", f"{path}/positions", {**OBJECTION, "revision": 1})
    await world.answer(["Driss", "Bilal", "Chloé", "Emma"], path)
    page = await world.do(PROPOSER, "GET", path)
    assert page["state"] == "adopted"
    words = (await world.do(PROPOSER, "GET", f"{path}/words?form=position"))["items"]
    assert [word["value"] for word in words if word["by"]["name"] == "Driss"] == ["objection", "consent"]


async def test_an_editorial_change_keeps_the_answers_and_can_be_contested(world: World) -> None:
    path = await world.at_objecting([PROPOSER, *TWELVE[:4]], **OPTIONS)
    await world.answer(["Bilal", "Chloé"], path)
    amendment = {"value": "editorial", "body": "An expense of up to 50 euros is refunded in a week.", "revision": 1}
    await world.do(PROPOSER, "POST", f"{path}/amendments", amendment)
    page = await world.do("Driss", "GET", path)
    assert (page["revision"], page["edition"], page["phase"]["kind"], page["phase"]["round"]) == (1, 2, "objecting", 1)
    [contest] = [step for step in page["available_steps"] if step["name"] == "contest"]
    body = {"about": contest["about"][0], "text": "It changes the sum.", "revision": 1}
    await world.do("Driss", "POST", f"{path}/contests", body)
    page = await world.do("Driss", "GET", path)
    assert (page["revision"], page["edition"], page["phase"]["round"]) == (2, 1, 2)
    stale = await world.call("Emma", "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    assert stale.status_code == 412
