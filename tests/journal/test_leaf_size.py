"""Whatever people write and however many they are, a leaf stays small: long texts and lists lie in disclosures."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.circles.tables import Basis, CircleMembership
from app.foundation.ids import uuid7
from app.journal.actor import new_pseudonym
from app.journal.leaves import LARGEST_LEAF
from app.journal.tables import JournalEvent
from app.organisations.tables import Member
from app.proposals.deliberation.hearing import MOST_WORDS
from tests.api.exports import replayed
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé"]


async def largest(world: World) -> tuple[int, str]:
    """Length and type of the largest leaf so far."""
    length = func.length(col(JournalEvent.leaf))
    async with world.database.read() as session:
        query = select(length, col(JournalEvent.type)).order_by(length.desc()).limit(1)
        row = (await session.execute(query)).one()
    return row[0], row[1]


async def test_the_longest_texts_that_the_api_takes(world: World) -> None:
    await world.circle("gestion", PEOPLE, options={"begins_with": "objecting", "judge": "none"})
    long = {"driver": "é" * 4000, "example": "è" * 4000, "requirement": "ê" * 4000}
    tension = await world.do("Ana", "POST", "/v1/tensions", long)
    change = {"kind": "adopt_agreement", "domain_id": str(world.domains["gestion"].id)}
    body = {
        "tension_id": tension["id"],
        "title": "é" * 200,
        "body": "é" * 10_000,
        "changes": [change],
        "review_on": "2027-03-01",
        "evaluation": "é" * 2000,
    }
    made = await world.do("Ana", "POST", "/v1/proposals", body)
    path = f"/v1/proposals/{made['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Bilal", "POST", f"{path}/admission")
    parts = [f"{n:02}{'x' * 62}" for n in range(50)]
    amended = {"value": "editorial", "revision": 1, "body": "ù" * 10_000, "note": "ù" * 10_000, "touches": parts}
    await world.do("Ana", "POST", f"{path}/amendments", amended)
    objection = {"value": "objection", "revision": 1, "text": "à" * 10_000, "harms": "x" * 64, "targets": parts}
    await world.do("Bilal", "POST", f"{path}/positions", objection)
    await world.pass_time(days=5)
    await world.do("Ana", "POST", f"{path}/withdrawal", {"text": "ç" * 4000})
    assert (await largest(world))[0] < LARGEST_LEAF / 4, await largest(world)


async def test_hundreds_of_questions_that_nobody_answers(world: World) -> None:
    """The phase that follows names each of them among its reasons."""
    curious = ["Bilal", "Chloé", "Driss", "Emma", "Farid"]
    await world.circle("gestion", ["Ana", *curious], options={})
    path = await world.admitted("Ana", "gestion", "Bilal")
    for n in range(MOST_WORDS):
        for name in curious:
            await world.do(name, "POST", f"{path}/questions", {"revision": 1, "text": f"Question {n}?"})
    await world.pass_time(days=6)
    page = await world.do("Ana", "GET", path)
    assert page["phase"]["kind"] in ("reacting", "amending")
    assert (await largest(world))[0] < LARGEST_LEAF / 4, await largest(world)
    await replayed(world, path)


async def test_two_thousand_electors(world: World) -> None:
    await world.circle("gestion", PEOPLE, options={"begins_with": "objecting", "min_participation": "0"})
    await world.circle("assemblee", PEOPLE, rule="majority", options={"quorum": "1/3"})
    await _populate(world, 2_000)
    consent = await world.admitted("Ana", "gestion", "Bilal")
    vote = await world.admitted("Ana", "assemblee", "Bilal", title="Same again")
    for path in (consent, vote):
        page = await world.do("Ana", "GET", path)
        assert (page["state"], page["rule"]["electors"]) == ("deciding", 2_003)
    concern = {"value": "consent_with_concern", "revision": 1, "text": "Paper gets lost."}
    for name in PEOPLE[1:]:
        await world.do(name, "POST", f"{consent}/positions", concern)
    await world.do("Ana", "POST", f"{vote}/ballots", {"value": "for", "revision": 1})
    await world.pass_time(days=8)
    assert (await world.do("Ana", "GET", consent))["state"] == "adopted"
    assert (await world.do("Ana", "GET", vote))["outcome"]["verdict"] == "invalid"
    assert (await largest(world))[0] < LARGEST_LEAF / 4, await largest(world)
    for path in (consent, vote):
        await replayed(world, path)


async def _populate(world: World, number: int) -> None:
    """Members of all circles, entered below the actions: how they came is not what is tried here."""
    ours, since = world.steward.organisation_id, world.clock.now() - timedelta(days=1)
    members: list[dict[str, Any]] = [
        {
            **Member.model_validate(
                {
                    "organisation_id": ours,
                    "name": f"Member {n}",
                    "language": "fr",
                    "pseudonym": new_pseudonym(),
                    "joined_on": since.date(),
                }
            ).model_dump(),
            "id": uuid7(),
        }
        for n in range(number)
    ]
    places = [
        {
            "organisation_id": ours,
            "id": uuid7(),
            "circle_id": circle.id,
            "member_id": member["id"],
            "basis": Basis.APPOINTED,
            "since": since,
            "until": None,
        }
        for circle in world.circles.values()
        for member in members
    ]
    async with world.database.writer.begin() as connection:
        await connection.execute(Member.__table__.insert(), members)  # type: ignore[attr-defined]
        await connection.execute(CircleMembership.__table__.insert(), places)  # type: ignore[attr-defined]
