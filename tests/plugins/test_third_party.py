"""The package of the guide is a plug-in like any: it is installed, decides, goes away and comes back.

Nothing here knows the rule but by its name in the organisation's own request; what is installed beside Cercle are the
files of the guide, as they stand there.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from app.foundation.clock import SystemClock
from tests import databases
from tests.cli.conftest import FOUNDING
from tests.plugins import guide
from tests.plugins.installation import Installation, made
from tests.plugins.serving import Service, started, until

PACKAGE: Final = "cercle-rule-veto"
PEOPLE: Final = ("Ana", "Bilal", "Chloé")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the guide."""
    return guide.write(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Installation:
    """Cercle, and beside it the package of the guide."""
    new = made(tmp_path_factory.mktemp("installation") / "venv")
    new.install(package)
    return new


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def operated(
    request: pytest.FixtureRequest, installation: Installation, package: Path, tmp_path: Path
) -> Iterator[Installation]:
    """The installation on an empty database, with the package back in it afterwards."""
    settings = {"CERCLE_DATA_DIR": str(tmp_path / "data"), "CERCLE_LANGUAGE": "en"}
    if request.param == "postgresql":
        settings["CERCLE_DATABASE_URL"] = databases.server_or_skip().create_database("plugins")
    yield installation.with_settings(**settings)
    installation.install(package)
    if request.param == "postgresql":
        databases.server_or_skip().drop_database("plugins")


def test_its_own_tests_pass(installation: Installation, package: Path) -> None:
    options = ("-q", "-W", "error", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider")
    told = installation.run(installation.python, "-m", "pytest", *options, "tests", cwd=package)
    assert " passed" in told


def test_its_vectors_are_what_its_stories_tell(installation: Installation, package: Path) -> None:
    [path] = [package / name for name in guide.files() if name.endswith(".vectors.json")]
    committed = json.loads(path.read_text("utf-8"))
    installation.run(installation.python, "tell.py", cwd=package)
    assert json.loads(path.read_text("utf-8")) == committed


def test_cercle_is_the_installed_one(installation: Installation) -> None:
    where = installation.run(installation.python, "-c", "import app, app.main; print(app.__file__)")
    assert Path(where.strip()).is_relative_to(installation.folder)


def test_it_is_found_by_its_entry_point(installation: Installation) -> None:
    [found] = [rule for rule in json.loads(installation.run(installation.cercle, "rules", "--json")) if is_its(rule)]
    assert (found["slug"], found["version"], found["title"]) == ("veto", 1, "No veto")


def test_what_it_decided_outlives_it_and_what_it_decides_waits(
    operated: Installation, package: Path, tmp_path: Path
) -> None:
    founded = json.loads(operated.run(operated.cercle, *FOUNDING, "--json"))
    tokens = {"Salomé": founded["token"]}
    with started(operated, tmp_path / "first.log", tokens) as service:
        domain = lay_out(service)
        tells_its_options(service)
        decided, open_ = proposed(service, domain, "Tools"), proposed(service, domain, "Hours")
        vote(service, decided, Ana="for", Bilal="for", Chloé="abstain")
        vote(service, open_, Ana="for")
        before = service.do("Ana", "GET", f"{decided}/outcome")
        closes_at = closing(service.do("Ana", "GET", open_))
    assert (before["verdict"], [one["code"] for one in before["reasons"]]) == ("adopted", ["enough"])
    assert before["reasons"][0]["sentence"] == "Adopted: 2 for, 2 were needed; no veto, none can be borne."
    assert before["readable"][0]["rows"][:2] == [["for", "2"], ["veto", "0"]]

    operated.uninstall(PACKAGE)
    with started(operated, tmp_path / "without.log", tokens) as service:
        stays_readable(service, decided, before)
        stands_still(service, open_)
    checked = operated.tried(operated.cercle, "doctor")
    assert (checked.returncode, "veto 1" in checked.stdout) == (1, True), checked.stdout

    operated.install(package)
    with started(operated, tmp_path / "again.log", tokens) as service:
        assert service.do("Ana", "GET", f"{decided}/outcome") == before
        resumed = service.do("Bilal", "POST", f"{open_}/resumption")
        assert (resumed["state"], resumed["refusal"]) == ("deciding", None)
        assert closing(resumed) >= closes_at, "the clock stood while nobody could vote"
        vote(service, open_, Bilal="for", Chloé="abstain")
        assert service.do("Ana", "GET", open_)["outcome"]["reasons"] == before["reasons"], "Ana's vote was kept"
        assert in_force(service) == {"Tools", "Hours"}


def tells_its_options(service: Service) -> None:
    """What a circle may set of the rule, in the words that lie beside it."""
    [rule] = [rule for rule in service.do("Ana", "GET", "/v1/decision-rules") if rule["slug"] == "veto"]
    borne = rule["options"]["properties"]["borne"]
    assert borne["title"] == "Vetoes that can be borne"
    assert borne["description"] == "With how many vetoes a proposal is still adopted. Usually with none."


def stays_readable(service: Service, path: str, before: Any) -> None:
    """Verdict, codes and figures are what they were; the sentences went with the package."""
    told = [{**reason, "sentence": reason["code"]} for reason in before["reasons"]]
    assert service.do("Ana", "GET", f"{path}/outcome") == {**before, "reasons": told, "readable": []}
    assert service.do("Ana", "GET", path)["state"] == "adopted"
    assert [rule for rule in service.do("Ana", "GET", "/v1/decision-rules") if rule["slug"] == "veto"] == []


def stands_still(service: Service, path: str) -> None:
    """The open process stops and says why; nobody can vote, resume it or see anything adopted."""
    until(lambda: service.do("Ana", "GET", path)["state"] == "needs_attention")
    page = service.do("Ana", "GET", path)
    assert (page["refusal"], page["outcome"]) == ("rule_missing", None)
    assert "ballot" not in {step["name"] for step in page["available_steps"]}
    refused = service.call("Bilal", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert refused.status_code in {404, 409}, refused.text
    assert service.do("Bilal", "POST", f"{path}/resumption")["state"] == "needs_attention"
    assert in_force(service) == {"Tools"}


def lay_out(service: Service) -> str:
    """Three people in one circle that decides by the rule of the package; returns the domain that it holds."""
    steward = "Salomé"
    members = {name: _admitted(service, name) for name in PEOPLE}
    circle = service.do(
        steward, "POST", "/v1/circles", {"slug": "tous", "name": "All", "aim": "Good work.", "kind": "anchor"}
    )["id"]
    for member in members.values():
        service.do(steward, "POST", f"/v1/circles/{circle}/memberships", {"member_id": member})
    domain = {"circle_id": circle, "slug": "shop", "name": "Shop", "description": "Tools and hours."}
    held = service.do(steward, "POST", "/v1/domains", domain)["id"]
    rule = {"slug": "veto", "options": {"needed": 2}}
    pinned = service.do(steward, "PUT", f"/v1/circles/{circle}/decision-rule", rule)
    assert (pinned["slug"], pinned["version"], pinned["options"]["borne"]) == ("veto", 1, 0)
    office = {"kind": "facilitator", "name": "Facilitator", "purpose": "Looks after the process."}
    role = service.do(steward, "POST", f"/v1/circles/{circle}/roles", office)["id"]
    service.do(steward, "POST", f"/v1/roles/{role}/assignments", {"member_id": members["Bilal"]})
    service.do(steward, "POST", "/v1/organisation/founding-end")
    return str(held)


def _admitted(service: Service, name: str) -> str:
    email = f"{PEOPLE.index(name)}@ardoise.example"
    member = service.do("Salomé", "POST", "/v1/members", {"name": name, "kind": "person", "email": email})
    service.sign_in(name, email, "ardoise")
    return str(member["id"])


def proposed(service: Service, domain: str, title: str) -> str:
    """A proposal of Ana's that is voted on; returns its path."""
    tension = {"driver": "Nobody knows.", "example": "Last week.", "requirement": "A rule."}
    body = {
        "tension_id": service.do("Ana", "POST", "/v1/tensions", tension)["id"],
        "title": title,
        "body": "Whoever comes first writes it down.",
        "changes": [{"kind": "adopt_agreement", "domain_id": domain}],
        "review_on": (SystemClock().now() + timedelta(days=200)).date().isoformat(),
    }
    path = f"/v1/proposals/{service.do('Ana', 'POST', '/v1/proposals', body)['id']}"
    service.do("Ana", "POST", f"{path}/submission")
    service.do("Bilal", "POST", f"{path}/admission")
    return path


def vote(service: Service, path: str, **ballots: str) -> None:
    """One ballot of each."""
    for who, value in ballots.items():
        service.do(who, "POST", f"{path}/ballots", {"value": value, "revision": 1})


def closing(page: Any) -> datetime:
    """When the running phase closes."""
    return datetime.fromisoformat(page["phase"]["closes_at"])


def in_force(service: Service) -> set[str]:
    """The titles of what was adopted."""
    return {agreement["title"] for agreement in service.do("Ana", "GET", "/v1/agreements")["items"]}


def is_its(rule: dict[str, Any]) -> bool:
    """Whether a rule comes from the package."""
    return str(rule["provided_by"]).startswith(PACKAGE.replace("-", "_"))
