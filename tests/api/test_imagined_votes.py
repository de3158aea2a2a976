"""A vote that nobody has held, asked about over HTTP before a rule is adopted: what follows, and what it would need."""

from typing import Any

import pytest

from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal"]
VOTE = "/v1/decision-rules/simulation"
NINTH = "/body/options/inner" + "/options/inner" * 7
"""Where the first rule stands that is too deep."""


def inner(slug: str, **options: Any) -> dict[str, Any]:
    return {"rule": slug, "options": options}


def nested(levels: int) -> dict[str, Any]:
    """Options of a delay around so many others."""
    options: dict[str, Any] = {"inner": inner("majority")}
    for _ in range(levels):
        options = {"inner": inner("delayed", **options)}
    return options


async def imagined(world: World, body: dict[str, Any], **headers: str) -> Any:
    """The answer to an imagined vote; nothing is changed by asking."""
    before = await contents(world)
    found = await world.do("Ana", "POST", VOTE, body, **headers)
    assert changed(before, await contents(world)) == []
    return found


@pytest.mark.parametrize(
    ("base", "verdict", "of"),
    [("cast", "adopted", 32), ("present", "not_adopted", 40), ("entitled", "not_adopted", 60)],
)
async def test_a_vote_that_nobody_has_held(world: World, base: str, verdict: str, of: int) -> None:
    """W01: 60 electors, 18 for, 14 against, 8 abstentions."""
    ballots = {"for": 18, "against": 14, "abstain": 8}
    await world.circle("gestion", PEOPLE)
    body = {"rule": "majority", "options": {"base": base}, "electors": 60, "ballots": ballots}
    found = await imagined(world, body)
    outcome = found["outcome"]
    assert (outcome["verdict"], outcome["reasons"][0]["facts"]["base"]) == (verdict, of)
    assert outcome["reasons"][1]["code"] == ("would_have_failed" if verdict == "adopted" else "would_have_passed")
    assert outcome["readable"][0]["rows"][0] == ["for", "18"]


async def test_what_twelve_voters_and_three_abstentions_need(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    body = {"rule": "majority", "electors": 12, "ballots": {"abstain": 3}}
    found = await imagined(world, body)
    need = found["still_needs"]
    assert (found["outcome"]["verdict"], need["value"], need["left"], need["fewest"]) == ("invalid", "for", 9, 5)
    assert need["sentence"] == "9 electors have not voted: 5 must vote “For” if the others vote “Against”."
    french = await imagined(world, body, Accept_Language="fr")
    assert french["still_needs"]["sentence"].startswith("9 personnes n'ont pas voté : 5 doivent voter « Pour »")
    strict = {**body, "options": {"base": "entitled"}, "ballots": {"abstain": 6}}
    assert (await imagined(world, strict))["still_needs"]["fewest"] is None
    sure = {**body, "ballots": {"for": 11, "against": 0}}
    assert (await imagined(world, sure))["still_needs"]["fewest"] == 0


async def test_groups_papers_and_what_would_come_next(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    groups = [
        {"number": 10, "measures": {"votes": "3"}, "ballots": {"for": 3, "against": 4}},
        {"number": 2, "measures": {"votes": "5/2"}, "ballots": {"for": 2}},
    ]
    weighted = {"rule": "weighted", "options": {"inner": inner("majority"), "measure": "votes"}}
    facts = (await imagined(world, {**weighted, "electors": groups}))["outcome"]["reasons"][0]["facts"]
    assert (facts["for"], facts["against"]) == (14, 12)
    colleges = {"a": "1/2", "b": "1/4", "c": "1/4"}
    of_each = [{"number": 4, "college": name, "ballots": {"for": 2, "against": 1}} for name in colleges]
    rule = {"rule": "colleges", "options": {"inner": inner("majority"), "weights": colleges}}
    assert (await imagined(world, {**rule, "electors": of_each}))["outcome"]["verdict"] == "adopted"
    ranked = {"rule": "schulze", "electors": 9, "on_ballot": ["ash", "elm"], "ballots": {"elm > ash": 4, "elm>ash": 1}}
    found = await imagined(world, ranked)
    assert [winner["id"] for winner in found["outcome"]["winners"]] == ["elm"]
    assert (found["still_needs"], found["needs_more"]) == (None, None)
    one_group = {"rule": "majority", "electors": [{"number": 9}], "ballots": {"for": 2, "against": 2}}
    tie = await imagined(world, {**one_group, "options": {"tie_break": "chair_casting"}})
    assert (tie["outcome"], tie["needs_more"]["kind"]) == (None, "casting_vote")
    nothing_to_choose = await imagined(world, {"rule": "schulze", "electors": 9})
    assert nothing_to_choose["outcome"]["reasons"][0]["code"] == "too_few_options"


async def test_what_cannot_be_imagined_is_refused_where_it_stands(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    before = await contents(world)
    fair = {"rule": "majority", "electors": 12}
    ranked = {"rule": "schulze", "electors": 9, "on_ballot": ["ash", "elm"]}
    weighed = {"rule": "weighted", "options": {"inner": inner("majority"), "measure": "votes"}}
    groups = [{"number": 2, "measures": {"votes": "1"}}, {"number": 2, "measures": {"votes": "1"}}]
    for body, code, pointer in (
        ({**fair, "rule": "show_of_hands"}, "unknown_decision_rule", "/body/rule"),
        ({**fair, "version": 99}, "unknown_decision_rule", "/body/version"),
        ({**fair, "options": {"mercy": 1}}, "invalid_rule_options", "/body/options/mercy"),
        ({"rule": "delayed", "electors": 3, "options": nested(150)}, "invalid_rule_options", NINTH),
        ({**fair, "electors": 0}, "invalid", "/body/electors"),
        ({**fair, "electors": 100_001}, "invalid", "/body/electors"),
        ({**fair, "electors": 10**30}, "invalid", "/body/electors"),
        ({**fair, "electors": "12"}, "invalid", "/body/electors"),
        ({**fair, "electors": []}, "invalid", "/body/electors"),
        ({**fair, "electors": [{"number": 60_000}] * 2}, "invalid", "/body/electors"),
        ({**fair, "electors": [{"number": 1, "college": "12"}]}, "invalid", "/body/electors/0/college"),
        ({**fair, "electors": [{"number": 1, "measures": {"heads": "2"}}]}, "invalid", "/body/electors/0/measures"),
        ({**fair, "electors": [{"number": 1, "measures": {"v": "1/0"}}]}, "invalid", "/body/electors/0/measures/v"),
        ({**fair, "ballots": {"for": 13}}, "invalid", "/body/ballots"),
        ({**fair, "ballots": {"for": -1}}, "invalid", "/body/ballots/for"),
        ({**fair, "ballots": {"yes/no": 1}}, "invalid", "/body/ballots/yes~1no"),
        ({**fair, "electors": [{"number": 1, "ballots": {"for": 2}}]}, "invalid", "/body/electors/0/ballots"),
        ({**weighed, "electors": groups, "ballots": {"for": 1}}, "invalid", "/body/ballots"),
        ({**fair, "rule": "consent"}, "invalid", "/body/rule"),
        ({**fair, "surprise": 1}, "invalid", "/body/surprise"),
        ({**ranked, "on_ballot": ["ash", "ash"]}, "invalid", "/body/on_ballot"),
        ({**ranked, "on_ballot": ["Ash"]}, "invalid", "/body/on_ballot/0"),
        ({**ranked, "ballots": {"oak": 1}}, "ballot_unknown_option", "/body/ballots/oak"),
        ({**ranked, "ballots": {"ash>ash": 1}}, "ballot_option_twice", "/body/ballots/ash>ash"),
        ({**ranked, "ballots": {"ash,elm": 1}}, "ballot_unreadable", "/body/ballots/ash,elm"),
    ):
        for language in ("en", "fr"):
            answer = await world.call("Ana", "POST", VOTE, body, Accept_Language=language)
            assert (answer.status_code, answer.json()["code"]) == (422, code), (body, answer.text)
            errors = answer.json()["errors"]
            assert pointer in [one["pointer"] for one in errors], (body, answer.text)
            assert all(one["detail"] != one["code"] for one in errors), answer.text
    assert changed(before, await contents(world)) == []
