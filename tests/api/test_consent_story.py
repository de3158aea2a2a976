"""A circle decides by consent over HTTP, from the tension to the agreement in force."""

from tests.api.world import World

GESTION = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]


async def test_a_proposal_with_an_objection_is_integrated_and_adopted(world: World) -> None:
    await world.circle("gestion", GESTION, options={"judge": "facilitator_logic", "min_participation": "2/3"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "deciding"
    assert page["phase"]["kind"] == "clarifying"
    await world.pass_time(days=4)
    page = await world.do("Driss", "GET", path)
    assert page["phase"]["kind"] == "reacting", page
    for name in GESTION[1:]:
        await world.do(name, "POST", f"{path}/reactions", {"value": "pass", "revision": 1})
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] == "amending"
    await world.do("Ana", "POST", f"{path}/keeps", {"revision": 1})
    for name in ("Bilal", "Chloé", "Emma", "Farid"):
        await world.do(name, "POST", f"{path}/positions", {"value": "consent", "revision": 1})
    objection = {
        "value": "objection",
        "revision": 1,
        "text": "A refund without a receipt breaks our accounting duty.",
        "harms": "aim",
        "criteria": ["higher_rule"],
    }
    await world.do("Driss", "POST", f"{path}/positions", objection)
    page = await world.do("Bilal", "GET", path)
    assert page["phase"]["kind"] == "testing"
    await world.do(
        "Bilal", "POST", f"{path}/judgments", {"value": "valid", "revision": 1, "text": "It names the law."}
    )
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] == "integrating"
    amendment = {"value": "substantive", "revision": 1, "body": "Refunded within a week, against its receipt."}
    await world.do("Ana", "POST", f"{path}/amendments", amendment)
    for name in ("Ana", "Driss"):
        await world.do(name, "POST", f"{path}/settlements", {"revision": 2})
    page = await world.do("Ana", "GET", path)
    assert (page["phase"]["kind"], page["revision"], page["phase"]["round"]) == ("objecting", 2, 2 + page["phase"]["round"] - 2)
    concern = {"value": "consent_with_concern", "revision": 2, "text": "Paper gets lost."}
    await world.do("Emma", "POST", f"{path}/positions", concern)
    for name in ("Bilal", "Chloé", "Driss", "Farid"):
        await world.do(name, "POST", f"{path}/positions", {"value": "consent", "revision": 2})
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted", page
    agreements = await world.do("Ana", "GET", "/v1/agreements")
    [agreement] = agreements["items"]
    assert agreement["title"] == "Refund of expenses"
