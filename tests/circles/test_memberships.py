"""Who belongs to a circle is recorded, never twice on the same basis, and history is kept."""

from uuid import UUID

import pytest

from app.circles import actions, queries
from app.circles.tables import Basis, CircleMembership
from app.foundation.errors import NotFound
from app.foundation.permissions import RightMissing
from app.organisations.actions import leave, suspend
from tests.circles.structure import Structure
from tests.people.cooperative import actor


async def test_a_member_joins_once_on_each_basis(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    with pytest.raises(actions.AlreadyInCircle):
        await structure.join("Ana", structure.gestion)
    await structure.join("Ana", structure.gestion, Basis.ELECTED)
    assert await structure.places(structure.gestion) == {("Ana", "appointed"), ("Ana", "elected")}
    assert len(await structure.said("circle.joined")) == 2


async def test_who_has_left_may_come_back(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion)
    await _leave(structure, place.id)
    assert await structure.places(structure.gestion) == set()
    again = await structure.join("Ana", structure.gestion)
    assert again.id != place.id
    assert len(await structure.said("circle.left")) == 1


async def test_nobody_leaves_twice(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion)
    await _leave(structure, place.id)
    with pytest.raises(actions.MembershipEnded):
        await _leave(structure, place.id)


async def test_a_place_that_came_with_a_role_goes_with_it(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion, Basis.LINK_LEAD)
    with pytest.raises(actions.EndsWithItsRole) as refused:
        await _leave(structure, place.id)
    assert refused.value.facts == {"basis": "link_lead"}


async def test_only_a_steward_records_memberships(structure: Structure) -> None:
    ana = await structure.person("Ana")
    place = await structure.join("Bilal", structure.gestion)
    with pytest.raises(RightMissing) as refused:
        async with structure.write() as session:
            await actions.join(session, structure.gestion, ana, Basis.APPOINTED, actor=actor(ana), now=structure.now)
    assert refused.value.facts["permission"] == "record_memberships"
    with pytest.raises(RightMissing):
        async with structure.write() as session:
            await actions.leave_circle(session, place, ana, actor=actor(ana), now=structure.now)
    assert await structure.places(structure.gestion) == {("Bilal", "appointed")}


async def test_a_departure_ends_every_place(structure: Structure) -> None:
    ana = await structure.person("Ana")
    for circle in (structure.anchor, structure.gestion):
        await structure.join("Ana", circle)
        await structure.join("Bilal", circle)
    async with structure.write() as session:
        gone = await queries.person(session, ana.organisation_id, ana.id)
        await leave(session, gone, reason=None, actor=structure.steward, now=structure.now)
        ended = await actions.end_memberships(
            session, ana.organisation_id, ana.id, actor=structure.steward, now=structure.now
        )
    assert ended == 2
    assert await structure.places(structure.anchor) == {("Bilal", "appointed")}
    assert await structure.places(structure.gestion) == {("Bilal", "appointed")}


async def test_only_active_members_of_this_cooperative_join(structure: Structure, elsewhere: Structure) -> None:
    ana, other = await structure.person("Ana"), await elsewhere.person("Zoé")
    async with structure.write() as session:
        held = await queries.person(session, ana.organisation_id, ana.id)
        await suspend(session, held, reason=None, actor=structure.steward, now=structure.now)
    async with structure.database.read() as session:
        for member_id in (ana.id, other.id):
            with pytest.raises(queries.UnknownMember) as refused:
                await queries.member(session, structure.gestion.organisation_id, member_id)
            assert [one.pointer for one in refused.value.faults] == ["/body/member_id"]
        with pytest.raises(NotFound):
            await queries.person(session, structure.gestion.organisation_id, other.id)


async def _leave(structure: Structure, place_id: UUID) -> None:
    async with structure.write() as session:
        place = await session.get_one(CircleMembership, (structure.gestion.organisation_id, place_id))
        member = await queries.person(session, place.organisation_id, place.member_id)
        await actions.leave_circle(session, place, member, actor=structure.steward, now=structure.now)
