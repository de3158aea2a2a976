"""The page of a rule leaves nothing out, in either language, and what leads from page to page arrives."""

import re
from pathlib import Path

import pytest

from app.foundation.language import LANGUAGES, Language
from app.rules.catalogue import Catalogue
from tests.reference import DOCS
from tests.rulebook.pages import DEEPER, documents, template
from tests.rulebook.wording import lasting

FOLDER = DOCS / "rules"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def pages(catalogue: Catalogue) -> dict[Path, str]:
    return documents(FOLDER, catalogue)


def test_everything_that_a_rule_has_stands_on_its_page_in_both_languages(
    catalogue: Catalogue, pages: dict[Path, str]
) -> None:
    for rule in catalogue.rules():
        page = pages[FOLDER / f"{rule.slug}.md"]
        reasons = catalogue.texts(rule.slug, rule.version, "en").get("reasons", {})
        for name in (*rule.Options.model_fields, *reasons, *rule.claims):
            assert len(re.findall(rf"^(?:\| |- )`{name}`", page, re.MULTILINE)) >= len(LANGUAGES), (rule.slug, name)
        for name in rule.forms:
            assert page.count(f" (`{name}`) | ") >= len(LANGUAGES), (rule.slug, name)
        for language in LANGUAGES:
            words = catalogue.texts(rule.slug, rule.version, language)
            assert f"\n# {words['title']}\n\n{words['description']}\n" in page
        assert page.count(catalogue.reference_digest(rule.slug, rule.version)) == len(LANGUAGES)


def test_what_an_option_sets_is_told_in_the_language_of_the_page(catalogue: Catalogue, pages: dict[Path, str]) -> None:
    for rule in catalogue.rules():
        page = pages[FOLDER / f"{rule.slug}.md"]
        for language in LANGUAGES:
            options = catalogue.texts(rule.slug, rule.version, language)["options"]
            for name in rule.Options.model_fields:
                assert f" | {options[name]['help']} |" in page, (rule.slug, name, language)
                for part, words in options[name].get("parts", {}).items() if name not in rule.wraps() else ():
                    assert f" | {words['help']} |" in page, (rule.slug, name, part, language)


def test_every_example_is_told_to_its_end(pages: dict[Path, str]) -> None:
    for path, page in pages.items():
        if path.name != "README.md":
            assert page.count("\n**The outcome: ") == page.count("\n**Le résultat : ") >= 1, path.name


def test_every_link_arrives_and_no_page_is_left_over(catalogue: Catalogue, pages: dict[Path, str]) -> None:
    written = {path.name for path in FOLDER.iterdir()}
    for page in pages.values():
        assert set(re.findall(r"\]\(([^)#]+)\)", page)) <= written
    deeper = {DEEPER.format(slug=rule.slug) for rule in catalogue.rules()}
    assert written - deeper == {path.name for path in pages}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{for} for, {base_is}", "`for` for, `base_is`"),
        ("{of:# elector|# electors}", "`of` electors"),
        ("{veto:no veto|# veto|# vetoes}.", "`veto` vetoes."),
        ("{number:|at least }{votes}", "at least `votes`"),
        ("{objections:It|Objection {place} of #}", "Objection `place` of `objections`"),
    ],
)
def test_a_sentence_shows_its_facts(written: str, shown: str) -> None:
    assert template(written) == shown


@pytest.mark.parametrize(
    ("duration", "language", "said"),
    [
        ("P5D", "en", "5 days"),
        ("P1D", "fr", "1 jour"),
        ("PT48H", "fr", "48 heures"),
        ("P1DT30M", "en", "1 day 30 minutes"),
        ("P6M", "en", "6 months"),
        ("P1Y", "fr", "1 an"),
        ("rest", "en", "what time was left"),
        (None, "fr", "jusqu'à ce que ce soit fait"),
    ],
)
def test_a_duration_is_said_as_people_say_it(duration: str | None, language: Language, said: str) -> None:
    assert lasting(duration, language) == said
