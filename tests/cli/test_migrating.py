"""An operator sees which schema is there, brings it up and takes it back."""

import json
from pathlib import Path

import pytest

from app.foundation import migrations
from tests.cli.conftest import FOUNDING, Typed
from tests.migrations.conftest import next_version


def test_the_schema_is_checked_brought_up_and_taken_back(cercle: Typed, on_both: str) -> None:
    head = migrations.head()
    before = cercle("migrate", "--check", "--json")
    assert before.exit_code == 1
    assert json.loads(before.stdout) == {"revision": None, "head": head, "pending": True}
    assert json.loads(cercle("migrate", "--json").stdout) == {"before": None, "revision": head, "head": head}
    assert cercle("migrate", "--check").exit_code == 0
    assert head in cercle("migrate").stdout
    assert cercle("migrate", "--downgrade", "base", "--yes").exit_code == 0
    assert json.loads(cercle("migrate", "--check", "--json").stdout)["revision"] is None


def test_going_back_asks_first(cercle: Typed) -> None:
    assert cercle(*FOUNDING).exit_code == 0
    assert cercle("migrate", "--downgrade", "base", input="n\n").exit_code == 1
    assert json.loads(cercle("organisation", "list", "--json").stdout)[0]["slug"] == "ardoise"
    assert cercle("migrate", "--downgrade", "base", input="y\n").exit_code == 0
    assert cercle("migrate", "--check").exit_code == 1


def test_a_revision_that_does_not_exist_is_a_sentence(cercle: Typed) -> None:
    refused = cercle("migrate", "--downgrade", "9999", "--yes")
    assert refused.exit_code == 1
    assert "9999" in refused.stderr


@pytest.mark.postgres
@pytest.mark.parametrize("on_both", ["postgresql"], indirect=True)
def test_the_service_waits_for_the_operator_on_postgresql(
    cercle: Typed, on_both: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cercle("migrate").exit_code == 0
    next_version(tmp_path, monkeypatch)
    for command in (["serve", "--port", "0"], ["worker"], ["organisation", "list"], ["doctor"]):
        refused = cercle(*command)
        assert refused.exit_code == 1
        assert "cercle migrate" in refused.output
    assert cercle("migrate").exit_code == 0
    assert cercle("organisation", "list").exit_code == 0


def test_one_process_writes_to_sqlite(cercle: Typed) -> None:
    refused = cercle("serve", "--processes", "2")
    assert refused.exit_code == 1
    assert "PostgreSQL" in refused.stderr
