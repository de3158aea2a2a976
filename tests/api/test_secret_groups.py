"""A secret vote among few: nothing that is told of it, alone or together, says what one of them voted."""

import logging
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.proposals.replay import replay
from app.proposals.tables import CountedSlip, PhaseHeld, Slip
from app.rules.contract import Case, Phase, Step
from tests.api import colleges
from tests.api.exports import exported, replayed, told
from tests.api.test_choosing import PLACES
from tests.api.world import World

STUDENTS = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
CLIENTS = ["Farid", "Gaëlle", "Inès", "Jean", "Karim"]
PARTNERS = ["Hugo", "Lila", "Marc", "Nora", "Omar"]
EVERYBODY = [*STUDENTS, *CLIENTS, *PARTNERS]
SHARES = {"Students": "1/2", "Clients": "3/10", "Partners": "1/5"}
FEW = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaëlle", "Hugo"]
LASTING = {"phase.ended", "participation.sealed", "urn.sealed", "urn.discarded", "decision.computed"}


async def in_colleges(world: World) -> dict[str, Any]:
    """Three colleges of five, and the options of a secret majority that weighs them."""
    people = {"Students": STUDENTS, "Clients": CLIENTS, "Partners": PARTNERS}
    ids = await colleges.in_colleges(world, people, SHARES)
    inner = {"rule": "majority", "options": {"visibility": "secret"}}
    return {"inner": inner, "weights": {ids[name]: weight for name, weight in SHARES.items()}}


async def decide_by(world: World, slug: str, options: dict[str, Any]) -> None:
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    await world.do("Salomé", "PUT", address, {"slug": slug, "options": options}, If_Match="*")


async def voted(world: World, title: str, **ballots: str) -> str:
    """A proposal of Ana on which these people vote, until it closes; returns its path."""
    path = await world.admitted("Ana", "gestion", "Bilal", title)
    for who, value in ballots.items():
        await world.do(who, "POST", f"{path}/ballots", {"value": value, "revision": 1})
    await world.pass_time(days=6)
    return path


async def all_that_is_told(world: World, path: str) -> dict[str, Any]:
    """Whatever anybody can read of a vote that has closed, but for its name and its random numbers."""
    noise = {"proposal", "seed", "digest", "ballots_digest"}
    events = [
        (one.type, {key: value for key, value in one.data.items() if key not in noise}, dict(one.disclosed))
        for one in told(await exported(world), path.rpartition("/")[2])
        if one.type in LASTING
    ]
    tried = {"rule": "majority", "options": {"threshold": "2/3"}}
    circle = f"/v1/circles/{world.circles['gestion'].id}"
    replays = await world.do("Ana", "POST", f"{circle}/decision-rules/simulation", tried)
    [what_if] = [one for one in replays["decisions"] if one["proposal_id"] == path.rpartition("/")[2]]
    urn = (await world.call("Ana", "GET", f"{path}/urn")).json()
    export = await world.call("Ana", "GET", f"{path}/ballots/export")
    return {
        "export": export.json().get("code"),
        "outcome": await world.do("Ana", "GET", f"{path}/outcome"),
        "events": events,
        "slips": [{key: slip[key] for key in slip if key != "tracker"} for slip in urn.get("items", ())],
        "tally": (await world.call("Ana", "GET", f"{path}/tally")).status_code,
        "what_if": {key: what_if[key] for key in ("recorded", "replayed", "needs_more", "not_comparable", "differs")},
    }


async def test_what_one_person_of_a_college_voted_is_told_nowhere(world: World) -> None:
    await decide_by(world, "colleges", await in_colleges(world))
    both = [dict.fromkeys([*STUDENTS, *CLIENTS], "for") | {"Hugo": hugo} for hugo in ("for", "against")]
    one, other = [await voted(world, f"Hours {n}", **ballots) for n, ballots in enumerate(both)]
    found = await all_that_is_told(world, one)
    assert found == await all_that_is_told(world, other), "whatever Hugo voted, the same is told"
    assert found["outcome"]["verdict"] == "invalid"
    [reason] = found["outcome"]["reasons"]
    assert (reason["code"], reason["facts"]) == ("too_few_to_hide", {"voters": 11, "needed": 5})
    assert (found["outcome"]["tables"], found["outcome"]["readable"], found["slips"]) == ({}, [], [])
    assert (found["export"], found["what_if"]["not_comparable"]["code"]) == ("vote_not_counted", "too_few_to_tell")
    kinds = [kind for kind, _, _ in found["events"]]
    assert kinds == ["participation.sealed", "urn.discarded", "phase.ended", "decision.computed"]
    assert found["events"][2][2] == {}, "no profile"
    french = (await world.call("Ana", "GET", one, Accept_Language="fr")).json()["outcome"]["reasons"][0]["sentence"]
    assert french.startswith("Vote nul : 11 personnes ont voté à bulletin secret")
    async with world.database.read() as session:
        slips = [(await session.execute(select(table))).all() for table in (Slip, CountedSlip)]
        profiles = (await session.execute(select(col(PhaseHeld.profile)))).scalars().all()
    assert (slips, profiles) == ([[], []], [{}, {}]), "not even in the tables"
    again = await replayed(world, one)
    assert again.outcome is not None
    assert again.outcome.code == "too_few_to_hide"


async def test_a_college_is_told_when_five_of_it_or_none_have_voted(world: World) -> None:
    await decide_by(world, "colleges", await in_colleges(world))
    path = await voted(world, "Hours", **dict.fromkeys(STUDENTS, "for"), **dict.fromkeys(CLIENTS, "against"))
    found = await all_that_is_told(world, path)
    assert found["outcome"]["verdict"] == "not_adopted", "half of all votes"
    [table] = [one for one in found["outcome"]["readable"] if one["name"] == "colleges"]
    rows = {row[0]: row[3:5] for row in table["rows"]}
    assert rows == {"Students": ["5", "0"], "Clients": ["0", "5"], "Partners": ["0", "0"]}
    assert (await replayed(world, path)).outcome is not None
    four = dict.fromkeys(STUDENTS, "for") | dict.fromkeys(CLIENTS[1:], "against")
    path = await voted(world, "Less", **four)
    assert (await world.do("Ana", "GET", path))["outcome"]["reasons"][0]["code"] == "too_few_to_hide"


async def test_it_ends_there_whatever_the_rule_would_open_next(world: World) -> None:
    within = (await in_colleges(world))["inner"]
    calls = [{"share": "1/2", "per_college": "1/5"}, {"share": "0"}]
    await decide_by(world, "quorum", {"inner": within, "calls": calls})
    path = await voted(world, "Hours", Hugo="for")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], [one["code"] for one in page["outcome"]["reasons"]]) == ("not_adopted", ["too_few_to_hide"])
    assert (await replayed(world, path)).outcome is not None


@pytest.mark.parametrize("wish", ["proxies", "carries"])
async def test_a_rule_that_would_break_the_secret_is_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    """A rule from elsewhere lets others cast a secret ballot, or leaves the urn open after it was counted."""
    monkeypatch.setattr(logging.getLogger("cercle.engine"), "disabled", True)
    rule = world.app.state.catalogue.get("majority", 1)
    after = rule.after

    def wishing(mine: Any, case: Case) -> Step:
        step = after(mine, case)
        if wish == "carries" and case.now is not None and len(case.held) == 1:
            return replace(case.now.phase, carries=True)
        if wish == "proxies" and isinstance(step, Phase):
            return replace(step, floors=tuple(replace(floor, proxies=True) for floor in step.floors))
        return step  # type: ignore[no-any-return]

    monkeypatch.setattr(rule, "after", wishing)
    await world.circle("gestion", FEW, rule="majority", options={"visibility": "secret"})
    path = await voted(world, "Hours") if wish == "proxies" else await voted(world, "Hours", Ana="for", Bilal="for")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["refusal"]) == ("needs_attention", "secrecy_unavailable")
    assert not [one for one in told(await exported(world), path.rpartition("/")[2]) if one.type == "phase.ended"]


@pytest.mark.parametrize("forgery", ["profile told", "nobody took part"])
async def test_a_log_that_tells_what_it_must_not_is_refused(world: World, forgery: str) -> None:
    await decide_by(world, "colleges", await in_colleges(world))
    path = await voted(world, "Hours", **dict.fromkeys(["Hugo", *STUDENTS], "for"))
    events = told(await exported(world), path.rpartition("/")[2])
    forged = []
    for one in events:
        if one.type == "phase.ended" and forgery == "profile told":
            one.disclosed["profile"] = {}  # type: ignore[index]
        if one.type != "participation.sealed" or forgery == "profile told":
            forged.append(one)
    with pytest.raises(ValueError, match=r"^profile at"):
        replay(forged, world.app.state.catalogue)


async def test_few_ballots_are_no_list_for_anybody(world: World) -> None:
    await world.circle("gestion", FEW, rule="majority", options={"visibility": "secret"})
    path = await voted(world, "Hours", **dict.fromkeys(FEW[:6], "for"), Gaëlle="against")
    refused = await world.call("Ana", "GET", f"{path}/urn")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_to_list")
    assert "7 ballots were cast" in refused.json()["detail"]
    french = await world.call("Ana", "GET", f"{path}/urn", Accept_Language="fr")
    assert french.json()["detail"].startswith("7 bulletins ont été déposés")
    found = await all_that_is_told(world, path)
    assert found["outcome"]["reasons"][0]["facts"]["for"] == 6, "totals are told"
    [profile] = [disclosed["profile"] for kind, _, disclosed in found["events"] if kind == "phase.ended"]
    assert profile == {"groups": [["", "", {"heads": {"against": "1", "for": "6"}}]]}


async def test_few_rankings_are_told_as_totals_alone(world: World) -> None:
    """Hardly two rankings are alike: how often each was cast is the list of ballots under another name."""
    await world.circle("gestion", FEW, rule="irv", options={"visibility": "secret"})
    draft = await world.draft("Ana", "gestion", "Where we work")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")} | {"options": PLACES}
    await world.do("Ana", "PUT", f"{path}/text", text, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    marked = ["o1>o2>o3", "o1>o3>o2", "o1", "o1>o2", "o2>o1", "o2", "o3>o2"]
    trackers = {}
    for who, value in zip(FEW, marked, strict=False):
        receipt = await world.do(who, "POST", f"{path}/ballots", {"value": value, "revision": 1})
        trackers[receipt["tracker"]] = value
    await world.pass_time(days=6)
    found = await all_that_is_told(world, path)
    assert found["outcome"]["winners"][0]["id"] == "o1"
    assert found["outcome"]["tables"]["rounds"]
    assert not any(ballot in str(found) for ballot in marked if ">" in ballot)
    assert (found["export"], found["what_if"]["not_comparable"]["code"]) == ("too_few_to_list", "too_few_to_tell")
    events = told(await exported(world), path.rpartition("/")[2])
    with pytest.raises(KeyError, match="profile"):
        replay(events, world.app.state.catalogue)
    for tracker, value in trackers.items():
        own = await world.do("Hugo", "POST", f"{path}/urn/search", {"tracker": tracker})
        assert (own["choice"], own["college"]) == (value, "")


async def test_a_ballot_is_found_by_its_tracker_alone(world: World) -> None:
    await world.circle("gestion", FEW, rule="majority", options={"visibility": "secret"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    mine = await world.do("Ana", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    await world.vote(["Bilal"], path, "against")
    sought = {"tracker": mine["tracker"]}
    early = await world.call("Ana", "POST", f"{path}/urn/search", sought)
    assert (early.status_code, early.json()["code"]) == (422, "tracker_unknown"), "not before the close"
    await world.pass_time(days=6)
    found = await world.do("Ana", "POST", f"{path}/urn/search", sought, Idempotency_Key="once")
    assert found == {"tracker": mine["tracker"], "choice": "for", "college": "", "unit": "", "weights": ""}
    for other in ({"tracker": str(uuid4())}, {**sought, "round": 2}):
        refused = await world.call("Ana", "POST", f"{path}/urn/search", other)
        assert (refused.status_code, refused.json()["code"]) == (422, "tracker_unknown")
    await world.neighbour()
    assert (await world.call("Odile", "POST", f"{path}/urn/search", sought)).status_code == 404


async def test_of_a_secret_vote_that_ends_without_a_count_no_ballot_is_kept(world: World) -> None:
    await world.circle("gestion", FEW, rule="majority", options={"visibility": "secret"})
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.vote(FEW[:3], path, "for")
    await world.do("Ana", "POST", f"{path}/withdrawal", {})
    async with world.database.read() as session:
        assert [(await session.execute(select(table))).all() for table in (Slip, CountedSlip)] == [[], []]


async def test_who_opens_a_vote_among_few_is_warned(world: World) -> None:
    options = await in_colleges(world)
    await decide_by(world, "colleges", options)
    made = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{made['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    opened = await world.do("Bilal", "POST", f"{path}/admission")
    codes = [one["code"] for one in opened["phase"]["notices"]]
    assert codes == ["replaced_by_tracker", "told_apart", "few_voters", "unanimity"]
    assert opened["phase"]["notices"][2]["sentence"].startswith("Only 15 people can vote here.")
    french = (await world.call("Ana", "GET", path, Accept_Language="fr")).json()["phase"]["notices"]
    assert french[3]["sentence"].startswith("Si tout le monde vote de la même façon")
    assert all(one["sentence"] != one["code"] for one in [*opened["phase"]["notices"], *french])
    await decide_by(world, "majority", {})
    path = await world.admitted("Ana", "gestion", "Bilal", "Open")
    assert [one["code"] for one in (await world.do("Ana", "GET", path))["phase"]["notices"]] == ["last_one_counts"]
    await decide_by(world, "majority", {"revote": False, "visibility": "secret"})
    path = await world.admitted("Ana", "gestion", "Bilal", "Once")
    codes = [one["code"] for one in (await world.do("Ana", "GET", path))["phase"]["notices"]]
    assert codes == ["cast_once", "few_voters", "unanimity"]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_nobody_votes_for_another_in_secret(world: World, language: str) -> None:
    await world.circle("gestion", FEW)
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    both = {"visibility": "secret", "proxies": True}
    for body, pointer in (
        ({"slug": "majority", "options": both}, "/body/options/proxies"),
        (
            {"slug": "quorum", "options": {"inner": {"rule": "irv", "options": both}, "calls": [{"share": "1/2"}]}},
            "/body/options/inner/options/proxies",
        ),
    ):
        answer = await world.call("Salomé", "PUT", address, body, If_Match="*", Accept_Language=language)
        [fault] = answer.json()["errors"]
        assert (answer.status_code, fault["code"], fault["pointer"]) == (422, "secret_by_proxy", pointer)
        assert fault["detail"].startswith("Nobody votes for another" if language == "en" else "On ne vote pas pour")
