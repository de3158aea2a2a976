"""Who fills a role, what place comes with it, and how both end together."""

from datetime import date
from uuid import UUID

import pytest

from app.circles import actions as circle_actions
from app.circles import deciding
from app.circles import queries as circle_queries
from app.circles.policy import StructureByDecision
from app.circles.tables import Basis, CircleMembership
from app.foundation.permissions import RightMissing
from app.roles import actions, queries
from app.roles.lifecycle import EndReason
from app.roles.tables import Assignment, RoleKind, RoleText
from tests.circles.structure import Structure
from tests.people.cooperative import actor

LEAD, REP, FACILITATOR = RoleKind.LEAD_LINK, RoleKind.REP_LINK, RoleKind.FACILITATOR


async def test_the_links_of_a_circle_are_two_people(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    lead, rep = await structure.role(structure.gestion, LEAD), await structure.role(structure.gestion, REP)
    await structure.fill(lead, "Ana")
    with pytest.raises(actions.LinksMustDiffer) as refused:
        await structure.fill(rep, "Ana")
    assert [one.pointer for one in refused.value.faults] == ["/body/member_id"]
    await structure.join("Bilal", structure.gestion)
    await structure.fill(rep, "Bilal")


async def test_one_person_may_link_two_circles(structure: Structure) -> None:
    missions = await structure.circle("missions")
    for circle in (structure.gestion, missions):
        await structure.fill(await structure.role(circle, LEAD), "Ana")
    assert await structure.places(structure.anchor) == {("Ana", "link_lead")}


async def test_both_links_have_a_voice_in_the_broader_circle(structure: Structure) -> None:
    await structure.join("Bilal", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, LEAD), "Ana")
    await structure.fill(await structure.role(structure.gestion, REP), "Bilal")
    assert await structure.places(structure.anchor) == {("Ana", "link_lead"), ("Bilal", "link_rep")}
    async with structure.database.read() as session:
        heard = await deciding.voices(session, structure.anchor.organisation_id, structure.anchor.id, structure.now)
    assert {voice.basis for voice in heard} == {Basis.LINK_LEAD, Basis.LINK_REP}


async def test_the_place_of_a_link_ends_with_the_last_mandate_that_gives_it(structure: Structure) -> None:
    missions = await structure.circle("missions")
    first = await structure.fill(await structure.role(structure.gestion, LEAD), "Ana")
    second = await structure.fill(await structure.role(missions, LEAD), "Ana")
    await _end(structure, first.id)
    assert await structure.places(structure.anchor) == {("Ana", "link_lead")}
    await _end(structure, second.id)
    assert await structure.places(structure.anchor) == set()
    assert len(await structure.said("role.mandate_ended")) == 2


async def test_an_outsider_who_fills_an_ordinary_role_gets_a_place(structure: Structure) -> None:
    await structure.join("Bilal", structure.gestion)
    await structure.join("Chloé", structure.gestion, Basis.GUEST)
    treasurer = await structure.role(structure.gestion)
    mandates = [await structure.fill(treasurer, name) for name in ("Ana", "Bilal", "Chloé")]
    with_guest = {("Bilal", "appointed"), ("Chloé", "guest")}
    assert await structure.places(structure.gestion) == {
        ("Ana", "role_holder"),
        ("Chloé", "role_holder"),
        *with_guest,
    }
    for mandate in mandates:
        await _end(structure, mandate.id)
    assert await structure.places(structure.gestion) == with_guest


@pytest.mark.parametrize("kind", [FACILITATOR, RoleKind.SECRETARY, REP])
async def test_a_circle_gives_its_offices_to_its_own(structure: Structure, kind: RoleKind) -> None:
    office = await structure.role(structure.gestion, kind)
    await structure.join("Ana", structure.gestion, Basis.GUEST)
    with pytest.raises(actions.HolderNotInCircle):
        await structure.fill(office, "Ana")
    await structure.join("Ana", structure.gestion)
    await structure.fill(office, "Ana")


async def test_an_office_exists_once_and_has_one_holder(structure: Structure) -> None:
    office = await structure.role(structure.gestion, FACILITATOR)
    with pytest.raises(actions.OfficeExists):
        await structure.role(structure.gestion, FACILITATOR)
    await structure.role(structure.anchor, FACILITATOR)
    for name in ("Ana", "Bilal"):
        await structure.join(name, structure.gestion)
    await structure.fill(office, "Ana")
    with pytest.raises(actions.AlreadyAssigned):
        await structure.fill(office, "Ana")
    with pytest.raises(actions.OfficeFilled):
        await structure.fill(office, "Bilal")


@pytest.mark.parametrize("kind", [LEAD, REP])
async def test_the_anchor_has_no_links(structure: Structure, kind: RoleKind) -> None:
    with pytest.raises(actions.AnchorHasNoLinks):
        await structure.role(structure.anchor, kind)


async def test_a_mandate_lasts_as_long_as_the_role_says(structure: Structure) -> None:
    assert (await structure.fill(await structure.role(structure.gestion), "Ana")).elected_until is None
    year = await structure.role(structure.gestion, term_months=12)
    assert (await structure.fill(year, "Ana")).elected_until == date(2027, 3, 2)
    structure.cooperative.clock.move_to(structure.now.replace(month=8, day=31))
    half = await structure.role(structure.gestion, term_months=6)
    assert (await structure.fill(half, "Ana")).elected_until == date(2027, 2, 28)


async def test_who_leaves_the_circle_leaves_its_offices(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion)
    again = await structure.join("Ana", structure.gestion, Basis.ELECTED)
    await structure.fill(await structure.role(structure.gestion, FACILITATOR), "Ana")
    await structure.fill(await structure.role(structure.gestion), "Ana")
    await _leave(structure, place.id)
    assert await _offices(structure) == {FACILITATOR, RoleKind.OTHER}
    await _leave(structure, again.id)
    assert await _offices(structure) == {RoleKind.OTHER}


async def test_a_departure_ends_every_mandate_and_place(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, FACILITATOR), "Ana")
    await structure.fill(await structure.role(structure.gestion, LEAD), "Ana")
    ana = await structure.person("Ana")
    async with structure.write() as session:
        ended = await actions.end_assignments(
            session, ana.organisation_id, ana.id, actor=structure.steward, now=structure.now
        )
        await circle_actions.end_memberships(
            session, ana.organisation_id, ana.id, actor=structure.steward, now=structure.now
        )
    assert ended == 2
    assert await _offices(structure) == set()
    assert await structure.places(structure.anchor) == await structure.places(structure.gestion) == set()


async def test_nothing_ends_twice(structure: Structure) -> None:
    mandate = await structure.fill(await structure.role(structure.gestion), "Ana")
    await _end(structure, mandate.id)
    with pytest.raises(actions.MandateOver):
        await _end(structure, mandate.id)


async def test_the_lead_link_gives_out_ordinary_roles_and_no_office(structure: Structure) -> None:
    await structure.join("Emma", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, LEAD), "Bilal")
    treasurer, office = await structure.role(structure.gestion), await structure.role(structure.gestion, FACILITATOR)
    bilal, emma, ana = [await structure.person(name) for name in ("Bilal", "Emma", "Ana")]
    await structure.govern()
    async with structure.write() as session:
        mandate = await actions.assign(session, treasurer, ana, actor=actor(bilal), now=structure.now)
    for who, role in ((bilal, office), (emma, treasurer), (ana, office)):
        with pytest.raises(RightMissing) as refused:
            async with structure.write() as session:
                await actions.assign(session, role, emma, actor=actor(who), now=structure.now)
        assert refused.value.facts["permission"] == "assign_roles"
    with pytest.raises(RightMissing):
        await _end(structure, mandate.id, who=emma.id)
    await _end(structure, mandate.id, who=bilal.id)


async def test_everybody_may_resign(structure: Structure) -> None:
    mandate = await structure.fill(await structure.role(structure.gestion), "Ana")
    await _end(structure, mandate.id, who=(await structure.person("Ana")).id)
    async with structure.database.read() as session:
        read = await session.get_one(Assignment, (mandate.organisation_id, mandate.id))
    assert (read.state.value, read.ended_for, read.ended_at) == ("ended", "resigned", structure.now)


async def test_roles_are_laid_down_by_a_steward_while_founding(structure: Structure) -> None:
    role, ana = await structure.role(structure.gestion), await structure.person("Ana")
    new = actions.NewRole(RoleText(name="Bookkeeper", purpose=""), [], None)
    for who, refusal, govern in ((actor(ana), RightMissing, True), (structure.steward, StructureByDecision, False)):
        with pytest.raises(refusal):
            async with structure.write() as session:
                await actions.describe_role(session, role, new, actor=who, now=structure.now)
        with pytest.raises(refusal):
            async with structure.write() as session:
                await actions.create_role(session, structure.gestion, new, actor=who, now=structure.now)
        if govern:
            await structure.govern()


async def _offices(structure: Structure) -> set[RoleKind]:
    async with structure.database.read() as session:
        found = await queries.office_holders(session, structure.gestion.organisation_id, structure.gestion.id)
    return set(found)


async def _end(structure: Structure, mandate_id: UUID, who: UUID | None = None) -> None:
    organisation_id = structure.gestion.organisation_id
    async with structure.write() as session:
        member = await circle_queries.person(session, organisation_id, who or structure.cooperative.steward.id)
        mandate, role = await queries.assignment(session, organisation_id, mandate_id)
        await actions.end_assignment(session, mandate, role, EndReason.RESIGNED, actor=actor(member), now=structure.now)


async def _leave(structure: Structure, place_id: UUID) -> None:
    async with structure.write() as session:
        place = await session.get_one(CircleMembership, (structure.gestion.organisation_id, place_id))
        await actions.leave_circle(session, place, actor=structure.steward, now=structure.now)
