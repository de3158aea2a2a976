"""A cooperative is born with its log and its first steward, and is handed over once."""

import json

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.foundation.errors import NotFound
from app.journal.record import UnrecordedChange
from app.journal.tables import JournalDisclosure, JournalEvent, JournalLog
from app.organisations import queries
from app.organisations.founding import SlugTaken, found
from app.organisations.lifecycle import OrganisationState
from app.organisations.tables import (
    Category,
    LegalForm,
    Member,
    MemberCategory,
    MemberText,
    Organisation,
    OrganisationText,
)
from tests.people.cooperative import Cooperative, actor, founded

_TEXT = OrganisationText(slug="ardoise", name="Ardoise", legal_form=LegalForm.SCIC_SAS, time_zone="Europe/Paris")


async def test_the_first_steward_signs_the_founding(cooperative: Cooperative) -> None:
    async with cooperative.database.read() as session:
        log = (await session.execute(select(JournalLog))).scalar_one()
        events = (await session.execute(select(JournalEvent).order_by(col(JournalEvent.pos)))).scalars().all()
    leaves = [json.loads(one.leaf) for one in events]
    assert log.origin == "localhost/log/ardoise/1"
    assert [one["type"] for one in leaves] == ["organisation.founded", "member.admitted"]
    assert {one["actor"] for one in leaves} == {cooperative.steward.pseudonym}
    assert leaves[0]["data"] == {"slug": "ardoise", "legal_form": "scic_sas", "time_zone": "Europe/Paris"}


async def test_no_leaf_holds_a_name_or_an_address(cooperative: Cooperative) -> None:
    async with cooperative.database.read() as session:
        leaves = b"".join((await session.execute(select(col(JournalEvent.leaf)))).scalars())
        about = (await session.execute(select(col(JournalDisclosure.subject)))).scalars().all()
    for secret in ("Salom", "ardoise.example", str(cooperative.steward.id)):
        assert secret.encode() not in leaves
    assert sorted(about, key=str) == [None, cooperative.steward.pseudonym]


async def test_a_short_name_is_taken_once(cooperative: Cooperative) -> None:
    with pytest.raises(SlugTaken):
        async with cooperative.database.write() as session:
            await found(session, _TEXT, MemberText(name="X"), host="localhost", now=cooperative.clock.now())
    async with cooperative.database.read() as session:
        assert len((await session.execute(select(Organisation))).all()) == 1


async def test_the_founding_ends_once_and_only_by_a_steward(cooperative: Cooperative) -> None:
    member = await cooperative.admit("Théo Vasseur")
    async with cooperative.as_(member, **{"Accept-Language": "fr"}) as client:
        refused = await client.post("/v1/organisation/founding-end")
        before = (await client.get("/v1/organisation")).json()
    async with cooperative.as_(cooperative.steward) as client:
        ended = await client.post("/v1/organisation/founding-end")
        again = await client.post("/v1/organisation/founding-end")
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    assert refused.json()["facts"] == {"permission": "end_founding", "needed": "is steward"}
    assert "Mettre fin à la fondation" in refused.json()["detail"]
    assert before["state"] == "founding"
    assert (ended.status_code, ended.json()["state"]) == (200, "governed")
    assert (again.status_code, again.json()["code"]) == (409, "founding_over")


async def test_whether_it_is_founding(cooperative: Cooperative) -> None:
    async with cooperative.database.read() as session:
        read = await queries.organisation(session, cooperative.organisation.organisation_id)
        with pytest.raises(NotFound):
            await queries.organisation(session, cooperative.steward.id)
    assert queries.is_founding(read)
    read.state = OrganisationState.GOVERNED
    assert not queries.is_founding(read)


async def test_the_time_zone_decides_the_day(cooperative: Cooperative) -> None:
    evening = cooperative.clock.now().replace(hour=23, minute=30)
    tenant = cooperative.organisation.organisation_id
    async with cooperative.database.read() as session:
        assert (await queries.present_day(session, tenant, evening)).day == evening.day + 1


async def _rename_silently(cooperative: Cooperative) -> None:
    async with cooperative.database.write() as session:
        member = await queries.held_member(session, actor(cooperative.steward), cooperative.steward.id)
        member.name = "Somebody else"


async def test_a_change_without_an_event_is_refused(cooperative: Cooperative) -> None:
    with pytest.raises(UnrecordedChange):
        await _rename_silently(cooperative)
    async with cooperative.database.read() as session:
        assert (await session.execute(select(Member))).scalar_one().name == "Salomé Picard"


async def test_two_organisations_never_meet(cooperative: Cooperative) -> None:
    other = await founded(cooperative.application, "elsewhere")
    member = await other.admit("Zoé Chevalier", "zoe@ardoise.example")
    entry = {"name": "Mine now"}
    async with cooperative.as_(cooperative.steward, **{"If-Match": "*"}) as client:
        tried = [
            await client.get(f"/v1/members/{member.id}"),
            await client.put(f"/v1/members/{member.id}", json=entry),
            await client.post(f"/v1/members/{member.id}/suspension", json={}),
            await client.post(f"/v1/members/{member.id}/reinstatement", json={}),
            await client.post(f"/v1/members/{member.id}/categories", json={"category": "producer"}),
            await client.post(f"/v1/members/{member.id}/college", json={"college": str(member.id)}),
        ]
        listed = (await client.get("/v1/members")).json()["items"]
    assert [one.status_code for one in tried] == [404] * len(tried)
    assert [one["name"] for one in listed] == ["Salomé Picard"]


async def test_the_database_itself_keeps_them_apart(cooperative: Cooperative) -> None:
    other = await founded(cooperative.application, "elsewhere")
    foreign = MemberCategory(
        organisation_id=other.organisation.organisation_id,
        member_id=cooperative.steward.id,
        category=Category.PRODUCER,
        valid_from=cooperative.clock.now().date(),
    )
    with pytest.raises(SQLAlchemyError, match=r"(?i)foreign key"):
        await _insert(cooperative, foreign)


async def _insert(cooperative: Cooperative, row: MemberCategory) -> None:
    async with cooperative.database.write() as session:
        session.add(row)


@pytest.mark.parametrize("time_zone", ["Mars", "", "../../etc/passwd", "Europe"])
def test_a_time_zone_is_one_that_exists(time_zone: str) -> None:
    with pytest.raises(ValidationError, match="name a time zone"):
        OrganisationText.model_validate({**_TEXT.model_dump(), "time_zone": time_zone})


@pytest.mark.parametrize("slug", ["a", "Ardoise", "a b", "-a", "a-", "é" * 3, "a" * 61])
def test_a_short_name_fits_an_address(slug: str) -> None:
    with pytest.raises(ValidationError):
        OrganisationText.model_validate({**_TEXT.model_dump(), "slug": slug})
