"""`cercle demo` from outside: both languages, what it leaves behind, and every way in which it can be stopped."""

import json
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.foundation.clock import SystemClock
from tests.demo import demonstration
from tests.demo.demonstration import Demonstration

_ALTERED = """
from app.demo import script
from app.demo.script import Script
told = script.script
def altered() -> Script:
    one = told().story[0]
    beats = [*one.beat[:2], one.beat[2].model_copy(update={"then": "adopted"})]
    return told().model_copy(update={"story": [one.model_copy(update={"beat": beats})]})
script.script = altered
from app.cli import main
main()
"""


@dataclass(frozen=True)
class Served:
    """A folder in which the stories were told in English, a copy of it for whoever changes something, and the service
    that was started in the first one afterwards."""

    folder: Path
    copy: Path
    told: str
    running: Demonstration


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    port = str(demonstration.free_port())
    teller = demonstration.start(folder, "--exit", "--port", port)
    assert teller.ends() == 0, teller.told
    told = teller.told
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(folder / "demo", copy / "demo")
    running = demonstration.start(folder, "--port", port)
    running.says("(Ctrl-C stops it)")
    yield Served(folder, copy, told, running)
    running.process.kill()
    running.ends()


def test_the_story_is_told_within_eighty_columns_and_without_an_accident(served: Served) -> None:
    told = served.told
    to_copy = ("curl ", "     -H ", "     -X ", "     http")
    lines = [line for line in told.splitlines() if not line.startswith(to_copy)]
    assert max(len(line) for line in lines) <= 80
    assert "Traceback" not in told
    assert told.count("\n Adopted\n") == 2
    flowing = " ".join(told.split())
    assert "9 of 11 electors answered, 8 were needed" in flowing
    assert "Concern of Chloé Tessier (noted): “Fifteen days is long" in flowing
    assert "Every hash and every link between them was just computed anew: all of them fit." in flowing
    assert flowing.index("Driss objects") < flowing.index("Emma finds that it stands") < flowing.index("Léa objects")


def test_its_service_holds_what_was_told(served: Served) -> None:
    ana = _access(served.folder, "Ana")
    assert (ana["is_running"], ana["address"]) == (True, served.running.address)
    agreements = _get(ana, "/v1/agreements")["items"]
    refunds, prices = [_get(ana, f"/v1/agreements/{one['id']}") for one in agreements]
    assert "The receipt is required" in refunds["text"]
    assert "Chloé Tessier" in {one["member"]["name"] for one in refunds["concerns"]}
    assert datetime.fromisoformat(prices["in_force_from"]) < SystemClock().now()
    outcome = _get(ana, f"{prices['proposal']['href']}/outcome")
    facts = outcome["reasons"][0]["facts"]
    assert (outcome["verdict"], facts["answered"], facts["needed"], facts["of"]) == ("adopted", 9, 8, 11)
    hugo = [
        word
        for word in _get(ana, f"{prices['proposal']['href']}/words")["items"]
        if word["by"]["name"] == "Hugo Perrin"
    ]
    assert [(word["form"], word["value"], word["revision"]) for word in hugo] == [("position", "consent", 1)]
    members = _get(ana, "/v1/members?limit=200")["items"]
    assert (len(members), [one["name"] for one in members if one["status"] == "left"]) == (40, ["Hugo Perrin"])


def test_the_command_that_it_shows_works(served: Served) -> None:
    for told in (served.told, served.running.told):
        shown = told.partition("curl -s -H ")[2].splitlines()
        header, url = shown[0].split('"')[1], shown[1].split()[0]
        name, _, value = header.partition(": ")
        answer = httpx.get(url, headers={name: value}, trust_env=False)
        assert (answer.status_code, answer.json()["state"]) == (200, "adopted")
    docs = httpx.get(f"{served.running.address}/docs", trust_env=False)
    assert (docs.status_code, '<html lang="en">' in docs.text) == (200, True)


def test_it_leaves_a_round_that_waits_for_three_people_and_a_draft(served: Served) -> None:
    ana = _access(served.folder, "Ana")
    flowing = " ".join(served.told.split())
    assert "Ana can still answer “Receipts in one place”, until" in flowing
    assert "“A ceiling per month” is still a draft" in flowing
    [deciding] = _get(ana, "/v1/proposals?state=deciding")["items"]
    page = _get(ana, f"/v1/proposals/{deciding['id']}")
    assert (page["phase"]["kind"], page["phase"]["awaited"]) == ("objecting", 3)
    assert datetime.fromisoformat(page["phase"]["opened_at"]) < SystemClock().now()
    assert datetime.fromisoformat(page["phase"]["closes_at"]) > SystemClock().now()
    for name in ("Ana", "Bilal", "Farid"):
        steps = _get(_access(served.folder, name), f"/v1/proposals/{deciding['id']}")["available_steps"]
        assert ("position", True) in {(step["name"], step["due"]) for step in steps}
    assert "position" not in {word["form"] for word in _get(ana, f"/v1/proposals/{deciding['id']}/words")["items"]}
    assert len(_get(ana, "/v1/proposals?state=draft")["items"]) == 1
    assert _get(_access(served.folder, "Emma"), "/v1/proposals?state=draft")["items"] == []


def test_what_the_page_about_the_api_shows_can_be_copied_as_it_stands(served: Served) -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8").partition("## Founding")[0]
    shown = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    running = demonstration.start(served.copy, "--port", str(demonstration.free_port()))
    running.says("(Ctrl-C stops it)")
    answer = demonstration.shell(served.copy, shown.replace("http://127.0.0.1:8000", running.address))
    running.ends(stopped_by=signal.SIGINT)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.count('"state": "submitted"') == answer.stdout.count('"state": "governed"') == 1
    assert '"form": "question"' in answer.stdout
    assert "'name': 'answer'" in answer.stdout
    assert '"request_id"' not in answer.stdout, "a refusal"


def test_a_link_signs_in_once_while_the_service_runs(served: Served) -> None:
    driss = _access(served.folder, "driss")
    secret = {"token": driss["link"].partition("token=")[2]}
    first, second = (
        httpx.post(f"{driss['address']}/v1/sessions", json=secret, trust_env=False, headers={"Accept-Language": "en"})
        for _ in range(2)
    )
    assert (first.status_code, first.json()["member"]["name"]) == (201, "Driss Benali")
    assert second.status_code == 401


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Le", "Les Jardins du Moulin, Le Grand Plateau"), ("Hugo", "has left the cooperative")],
)
def test_a_link_for_several_or_for_somebody_who_left_says_so(served: Served, name: str, sentence: str) -> None:
    answer = demonstration.run(served.folder, "link", name)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert sentence in " ".join(answer.stderr.split())


def test_a_second_one_in_the_same_folder_is_turned_away(served: Served) -> None:
    answer = demonstration.run(served.folder, "--exit")
    assert answer.returncode == 1
    assert f"at {served.running.address}." in " ".join(answer.stderr.split())


@pytest.mark.slow
def test_killed_in_the_middle_it_starts_over_and_what_was_told_then_is_kept(tmp_path: Path) -> None:
    cut = demonstration.start(tmp_path, "--language", "fr", "--port", str(demonstration.free_port()))
    cut.says("Ana rédige une proposition")
    cut.ends(stopped_by=signal.SIGKILL)
    whole = demonstration.start(tmp_path, "--exit", "--language", "fr", "--port", str(demonstration.free_port()))
    assert whole.ends() == 0
    told = whole.told.replace("\u00a0", " ")
    flowing = " ".join(told.split())
    assert "s'est arrêtée avant la fin ; on reprend au début." in flowing
    assert told.count("\n Adoptée\n") == 2
    assert "9 réponses sur 11, il en fallait 8" in flowing
    assert "Léa objecte" in flowing
    assert "Traceback" not in told
    assert not [line for line in told.splitlines() if line.strip("│ ")[:1] in {";", ":", "!", "?", "»"}]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        again = demonstration.start(tmp_path, "--language", "fr", "--port", str(wanted))
        again.says("(Ctrl-C l'arrête)")
    assert again.ends(stopped_by=signal.SIGINT) == 0
    flowing = " ".join(again.told.split())
    assert "L'histoire a déjà été racontée ici" in flowing
    assert f"Le port {wanted} est pris" in flowing
    assert "Ana nomme une tension" not in flowing
    assert "Arrêté. Pour le relancer : " in flowing
    assert _access(tmp_path, "Ana")["is_running"] is False


def test_an_answer_that_differs_from_the_story_ends_it_with_a_sentence(tmp_path: Path) -> None:
    port = str(demonstration.free_port())
    wrong = demonstration.start(tmp_path, "--exit", "--port", port, program=_ALTERED)
    assert wrong.ends() == 1
    flowing = " ".join(wrong.told.split())
    assert "The story expects “adopted” now; the API says “submitted”." in flowing
    assert "Traceback" not in flowing


def test_a_database_of_another_version_is_named_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "cercle.sqlite3").touch()
    (folder / "demo.json").write_text('{"address": "http://127.0.0.1:1", "language": "en"}', "utf-8")
    answer = demonstration.run(tmp_path, "link", "Ana")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "perhaps because another version made it" in " ".join(answer.stderr.split())


def test_without_a_demonstration_there_is_nobody_to_be(tmp_path: Path) -> None:
    answer = demonstration.run(tmp_path, "link", "Ana")
    assert answer.returncode == 1
    assert "There is no demonstration" in answer.stderr


def _access(folder: Path, name: str) -> dict[str, Any]:
    answer = demonstration.run(folder, "link", name, "--json")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _get(access: dict[str, Any], path: str) -> Any:
    headers = {"Authorization": f"Bearer {access['token']}"}
    answer = httpx.get(access["address"] + path, headers=headers, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()
