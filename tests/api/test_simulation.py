"""What-if over HTTP: a rule tried on past decisions and on imagined votes; nothing is kept, and nobody is bound."""

from typing import Any

import pytest

from app.foundation.permissions import Scope
from tests.api.observing import changed, contents, statements
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid"]
TWO_THIRDS = {"rule": "majority", "options": {"threshold": "2/3", "op": "gte"}}


def inner(slug: str, **options: Any) -> dict[str, Any]:
    return {"rule": slug, "options": options}


async def decided(world: World, title: str, **ballots: int) -> str:
    """A proposal of Ana on which so many cast each ballot; returns its id."""
    path = await world.admitted("Ana", "gestion", "Bilal", title)
    names = iter(PEOPLE)
    for value, number in ballots.items():
        await world.vote([next(names) for _ in range(number)], path, value.rstrip("_"))
    await world.pass_time(days=6)
    return path.rpartition("/")[2]


async def chooses(world: World, slug: str, **options: Any) -> None:
    """From now on the circle decides by another rule."""
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    await world.do("Salomé", "PUT", address, {"slug": slug, "options": options}, If_Match="*")


async def tried(world: World, body: dict[str, Any], *, who: str = "Ana", query: str = "", **headers: str) -> Any:
    """The answer to a rule that is tried on what the circle has decided; nothing is changed by asking."""
    before = await contents(world)
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rules/simulation{query}"
    found = await world.do(who, "POST", address, body, **headers)
    assert changed(before, await contents(world)) == []
    return found


def summary(found: Any) -> list[tuple[str, bool | None]]:
    return [(one["title"], one["differs"]) for one in found["decisions"]]


async def test_past_votes_under_another_threshold(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    ids = [
        await decided(world, "Clear", for_=5, against=1),
        await decided(world, "Close", for_=3, against=2),
        await decided(world, "Lost", for_=2, against=3),
    ]
    found = await tried(world, TWO_THIRDS)
    assert summary(found) == [("Lost", False), ("Close", True), ("Clear", False)], "newest first"
    assert [one["proposal_id"] for one in found["decisions"]] == ids[::-1]
    counts = [found[name] for name in ("differing", "alike", "needing_more", "not_comparable", "more")]
    assert counts == [1, 2, 0, 0, False]
    assert (found["rule"]["slug"], found["rule"]["options"]["threshold"]) == ("majority", "2/3")
    close = found["decisions"][1]
    assert (close["recorded"]["verdict"], close["replayed"]["verdict"]) == ("adopted", "not_adopted")
    assert close["replayed"]["reasons"][0]["sentence"].startswith("Not adopted: 3 for, 2 against")
    assert close["replayed"]["reasons"][1]["facts"] == {"votes": 1}
    french = await tried(world, TWO_THIRDS, Accept_Language="fr")
    assert french["decisions"][1]["replayed"]["reasons"][0]["sentence"].startswith("Non adoptée : 3 pour, 2 contre")
    newest = await tried(world, TWO_THIRDS, query="?limit=1")
    assert (summary(newest), newest["more"]) == ([("Lost", False)], True)


async def test_secret_votes_ties_and_decisions_in_words(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={"visibility": "secret"})
    await decided(world, "Secret", for_=3, against=2)
    await chooses(world, "majority")
    await decided(world, "Tie", for_=3, against=3)
    await chooses(world, "consent", begins_with="objecting")
    path = await world.admitted("Ana", "gestion", "Bilal", "Words")
    await world.answer(PEOPLE[1:], path)
    found = await tried(world, {"rule": "majority", "options": {"tie_break": "chair_casting"}})
    words, tie, secret = found["decisions"]
    assert (secret["title"], secret["differs"], secret["recorded"]["verdict"]) == ("Secret", False, "adopted")
    assert (tie["differs"], tie["replayed"]) == (None, None)
    assert (tie["needs_more"]["kind"], tie["needs_more"]["title"]) == ("casting_vote", "Casting vote")
    assert tie["needs_more"]["reasons"][0]["sentence"].startswith("A tie: 3 for, 3 against")
    assert (words["differs"], words["not_comparable"]["code"]) == (None, "decided_by_words")
    assert words["not_comparable"]["sentence"]
    assert [found[name] for name in ("differing", "alike", "needing_more", "not_comparable")] == [0, 1, 1, 1]
    again = await tried(world, {"rule": "consent", "options": {"begins_with": "objecting", "min_participation": "1"}})
    assert [one["differs"] for one in again["decisions"]] == [False, None, None]
    assert {one["not_comparable"]["code"] for one in again["decisions"][1:]} == {"no_vote"}
    weighed = await tried(world, {"rule": "weighted", "options": {"inner": inner("majority"), "measure": "votes"}})
    codes = [one["not_comparable"]["code"] for one in weighed["decisions"]]
    assert codes == ["decided_by_words", "no_vote", "not_told_apart"]
    assert weighed["decisions"][1]["not_comparable"]["reasons"][0]["code"] == "no_weight"


async def test_choices_with_their_options(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="irv", options={})
    draft = await world.draft("Ana", "gestion", "Where to move")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    options = [{"title": title} for title in ("Ash", "Elm", "Oak")]
    await world.do("Ana", "PUT", f"{path}/text", {**text, "options": options}, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    ballots = ["o1>o2", "o1>o2", "o3>o2", "o3>o2", "o2>o1"]
    for name, ballot in zip(PEOPLE, ballots, strict=False):
        await world.do(name, "POST", f"{path}/ballots", {"value": ballot, "revision": 1})
    await world.pass_time(days=6)
    [one] = (await tried(world, {"rule": "schulze"}))["decisions"]
    chosen = [[winner["title"] for winner in one[name]["winners"]] for name in ("recorded", "replayed")]
    assert (one["differs"], chosen) == (True, [["Ash"], ["Elm"]])
    assert "Elm" in one["replayed"]["reasons"][0]["sentence"]
    [other] = (await tried(world, {"rule": "approval"}))["decisions"]
    assert other["not_comparable"]["code"] == "other_paper"


async def test_options_that_members_added_keep_their_names(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="approval", options={"collecting": "P2D"})
    draft = await world.draft("Ana", "gestion", "Where to move")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    options = [{"title": title} for title in ("Ash", "Elm")]
    await world.do("Ana", "PUT", f"{path}/text", {**text, "options": options}, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    added = await world.do("Emma", "POST", f"{path}/options", {"value": "option", "title": "Oak", "revision": 1})
    await world.pass_time(days=3)
    await world.vote(PEOPLE[:3], path, added["ref"])
    await world.pass_time(days=6)
    [one] = (await tried(world, {"rule": "approval"}))["decisions"]
    assert (one["differs"], [winner["title"] for winner in one["replayed"]["winners"]]) == (False, ["Oak"])
    assert "Oak" in one["replayed"]["reasons"][0]["sentence"]


async def test_who_left_after_voting_still_counts_and_who_left_before_does_not(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    path = await world.admitted("Ana", "gestion", "Bilal", "Leaving")
    await world.vote(["Driss"], path, "for")
    await world.leave("Driss")
    await world.leave("Emma")
    await world.vote(["Ana", "Bilal"], path, "for")
    await world.pass_time(days=6)
    [one] = (await tried(world, {"rule": "majority", "options": {"base": "entitled"}}))["decisions"]
    facts = one["replayed"]["reasons"][0]["facts"]
    assert (facts["for"], facts["base"], one["differs"]) == (3, 5, False)


async def test_it_costs_the_same_however_much_was_decided(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rules/simulation"
    costs = []
    for _ in range(2):
        await decided(world, "One", for_=2)
        await world.do("Ana", "GET", "/v1/me")
        with statements(world) as sent:
            await world.do("Ana", "POST", address, TWO_THIRDS)
        costs.append(len(sent))
        await decided(world, "Two", for_=2)
    assert costs[0] == costs[1] <= 9


async def test_a_rule_that_fails_says_so_and_what_is_too_much_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    for title in ("First", "Second"):
        await decided(world, title, for_=3)
    monkeypatch.setattr("app.proposals.past.MOST_ELECTORS", 2 * len(PEOPLE) - 1)
    found = await tried(world, TWO_THIRDS)
    assert (summary(found), found["more"]) == ([("Second", False)], True)

    def failing(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.rules.builtin.majority_1.Majority.count", failing)
    [one] = (await tried(world, TWO_THIRDS))["decisions"]
    assert (one["not_comparable"]["code"], one["differs"]) == ("rule_failed", None)
    refused = await world.call(
        "Ana", "POST", "/v1/decision-rules/simulation", {"rule": "majority", "electors": 3, "ballots": {"for": 2}}
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "rule_gives_no_answer")


async def test_every_member_may_ask_and_nobody_else(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    await decided(world, "Ours", for_=3)
    await world.neighbour()
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rules/simulation"
    assert (await world.call("Odile", "POST", address, TWO_THIRDS)).status_code == 404
    assert (await world.call("Odile", "POST", address, {"rule": "none"})).status_code == 404, "before anything else"
    assert (await world.call(None, "POST", address, TWO_THIRDS)).status_code == 401
    reads_only = await world.token("Salomé", Scope.READ)
    assert (await world.call(reads_only, "POST", address, TWO_THIRDS)).json()["alike"] == 1
    twice = [await world.call("Ana", "POST", address, TWO_THIRDS, Idempotency_Key="k") for _ in range(2)]
    assert twice[0].content == twice[1].content


async def test_what_cannot_be_tried_is_refused_where_it_stands(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    past = f"/v1/circles/{world.circles['gestion'].id}/decision-rules/simulation"
    for query, rule, pointer in (
        ("?limit=0", TWO_THIRDS, "/query/limit"),
        ("?limit=201", TWO_THIRDS, "/query/limit"),
        ("", {"rule": "none"}, "/body/rule"),
        ("", {"rule": "majority", "options": {"threshold": "3/2"}}, "/body/options/threshold"),
    ):
        answer = await world.call("Ana", "POST", past + query, rule)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert changed(before, await contents(world)) == []
