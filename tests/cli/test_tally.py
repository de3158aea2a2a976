"""``cercle tally`` counts a file from another tool and explains the outcome; of a broken file it counts nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Typed
from tests.formats.world import P08

P01 = "=m:[Memphis]\n42:m>n>c>k\n26:n>c>k>m\n15:c>k>n>m\n17:k>c>n>m\n"
FOR_AND_AGAINST = "ballot;count\nfor;18\nagainst;14\nabstain;8\n"


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Puts a text into a file; returns its name."""

    def put(name: str, text: str | bytes) -> str:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(tmp_path / name)

    return put


def test_a_vote_is_counted_and_explained(cercle: Typed, file: Any) -> None:
    told = cercle("tally", file("vote.csv", FOR_AND_AGAINST), "--rule", "majority")
    assert told.exit_code == 0, told.output
    assert "Majority, version 1: 40 ballots, 3 of them distinct." in told.stdout
    assert "Adopted.\n- Adopted: 18 for, 14 against, 8 abstaining" in told.stdout
    assert "abstention" in told.stdout.partition("Ballots")[2]


def test_in_french(cercle: Typed, file: Any) -> None:
    told = cercle("--language", "fr", "tally", file("vote.csv", FOR_AND_AGAINST), "--rule", "majority")
    assert "Adoptée.\n- Adoptée : 18 pour, 14 contre, 8 abstentions" in told.stdout
    assert "pour " in told.stdout.partition("Bulletins")[2]


def test_options_one_by_one_and_as_json(cercle: Typed, file: Any) -> None:
    vote = file("vote.csv", FOR_AND_AGAINST)
    entitled = cercle("tally", vote, "--rule", "majority", "--option", "base=entitled", "--electors", "60")
    assert "Not adopted." in entitled.stdout
    assert "18 of 60" in entitled.stdout
    mixed = cercle(
        "tally", vote, "--rule", "majority", "--options", '{"threshold": "2/3", "op": "gt"}', "--option", "op=gte"
    )
    assert "at least 64/3 needed" in mixed.stdout


def test_p01_by_schulze(cercle: Typed, file: Any) -> None:
    cities = file("p01.abif", P01)
    told = cercle("tally", cities, "--rule", "schulze", "--option", "strength=winning_votes")
    assert told.exit_code == 0, told.output
    assert "Elected: n\n" in told.stdout
    assert "Memphis" in told.stdout
    report = json.loads(cercle("tally", cities, "--rule", "schulze", "--json").stdout)
    assert report["winners"] == [{"id": "n", "name": "n"}]
    assert report["ballots"] == {"kind": "ranking", "weight": "100", "distinct": 4}
    assert report["rule"]["options"]["strength"] == "winning_votes"
    assert report["tables"]["ranking"][1:] == [[1, "n"], [2, "c"], [3, "k"], [4, "m"]]
    assert report["reasons"][0]["facts"]["for"] == 58
    assert report["options"] == {"m": "Memphis", "n": "n", "c": "c", "k": "k"}
    assert len(report["reference_digest"]) == 64


def test_seats_come_from_the_command_else_from_the_file(cercle: Typed, file: Any) -> None:
    p08 = file("p08.blt", P08)
    assert "Elected: A, C\n" in cercle("tally", p08, "--rule", "stv").stdout
    assert "Elected: A\n" in cercle("tally", p08, "--rule", "stv", "--seats", "1").stdout
    assert "Elected: A\n" in cercle("tally", p08, "--rule", "stv", "--option", "seats=1").stdout
    single = cercle("tally", p08, "--rule", "irv").stdout
    assert "The file is for 2 seats" in single
    assert single.startswith("P08\n")


def test_points_are_ranked_for_a_rule_that_ranks(cercle: Typed, file: Any) -> None:
    points = file("points.abif", "5:a/5>b/5>c/0\n4:b/5>a/4\n")
    report = json.loads(cercle("tally", points, "--rule", "schulze", "--json").stdout)
    assert (report["ballots"]["kind"], report["winners"][0]["id"]) == ("ranking", "a")
    report = json.loads(cercle("tally", points, "--rule", "score", "--json").stdout)
    assert (report["ballots"]["kind"], report["winners"][0]["id"]) == ("rating", "b")


def test_lots_are_drawn_from_a_seed(cercle: Typed, file: Any) -> None:
    tied = file("lists.csv", "ballot,count\noak,10\nelm,10\nash,10\n")
    asked = ("tally", tied, "--rule", "apportionment", "--seats", "4")
    told = cercle(*asked)
    assert "A tie. Elected all the same: ash, elm, oak\n" in told.stdout
    assert "A tie.\n" in cercle("tally", tied, "--rule", "approval").stdout
    drawn = cercle(*asked, "--option", "tie_break=lot", "--lots", "2027-01-15/assembly-7")
    assert "A tie was broken by lot" in drawn.stdout


def test_names_are_shown_as_they_are(cercle: Typed, file: Any) -> None:
    told = cercle("tally", file("x.abif", "=a:[Ann (red) :smile:]\n2:a\n1:b\n"), "--rule", "apportionment")
    assert "Ann (red) :smile:" in told.stdout.partition("Seats\n")[2]
    told = cercle("tally", file("x.csv", 'mark:"[bold]A",mark:B\nx,\nx,\n,x\n'.replace('"', "")), "--rule", "approval")
    assert told.stdout.count("[bold]A") > 1


def test_what_moves_while_a_large_file_is_counted_stays_out_of_the_output(
    cercle: Typed, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.tallying._MANY", 3)
    rows = "".join(f"{n % 7 + 1},{n % 5 + 1},{n % 3 + 1}\n" for n in range(400_000))
    told = cercle("tally", file("large.csv", "rank:A,rank:B,rank:C\n" + rows), "--rule", "borda", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["ballots"]["weight"] == "400000"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "ballot,count\na,1\nb,x\n", "a.csv, line 3, column 2: “x” is not a weight"),
        ("a.blt", "2 1\n1 1 2\n0\n", "a.blt, line 2, column 6: A ballot ends with `0`"),
        ("a.abif", "3:a>b\n2:a b\n", "a.abif, line 2, column 5: This cannot be read: “b”."),
        ("a.json", '{"ballots":[\n["a",0]]}', "a.json, line 2, column 1: “0” is not a weight"),
        ("a.csv", b"ballot\n\xe9\n", "a.csv, line 2, column 1: This is not UTF-8"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(
    cercle: Typed, file: Any, name: str, text: str | bytes, said: str
) -> None:
    told = cercle("tally", file(name, text), "--rule", "majority")
    assert told.exit_code == 1
    assert said in told.stderr
    assert told.stdout == ""
    assert "Nothing was counted." in told.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "nothing"), "No decision rule is called nothing. Installed: "),
        (("--rule", "majority", "--seats", "2"), "The rule majority has no option `seats`."),
        (("--rule", "majority", "--option", "base"), "--option is written NAME=VALUE, not base."),
        (("--rule", "majority", "--option", "base={"), "base: this is not JSON."),
        (("--rule", "majority", "--options", "[]"), "--options is a JSON object"),
        (("--rule", "majority", "--options", "{"), "options: this is not JSON."),
        (("--rule", "majority", "--option", "base=all"), "base: One of: 'cast', 'expressed', 'present' or 'entitled'."),
        (("--rule", "majority", "--option", "colour=red"), "colour: This name is not known here"),
        (("--rule", "majority", "--electors", "39"), "39 electors cannot have cast 40 ballots."),
        (("--rule", "majority", "--format", "xml"), "The format of "),
        (("--rule", "score"), "These ballots hold one option; the rule needs points."),
        (("--rule", "consent"), "a step that a file of ballots cannot answer"),
        (("--rule", "unanimity", "--format", "json"), "line 1, column 1"),
    ],
)
def test_what_cannot_be_counted_is_said(cercle: Typed, file: Any, arguments: tuple[str, ...], said: str) -> None:
    told = cercle("tally", file("vote.csv", FOR_AND_AGAINST), *arguments)
    assert told.exit_code == 1, told.output
    assert said in told.stderr
    assert told.stdout == ""


def test_points_beyond_the_scale_are_named(cercle: Typed, file: Any) -> None:
    told = cercle("tally", file("x.csv", "points:Ann,points:Bob\n5,9\n"), "--rule", "star")
    assert told.exit_code == 1
    assert "“Bob”: from 0 to 5 points, not 9." in told.stderr


def test_a_file_that_is_not_there(cercle: Typed, tmp_path: Path) -> None:
    told = cercle("tally", str(tmp_path / "none.csv"), "--rule", "majority")
    assert told.exit_code == 1
    assert "cannot be read: No such file or directory." in told.stderr
    assert cercle("tally", str(tmp_path), "--rule", "majority", "--format", "csv").exit_code == 1


COLLEGES = '{"inner": {"rule": "majority"}, "weights": {"S": "1/2", "C": "3/10", "P": "1/5"}}'
PAIRS = "pairwise;Rue des Lilas;Quai Nord\nRue des Lilas;;7\nQuai Nord;5;\n"


def test_votes_by_college_and_by_weight(cercle: Typed, file: Any) -> None:
    rows = "2,S,Salariés,for\n2,S,Salariés,against\n1,C,Clients,for\n2,C,Clients,against\n2,P,Partners,for\n"
    vote = file("colleges.csv", f"count,college,college_name,ballot\n{rows}")
    told = cercle("tally", vote, "--rule", "colleges", "--options", COLLEGES)
    assert told.exit_code == 0, told.output
    assert "11/20 for" in told.stdout
    assert ["Salariés", "1/2", "4", "2", "2", "0", "0"] in [line.split() for line in told.stdout.splitlines()]
    weighed = file("weighed.csv", "weight:votes,ballot\n2,for\n3,for\n4,against\n")
    asked = ("--rule", "weighted", "--option", 'inner={"rule":"majority"}', "--option", "measure=votes")
    assert "Adopted: 5 for, 4 against" in cercle("tally", weighed, *asked).stdout
    more = cercle("tally", weighed, *asked, "--electors", "4")
    assert (more.exit_code, more.stdout) == (1, "")
    assert "those who did not vote" in more.stderr


def test_preferences_that_were_counted_elsewhere(cercle: Typed, file: Any) -> None:
    pairs = file("pairs.csv", PAIRS)
    told = cercle("tally", pairs, "--rule", "schulze")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("Ranking (Schulze), version 1: 2 options, each compared with each other.\n")
    assert "Elected: Rue des Lilas\n" in told.stdout
    report = json.loads(cercle("tally", pairs, "--rule", "schulze", "--json").stdout)
    assert (report["ballots"], report["winners"][0]["id"]) == ({"kind": "pairwise"}, "rue_des_lilas")
    refused = cercle("--language", "fr", "tally", pairs, "--rule", "irv")
    assert refused.exit_code == 1
    assert "les bulletins eux-mêmes" in refused.stderr
    broken = cercle("tally", file("broken.csv", PAIRS.replace(";7", ";x")), "--rule", "schulze")
    assert "broken.csv, line 2, column 3: “x” is not a weight" in broken.stderr


def test_a_delay_before_effect(cercle: Typed, file: Any) -> None:
    vote = file("vote.csv", FOR_AND_AGAINST)
    told = cercle("tally", vote, "--rule", "delayed", "--option", 'inner={"rule":"majority"}')
    assert (told.exit_code, "The delay before effect has passed." in told.stdout) == (0, True), told.output


def test_a_step_is_called_as_the_rule_calls_it(cercle: Typed, file: Any) -> None:
    vote = file("vote.csv", FOR_AND_AGAINST)
    told = cercle("tally", vote, "--rule", "sponsored", "--option", 'inner={"rule":"majority"}')
    assert told.exit_code == 1
    assert told.stderr.endswith("a step that a file of ballots cannot answer: Seeking sponsors.\n")


def test_a_rule_in_the_version_of_then(cercle: Typed, file: Any) -> None:
    vote = file("vote.csv", FOR_AND_AGAINST)
    assert cercle("tally", vote, "--rule", "majority@1").stdout == cercle("tally", vote, "--rule", "majority").stdout
    for rule in ("majority@9", "majority@", "majority@x"):
        refused = cercle("tally", vote, "--rule", rule)
        assert (refused.exit_code, f"No decision rule is called {rule}." in refused.stderr) == (1, True)
