"""The demonstration's data agree with themselves, with the law that they follow, and with the rule that they play."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.demo import script
from app.demo.script import Beat, Words
from app.rules.catalogue import Catalogue

PLAN = script.cooperative()
STORIES = [*script.script().story, *script.script().turn]
BEATS = [(story, beat) for story in STORIES for beat in story.beat]


def test_forty_members_weigh_as_the_statutes_say() -> None:
    everybody = PLAN.everybody
    assert len(everybody) == len(PLAN.members.persons) + len(PLAN.members.legal_entities) == 40
    assert Counter(one.college for one in everybody.values()) == {"S": 24, "B": 10, "P": 6}
    assert {one.key: Fraction(one.weight) for one in PLAN.college} == {
        "S": Fraction(1, 2),
        "B": Fraction(3, 10),
        "P": Fraction(1, 5),
    }
    assert sum(Fraction(one.weight) for one in PLAN.college) == 1
    assert len({one.email for one in everybody.values()}) == 40
    assert {one.category.value for one in everybody.values()} == {one.key for one in PLAN.category}
    assert len(PLAN.category) >= 3


def test_four_circles_are_one_tree_of_members_who_exist() -> None:
    assert {one.key: len(one.members) for one in PLAN.circle} == {
        "coeur": 8,
        "prestations": 13,
        "vie-cooperative": 8,
        "gestion": 6,
    }
    for circle in PLAN.circle:
        assert set(circle.members) <= set(PLAN.everybody)
        assert {circle.facilitator, circle.secretary, *(one.holder for one in circle.role)} <= set(circle.members)
        assert circle.facilitator != circle.secretary
    domains = [domain.key for circle in PLAN.circle for domain in circle.domain]
    assert len(domains) == len(set(domains))


def test_two_people_link_each_circle_to_the_broader_one() -> None:
    for circle in PLAN.circle:
        if circle.parent is None:
            assert (circle.lead, circle.rep) == (None, None)
            continue
        links = {circle.lead, circle.rep}
        assert len(links - {None}) == 2
        assert links <= set(circle.members)
        assert links <= set(PLAN.circle_of(circle.parent).members)


def test_every_text_is_there_in_both_languages_and_is_not_the_other_one() -> None:
    found = [*_words(PLAN), *_words(script.script())]
    assert len(found) > 150
    names = {"Scic Ardoise", "Cœur", "Prestations", "Vie coopérative", "Gestion"}
    assert [one.en for one in found if one.en == one.fr and one.en not in names] == []
    assert [one for one in found if not one.en.strip() or not one.fr.strip()] == []


def test_rules_take_their_options_and_their_forms_take_every_word() -> None:
    catalogue = Catalogue.load()
    for circle in PLAN.circle:
        catalogue.bind(circle.rule.slug, circle.rule.version, circle.rule.options)
    for story, beat in BEATS:
        if beat.form is None:
            continue
        rule = PLAN.circle_of(story.circle).rule
        form = catalogue.get(rule.slug, rule.version).forms[beat.form]
        said = {name: getattr(beat, name) for name in ("text", "title", "body", "note")}
        words = {name: text.en for name, text in said.items() if text is not None}
        about = {"about": "w00000001"} if beat.about else {}
        harms = {"harms": beat.harms, "criteria": beat.criteria} if beat.harms else {}
        form.model_validate({"revision": 1, "value": beat.value, **words, **about, **harms})


def test_beats_are_spoken_by_people_of_the_circle_about_what_was_said() -> None:
    for story in STORIES:
        said: set[str] = set()
        for beat in story.beat:
            assert set(beat.who) <= set(PLAN.circle_of(story.circle).members)
            assert beat.about is None or beat.about in said
            said |= {beat.id} if beat.id else set()
        domains = {domain.key for domain in PLAN.circle_of(story.circle).domain}
        assert {beat.domain for beat in story.beat if beat.step == "propose"} <= domains


@pytest.mark.parametrize(
    "beat",
    [
        {"step": "submit", "form": "keep", "at": "09:00", "who": ["ana"]},
        {"at": "09:00", "who": ["ana"]},
        {"step": "wait", "at": "09:00"},
        {"step": "submit", "who": ["ana"]},
        {"step": "submit", "at": "09:00"},
        {"step": "submit", "at": "09:00", "who": ["ana"], "colour": "red"},
    ],
)
def test_a_beat_that_is_no_beat_is_refused(beat: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Beat.model_validate({**beat, "tell": {"en": "So.", "fr": "Voilà."}})


def _words(part: object) -> Iterator[Words]:
    if isinstance(part, Words):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _words(getattr(part, name))
    elif isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _words(one)
