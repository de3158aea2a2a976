"""Founding a cooperative from the terminal, on both databases."""

import json

import pytest

from tests.cli.conftest import FOUNDING, Typed


def test_a_cooperative_is_founded_on_an_empty_machine(cercle: Typed, on_both: str) -> None:
    founded = cercle(*FOUNDING)
    assert founded.exit_code == 0, founded.output
    assert "http://127.0.0.1:8000/sign-in?token=cercle_link_" in founded.stdout
    assert "cercle_pat_" in founded.stdout
    [listed] = json.loads(cercle("organisation", "list", "--json").stdout)
    assert (listed["slug"], listed["name"], listed["members"]) == ("ardoise", "Scic Ardoise", 1)
    assert "Scic Ardoise" in cercle("organisation", "list").stdout


def test_a_program_gets_the_same_as_json(cercle: Typed) -> None:
    made = json.loads(cercle(*FOUNDING, "--json").stdout)
    assert made["organisation"]["slug"] == "ardoise"
    assert made["steward"]["name"] == "Salomé Diaz"
    assert made["link"].startswith("http://127.0.0.1:8000/sign-in?token=cercle_link_")
    assert made["token"].startswith("cercle_pat_")


def test_what_is_not_given_is_asked_for(cercle: Typed) -> None:
    answers = "Scic Ardoise\nardoise\nscic_sas\nEurope/Paris\nSalomé Diaz\nsalome@ardoise.example\n"
    asked = cercle("--language", "fr", "organisation", "create", input=answers)
    assert asked.exit_code == 0, asked.output
    assert "Fuseau horaire" in asked.stdout
    [listed] = json.loads(cercle("organisation", "list", "--json").stdout)
    assert listed["slug"] == "ardoise"


def test_each_answer_is_checked_when_it_is_given(cercle: Typed) -> None:
    assert cercle(*FOUNDING).exit_code == 0
    answers = (
        "\u200b\nScic Ardoise\nArdoise !\nardoise\nargile\nbanque\nscic_sas\nParis\nEurope/Paris\n"
        "Salomé Diaz\nsalome\nsalome@ardoise.example\n"
    )
    asked = cercle("--language", "fr", "organisation", "create", input=answers)
    assert asked.exit_code == 0, asked.output
    complaints = asked.stderr.splitlines()
    assert [complaint for complaint in complaints if "should" in complaint] == []
    assert len(complaints) == 6
    assert "On ne peut rien lire ici" in complaints[0]
    assert "minuscules" in complaints[1]
    assert "« ardoise »" in complaints[2]
    assert "scic_sarl" in complaints[3]
    assert "Europe/Paris" in complaints[4]
    assert "ana@ardoise.example" in complaints[5]
    assert {one["slug"] for one in json.loads(cercle("organisation", "list", "--json").stdout)} == {"ardoise", "argile"}


def test_a_program_that_is_asked_reads_json_alone(cercle: Typed) -> None:
    made = cercle(*FOUNDING[:-2], "--json", input="nobody\nsalome@ardoise.example\n")
    said = made.stdout[made.stdout.index("{") :]  # what comes before is the echo of the terminal
    assert json.loads(said)["steward"]["name"] == "Salomé Diaz"
    assert "e-mail" not in made.stdout
    assert "Write one e-mail address" in made.stderr


def test_a_short_name_is_given_once(cercle: Typed) -> None:
    assert cercle(*FOUNDING).exit_code == 0
    again = cercle("--language", "fr", *FOUNDING)
    assert again.exit_code == 1
    assert "ardoise" in again.stderr
    assert "Traceback" not in again.output


@pytest.mark.parametrize(
    ("option", "wrong", "named"),
    [
        ("--time-zone", "Paris", "--time-zone"),
        ("--legal-form", "bank", "--legal-form"),
        ("--email", "nobody", "--email"),
        ("--name", "Ardoise\u202e", "--name"),
        ("--slug", "Ardoise", "--slug"),
    ],
)
def test_what_cannot_be_right_is_named_and_founds_nothing(cercle: Typed, option: str, wrong: str, named: str) -> None:
    arguments = list(FOUNDING)
    arguments[arguments.index(option) + 1] = wrong
    refused = cercle(*arguments)
    assert refused.exit_code == 1
    assert named in refused.stderr
    assert json.loads(cercle("organisation", "list", "--json").stdout) == []
    assert "cercle organisation create" in cercle("organisation", "list").stdout


def test_a_database_that_does_not_answer_is_a_sentence(cercle: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERCLE_DATABASE_URL", "postgresql://cercle@127.0.0.1:1/cercle")
    refused = cercle(*FOUNDING)
    assert refused.exit_code == 1
    assert "CERCLE_DATABASE_URL" in refused.stderr


def test_a_setting_that_cannot_be_right_is_named(cercle: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERCLE_POOL_SIZE", "many")
    refused = cercle("--language", "fr", "organisation", "list")
    assert refused.exit_code == 1
    assert "CERCLE_POOL_SIZE" in refused.stderr
    assert "nombre entier" in refused.stderr


def test_the_installed_rules_are_listed(cercle: Typed) -> None:
    rules = json.loads(cercle("rules", "--json").stdout)
    assert {("consent", 1), ("majority", 1)} <= {(rule["slug"], rule["version"]) for rule in rules}
    assert all(len(rule["reference_digest"]) == 64 for rule in rules)
    assert {rule["provided_by"] for rule in rules} == {"cercle"}
    shown = cercle("--language", "fr", "rules", env={"COLUMNS": "80"}).stdout.splitlines()
    assert any("Consentement" in line for line in shown)
    assert len(shown) < 2 * len(rules)
