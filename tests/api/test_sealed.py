"""What is said in a sealed round is for nobody else before the round has closed: not even what follows tells it."""

import re
from typing import Any

from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
ANYBODY_ELSE = ("Ana", "Bilal", "Chloé", "Emma", "Salomé")
LOG = "/v1/organisations/ardoise/log/events?limit=200"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")


def objection(**more: Any) -> dict[str, Any]:
    return {"value": "objection", "text": "No receipt.", "harms": "aim", "revision": 1, **more}


async def test_one_sealed_word_more_or_less_makes_no_difference_to_others(world: World) -> None:
    """Driss consents to one proposal and objects again to its twin, under a verdict that he has already had."""
    twins = [await _twin(world, slug) for slug in ("gestion", "atelier")]
    firsts = await _not_qualified(world, *twins)
    await world.answer(["Driss"], twins[0])
    await world.do("Driss", "POST", f"{twins[1]}/positions", objection(continues=firsts[1]))
    await _seem_alike(world, twins)
    await world.pass_time(days=2)
    page = await world.do("Ana", "GET", twins[1])
    assert [one["code"] for one in page["phase"]["reasons"]] == ["extended", "silence_is_absent"]
    await _seem_alike(world, twins)
    mine = await _said(world, "Driss", twins[1])
    assert mine[-1]["facts"]["continues"] == firsts[1]
    await world.pass_time(days=5)
    assert await _said(world, "Ana", twins[1]) == await _said(world, "Driss", twins[1])


async def test_what_tells_that_somebody_objected_opens_the_round(world: World) -> None:
    """The last look follows a verdict that was inherited, so that nothing is left to be kept sealed."""
    path = await world.at_objecting(PEOPLE, slug="gestion", min_participation="1")
    [first] = await _not_qualified(world, path)
    await world.do("Ana", "POST", f"{path}/amendments", {"value": "substantive", "title": "Refunds", "revision": 1})
    await world.answer(["Bilal", "Chloé", "Emma"], path, revision=2)
    again = objection(continues=first, revision=2, targets=["body"])
    await world.do("Driss", "POST", f"{path}/positions", again)
    page = await world.do("Ana", "GET", path)
    assert [one["code"] for one in page["phase"]["reasons"]] == ["confirm", "verdict_inherited"]
    assert len([word for word in await _said(world, "Ana", path) if word["revision"] == 2]) == 4
    await world.answer(["Driss"], path, revision=2)
    assert len([word for word in await _said(world, "Ana", path) if word["revision"] == 2]) == 4, "sealed again"


async def test_a_round_that_never_closed_stays_sealed(world: World) -> None:
    """Withdrawn by its proposer: what was said for the end of the round is not for another moment."""
    path = await world.at_objecting(PEOPLE)
    await world.do("Driss", "POST", f"{path}/positions", objection())
    await world.answer(["Chloé"], path)
    await world.do("Ana", "POST", f"{path}/withdrawal", {})
    await _only_to_its_speaker(world, path)


async def test_nor_does_a_lapse_or_a_stop_open_a_round(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.do("Driss", "POST", f"{path}/positions", objection())
    await world.answer(["Chloé"], path)
    await world.leave("Ana")
    await _only_to_its_speaker(world, path, others=("Bilal", "Emma"))
    await world.pass_time(days=15)
    assert (await world.do("Bilal", "GET", path))["state"] == "lapsed"
    await _only_to_its_speaker(world, path, others=("Bilal", "Emma"))


async def _only_to_its_speaker(world: World, path: str, others: tuple[str, ...] = ANYBODY_ELSE) -> None:
    await world.worker.sequence_all()
    for who in (*others, "Driss"):
        told = [word["by"]["name"] for word in await _said(world, who, path)]
        assert told == [one for one in ("Driss", "Chloé") if one == who], who
        assert (await world.do(who, "GET", f"{path}/objections"))["items"] == [], who
        content = [
            one["value"]["value"]
            for event in (await world.do(who, "GET", LOG))["items"]
            if event["envelope"]["type"] == "word.said"
            for one in event["disclosures"]
            if one["name"] == "content"
        ]
        assert content == (["objection"] if who == "Driss" else ["consent"] if who == "Chloé" else []), who


async def _twin(world: World, slug: str) -> str:
    options = {"begins_with": "objecting", "min_participation": "1"}
    await world.circle(slug, PEOPLE, options=options)
    return await world.admitted("Ana", slug, "Bilal")


async def _not_qualified(world: World, *paths: str) -> list[str]:
    """On each of these, an objection of Driss that everybody else disputes; returns their references. Emma is silent
    until the round has closed."""
    for path in paths:
        await world.answer(["Bilal", "Chloé"], path)
        await world.do("Driss", "POST", f"{path}/positions", objection())
    closes_at = (await world.do("Ana", "GET", paths[0]))["phase"]["closes_at"]
    world.clock.move_to(type(world.clock.now()).fromisoformat(closes_at))
    await world.worker.do_due()
    for path in paths:
        for who in ("Bilal", "Chloé", "Emma"):
            dispute = {"value": "dispute", "text": "It is no harm.", "revision": 1}
            await world.do(who, "POST", f"{path}/judgments", dispute)
    said = [word for path in paths for word in await _said(world, "Driss", path)]
    return [word["ref"] for word in said if word["value"] == "objection"]


async def _said(world: World, who: str, path: str) -> list[dict[str, Any]]:
    return [word for word in (await world.do(who, "GET", f"{path}/words"))["items"] if word["form"] == "position"]


async def _seem_alike(world: World, twins: list[str]) -> None:
    """Whatever can be asked is answered alike for both, but for names, identifiers and what is random."""
    await world.worker.sequence_all()
    for who in ANYBODY_ELSE:
        for place in ("", "/steps", "/rounds", "/words", "/objections", "/revisions"):
            one, other = [_plain((await world.call(who, "GET", f"{path}{place}")).text) for path in twins]
            assert one == other, f"{who} {place}"
        logs = [await _logged(world, who, path) for path in twins]
        assert logs[0] == logs[1], who


async def _logged(world: World, who: str, path: str) -> list[str]:
    events = (await world.do(who, "GET", LOG))["items"]
    mine = [event for event in events if event["envelope"]["data"].get("proposal") == path.rpartition("/")[2]]
    return [
        _plain(
            str(
                (
                    event["envelope"]["type"],
                    event["envelope"]["seq"],
                    {name: told for name, told in event["envelope"]["data"].items() if "digest" not in name},
                    [(one["name"], one["value"]) for one in event["disclosures"]],
                    event["withheld"],
                    len(event["leaf"]),
                )
            )
        )
        for event in mine
        if event["envelope"]["type"] != "proposal.admitted"
    ]


def _plain(text: str) -> str:
    return _ID.sub("id", text).replace("Atelier", "Gestion").replace("atelier", "gestion")
