"""Sentences take the form that their figures ask for, in English and in French, also in the texts that people meet."""

from fractions import Fraction
from typing import Any

import pytest

from app.foundation.counted import Counted
from app.foundation.language import Language, text
from app.rules.case import Reason
from app.rules.catalogue import Catalogue
from app.rules.texts import sentence


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en", 0, "0 rounds"),
        ("en", 1, "1 round"),
        ("en", 2, "2 rounds"),
        ("fr", 0, "0 round"),
        ("fr", Fraction(3, 2), "3/2 round"),
        ("fr", 2, "2 rounds"),
    ],
)
def test_two_forms_and_french_counts_zero_with_one(language: Language, value: Any, said: str) -> None:
    assert Counted(language).fill("{n:# round|# rounds}", {"n": value}) == said


def test_three_forms_have_one_for_none() -> None:
    filled = [Counted("fr").fill("{n:aucun|un seul|# fils}", {"n": number}) for number in (0, 1, 2)]
    assert filled == ["aucun", "un seul", "2 fils"]


def test_a_form_can_hold_another_fact_and_a_fact_that_is_text_takes_the_last_form() -> None:
    template = "{of:the round|round {place} of #}"
    assert Counted("en").fill(template, {"of": 3, "place": 2}) == "round 2 of 3"
    assert Counted("en").fill("{n:none|one|many}", {"n": "some"}) == "many"


@pytest.mark.parametrize(
    ("language", "figures", "said"),
    [
        ("en", (0, 0, 0), "No question was asked."),
        ("en", (1, 1, 0), "1 question was asked and 1 answered."),
        ("en", (3, 2, 1), "3 questions were asked and 2 answered; 1 is left without an answer."),
        ("fr", (0, 0, 0), "Aucune question posée."),
        ("fr", (2, 2, 0), "2 questions posées, 2 réponses."),
        ("fr", (2, 0, 2), "2 questions posées ; 2 questions restent sans réponse."),
    ],
)
def test_questions_are_counted_as_people_count(language: Language, figures: tuple[int, int, int], said: str) -> None:
    facts = dict(zip(("asked", "answered", "unanswered"), figures, strict=True))
    texts = Catalogue.load().texts("consent", 1, language)
    assert sentence([texts], Reason("clarified", facts), language) == said


@pytest.mark.parametrize(
    ("key", "facts", "en", "fr"),
    [
        ("cli.doctor_wrong", {"count": 1}, "1 thing is to be mended.", "1 point est à réparer."),
        ("cli.doctor_wrong", {"count": 2}, "2 things are to be mended.", "2 points sont à réparer."),
        ("fault.string_too_short", {"min_length": 1}, "At least 1 character.", "Au moins 1 caractère."),
        (
            "cli.check_log_whole",
            {"slug": "a", "size": 0, "streams": 0, "pending": 0},
            "The log of a is whole: no event.",
            "Le journal de a est intact : aucun événement.",
        ),
        (
            "cli.check_rules_pinned",
            {"count": 0},
            "No decision is open, so none waits for its rule.",
            "Aucune décision en cours, donc aucune règle attendue.",
        ),
    ],
)
def test_what_the_service_says_of_itself(key: str, facts: dict[str, Any], en: str, fr: str) -> None:
    assert (text(key, "en", facts), text(key, "fr", facts)) == (en, fr)
