"""One whole decision by consent, told step by step: what can be looked at or tried at each of its moments."""

from collections.abc import AsyncIterator
from typing import Any

from tests.api.world import World

CIRCLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
"""Ana proposes, Bilal facilitates, Chloé is the secretary; Driss objects."""
OBJECTION: dict[str, Any] = {
    "value": "objection",
    "text": "A refund without a receipt breaks our accounting duty.",
    "harms": "aim",
    "criteria": ["higher_rule"],
}


async def told(world: World) -> AsyncIterator[tuple[str, str]]:
    """Yields ``(moment, path)`` at every state and phase from the draft to the adoption."""
    await world.circle("gestion", CIRCLE, options={"judge": "facilitator_logic", "min_participation": "2/3"})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    yield "draft", path
    await world.do("Ana", "POST", f"{path}/forming")
    yield "forming", path
    await world.do("Ana", "POST", f"{path}/submission")
    yield "submitted", path
    await world.do("Bilal", "POST", f"{path}/admission")
    await world.do("Emma", "POST", f"{path}/questions", {"text": "Also for rush orders?", "revision": 1})
    yield "clarifying", path
    async for moment in _from_reacting(world, path):
        yield moment, path


async def _from_reacting(world: World, path: str) -> AsyncIterator[str]:
    [question] = (await world.do("Ana", "GET", f"{path}/words?form=question"))["items"]
    await world.do("Ana", "POST", f"{path}/answers", {"text": "Yes.", "about": question["ref"], "revision": 1})
    await world.pass_time(days=4)
    yield "reacting"
    for name in CIRCLE[1:]:
        await world.do(name, "POST", f"{path}/reactions", {"value": "pass", "revision": 1})
    yield "amending"
    await world.do("Ana", "POST", f"{path}/keeps", {"revision": 1})
    yield "objecting"
    await world.answer(["Bilal", "Chloé", "Emma"], path)
    await world.do("Driss", "POST", f"{path}/positions", {**OBJECTION, "revision": 1})
    yield "testing"
    judgment = {"value": "valid", "text": "It names the law.", "revision": 1}
    await world.do("Bilal", "POST", f"{path}/judgments", judgment)
    yield "integrating"
    await world.pass_time(days=3)
    yield "still integrating"
    amendment = {"value": "substantive", "body": "Refunded within a week, against its receipt.", "revision": 1}
    await world.do("Ana", "POST", f"{path}/amendments", amendment)
    for name in ("Ana", "Driss"):
        await world.do(name, "POST", f"{path}/settlements", {"revision": 2})
    yield "objecting again"
    await world.answer(CIRCLE[1:], path, revision=2)
    yield "adopted"
