"""The exported events alone rebuild every process, and the pinned rule says the same again, byte for byte."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.proposals.exported import Told, tell
from app.proposals.replay import ReplayDiffers, replay
from app.rules.lots import drawn
from tests.api.exports import exported, replayed, replayed_inside, told
from tests.api.world import World

GESTION = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaël", "Hana"]
OBJECTION = {"value": "objection", "text": "It breaks the till.", "harms": "aim", "criteria": ["new", "certain"]}


async def position(world: World, path: str, value: str, *names: str, revision: int = 1) -> None:
    for name in names:
        body = {"value": value, "revision": revision}
        await world.do(name, "POST", f"{path}/positions", OBJECTION | body if value == "objection" else body)


async def leave(world: World, name: str) -> None:
    await world.do("Salomé", "POST", f"/v1/members/{world.members[name].id}/departure", {})


async def opened_at_objecting(world: World, **options: Any) -> str:
    chosen = {"begins_with": "objecting", "min_participation": "1/2", **options}
    await world.circle("gestion", GESTION, options=chosen)
    return await world.admitted("Ana", "gestion", "Bilal")


async def state(world: World, path: str) -> tuple[str, str | None, int]:
    page = await world.do("Ana", "GET", path)
    return page["state"], page["phase"] and page["phase"]["kind"], page["revision"]


async def adopted_tested_and_integrated(world: World, path: str) -> None:
    """Emma takes over the objection of somebody who left; the facilitator lets it stand, and it is settled."""
    assert await state(world, path) == ("deciding", "orphaned", 1)
    matters = (await world.do("Ana", "GET", f"{path}/objections"))["items"]
    [orphan] = [matter["ref"] for matter in matters if matter["status"] == "orphaned"]
    await world.do("Emma", "POST", f"{path}/adoptions", {"revision": 1, "about": orphan})
    while (now := await world.do("Ana", "GET", path))["phase"]["kind"] == "testing":
        value = "valid" if now["phase"]["subject"] == orphan else "dispute"
        body = {"value": value, "revision": 1, "text": "By its reasons."}
        await world.do("Bilal", "POST", f"{path}/judgments", body)
    assert now["phase"]["kind"] == "integrating"
    body = {"value": "substantive", "revision": 1, "body": "Refunded against a receipt."}
    await world.do("Ana", "POST", f"{path}/amendments", body)
    for name in ("Ana", "Emma"):
        await world.do(name, "POST", f"{path}/settlements", {"revision": 2})


async def test_a_whole_consent_process_with_a_departure(world: World) -> None:
    await world.circle("gestion", GESTION, options={"judge": "facilitator_logic", "skip_confirm": True})
    path = await world.admitted("Ana", "gestion", "Bilal")
    asked = await world.do("Chloé", "POST", f"{path}/questions", {"revision": 1, "text": "Rush orders too?"})
    await world.do("Ana", "POST", f"{path}/answers", {"revision": 1, "about": asked["ref"], "text": "Yes."})
    await world.pass_time(days=4)
    await world.do("Driss", "POST", f"{path}/reactions", {"revision": 1, "text": "I like it."})
    await world.pass_time(days=3)
    await world.do("Ana", "POST", f"{path}/keeps", {"revision": 1})
    await position(world, path, "consent", "Bilal", "Chloé", "Emma")
    await position(world, path, "objection", "Driss", "Farid")
    await leave(world, "Farid")
    await position(world, path, "consent", "Gaël", "Hana")
    await adopted_tested_and_integrated(world, path)
    await position(world, path, "consent", "Bilal", "Chloé", "Driss", "Emma", "Gaël", "Hana", revision=2)
    assert await state(world, path) == ("adopted", None, 2)
    found = await replayed(world, path)
    kinds = [held.phase.kind for held in found.case.held]
    assert kinds[:4] == ["clarifying", "reacting", "amending", "objecting"]
    assert kinds[-2:] == ["integrating", "objecting"]
    assert found.outcome is not None
    assert found.outcome.verdict == "adopted"
    assert found.asked > len(kinds)


async def test_a_panel_drawn_by_lots_opens_its_seed(world: World) -> None:
    path = await opened_at_objecting(world, judge="panel", panel_size=2, skip_confirm=True)
    await position(world, path, "consent", *(name for name in GESTION if name not in ("Ana", "Driss")))
    await position(world, path, "objection", "Driss")
    assert await state(world, path) == ("deciding", "testing", 1)
    found = await replayed(world, path)
    [seed] = [word.value for held in found.case.held for word in held.words if word.form == "seed"]
    pseudonyms = {str(world.members[name].pseudonym): name for name in GESTION}
    judges = found.case.held[-1].phase.floors[0].who.ids
    pool = {voice for voice, name in pseudonyms.items() if name not in ("Ana", "Driss")}
    assert set(judges) == set(drawn(pool, seed)[:2])
    for judge in judges:
        body = {"value": "dispute", "revision": 1, "text": "Not new."}
        await world.do(pseudonyms[judge], "POST", f"{path}/judgments", body)
    assert await state(world, path) == ("adopted", None, 1)
    found = await replayed(world, path)
    events = told(await exported(world), path.rpartition("/")[2])
    [admitted] = [one for one in events if one.type == "proposal.admitted"]
    [decided] = [one for one in events if one.type == "decision.computed"]
    opening = hashlib.sha256(bytes.fromhex(decided.data["seed"])).hexdigest()
    assert opening == admitted.data["seed_commitment"]


async def test_an_editorial_amendment_that_is_contested(world: World) -> None:
    path = await opened_at_objecting(world)
    await position(world, path, "consent", "Bilal", "Chloé")
    body = {"value": "editorial", "revision": 1, "title": "Refunds of expenses"}
    edited = await world.do("Ana", "POST", f"{path}/amendments", body)
    body = {"revision": 1, "about": edited["ref"], "text": "Several refunds are not one."}
    await world.do("Driss", "POST", f"{path}/contests", body)
    assert await state(world, path) == ("deciding", "objecting", 2)
    await position(world, path, "consent", *GESTION[1:], revision=2)
    assert await state(world, path) == ("adopted", None, 2)
    found = await replayed(world, path)
    assert [held.phase.carries for held in found.case.held] == [False, True, False]
    assert [held.version for held in found.case.held] == [1, 1, 2]


async def test_a_majority_with_departures(world: World) -> None:
    await world.circle("gestion", GESTION, rule="majority", options={"quorum": "1/2"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for name, value in (("Ana", "for"), ("Bilal", "against"), ("Chloé", "for"), ("Ana", "abstain"), ("Driss", "for")):
        await world.do(name, "POST", f"{path}/ballots", {"value": value, "revision": 1})
    await leave(world, "Chloé")
    await leave(world, "Emma")
    await world.do("Farid", "POST", f"{path}/ballots", {"value": "against", "revision": 1})
    await world.pass_time(days=6)
    assert (await state(world, path))[0] == "not_adopted"
    found = await replayed(world, path)
    [vote] = found.case.held
    assert vote.profile is not None
    assert vote.profile.total() == {"abstain": 1, "against": 2, "for": 2}
    voices = {str(world.members[name].pseudonym): name for name in GESTION}
    assert {voices[one] for one in vote.electorate.ids} == set(GESTION) - {"Emma"}


async def test_a_vote_ends_when_the_last_one_missing_leaves(world: World) -> None:
    await world.circle("gestion", GESTION[:4], rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for name in ("Ana", "Bilal", "Chloé"):
        await world.do(name, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    await leave(world, "Driss")
    assert (await state(world, path))[0] == "adopted"
    found = await replayed(world, path)
    assert found.case.held[-1].ended == "complete"


async def test_the_proposer_leaves_and_nobody_takes_over(world: World) -> None:
    path = await opened_at_objecting(world)
    await position(world, path, "consent", "Bilal")
    await leave(world, "Ana")
    await world.pass_time(days=15)
    page = await world.do("Bilal", "GET", path)
    assert page["state"] == "lapsed"
    found = await replayed_inside(world, path)
    assert (found.outcome, found.end) == (None, "proposal.lapsed")


async def test_a_withdrawn_process(world: World) -> None:
    path = await opened_at_objecting(world)
    await position(world, path, "consent", "Bilal")
    await world.do("Ana", "POST", f"{path}/withdrawal", {"text": "Another way."})
    found = await replayed_inside(world, path)
    assert (found.outcome, found.end, found.withheld) == (None, "proposal.withdrawn", 0)
    events = told(await exported(world), path.rpartition("/")[2])
    told_to_others = replay(events, world.app.state.catalogue)
    assert (told_to_others.end, told_to_others.withheld) == ("proposal.withdrawn", 1)


def _changed(kind: str, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[list[Told]], list[Told]]:
    """The events with the first of a kind changed in its data or in what it discloses."""

    def forge(events: list[Told]) -> list[Told]:
        place = next(n for n, one in enumerate(events) if one.type == kind)
        envelope = json.loads(json.dumps(events[place].envelope))
        disclosed = json.loads(json.dumps(events[place].disclosed))
        change(envelope["data"], disclosed)
        return [*events[:place], Told(envelope, events[place].leaf_hash, disclosed), *events[place + 1 :]]

    return forge


def _without(kind: str) -> Callable[[list[Told]], list[Told]]:
    def forge(events: list[Told]) -> list[Told]:
        place = next(n for n, one in enumerate(events) if one.type == kind)
        return [*events[:place], *events[place + 1 :]]

    return forge


def _twice(kind: str) -> Callable[[list[Told]], list[Told]]:
    def forge(events: list[Told]) -> list[Told]:
        place = next(n for n, one in enumerate(events) if one.type == kind)
        return [*events[: place + 1], *events[place:]]

    return forge


FORGERIES: dict[str, tuple[str, Callable[[list[Told]], list[Told]]]] = {
    "a position is turned": ("outcome", _changed("word.said", lambda _, told: told["content"].update(value="consent"))),
    "a value that was not offered": (
        "no_floor",
        _changed("word.said", lambda _, told: told["content"].update(value="yes")),
    ),
    "a word on the other text": ("outcome", _changed("word.said", lambda data, _: data.update(revision=2))),
    "a word is dropped": ("outcome", _without("word.said")),
    "an elector more": ("electorate", _changed("proposal.admitted", lambda _, told: told["electorate"].pop())),
    "another meaning": (
        "reference_digest",
        _changed("proposal.admitted", lambda data, _: data.update(reference_digest="0" * 64)),
    ),
    "another proposer": ("phase", _changed("proposal.admitted", lambda data, _: data.update(proposer="s:other"))),
    "other options": ("phase", _changed("proposal.admitted", lambda data, _: data["options"].update(stand_aside=True))),
    "a phase longer": ("phase", _changed("phase.opened", lambda _, told: told["plan"].update(lasts="P9D"))),
    "a phase skipped": ("no_phase", _without("phase.opened")),
    "a number skipped": ("phase_number", _changed("phase.opened", lambda data, _: data.update(number=2))),
    "another end of a phase": ("outcome", _changed("phase.ended", lambda data, _: data.update(ended="woken"))),
    "a verdict turned": ("outcome", _changed("decision.computed", lambda data, _: data.update(verdict="adopted"))),
    "another outcome": (
        "outcome",
        _changed("decision.computed", lambda _, told: told["outcome"].update(verdict="adopted")),
    ),
    "another seed": ("seed", _changed("decision.computed", lambda data, _: data.update(seed="00" * 32))),
    "an end twice": ("after_the_end", _twice("decision.computed")),
}


async def test_a_forged_record_is_found_out(world: World) -> None:
    path = await opened_at_objecting(world, judge="none", max_rounds=1, on_deadlock=[])
    await position(world, path, "objection", "Driss")
    await position(world, path, "consent", *(one for one in GESTION if one not in ("Ana", "Driss")))
    assert (await state(world, path))[0] == "not_adopted"
    events = told(await exported(world), path.rpartition("/")[2])
    rules = world.app.state.catalogue
    assert replay(events, rules).outcome is not None
    for name, (code, forge) in FORGERIES.items():
        with pytest.raises(ReplayDiffers) as found:
            replay(forge(events), rules)
        assert found.value.code == code, (name, found.value)


async def test_a_forged_ballot_is_found_out(world: World) -> None:
    await world.circle("gestion", GESTION[:4], rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for name in GESTION[:4]:
        await world.do(name, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    events = told(await exported(world), path.rpartition("/")[2])
    rules = world.app.state.catalogue
    assert replay(events, rules).outcome is not None
    for forge in (
        _changed("ballot.cast", lambda _, said: said.update(choice="against")),
        _changed("phase.ended", lambda data, _: data.update(ballots=3)),
        _changed("phase.ended", lambda data, _: data.update(profile_digest=64 * "0")),
        _without("ballot.cast"),
    ):
        with pytest.raises(ReplayDiffers) as found:
            replay(forge(events), rules)
        assert found.value.code == "profile"
    with pytest.raises(ReplayDiffers, match="no_floor"):
        replay(_changed("ballot.cast", lambda data, _: data.update(voter="s:somebody"))(events), rules)


async def test_a_ballot_that_was_cast_again_cannot_be_left_out(world: World) -> None:
    await world.circle("gestion", GESTION[:4], rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for name in ("Bilal", *GESTION[1:4], GESTION[0]):
        await world.do(name, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    events = told(await exported(world), path.rpartition("/")[2])
    again = [one for one in events if one.type == "ballot.cast" and one.envelope["seq"] > 0]
    assert len(again) == 1
    with pytest.raises(ReplayDiffers) as found:
        replay([one for one in events if one is not again[0]], world.app.state.catalogue)
    assert found.value.code == "ballots_digest"


async def test_the_ballot_that_ends_its_vote_in_the_same_transaction_is_sealed_with_the_others(world: World) -> None:
    await world.circle("gestion", GESTION[:4], rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(GESTION[:3], path, "for")
    await world.do(GESTION[3], "POST", f"{path}/ballots", {"value": "for", "revision": 1}, Idempotency_Key="last")
    events = told(await exported(world), path.rpartition("/")[2])
    assert replay(events, world.app.state.catalogue).outcome is not None


async def test_a_disclosure_of_another_leaf_is_refused(world: World) -> None:
    await opened_at_objecting(world)
    lines = [line for line in await exported(world) if line["disclosures"]]
    with pytest.raises(ValueError, match="does not know"):
        tell(lines[0]["leaf"].encode(), [lines[1]["disclosures"][0]["disclosure"]])


async def test_without_an_admission_there_is_nothing_to_replay(world: World) -> None:
    with pytest.raises(ValueError, match="nothing was admitted"):
        replay([], world.app.state.catalogue)
