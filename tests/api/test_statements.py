"""What a request costs: the statements that it sends, BEGIN and COMMIT apart, however much there is around it."""

from tests.api.observing import Sent, statements
from tests.api.world import World

FEW = ["Ana", "Bilal", "Chloé", "Driss"]
MANY = [*FEW, *(f"Member{n:02}" for n in range(16))]


async def _cost(world: World, who: str, method: str, path: str, body: object = None) -> Sent:
    await world.do(who, "GET", "/v1/me")  # the note of a credential's first use in an hour is not the request's
    with statements(world) as sent:
        await world.do(who, method, path, body)
    return sent


async def test_casting_a_ballot_takes_at_most_nine(world: World) -> None:
    costs = []
    for slug, people in (("few", FEW), ("many", MANY)):
        path = await world.at_ballot(people, slug=slug)
        for name in ("Chloé", "Driss"):
            costs.append(len(await _cost(world, name, "POST", f"{path}/ballots", {"value": "for", "revision": 1})))
        again = await _cost(world, "Driss", "POST", f"{path}/ballots", {"value": "against", "revision": 1})
        costs.append(len(again))
    assert max(costs) <= 9, costs
    assert costs[:3] == costs[3:], "the same in a circle five times as large"


async def test_a_position_takes_at_most_nine(world: World) -> None:
    costs = []
    for slug, people in (("few", FEW), ("many", MANY)):
        path = await world.at_objecting(people, slug=slug)
        for name in ("Chloé", "Driss"):
            costs.append(len(await _cost(world, name, "POST", f"{path}/positions", _consent())))
    assert max(costs) <= 9, costs
    assert len(set(costs)) == 1, costs


async def test_the_page_of_a_proposal_takes_at_most_five(world: World) -> None:
    costs = set()
    for slug, people in (("few", FEW), ("many", MANY)):
        path = await world.at_objecting(people, slug=slug)
        costs.add(len(await _cost(world, "Driss", "GET", path)))
        await world.answer(people[2:-1], path)
        for who in ("Ana", "Bilal", "Chloé", "Salomé"):
            costs.add(len(await _cost(world, who, "GET", path)))
    assert max(costs) <= 5, costs
    assert len(costs) == 1, costs


async def test_every_phase_and_state_of_a_page_stays_within_five(world: World) -> None:
    await world.circle("gestion", FEW, options={"judge": "facilitator_logic"})
    draft = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{draft['id']}"
    costs = {"draft": len(await _cost(world, "Ana", "GET", path))}
    await world.do("Ana", "POST", f"{path}/submission")
    costs["submitted"] = len(await _cost(world, "Bilal", "GET", path))
    await world.do("Bilal", "POST", f"{path}/admission")
    costs["clarifying"] = len(await _cost(world, "Bilal", "GET", path))
    await world.pass_time(days=3, hours=16)
    for name in FEW[1:]:
        await world.do(name, "POST", f"{path}/reactions", {"value": "pass", "revision": 1})
    await world.do("Ana", "POST", f"{path}/keeps", {"revision": 1})
    objection = {"value": "objection", "text": "No.", "harms": "aim", "criteria": ["new"], "revision": 1}
    await world.do("Driss", "POST", f"{path}/positions", objection)
    await world.answer(FEW[1:3], path)
    costs["testing"] = len(await _cost(world, "Bilal", "GET", path))
    await world.do("Bilal", "POST", f"{path}/judgments", {"value": "valid", "revision": 1})
    costs["integrating"] = len(await _cost(world, "Bilal", "GET", path))
    await world.do("Driss", "POST", f"{path}/objection-withdrawals", {"revision": 1})
    costs["closing"] = len(await _cost(world, "Ana", "GET", path))
    assert max(costs.values()) <= 5, costs


async def test_a_list_takes_at_most_four_however_long(world: World) -> None:
    await world.circle("gestion", FEW)
    costs = []
    for titles in (1, 12):
        for n in range(titles):
            await world.draft("Ana", "gestion", f"Proposal {n}")
        for query in ("", "?state=draft", f"?circle_id={world.circles['gestion'].id}", "?limit=200"):
            costs.append(len(await _cost(world, "Ana", "GET", f"/v1/proposals{query}")))
    assert max(costs) <= 4, costs
    assert len(set(costs)) == 1, costs


def _consent() -> dict[str, object]:
    return {"value": "consent", "revision": 1}
