"""Worked examples of a vote, cast ballot by ballot over HTTP, and what surrounds a ballot."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.api.exports import replayed
from tests.api.observing import changed, contents
from tests.api.test_proxies import given, vote_for
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
    [
        ("cast", "adopted", (18, 32, 16)),
        ("present", "not_adopted", (18, 40, 20)),
        ("entitled", "not_adopted", (18, 60, 30)),
    ],
)
async def test_the_base_decides_what_a_majority_is(
    world: World, base: str, verdict: str, figures: tuple[int, int, int]
) -> None:
    """W01: 60 members, 18 for, 14 against, 8 abstentions: 18 of the 32 votes cast, but 18 of the 60 entitled.

    Who is present shows by their ballot alone: 40 are.
    """
    outcome = await _counted(world, SIXTY, {"for": 18, "against": 14, "abstain": 8}, base=base)
    facts = outcome["reasons"][0]["facts"]
    assert (outcome["verdict"], (facts["for"], facts["base"], facts["bar"])) == (verdict, figures)


@pytest.mark.parametrize(
    ("base", "verdict", "figures"),
    [("cast", "adopted", (12, 18, 12)), ("present", "not_adopted", (12, 20, "40/3"))],
)
async def test_abstentions_weigh_where_all_who_are_present_count(
    world: World, base: str, verdict: str, figures: tuple[Any, ...]
) -> None:
    """W03: at least two thirds, 12 for, 6 against, 2 abstentions: 2/3 of the votes cast, 3/5 of those present."""
    ballots = {"for": 12, "against": 6, "abstain": 2}
    outcome = await _counted(world, SIXTY[:20], ballots, threshold="2/3", op="gte", base=base)
    facts = outcome["reasons"][0]["facts"]
    assert (outcome["verdict"], (facts["for"], facts["base"], facts["bar"])) == (verdict, figures)
    assert facts["abstain"] == 2


@pytest.mark.parametrize(("for_", "against", "verdict"), [(0, 1, "adopted"), (1, 0, "not_adopted")])
async def test_two_thirds_that_no_binary_float_tells_apart(world: World, for_: int, against: int, verdict: str) -> None:
    """P06 with weights of nine digits: the two for hold just over or just under twice the weight of the one against."""
    near_one = (Fraction(999_999_998, 999_999_999), Fraction(999_999_997, 999_999_998))
    weights = (near_one[for_], near_one[for_], near_one[against])
    share = sum(weights[:2], Fraction(0)) / sum(weights)
    assert (float(share), share >= Fraction(2, 3)) == (2 / 3, verdict == "adopted")
    inner = {"rule": "majority", "options": {"threshold": "2/3", "op": "gte"}}
    await world.circle("gestion", PEOPLE[:3], rule="weighted", options={"inner": inner, "measure": "votes"})
    for name, weight in zip(PEOPLE, weights, strict=False):
        member = f"/v1/members/{world.members[name].id}/weight"
        await world.do("Salomé", "POST", member, {"measures": {"votes": str(weight)}})
    path = await world.admitted(PEOPLE[0], "gestion", PEOPLE[1])
    await world.vote(PEOPLE[:2], path, "for")
    await world.vote(PEOPLE[2:3], path, "against")
    outcome = (await world.do(PEOPLE[0], "GET", path))["outcome"]
    facts = outcome["reasons"][0]["facts"]
    told = [Fraction(facts[name]) for name in ("for", "base", "bar")]
    assert (outcome["verdict"], told) == (verdict, [2 * weights[0], sum(weights), sum(weights) * Fraction(2, 3)])
    assert (await replayed(world, path)).outcome is not None


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


async def test_a_quorum_missed_by_one_with_proxies_opens_the_second_call(world: World) -> None:
    """W06: of 40 members 5 vote, two of them with a proxy too: the first call needs 8, the second nobody."""
    path, givers = await _called(world, proxies=2)
    await _vote_with_proxies(world, path, givers)
    await world.pass_time(days=6)
    page = await world.do(SIXTY[0], "GET", path)
    assert (page["state"], page["phase"]["number"]) == ("deciding", 2)
    assert [one["code"] for one in page["phase"]["reasons"]] == ["no_quorum", "next_call"]
    assert page["phase"]["reasons"][0]["facts"] == {"took_part": 7, "needed": 8, "of": 40}
    await _vote_with_proxies(world, path, givers)
    await world.pass_time(days=6)
    outcome = (await world.do(SIXTY[0], "GET", path))["outcome"]
    facts = {one["code"]: one["facts"] for one in outcome["reasons"]}
    assert (outcome["verdict"], facts["reached"]["for"], facts["reached"]["against"]) == ("adopted", 5, 2)
    assert (facts["quorum_reached"], facts["of_call"]) == ({"took_part": 7, "needed": 0, "of": 40}, {"call": 2})
    assert (await replayed(world, path)).outcome is not None


async def test_a_third_proxy_makes_the_quorum_of_the_first_call(world: World) -> None:
    """W06 with one proxy more: 5 who vote and 3 who are represented are the 8 that the first call needs."""
    path, givers = await _called(world, proxies=3)
    await _vote_with_proxies(world, path, givers)
    await world.pass_time(days=6)
    outcome = (await world.do(SIXTY[0], "GET", path))["outcome"]
    facts = {one["code"]: one["facts"] for one in outcome["reasons"]}
    assert (outcome["verdict"], facts["quorum_reached"]) == ("adopted", {"took_part": 8, "needed": 8, "of": 40})
    assert "of_call" not in facts


async def _called(world: World, proxies: int) -> tuple[str, list[str]]:
    """A vote of 40 members of whom a fifth must take part in the first call, and nobody in the second, and the last of
    them, who have given the first of them a proxy."""
    inner = {"rule": "majority", "options": {"proxies": True}}
    options = {"inner": inner, "calls": [{"share": "1/5"}, {"share": "0"}]}
    await world.circle("gestion", SIXTY[:40], rule="quorum", options=options)
    path, givers = await world.admitted(SIXTY[0], "gestion", SIXTY[1]), SIXTY[40 - proxies : 40]
    for giver, holder in zip(givers, SIXTY, strict=False):
        await given(world, giver, holder)
    return path, givers


async def _vote_with_proxies(world: World, path: str, givers: list[str]) -> None:
    """Five members vote for, and against in the name of who gave them a proxy."""
    await world.vote(SIXTY[:5], path, "for")
    for giver, holder in zip(givers, SIXTY, strict=False):
        assert (await vote_for(world, holder, giver, path, "against")).is_success


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
    before = await contents(world)
    late = await world.call("Emma", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert (late.status_code, late.json()["code"]) == (409, "ballot_closed")
    assert late.json()["facts"] == {"step": "ballot", "reason": "state_adopted"}
    assert changed(before, await contents(world)) == []


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
        assert (late.status_code, late.json()["code"]) == (409, "ballot_closed")
        assert late.json()["facts"] == {"step": "ballot", "reason": "phase_over"}
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
