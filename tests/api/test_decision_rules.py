"""The catalogue of rules over HTTP: what a circle may set, and what it may not, is told in the caller's language."""

from typing import Any

import pytest

from app.rules.offered import untold
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
HURRIED: dict[str, Any] = {"rule": "majority", "options": {"early_close": True}}


async def listed(world: World, language: str) -> dict[str, Any]:
    """Every rule by its slug."""
    found = await world.do("Ana", "GET", "/v1/decision-rules", Accept_Language=language)
    return {rule["slug"]: rule for rule in found}


async def test_options_are_told_in_the_callers_language(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    english, french = await listed(world, "en"), await listed(world, "fr")
    assert [slug for rules in (english, french) for slug, rule in rules.items() if [*untold(rule["options"])]] == []
    for slug, rule in english.items():
        for name, option in rule["options"]["properties"].items():
            assert option["description"] != french[slug]["options"]["properties"][name]["description"], (slug, name)
    visibility = french["majority"]["options"]["properties"]["visibility"]
    assert visibility["title"] == "Visibilité des bulletins"
    assert visibility["oneOf"][1] == {"const": "sealed", "title": "Scellés jusqu'à la clôture"}
    steps = french["consent"]["options"]["properties"]["durations"]["properties"]
    assert (steps["deferral"]["title"], steps["deferral"]["default"]) == ("Report", "P30D")
    assert french["stv"]["options"]["title"] == french["stv"]["title"] == "Vote unique transférable"


@pytest.mark.parametrize(
    ("language", "detail"),
    [
        ("en", "Under the rule around it, this vote stays open until its end."),
        ("fr", "Sous la règle qui l'entoure, ce vote reste ouvert jusqu'à son terme."),
    ],
)
async def test_an_early_close_without_effect_is_refused(world: World, language: str, detail: str) -> None:
    await world.circle("gestion", PEOPLE)
    body = {"slug": "minority_block", "options": {"inner": HURRIED}}
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    answer = await world.call("Salomé", "PUT", address, body, If_Match="*", Accept_Language=language)
    [fault] = answer.json()["errors"]
    assert answer.status_code == 422
    assert (fault["code"], fault["detail"]) == ("never_early", detail)
    assert fault["pointer"].endswith("/options/inner/options/early_close")


@pytest.mark.parametrize(
    ("slug", "options", "place", "detail"),
    [
        (
            "minority_block",
            {"inner": {"rule": "consensus_block"}},
            "/inner/rule",
            "La règle intérieure ne permet pas de voter contre, et rien ne pourrait donc bloquer : "
            "choisissez-en une où l'on vote pour ou contre.",
        ),
        (
            "fallback",
            {"first": {"rule": "consent"}, "second": {"rule": "majority"}, "on": ["no_such_code"]},
            "/on/0",
            "La première règle ne se termine jamais par no_such_code : donnez les codes de ses propres motifs.",
        ),
        (
            "colleges",
            {
                "inner": {
                    "rule": "sponsored",
                    "options": {"inner": {"rule": "majority", "options": {"base": "present"}}},
                },
                "weights": {"a": "1/2", "b": "3/10", "c": "1/5"},
            },
            "/inner/options/inner/options/base",
            "Les collèges font 100 % : la règle intérieure compte les voix exprimées (base cast).",
        ),
        (
            "minority_block",
            {"inner": {"rule": "delayed", "options": {"inner": {"rule": "majority"}}}},
            "/inner/rule",
            "Placez le délai avant effet tout à l'extérieur : sous la règle qui l'entoure, "
            "ce qui est annoncé comme décidé pourrait encore changer.",
        ),
    ],
)
async def test_rules_that_do_not_go_together_are_refused(
    world: World, slug: str, options: dict[str, Any], place: str, detail: str
) -> None:
    await world.circle("gestion", PEOPLE)
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    body = {"slug": slug, "options": options}
    answer = await world.call("Salomé", "PUT", address, body, If_Match="*", Accept_Language="fr")
    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["detail"]) == (422, detail)
    assert fault["pointer"].endswith(f"/options{place}")


async def test_a_vote_within_another_rule_closes_early(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="delayed", options={"inner": HURRIED, "delay": "P2D"})
    path = await world.admitted("Ana", "gestion", "Bilal", "Hours")
    await world.vote(PEOPLE[:2], path, "for")
    assert (await world.do("Ana", "GET", path))["phase"]["kind"] == "ballot"
    await world.vote(PEOPLE[2:3], path, "for")
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] == "waiting", "three of five are for: nothing that is still to come changes it"
    await world.pass_time(days=3)
    assert (await world.do("Ana", "GET", path))["state"] == "adopted"
