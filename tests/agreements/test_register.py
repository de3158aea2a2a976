"""The register of agreements: made by decisions alone, read by everybody, looked at again in time."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.agreements.actions import Concern
from app.agreements.jobs import HANDLERS
from app.agreements.policy import Permission, require
from app.foundation.jobs import Job
from app.foundation.permissions import RightMissing
from app.journal.actor import system
from tests.agreements.decided import adopted
from tests.circles.structure import Structure

MINUTE = timedelta(minutes=1)


async def test_an_agreement_says_where_it_comes_from(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    ana = await structure.person("Ana")
    concerns = [Concern("w0003", str(ana.pseudonym)), Concern("w0005", "s:erased")]
    made = await adopted(structure, books, concerns=concerns)
    async with structure.cooperative.as_(await structure.person("Bilal")) as client:
        read = await client.get(f"/v1/agreements/{made.id}")
    told = read.json()
    assert (told["title"], told["text"], told["state"]) == (made.title, made.text, "in_force")
    assert told["proposal"] == {"id": str(made.proposal_id), "href": f"/v1/proposals/{made.proposal_id}"}
    assert told["concerns"] == [
        {"word": "w0003", "member": {"id": str(ana.id), "name": "Ana"}},
        {"word": "w0005", "member": None},
    ]
    assert told["available_steps"] == []
    assert (read.headers["ETag"], told["review_due"]) == ('"1"', False)
    assert await structure.said("agreement.enacted") == [
        {"title": made.title, "text": made.text, "concerns": ["w0003", "w0005"]}
    ]


async def test_the_register_is_narrowed_and_read_page_by_page(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    direction = await structure.domain("direction", structure.anchor)
    made = [
        await adopted(structure, books, title="One"),
        await adopted(structure, direction, structure.anchor, title="Two"),
        await adopted(structure, books, title="Three", expires_on=date(2026, 3, 10)),
    ]
    await _pass(structure, datetime(2026, 3, 10, 23, tzinfo=UTC))
    async with structure.cooperative.as_(await structure.person("Bilal")) as client:

        async def titles(**wanted: object) -> list[str]:
            found = await client.get("/v1/agreements", params={name: str(value) for name, value in wanted.items()})
            return [one["title"] for one in found.json()["items"]]

        first = await client.get("/v1/agreements", params={"limit": 2})
        second = await client.get(first.links["next"]["url"])
        assert await titles(circle_id=structure.gestion.id) == ["One", "Three"]
        assert await titles(domain_id=direction.id) == ["Two"]
        assert await titles(state="expired") == ["Three"]
        assert await titles(state="in_force", circle_id=structure.gestion.id) == ["One"]
        malformed = await client.get("/v1/agreements", params={"state": "forgotten"})
    ids = [one["id"] for page in (first, second) for one in page.json()["items"]]
    assert ids == [str(one.id) for one in made]
    assert malformed.status_code == 422


async def test_a_review_is_due_two_weeks_before_its_date_where_the_cooperative_is(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    made = await adopted(structure, books, review_on=date(2026, 4, 1))
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        path = f"/v1/agreements/{made.id}"
        structure.cooperative.clock.move_to(datetime(2026, 3, 17, 22, 59, tzinfo=UTC))
        before = (await client.get(path)).json()["review_due"]
        structure.cooperative.clock.move_to(datetime(2026, 3, 17, 23, 1, tzinfo=UTC))
        after = (await client.get(path)).json()["review_due"]
    assert (before, after) == (False, True)


async def test_a_trial_comes_under_review_and_ends_with_its_last_day(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    trial = await adopted(structure, books, review_on=date(2026, 3, 31), expires_on=date(2026, 3, 31))
    await adopted(structure, books)
    reviewed, ended = datetime(2026, 3, 16, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert await _due(structure) == {reviewed, ended}
    told = []
    for instant in (reviewed - MINUTE, reviewed, reviewed, ended - MINUTE, ended, ended):
        await _pass(structure, instant)
        events = [len(await structure.said(f"agreement.{one}")) for one in ("review_forced", "expired")]
        async with structure.cooperative.as_(structure.cooperative.steward) as client:
            read = (await client.get(f"/v1/agreements/{trial.id}")).json()
        told.append((read["state"], read["review_due"], *events))
    under_review, expired = ("under_review", True, 1, 0), ("expired", False, 1, 1)
    assert told == [("in_force", False, 0, 0), under_review, under_review, under_review, expired, expired]


async def test_a_trial_shorter_than_the_time_to_prepare_is_under_review_at_once(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    await adopted(structure, books, expires_on=date(2026, 3, 9))
    await _pass(structure, structure.now + MINUTE)
    assert len(await structure.said("agreement.review_forced")) == 1
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        found = await client.get("/v1/agreements", params={"state": "under_review"})
    assert len(found.json()["items"]) == 1


async def test_agreements_of_another_cooperative_are_not_there(structure: Structure, elsewhere: Structure) -> None:
    foreign = await adopted(elsewhere, await elsewhere.domain("books", elsewhere.gestion))
    async with structure.cooperative.as_(structure.cooperative.steward) as client:
        told = [await client.get(f"/v1/agreements/{one}") for one in (foreign.id, uuid4())]
        register = await client.get("/v1/agreements")
    assert {(one.status_code, one.json()["code"]) for one in told} == {(404, "not_found")}
    assert register.json()["items"] == []


async def test_only_members_read_the_register(structure: Structure) -> None:
    with pytest.raises(RightMissing) as refused:
        require(Permission.READ_AGREEMENTS, system(structure.gestion.organisation_id))
    assert refused.value.facts["permission"] == "read_agreements"


async def _due(structure: Structure) -> set[datetime]:
    async with structure.database.read() as session:
        return set((await session.execute(select(col(Job.run_at)))).scalars())


async def _pass(structure: Structure, until: datetime) -> None:
    """Let time pass and have every job of this room done, early ones too: a handler never trusts the timer."""
    structure.cooperative.clock.move_to(until)
    async with structure.write() as session:
        for job in (await session.execute(select(Job))).scalars().all():
            await HANDLERS[job.kind](session, job, structure.now)
