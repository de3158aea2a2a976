"""Votes between options over HTTP: written into the text, marked on a paper, counted, told in words, put in force."""

from typing import Any

import pytest

from tests.api.exports import replayed
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
PLACES = [{"title": "Rue des Lilas"}, {"title": "Quai Nord", "body": "By the water."}, {"title": "Stay"}]


async def opened(world: World, rule: str, texts: list[dict[str, Any]] | None = None, **options: Any) -> str:
    """A proposal of Ana with options, decided by that rule; returns its path."""
    await world.circle("gestion", PEOPLE, rule=rule, options=options)
    draft = await world.draft("Ana", "gestion", "Where we work")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")}
    text["options"] = PLACES if texts is None else texts
    await world.do("Ana", "PUT", f"{path}/text", text, If_Match="*")
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    return path


async def cast(world: World, path: str, **ballots: str) -> None:
    for who, value in ballots.items():
        await world.do(who, "POST", f"{path}/ballots", {"value": value, "revision": 1})


async def test_a_ranking_is_counted_told_and_put_in_force(world: World) -> None:
    path = await opened(world, "schulze")
    page = await world.do("Driss", "GET", path)
    assert [(one["id"], one["title"]) for one in page["options"]] == [
        ("o1", "Rue des Lilas"),
        ("o2", "Quai Nord"),
        ("o3", "Stay"),
    ]
    [step] = [one for one in page["available_steps"] if one["name"] == "ballot"]
    assert (step["values"], step["paper"]["kind"]) == (["o1", "o2", "o3"], "ranking")
    receipt = await world.do("Ana", "POST", f"{path}/ballots", {"value": " o2 > o3=o1 ", "revision": 1})
    assert receipt["value"] == "o2>o1=o3", "one form in the urn, the journal and every export"
    await cast(world, path, Bilal="o2>o1", Chloé="o1>o2>o3", Driss="blank", Emma="o2")
    page = await world.do("Ana", "GET", path)
    assert (page["state"], page["outcome"]["verdict"]) == ("adopted", "elected")
    assert page["outcome"]["winners"] == [{"id": "o2", "title": "Quai Nord"}]
    assert "Quai Nord" in page["outcome"]["reasons"][0]["sentence"]
    tables = {table["name"]: table for table in page["outcome"]["readable"]}
    assert "Rue des Lilas" in tables["pairwise"]["columns"]
    [agreement] = (await world.do("Ana", "GET", "/v1/agreements"))["items"]
    text = (await world.do("Ana", "GET", f"/v1/agreements/{agreement['id']}"))["text"]
    assert text.endswith("Quai Nord\n\nBy the water.")
    assert (await replayed(world, path)).outcome is not None


@pytest.mark.parametrize(
    ("rule", "value", "code"),
    [
        ("schulze", "o1>o9", "ballot_unknown_option"),
        ("schulze", "o1>o2>o1", "ballot_option_twice"),
        ("schulze", "o1>>o2", "ballot_unreadable"),
        ("schulze", "drop table", "ballot_unreadable"),
        ("stv", "o1=o2", "ballot_equal_ranks"),
        ("score", "o1:9", "ballot_off_scale"),
        ("score", "o1:1.5", "ballot_unreadable"),
        ("approval", "o1,o2,o3", "ballot_wrong_count"),
        ("quadratic", "o1:9,o2:5", "ballot_over_budget"),
        ("two_round", "o1,o2", "ballot_unreadable"),
    ],
)
async def test_a_bad_ballot_has_its_own_refusal_and_leaves_nothing(
    world: World, rule: str, value: str, code: str
) -> None:
    path = await opened(world, rule, None, **({"max_choices": 2} if rule == "approval" else {}))
    before = await contents(world)
    for language in ("en", "fr"):
        ballot = {"value": value, "revision": 1}
        refused = await world.call("Ana", "POST", f"{path}/ballots", ballot, Accept_Language=language)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["pointer"] == "/body/value"
    assert changed(before, await contents(world)) == []


async def test_of_an_unknown_option_is_said_what_can_be_marked(world: World) -> None:
    path = await opened(world, "schulze")
    refused = await world.call("Ana", "POST", f"{path}/ballots", {"value": "o1>o9", "revision": 1})
    assert refused.json()["facts"] == {"option": "o9", "allowed": "o1, o2, o3, abstain, blank"}


APPROVAL = {"rule": "approval", "options": {"collecting": "P2D"}}


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("approval", {"collecting": "P2D"}),
        ("quorum", {"inner": APPROVAL, "calls": [{"share": "1/2"}]}),
        ("delayed", {"inner": APPROVAL}),
    ],
)
async def test_members_add_options_before_the_vote_opens(world: World, rule: str, options: dict[str, Any]) -> None:
    path = await opened(world, rule, PLACES[:1], **options)
    added = {"value": "option", "title": "The old mill", "text": "It is dry.", "revision": 1}
    word = await world.do("Driss", "POST", f"{path}/options", added)
    await world.pass_time(days=3)
    page = await world.do("Emma", "GET", path)
    [step] = [one for one in page["available_steps"] if one["name"] == "ballot"]
    assert step["values"] == ["o1", word["ref"]]
    assert [one["title"] for one in page["options"]] == ["Rue des Lilas", "The old mill"]
    await cast(world, path, **dict.fromkeys(PEOPLE, word["ref"]))
    await world.pass_time(days=8)
    page = await world.do("Ana", "GET", path)
    assert page["outcome"]["winners"] == [{"id": word["ref"], "title": "The old mill"}]
    [agreement] = (await world.do("Ana", "GET", "/v1/agreements"))["items"]
    assert "The old mill\n\nIt is dry." in (await world.do("Ana", "GET", f"/v1/agreements/{agreement['id']}"))["text"]


async def test_what_was_added_under_one_rule_is_on_the_ballot_of_the_next(world: World) -> None:
    first = {"rule": "approval", "options": {"collecting": "P2D", "quorum": "4/5"}}
    path = await opened(world, "fallback", first=first, second={"rule": "approval"}, on=["no_quorum"])
    word = await world.do(
        "Chloé", "POST", f"{path}/options", {"value": "option", "title": "The old mill", "revision": 1}
    )
    await world.pass_time(days=8)
    page = await world.do("Ana", "GET", path)
    assert [reason["code"] for reason in page["phase"]["reasons"]] == ["fell_back", "no_quorum"]
    await cast(world, path, **dict.fromkeys(PEOPLE, word["ref"]))
    page = await world.do("Ana", "GET", path)
    assert page["outcome"]["winners"] == [{"id": word["ref"], "title": "The old mill"}]


async def test_a_rule_between_options_needs_two(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="irv", options={})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    refused = await world.call("Bilal", "POST", f"{path}/admission")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_options")


async def test_two_rounds_are_two_votes(world: World) -> None:
    path = await opened(world, "two_round")
    await cast(world, path, Ana="o1", Bilal="o1", Chloé="o2", Driss="o2", Emma="o3")
    page = await world.do("Ana", "GET", path)
    [step] = [one for one in page["available_steps"] if one["name"] == "ballot"]
    assert step["values"] == ["o1", "o2"]
    await cast(world, path, Ana="o1", Bilal="o1", Chloé="o2", Driss="o2", Emma="o2")
    assert (await world.do("Ana", "GET", path))["outcome"]["winners"][0]["title"] == "Quai Nord"


async def test_to_approve_of_none_is_a_choice_that_counts(world: World) -> None:
    """Three of four for one option would be more than 3/5; three of the five who chose are not."""
    path = await opened(world, "approval", threshold="3/5")
    [step] = [one for one in (await world.do("Ana", "GET", path))["available_steps"] if one["name"] == "ballot"]
    assert step["paper"]["alone"] == ["abstain", "blank", "none"]
    await cast(world, path, Ana="o1", Bilal="o1,o2", Chloé="o1", Driss="o2", Emma="none")
    page = await world.call("Ana", "GET", path, Accept_Language="fr")
    outcome = page.json()["outcome"]
    assert outcome["verdict"] == "not_elected"
    assert "1 personne n'approuve aucune option" in str(outcome["reasons"])
    assert (await replayed(world, path)).outcome is not None


async def test_a_tie_is_broken_by_lots_that_anybody_can_draw_again(world: World) -> None:
    path = await opened(world, "approval", tie_break="lot")
    await cast(world, path, Ana="o1", Bilal="o1", Chloé="o2", Driss="o2", Emma="abstain")
    page = await world.do("Ana", "GET", path)
    assert page["outcome"]["verdict"] == "elected"
    assert "lots_drawn" in [reason["code"] for reason in page["outcome"]["reasons"]]
    assert (await replayed(world, path)).outcome is not None
