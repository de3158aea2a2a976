"""Worked examples of a vote, cast ballot by ballot over HTTP, and what surrounds a ballot."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.observing import changed, contents
from tests.api.world import World

SIXTY = [f"Member{n:02}" for n in range(1, 61)]
PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


async def _counted(world: World, people: list[str], ballots: dict[str, int], **options: Any) -> dict[str, Any]:
    """The outcome of a vote among these people, with so many ballots of each value; the others stay away."""
    path = await world.at_ballot(people, **options)
    voters = iter(people)
    for value, number in ballots.items():
        await world.vote([next(voters) for _ in range(number)], path, value)
    await world.pass_time(days=6)
    page: dict[str, Any] = await world.do(people[0], "GET", path)
    assert page["state"] in {"adopted", "not_adopted"}
    return dict(page["outcome"])


@pytest.mark.parametrize(
    ("base", "verdict", "figures"),
    [("cast", "adopted", (18, 32, 16)), ("entitled", "not_adopted", (18, 60, 30))],
)
async def test_the_base_decides_what_a_majority_is(
    world: World, base: str, verdict: str, figures: tuple[int, int, int]
) -> None:
    """W01: 60 members, 18 for, 14 against, 8 abstentions: 18 of the 32 votes cast, but 18 of the 60 entitled."""
    outcome = await _counted(world, SIXTY, {"for": 18, "against": 14, "abstain": 8}, base=base)
    facts = outcome["reasons"][0]["facts"]
    assert (outcome["verdict"], (facts["for"], facts["base"], facts["bar"])) == (verdict, figures)


async def test_nobody_who_abstains_decides(world: World) -> None:
    """W04: no vote for or against, nine abstentions."""
    people = SIXTY[:12]
    outcome = await _counted(world, people, {"abstain": 9})
    assert (outcome["verdict"], [one["code"] for one in outcome["reasons"]]) == ("invalid", ["no_expressed_votes"])


async def test_a_tie_rejects(world: World) -> None:
    """W05: 15 for, 15 against."""
    outcome = await _counted(world, SIXTY[:30], {"for": 15, "against": 15})
    assert (outcome["verdict"], outcome["reasons"][0]["code"]) == ("not_adopted", "tie")


async def test_the_chairs_vote_breaks_a_tie_where_that_was_agreed(world: World) -> None:
    """W05 with a casting vote: no role is a chair here, so the facilitator stands in, and votes for."""
    people = SIXTY[:30]
    path = await world.at_ballot(people, tie_break="chair_casting")
    await world.vote(people[:15], path, "for")
    await world.vote(people[15:], path, "against")
    holders = [name for name in people if await _may(world, name, path, "casting_vote")]
    assert holders == [people[1]]
    await world.do(people[1], "POST", f"{path}/casting-votes", {"value": "for", "revision": 1})
    page = await world.do(people[0], "GET", path)
    assert (page["state"], page["outcome"]["reasons"][0]["code"]) == ("adopted", "chair_casting")


async def _may(world: World, who: str, path: str, step: str) -> bool:
    return step in [one["name"] for one in (await world.do(who, "GET", path))["available_steps"]]


async def test_a_ballot_can_be_changed_until_the_close_and_counts_once(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Emma"], path, "against")
    await world.vote(["Emma"], path, "for")
    await world.vote(["Driss"], path, "against")
    await world.vote(["Bilal"], path, "for")
    await world.pass_time(days=6)
    facts = (await world.do("Ana", "GET", f"{path}/outcome"))["reasons"][0]["facts"]
    assert (facts["for"], facts["against"]) == (2, 1)


async def test_the_last_ballot_closes_the_vote_early(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(PEOPLE[:4], path, "for")
    assert (await world.do("Ana", "GET", path))["state"] == "deciding"
    await world.vote(["Emma"], path, "against")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["ended_at"]) == ("adopted", page["admitted_at"])
    late = await world.call("Emma", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert (late.status_code, late.json()["facts"]) == (409, {"step": "ballot", "reason": "state_adopted"})


async def test_a_ballot_after_the_deadline_is_late_even_before_the_worker_has_closed(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Emma"], path, "for")
    closes_at = datetime.fromisoformat((await world.do("Ana", "GET", path))["phase"]["closes_at"])
    world.clock.move_to(closes_at - timedelta(seconds=1))
    await world.vote(["Driss"], path, "against")
    world.clock.move_to(closes_at)
    before = await contents(world)
    for who in ("Driss", "Bilal"):
        late = await world.call(who, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
        assert (late.status_code, late.json()["facts"]) == (409, {"step": "ballot", "reason": "phase_over"})
    assert changed(before, await contents(world)) == []
    await world.worker.do_due()
    facts = (await world.do("Ana", "GET", f"{path}/outcome"))["reasons"][0]["facts"]
    assert (facts["for"], facts["against"]) == (1, 1)


async def test_a_sealed_vote_shows_no_ballot_before_its_close(world: World) -> None:
    path = await world.at_ballot(PEOPLE, visibility="sealed")
    await world.vote(["Emma", "Driss"], path, "against")
    await world.worker.sequence_all()
    log = await world.do("Ana", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    cast = [one for one in log["items"] if one["envelope"]["type"] == "ballot.cast"]
    assert [(one["disclosures"], one["withheld"]) for one in cast] == [([], 1)] * 2
    await world.vote(["Ana", "Bilal", "Chloé"], path, "for")
    log = await world.do("Ana", "GET", "/v1/organisations/ardoise/log/events?limit=200")
    shown = [
        one["value"]
        for entry in log["items"]
        if entry["envelope"]["type"] == "ballot.cast"
        for one in entry["disclosures"]
    ]
    assert shown == ["against", "against"], "the others wait for their index"


async def test_who_has_voted_is_not_asked_again_and_votes_are_not_counted_before_the_end(world: World) -> None:
    path = await world.at_ballot(["Ana", "Bilal", "Chloé"])

    async def asked(who: str) -> tuple[bool, bool]:
        page = await world.do(who, "GET", path)
        assert page["phase"]["awaited"] is None
        [step] = [one for one in page["available_steps"] if one["name"] == "ballot"]
        return step["due"], step["values"] == ["for", "against", "abstain", "blank"]

    assert await asked("Bilal") == (True, True)
    await world.do("Bilal", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert await asked("Bilal") == (False, True)
    assert await asked("Chloé") == (True, True)
