"""A circle decides by consent over HTTP, from the tension to the agreement in force."""

from tests.api import stories
from tests.api.world import World


async def test_a_proposal_with_an_objection_is_integrated_and_adopted(world: World) -> None:
    seen = []
    path = ""
    async for moment, path in stories.told(world):
        page = await world.do("Ana", "GET", path)
        seen.append((moment, page["state"], page["phase"] and page["phase"]["kind"], page["revision"]))
    assert seen == [
        ("draft", "draft", None, 1),
        ("forming", "forming", None, 1),
        ("submitted", "submitted", None, 1),
        ("clarifying", "deciding", "clarifying", 1),
        ("reacting", "deciding", "reacting", 1),
        ("amending", "deciding", "amending", 1),
        ("objecting", "deciding", "objecting", 1),
        ("testing", "deciding", "testing", 1),
        ("integrating", "deciding", "integrating", 1),
        ("still integrating", "deciding", "integrating", 1),
        ("objecting again", "deciding", "objecting", 2),
        ("adopted", "adopted", None, 2),
    ]
    [agreement] = (await world.do("Ana", "GET", "/v1/agreements"))["items"]
    detail = await world.do("Ana", "GET", f"/v1/agreements/{agreement['id']}")
    assert (detail["title"], detail["text"]) == ("Refund of expenses", "Refunded within a week, against its receipt.")
    [objection] = [
        one for one in (await world.do("Ana", "GET", f"{path}/objections"))["items"] if one["kind"] == "objection"
    ]
    assert (objection["status"], objection["by"]["name"]) == ("resolved", "Driss")


async def test_a_concern_travels_with_the_agreement_to_its_review(world: World) -> None:
    path = await world.at_objecting(stories.CIRCLE)
    concern = {"value": "consent_with_concern", "text": "Paper gets lost.", "revision": 1}
    await world.do("Emma", "POST", f"{path}/positions", concern)
    await world.answer(["Bilal", "Chloé", "Driss"], path)
    [agreement] = (await world.do("Ana", "GET", "/v1/agreements"))["items"]
    detail = await world.do("Ana", "GET", f"/v1/agreements/{agreement['id']}")
    assert [one["member"]["name"] for one in detail["concerns"]] == ["Emma"]
