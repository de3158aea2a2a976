"""No ballot that the engine would have refused is counted by a replay, however well the record was made to fit it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.proposals.exported import Told, Urns, counted, voter
from app.proposals.replay import ReplayDiffers, Replayed, replay
from app.proposals.speaking import floor_of
from app.rules.canonical import digest, to_json
from app.rules.contract import (
    Case,
    Electorate,
    Floor,
    Held,
    Outcome,
    Phase,
    Who,
    Word,
    electors,
    forum,
    named,
    office,
    proposer,
)
from tests.api.exports import exported, told
from tests.api.test_choosing import cast
from tests.api.test_choosing import opened as choosing
from tests.api.test_proxies import PEOPLE, given, vote_for
from tests.api.world import World

PROXY = "0198c1d2-5b7e-7000-8000-0000000000a1"
VOTED = {"Ana": "for", "Bilal": "for", "Chloé": "against", "Driss": "against"}
"""In a record that is then forged: Emma does not vote, and Farid is recused."""


def changed(event: Told, told_more: dict[str, Any] | None = None, **data: Any) -> Told:
    """The event with other data and other values disclosed."""
    envelope = json.loads(json.dumps(event.envelope))
    envelope["data"].update(data)
    return Told(envelope, event.leaf_hash, {**event.disclosed, **(told_more or {})})


def at(event: Told, moment: str) -> Told:
    return Told({**event.envelope, "at": moment}, event.leaf_hash, event.disclosed)


def of_type(events: Sequence[Told], kind: str) -> Told:
    return next(one for one in events if one.type == kind)


def ballot(like: Told, actor: str, whose: str, choice: Any, **data: Any) -> Told:
    """A ballot as somebody would write it into the log who can write everything there."""
    forged = changed(like, {"choice": choice}, **{"voter": whose, "proxy": None, "phase": 1, "revision": 1, **data})
    stream = f"ballot/{like.data['proposal']}/1/{whose}"
    return Told({**forged.envelope, "actor": actor, "stream": stream}, b"x" * 32, forged.disclosed)


def remade(events: Sequence[Told], world: World, **ended: str) -> Replayed:
    """The replay of a record in which all that the end of its one vote and its decision commit to fits its ballots:
    nothing but the ballots themselves can give the forger away."""
    rules, urns = world.app.state.catalogue, Urns()
    made: list[Told] = []
    admitted = of_type(events, "proposal.admitted")
    electorate = Electorate(map(voter, admitted.disclosed["electorate"]))
    for event in events:
        sums: dict[str, Any] = {}
        more: dict[str, Any] = {}
        if event.type == "ballot.cast":
            urns.put(event, 1)
        elif event.type == "phase.ended":
            profile = counted(electorate, urns.choices(1))
            sums = {"ballots": int(profile.heads), "profile_digest": digest(profile), "ballots_digest": urns.digest(1)}
            sums |= ended
        elif event.type == "decision.computed":
            pin = admitted.envelope["rule"]
            rule = rules.bind(pin["slug"], pin["version"], admitted.data["options"])
            outcome = rule.after(replay(made, rules).case)
            assert isinstance(outcome, Outcome)
            sums = {"verdict": outcome.verdict, "winners": list(outcome.winners), "outcome_digest": digest(outcome)}
            more = {"outcome": to_json(outcome)}
        made.append(changed(event, more, **sums))
    return replay(made, rules)


def differs(events: Sequence[Told], world: World, **ended: str) -> str:
    """The code with which the replay refuses the forged record."""
    with pytest.raises(ReplayDiffers) as found:
        remade(events, world, **ended)
    return found.value.code


def with_ballots(events: Sequence[Told], *forged: Told) -> list[Told]:
    """The record with these before the end of its first phase."""
    place = next(n for n, one in enumerate(events) if one.type == "phase.ended")
    return [*events[:place], *forged, *events[place:]]


@pytest.mark.parametrize(
    ("who", "by", "under", "holds"),
    [
        (electors("b"), "a", None, True),
        (electors("b"), "b", None, False),
        (electors(), "left", None, False),
        (proposer(), "a", None, True),
        (proposer(), "b", None, False),
        (office("chair", "b"), "left", "chair", True),
        (office("chair", "b"), "b", "chair", False),
        (office("chair"), "a", None, False),
        (named("b"), "b", None, True),
        (named("b"), "a", None, False),
        (forum("lots"), "forum:lots", None, True),
        (forum("lots"), "forum:meeting", None, False),
        (Who("members"), "left", None, True),
        (Who("members"), "forum:lots", None, False),
    ],
)
def test_a_word_is_said_by_who_has_the_floor(who: Who, by: str, under: str | None, *, holds: bool) -> None:
    floor = Floor(who, "view", about="view")
    first, second = Word("w1", "a", "view", "yes"), Word("w2", by, "view", "yes", about="w1", office=under)
    held = Held(Phase("talking", (Floor(Who("members"), "talk"), floor)), 1, Electorate(), (first,))
    case = Case("a", Electorate(), (held,))
    assert floor_of(second, case, {"a", "b"}) == (floor if holds else None)
    for other in (replace(second, about="w9"), replace(second, form="talk")):
        assert floor_of(other, case, {"a", "b"}) is None


async def recorded(world: World, path: str) -> list[Told]:
    return told(await exported(world), path.rpartition("/")[2])


async def voted(world: World, **options: Any) -> list[Told]:
    """The record of a vote of six, one of whom is recused and one of whom does not vote: two against two."""
    await world.circle("gestion", PEOPLE, rule="majority", options=options)
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Farid", "POST", f"{path}/recusal", {"text": "My brother would get the contract."})
    await world.do("Bilal", "POST", f"{path}/admission")
    for name, value in VOTED.items():
        await world.vote([name], path, value)
    await world.pass_time(days=6)
    return await recorded(world, path)


def voices(world: World) -> dict[str, str]:
    return {name: str(one.pseudonym) for name, one in world.members.items()}


async def test_a_ballot_that_the_engine_would_have_refused_is_not_counted(world: World) -> None:
    events, them = await voted(world, proxies=True), voices(world)
    like, emma = of_type(events, "ballot.cast"), them["Emma"]
    true = ballot(like, emma, emma, "for")
    assert remade(with_ballots(events, true), world).outcome != replay(events, world.app.state.catalogue).outcome
    for name, code, forged in (
        ("a phase that never was", "no_floor", ballot(like, emma, emma, "for", phase=7)),
        ("no phase at all", "no_floor", ballot(like, emma, emma, "for", phase=0)),
        ("another text", "revision", ballot(like, emma, emma, "for", revision=7)),
        ("the recused", "no_floor", ballot(like, them["Farid"], them["Farid"], "for")),
        ("by the recused", "no_floor", ballot(like, them["Farid"], emma, "for", proxy=PROXY)),
        ("by nobody", "no_floor", ballot(like, "system", emma, "for", proxy=PROXY)),
        ("no elector", "no_floor", ballot(like, them["Salomé"], them["Salomé"], "for")),
        ("no value", "choice", ballot(like, emma, emma, "bogus")),
        ("silence", "choice", ballot(like, emma, emma, "uncast")),
        ("too late", "phase_over", at(true, of_type(events, "phase.ended").envelope["at"])),
    ):
        assert differs(with_ballots(events, forged), world) == code, name
    with pytest.raises(ReplayDiffers, match="choice"):
        replay(with_ballots(events, ballot(like, emma, emma, 5)), world.app.state.catalogue)


async def test_where_nobody_votes_twice_the_replay_counts_no_second_ballot(world: World) -> None:
    events, them = await voted(world, revote=False, proxies=True), voices(world)
    like, emma, bilal = of_type(events, "ballot.cast"), them["Emma"], them["Bilal"]
    own, by_proxy = ballot(like, emma, emma, "for"), ballot(like, bilal, emma, "against", proxy=PROXY)
    assert remade(with_ballots(events, own), world).outcome is not None
    assert remade(with_ballots(events, by_proxy, own), world).outcome is not None, "as the voter who turns up may"
    for forged in ([own, own], [by_proxy, by_proxy], [own, by_proxy], [by_proxy, own, own]):
        assert differs(with_ballots(events, *forged), world) == "no_floor"


async def test_a_true_record_of_a_voter_who_turns_up_after_their_holder_is_replayed(world: World) -> None:
    path = await world.at_ballot(PEOPLE, revote=False, proxies=True)
    await given(world, "Ana", "Bilal")
    assert (await vote_for(world, "Bilal", "Ana", path)).is_success
    assert (await vote_for(world, "Bilal", "Ana", path)).status_code == 409
    await world.vote(["Ana"], path, "against")
    assert (await world.call("Ana", "POST", f"{path}/ballots", {"value": "for", "revision": 1})).status_code == 409
    await world.pass_time(days=6)
    assert replay(await recorded(world, path), world.app.state.catalogue).outcome is not None


async def test_who_has_left_does_not_vote_again(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(["Ana", "Bilal", "Chloé"], path, "for")
    await world.leave("Chloé")
    await world.pass_time(days=6)
    events, chloe = await recorded(world, path), voices(world)["Chloé"]
    assert remade(events, world).outcome is not None, "the ballot cast before stays"
    forged = ballot(of_type(events, "ballot.cast"), chloe, chloe, "against")
    assert differs(with_ballots(events, forged), world) == "no_floor"


async def test_nothing_but_what_the_paper_allows_is_counted_and_in_one_form_alone(world: World) -> None:
    path = await choosing(world, "approval")
    await cast(world, path, Ana="o1", Bilal="o2,o1", Chloé="o1")
    await world.pass_time(days=6)
    events, emma = await recorded(world, path), voices(world)["Emma"]
    like = of_type(events, "ballot.cast")
    assert remade(with_ballots(events, ballot(like, emma, emma, "o1,o2")), world).outcome is not None
    for choice in ("o2,o1", " o1", "o1,o1", "o9", "o1>o2", ""):
        assert differs(with_ballots(events, ballot(like, emma, emma, choice)), world) == "choice", choice


async def test_where_no_open_vote_is_held_there_is_no_ballot(world: World) -> None:
    await voted(world)
    like, them = of_type(await recorded(world, await last(world)), "ballot.cast"), voices(world)
    deciding = await world.at_objecting(PEOPLE, slug="atelier")
    await world.answer(PEOPLE[1:], deciding)
    secret = await world.at_ballot(PEOPLE, slug="fournil", visibility="secret")
    await world.vote(PEOPLE, secret, "for")
    for path in (deciding, secret):
        events = await recorded(world, path)
        assert replay(events, world.app.state.catalogue).outcome is not None
        forged = changed(ballot(like, them["Ana"], them["Ana"], "for"), proposal=events[0].data["proposal"])
        with pytest.raises(ReplayDiffers, match="no_floor"):
            replay(with_ballots(events, forged), world.app.state.catalogue)


async def last(world: World) -> str:
    """The one proposal there is so far."""
    [only] = (await world.do("Ana", "GET", "/v1/proposals"))["items"]
    return f"/v1/proposals/{only['id']}"


async def test_a_vote_is_complete_when_everybody_has_voted_and_over_at_its_deadline(world: World) -> None:
    events, them = await voted(world), voices(world)
    like, over = of_type(events, "ballot.cast"), of_type(events, "phase.ended").envelope["at"]
    for_ = [one for one in events if one.type != "ballot.cast" or one.disclosed["choice"] == "for"]
    assert remade(for_, world).outcome is not None
    assert differs(for_, world, ended="complete") == "ended"
    assert differs(events, world, ended="whenever") == "ended"
    all_voted = with_ballots(events, ballot(like, them["Emma"], them["Emma"], "for"))
    assert remade(all_voted, world, ended="complete").outcome is not None, "the recused are not waited for"
    early = [at(one, like.envelope["at"]) if one.type == "phase.ended" else one for one in events]
    assert differs(early, world) == "ended"
    without_end = [changed(one, closes_at=None) if one.type == "phase.opened" else one for one in events]
    assert differs(without_end, world) == "ended"
    stopped = Told({**like.envelope, "type": "process.needs_attention", "data": {}}, b"", {})
    for until, code in (("2099-01-01T00:00:00+00:00", "ended"), (over, None)):
        resumed = Told({**like.envelope, "type": "process.resumed", "data": {"closes_at": until}}, b"", {})
        moved = with_ballots(events, stopped, resumed)
        assert (differs(moved, world) if code else replay(moved, world.app.state.catalogue).outcome and None) == code


async def test_a_vote_closes_early_only_when_its_end_was_foregone(world: World) -> None:
    path = await world.at_ballot(PEOPLE, early_close=True)
    await world.vote(PEOPLE[:4], path, "for")
    events = await recorded(world, path)
    assert of_type(events, "phase.ended").data["ended"] == "complete"
    assert remade(events, world).outcome is not None
    place = next(n for n, one in enumerate(events) if one.type == "ballot.cast")
    for fewer in (events[:place] + events[place + 3 :], [one for one in events if one.type != "ballot.cast"]):
        assert differs(fewer, world) == "ended"
