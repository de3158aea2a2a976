"""What the demonstration says around the story: complete in both languages, typeset for a terminal, findable names."""

import string
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from rich.console import Console

from app.demo import script
from app.demo.linking import meant
from app.demo.narrator import Moment, Narrator
from app.demo.wording import Trouble, Wording, texts
from app.foundation.language import LANGUAGES, Language

PLAN = script.cooperative()
AT = datetime(2026, 11, 1, 8, 5, tzinfo=UTC)


def test_every_sentence_is_there_in_both_languages_with_the_same_facts() -> None:
    for section in texts().values():
        for sentence in section.values():
            assert set(sentence) == set(LANGUAGES)
            assert all(sentence.values())
            assert _facts(sentence["en"]) == _facts(sentence["fr"])


def test_everything_that_is_done_in_the_stories_has_its_verb() -> None:
    wording = Wording("en", PLAN.organisation.time_zone)
    for story in script.script().story:
        for beat in story.beat:
            names = [beat.step] if beat.step else [f"{beat.form}_{beat.value}", beat.form]
            assert any(wording.has(f"act.{name}") for name in names), names


@pytest.mark.parametrize(
    ("language", "day", "hour", "written"),
    [("en", "Sunday 1 November", "09:05", "1 May 2026"), ("fr", "dimanche 1er novembre", "9 h 05", "1er mai 2026")],
)
def test_dates_and_hours_are_local_and_written_as_people_write(
    language: Language, day: str, hour: str, written: str
) -> None:
    wording = Wording(language, "Europe/Paris")
    assert (wording.day(AT), wording.hour(AT), wording.date(date(2026, 5, 1))) == (day, hour, written)


def test_a_number_chooses_its_form() -> None:
    wording = Wording("fr", "Europe/Paris")
    assert wording.say("story.awaited", number=1) == "1 réponse attendue"
    assert wording.say("story.awaited", number=2) == "2 réponses attendues"
    assert wording.say("act.keep", number=2) == "gardent le texte"
    assert wording.say("act.wait", number=0) == "Le délai est écoulé"


def test_french_signs_never_begin_a_line_and_numbered_lines_hang() -> None:
    told = StringIO()
    narrator = Narrator(Console(file=told, width=60), Wording("fr", "Europe/Paris"))
    for length in range(20, 50):
        narrator.paragraph("a" * length + " ; « b » : c ! 50 000 d ?")
    narrator.block("1. " + "Un texte de plusieurs lignes. " * 4 + "\n   - " + "Un tiret. " * 9)
    lines = told.getvalue().splitlines()
    assert not [line for line in lines if line.strip("│ \u00a0")[:1] in {";", ":", "!", "?", "»"}]
    assert max(len(line) for line in lines) <= 60
    block = [line.partition("│ ")[2] for line in lines if "│" in line]
    assert block[0].startswith("1. Un")
    assert {line[:3] for line in block[1:-4]} == {"   "}


def test_a_moment_shows_who_did_what_and_the_request_where_there_is_room() -> None:
    told = StringIO()
    narrator = Narrator(Console(file=told, width=60), Wording("en", "Europe/Paris"))
    moment = Moment(AT, "consent", "They consent.", ["Ana", "Bilal"], ["Yes."], [], "POST …/positions 201")
    narrator.moment(moment)
    narrator.moment(Moment(AT, "x" * 40, "Long.", ["Ana"], [], [], "POST …/positions 201"))
    lines = [line for line in told.getvalue().splitlines() if line.strip()]
    assert lines[:4] == [
        " Sunday 1 November",
        f"{' 09:05   Ana and Bilal consent':<40}POST …/positions 201",
        "         They consent.",
        "           “Yes.”",
    ]
    assert lines[4] == f" 09:05   Ana {'x' * 40}"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Ana", "Ana Lefèvre"),
        ("ines", "Inès Garnier"),
        ("INÈS GARNIER", "Inès Garnier"),
        ("jardins-du-moulin", "Les Jardins du Moulin"),
        ("Fatou Camara", "Escale Solidaire"),
        ("maelys le", "Maëlys Le Goff"),
        ("ville@ardoise.example", "Ville de Montbrac"),
    ],
)
def test_people_are_found_by_any_of_their_names(wanted: str, name: str) -> None:
    assert meant(PLAN, wanted).name == name


@pytest.mark.parametrize(("wanted", "code"), [("Le", "ambiguous"), ("Nobody", "unknown"), ("", "unknown")])
def test_a_name_that_is_nobodys_or_several_peoples_lists_who_there_is(wanted: str, code: str) -> None:
    with pytest.raises(Trouble) as caught:
        meant(PLAN, wanted)
    assert caught.value.code == f"link.{code}"
    assert "Léa Fontaine" in str(caught.value.facts["names"])


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
