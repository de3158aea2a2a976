"""What waits for each member: words and ballots, proposals to let in, appeals, and nothing twice."""

from datetime import datetime, timedelta
from typing import Any, Final

from tests.api.observing import statements
from tests.api.world import World

PEOPLE: Final = ["Ana", "Bilal", "Chloé", "Driss"]


async def todo(world: World, who: str, **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.do(who, "GET", "/v1/me/todo", **headers))["items"]
    return found


async def steps(world: World, who: str) -> list[list[str]]:
    return [[step["name"] for step in one["steps"]] for one in await todo(world, who)]


async def test_a_submitted_proposal_waits_for_its_guard_alone(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion")
    assert [await steps(world, one) for one in PEOPLE] == [[], [], [], []]
    await world.do("Ana", "POST", f"/v1/proposals/{draft['id']}/submission")
    assert [await steps(world, one) for one in PEOPLE] == [[], [["admit", "refuse"]], [], []]
    [waiting] = await todo(world, "Bilal")
    assert (waiting["title"], waiting["circle"]["name"], waiting["phase"]) == (draft["title"], "Gestion", None)
    assert datetime.fromisoformat(waiting["until"]) == world.clock.now() + timedelta(hours=24)


async def test_a_refusal_waits_for_the_secretary_only_once_it_is_appealed(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{draft['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/refusal", {"reason": "duplicate", "text": "Said before."})
    assert [await steps(world, one) for one in PEOPLE] == [[], [], [], []]
    await world.do("Ana", "POST", f"{path}/appeal", {"text": "They differ."})
    assert [await steps(world, one) for one in PEOPLE] == [[], [], [["rule_on_appeal"]], []]
    assert (await todo(world, "Chloé"))[0]["until"] is None


async def test_a_vote_waits_for_whoever_has_not_voted(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Bilal"], path, "for")
    assert [await steps(world, one) for one in PEOPLE] == [[["ballot"]], [], [["ballot"]], [["ballot"]]]
    for language, phase, step in (("en", "Vote", "Vote"), ("fr", "Vote", "Voter")):
        [waiting] = await todo(world, "Ana", Accept_Language=language)
        assert (waiting["phase"], waiting["steps"][0]["title"]) == (phase, step)
    world.clock.move(timedelta(days=6))
    assert await steps(world, "Ana") == []
    await world.worker.do_due()
    assert await steps(world, "Ana") == []


async def test_questions_wait_for_the_author_and_positions_for_the_others(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = await world.admitted("Ana", "gestion", "Bilal")
    assert [await steps(world, one) for one in PEOPLE] == [[], *[[["question"]]] * 3]
    asked = {"value": "question", "text": "Also for trainees?", "revision": 1}
    await world.do("Bilal", "POST", f"{path}/questions", asked)
    assert [await steps(world, one) for one in PEOPLE[:2]] == [[["answer"]], []]
    [waiting] = await todo(world, "Ana")
    assert len(waiting["steps"][0]["about"]) == 1
    for name in PEOPLE[2:]:
        await world.do(name, "POST", f"{path}/questions", {"value": "pass", "revision": 1})
    answer = {"value": "declined", "about": waiting["steps"][0]["about"][0], "revision": 1}
    await world.do("Ana", "POST", f"{path}/answers", answer)
    assert [await steps(world, one) for one in PEOPLE] == [[], *[[["reaction"]]] * 3]


async def test_nobody_sees_what_waits_for_a_neighbour_or_for_who_left(world: World) -> None:
    await world.at_ballot(PEOPLE)
    await world.neighbour("Odile")
    assert await todo(world, "Odile") == []
    await world.leave("Driss")
    assert await steps(world, "Ana") == [["ballot"]]


async def test_what_ends_first_comes_first_in_as_many_statements_for_many_as_for_one(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    await world.admitted("Ana", "gestion", "Bilal", "First")
    with statements(world) as one:
        assert len(await todo(world, "Driss")) == 1
    await world.pass_time(hours=1)
    for title in ("Second", "Third", "Fourth"):
        await world.admitted("Chloé", "gestion", "Bilal", title)
        await world.pass_time(hours=1)
    with statements(world) as many:
        assert [item["title"] for item in await todo(world, "Driss")] == ["First", "Second", "Third", "Fourth"]
    assert len(many) == len(one)
