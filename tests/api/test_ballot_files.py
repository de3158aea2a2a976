"""The ballots of a vote that has closed, downloaded and counted again: by the same rule they come to the same outcome,
byte for byte."""

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from app.cli import app as cercle
from app.formats.apart import Electors
from app.formats.ballots import Ballots
from app.formats.files import Format, read
from app.formats.recount import count
from app.proposals.tables import Process
from app.rules.canonical import canonical_bytes
from app.rules.electorate import Voter
from tests.api import colleges
from tests.api.test_choosing import PLACES, cast, opened
from tests.api.test_colleges_votes import CLIENTS, PARTNERS, SHARES, STUDENTS
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma"]
CROWD = [*PEOPLE, *(f"Member{number:02}" for number in range(1, 18))]


async def downloaded(world: World, path: str, write_in: Format = "json", **query: Any) -> Ballots:
    """The file as a member downloads it, read again."""
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    answer = await world.call("Bilal", "GET", f"{path}/ballots/export?format={write_in}{asked}")
    assert answer.is_success, answer.text
    found = read(io.BytesIO(answer.content), write_in)
    assert isinstance(found, Ballots)
    return found


async def counted_again(world: World, path: str, *, seed: str | None = None) -> Ballots:
    """The reference of a vote; counted by the rule of its process it comes to the outcome that was recorded."""
    found = await downloaded(world, path)
    async with world.database.read() as session:
        process = await session.get_one(Process, (world.steward.organisation_id, UUID(path.rpartition("/")[2])))
    rule = world.app.state.catalogue.bind(process.rule_slug, process.rule_version, process.options)
    assert canonical_bytes(count(rule, found, seed)) == canonical_bytes(process.outcome)
    return found


async def refused(world: World, path: str, query: str = "", **headers: str) -> tuple[int, str]:
    answer = await world.call("Bilal", "GET", f"{path}/ballots/export{query}", **headers)
    return answer.status_code, answer.json()["code"]


async def in_colleges(world: World, inner: dict[str, Any]) -> dict[str, str]:
    """The circle of three colleges, which decides by their weights; gives their ids by name."""
    people = {"Students": STUDENTS, "Clients": CLIENTS, "Partners": PARTNERS}
    ids = await colleges.in_colleges(world, people, SHARES)
    weights = {ids[name]: weight for name, weight in SHARES.items()}
    rule = {"slug": "colleges", "options": {"inner": inner, "weights": weights}}
    address = f"/v1/circles/{world.circles['gestion'].id}/decision-rule"
    await world.do("Salomé", "PUT", address, rule, If_Match="*")
    return ids


class TestTheSameOutcome:
    async def test_a_majority_with_somebody_who_left_and_somebody_recused(self, world: World) -> None:
        options = {"base": "entitled", "quorum": "1/2"}
        await world.circle("gestion", [*PEOPLE, "Farid"], rule="majority", options=options)
        draft = await world.draft("Ana", "gestion", "Rückzahlung =1+1 — «Été»")
        path = f"/v1/proposals/{draft['id']}"
        await world.do("Ana", "POST", f"{path}/submission")
        await world.do("Emma", "POST", f"{path}/recusal", {"text": "It is my sister."})
        await world.do("Bilal", "POST", f"{path}/admission")
        await world.vote(["Ana", "Bilal", "Farid"], path, "for")
        for who in ("Driss", "Farid"):
            await world.leave(who)
        await world.pass_time(days=6)
        found = await counted_again(world, path)
        assert (found.options, found.kind) == ({"for": "for", "against": "against"}, "one")
        assert found.rows == {"for": 3}
        assert found.electors == (
            Electors(Voter(""), 5, left=1),
            Electors(Voter("", recused="vote"), 1),
        )
        answer = await world.call("Chloé", "GET", f"{path}/ballots/export?format=csv")
        assert answer.text == "count,mark:for,mark:against\n3,x,\n"
        assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        name = answer.headers["content-disposition"]
        assert name == 'attachment; filename="ruckzahlung-1-1-ete-round-1.csv"'

    async def test_a_majority_by_colleges(self, world: World, tmp_path: Path) -> None:
        ids = await in_colleges(world, {"rule": "majority"})
        path = await world.admitted("Ana", "gestion", "Bilal")
        await world.vote([*STUDENTS[:2], "Emma", *PARTNERS], path, "for")
        await world.vote([*STUDENTS[2:], "Farid"], path, "against")
        await world.pass_time(days=6)
        found = await counted_again(world, path)
        assert found.colleges == {id: name for name, id in ids.items()}
        assert found.apart is not None
        assert found.apart["for", ids["Partners"], ""] == {"heads": 2}
        assert {one.like.college: one.number for one in found.electors or ()} == {
            ids["Students"]: 4,
            ids["Clients"]: 3,
            ids["Partners"]: 2,
        }
        table = await downloaded(world, path, "csv")
        assert (table.apart, table.colleges) == (found.apart, found.colleges)
        await self._counted_by_the_command(world, path, tmp_path)
        for write_in in ("blt", "abif"):
            answer = await world.call("Bilal", "GET", f"{path}/ballots/export?format={write_in}", Accept_Language="fr")
            assert (answer.status_code, answer.json()["code"]) == (409, "format_cannot_say")
            [fault] = answer.json()["errors"]
            assert (fault["pointer"], fault["code"]) == ("/query/format", "told_apart")
            assert "collège, unité ou poids" in fault["detail"]

    async def _counted_by_the_command(self, world: World, path: str, folder: Path) -> None:
        """As anybody does it who has the file and has read the proposal's page."""
        (folder / "vote.json").write_bytes((await world.call("Bilal", "GET", f"{path}/ballots/export")).content)
        page = await world.do("Bilal", "GET", path)
        rule = f"{page['rule']['slug']}@{page['rule']['version']}"
        asked = ["tally", str(folder / "vote.json"), "--rule", rule, "--options", json.dumps(page["rule"]["options"])]
        told = CliRunner().invoke(cercle, [*asked, "--json"])
        assert told.exit_code == 0, told.output
        report = json.loads(told.stdout)
        assert (report["verdict"], report["tables"]) == (page["outcome"]["verdict"], page["outcome"]["tables"])

    async def test_weighed_votes(self, world: World) -> None:
        options = {"inner": {"rule": "majority", "options": {"base": "entitled"}}, "measure": "votes"}
        await world.circle("gestion", PEOPLE, rule="weighted", options=options)
        for who, votes in zip(PEOPLE, ("2", "3/2", "3/2", "1", "0"), strict=True):
            weight = {"unit": "lyon" if who in PEOPLE[:2] else "", "measures": {"votes": votes, "members": "7"}}
            await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/weight", weight)
        path = await world.admitted("Ana", "gestion", "Bilal")
        await world.vote(["Ana", "Bilal", "Emma"], path, "for")
        await world.vote(["Driss"], path, "against")
        await world.pass_time(days=6)
        found = await counted_again(world, path)
        assert found.apart == {
            ("for", "", ""): {"heads": 3, "members": 21, "votes": Fraction(7, 2)},
            ("against", "", ""): {"heads": 1, "members": 7, "votes": 1},
        }, "units are not what this rule counts by"
        text = (await world.call("Ana", "GET", f"{path}/ballots/export?format=csv")).text
        assert list(csv.DictReader(io.StringIO(text))) == [
            {"count": "1", "weight:members": "7", "weight:votes": "1", "mark:for": "", "mark:against": "x"},
            {"count": "3", "weight:members": "21", "weight:votes": "7/2", "mark:for": "x", "mark:against": ""},
        ]

    async def test_a_ranking_by_schulze_in_every_format(self, world: World) -> None:
        texts = [{"title": "=Rue  des Lilas"}, {"title": 'Quai "Nord"'}, {"title": "[Stay]"}]
        path = await opened(world, "schulze", texts, default="o3")
        await cast(world, path, Ana="o2>o1=o3", Bilal="o2>o1", Chloé="o1>o2>o3", Driss="blank", Emma="o2")
        found = await counted_again(world, path)
        assert found.options == {"o1": "=Rue des Lilas", "o2": 'Quai "Nord"', "o3": "[Stay]"}
        assert found.title == "Where we work"
        for write_in in ("csv", "blt", "abif"):
            other = await downloaded(world, path, write_in)
            assert sorted(other.rows.values()) == sorted(found.rows.values())
            assert len(other.options) == 3
        table = (await world.call("Ana", "GET", f"{path}/ballots/export?format=csv")).text
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(table)) for cell in row)

    async def test_transferable_votes_for_two_seats_with_lots(self, world: World) -> None:
        path = await opened(world, "stv", seats=2, tie_break="lot")
        await cast(world, path, Ana="o1>o2", Bilal="o1>o3", Chloé="o2", Driss="o3", Emma="abstain")
        words = (await world.do("Ana", "GET", f"{path}/words?form=seed"))["items"]
        found = await counted_again(world, path, seed=words[0]["value"] if words else None)
        assert (found.seats, found.kind) == (2, "ranking")
        assert (await downloaded(world, path, "blt")).seats == 2

    async def test_options_that_members_added_and_a_delay_before_effect(self, world: World) -> None:
        inner = {"rule": "approval", "options": {"collecting": "P2D"}}
        path = await opened(world, "delayed", PLACES[:1], inner=inner, delay="P3D")
        added = {"value": "option", "title": "Rue des Lilas", "text": "The other end of it.", "revision": 1}
        word = await world.do("Driss", "POST", f"{path}/options", added)
        await world.pass_time(days=3)
        await cast(world, path, **{**dict.fromkeys(PEOPLE, word["ref"]), "Emma": "none"})
        await world.pass_time(days=4)
        found = await counted_again(world, path)
        assert found.options == {"o1": "Rue des Lilas", word["ref"]: "Rue des Lilas (2)"}
        assert (await downloaded(world, path, "csv")).rows == {"none": 1, "rue_des_lilas_2": 4}
        assert await refused(world, path, "?format=abif") == (409, "format_cannot_say")

    async def test_the_author_alone(self, world: World) -> None:
        path = await world.at_ballot(PEOPLE)
        await world.vote(["Ana"], path, "for")
        await world.vote(["Bilal"], path, "abstain")
        await world.pass_time(days=6)
        assert (await counted_again(world, path)).author == "alone"


class TestSecretVotes:
    async def test_enough_of_them_are_handed_out(self, world: World) -> None:
        await world.circle("gestion", CROWD, rule="borda", options={"visibility": "secret"})
        path = await self._opened(world)
        await cast(world, path, **dict.fromkeys(CROWD[:20], "o1>o2"))
        assert await refused(world, path) == (409, "vote_not_counted")
        await world.pass_time(days=6)
        assert (await counted_again(world, path)).rows == {"o1>o2": 20}

    async def test_few_of_them_are_no_list_but_totals(self, world: World) -> None:
        await world.circle("gestion", CROWD, rule="borda", options={"visibility": "secret"})
        path = await self._opened(world)
        await cast(world, path, **dict.fromkeys(CROWD[:19], "o1>o2"))
        await world.pass_time(days=6)
        for write_in in ("json", "csv", "blt", "abif"):
            assert await refused(world, path, f"?format={write_in}") == (409, "too_few_to_list")

    async def test_perhaps_nobody_but_the_author(self, world: World) -> None:
        path = await world.at_ballot(PEOPLE, visibility="secret")
        await world.vote(["Chloé"], path, "for")
        await world.pass_time(days=6)
        assert (await counted_again(world, path)).author == "perhaps_alone"

    async def test_of_a_vote_that_was_not_counted_nothing_is_there(self, world: World) -> None:
        conditions = [{"measure": measure, "threshold": "1/2"} for measure in ("units", "heads")]
        options = {"conditions": conditions, "visibility": "secret"}
        await world.circle("gestion", CROWD[:10], rule="double_majority", options=options)
        for number, who in enumerate(CROWD[:10]):
            weight: dict[str, Any] = {"unit": "lyon" if number < 5 else "lille", "measures": {}}
            await world.do("Salomé", "POST", f"/v1/members/{world.members[who].id}/weight", weight)
        path = await world.admitted("Ana", "gestion", "Bilal")
        await world.vote(CROWD[:6], path, "for")
        await world.pass_time(days=6)
        assert (await world.do("Ana", "GET", f"{path}/outcome"))["reasons"][0]["code"] == "too_few_to_hide"
        assert await refused(world, path) == (409, "vote_not_counted")

    async def test_totals_of_few(self, world: World) -> None:
        path = await world.at_ballot(PEOPLE, visibility="secret")
        await world.vote(PEOPLE[:3], path, "for")
        await world.vote(PEOPLE[3:], path, "against")
        assert (await counted_again(world, path)).rows == {"against": 2, "for": 3}

    async def _opened(self, world: World) -> str:
        draft = await world.draft("Ana", "gestion", "Where we work")
        path = f"/v1/proposals/{draft['id']}"
        text = {name: draft[name] for name in ("title", "body", "changes", "review_on")} | {"options": PLACES}
        await world.do("Ana", "PUT", f"{path}/text", text, If_Match="*")
        await world.do("Ana", "POST", f"{path}/submission")
        await world.do("Bilal", "POST", f"{path}/admission")
        return path


class TestWhatIsNotHandedOut:
    async def test_nothing_before_the_close_nor_without_one(self, world: World) -> None:
        path = await world.at_ballot(PEOPLE, visibility="sealed")
        await world.vote(PEOPLE[1:3], path, "for")
        assert await refused(world, path) == (409, "vote_not_counted")
        await world.do("Ana", "POST", f"{path}/withdrawal", {})
        assert await refused(world, path) == (409, "vote_not_counted")

    async def test_no_vote_no_round_no_format(self, world: World) -> None:
        words = await world.at_objecting(PEOPLE)
        assert await refused(world, words) == (404, "not_found")
        path = await world.at_ballot(PEOPLE, slug="atelier")
        await world.vote(PEOPLE, path, "for")
        assert await refused(world, path, "?round=2") == (404, "not_found")
        assert await refused(world, path, "?format=xml") == (422, "invalid")

    async def test_each_round_by_itself_the_last_one_unless_told(self, world: World) -> None:
        path = await opened(world, "two_round")
        await cast(world, path, Ana="o1", Bilal="o1", Chloé="o2", Driss="o2", Emma="o3")
        assert (await downloaded(world, path)).rows == {"o1": 2, "o2": 2, "o3": 1}
        await world.leave("Emma")
        await cast(world, path, Ana="o1", Bilal="o1", Chloé="o2", Driss="o1")
        last, first = await downloaded(world, path), await downloaded(world, path, round=1)
        assert last.rows == {"o1": 3, "o2": 1}
        assert last.electors == (Electors(Voter(""), 5, left=1),)
        assert first.rows == {"o1": 2, "o2": 2, "o3": 1}
        assert first.electors == (Electors(Voter(""), 5),)

    async def test_points_are_not_for_blt(self, world: World) -> None:
        path = await opened(world, "score")
        await cast(world, path, **dict.fromkeys(PEOPLE, "o1:5,o2:0,o3:1"))
        assert await refused(world, path, "?format=blt") == (409, "format_cannot_say")
        assert (await counted_again(world, path)).kind == "rating"


async def test_the_file_is_the_count_that_was_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await world.at_ballot(PEOPLE)
    await world.vote(PEOPLE, path, "for")

    def never(*_: object) -> None:
        raise AssertionError("ballots are counted again")

    monkeypatch.setattr("app.proposals.deliberation.counts.profile_of", never)
    answer = await world.call("Bilal", "GET", f"{path}/ballots/export")
    assert json.loads(answer.text)["ballots"] == [["for", 5]]
    assert json.loads(answer.text)["electors"] == [{"number": 5}]
