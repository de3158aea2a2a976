"""Lots are drawn from a seed that was committed to at admission, and that every ending opens."""

import json
from typing import Any

import pytest

from app.proposals.exported import Told
from app.proposals.replay import ReplayDiffers, replay
from tests.api.exports import exported, replayed, told
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]


@pytest.mark.parametrize("end", ["proposal.withdrawn", "proposal.lapsed"])
async def test_every_ending_opens_the_seed_of_its_lots(world: World, end: str) -> None:
    path = await world.at_objecting(PEOPLE, judge="panel", panel_size=2)
    await world.answer(["Bilal", "Chloé", "Emma"], path)
    objection = {"value": "objection", "text": "It breaks the till.", "harms": "aim", "revision": 1}
    await world.do("Driss", "POST", f"{path}/positions", objection)
    if end == "proposal.withdrawn":
        await world.do("Ana", "POST", f"{path}/withdrawal", {})
    else:
        await world.leave("Ana")
        await world.pass_time(days=15)
    assert (await replayed(world, path)).end == end
    events, rules = told(await exported(world), path.rpartition("/")[2]), world.app.state.catalogue
    [opened] = [one for one in events if one.type == end]
    [drawn] = [one for one in events if one.type == "word.said" and one.data["form"] == "seed"]
    with pytest.raises(ReplayDiffers, match="seed"):
        replay([_told_as(one, seed="00" * 32) if one is opened else one for one in events], rules)
    forged = _content(drawn, value="0")
    until = events[: events.index(drawn)]
    with pytest.raises(ReplayDiffers, match="draw"):
        replay([*until, forged, opened], rules)


async def test_a_draft_that_is_withdrawn_has_no_lots(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/withdrawal", {})
    events = told(await exported(world), path.rpartition("/")[2])
    [withdrawn] = [one for one in events if one.type == "proposal.withdrawn"]
    assert withdrawn.data.get("seed") is None


def _told_as(event: Told, **data: Any) -> Told:
    envelope = json.loads(json.dumps(event.envelope))
    envelope["data"].update(data)
    return Told(envelope, event.leaf_hash, event.disclosed)


def _content(event: Told, **content: Any) -> Told:
    told = {**event.disclosed, "content": {**event.disclosed["content"], **content}}
    return Told(event.envelope, event.leaf_hash, told)
