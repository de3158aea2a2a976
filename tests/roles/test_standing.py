"""Where somebody stands in a circle is one question, and the offices of a circle are another."""

import pytest
from sqlalchemy import event

from app.circles import queries as circle_queries
from app.circles.tables import Basis
from app.journal.actor import system
from app.organisations.actions import suspend
from app.roles import policy, queries
from app.roles.tables import RoleKind
from tests.circles.structure import Structure
from tests.people.cooperative import actor


async def test_standing_tells_grounds_and_offices_of_that_circle(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, RoleKind.FACILITATOR), "Ana")
    await structure.fill(await structure.role(structure.gestion, RoleKind.REP_LINK), "Ana")
    here, above = await _standing(structure, "Ana"), await _standing(structure, "Ana", above=True)
    assert (here.basis, here.offices) == (
        frozenset({Basis.APPOINTED}),
        frozenset({RoleKind.FACILITATOR, RoleKind.REP_LINK}),
    )
    assert (above.basis, above.has_voice) == (frozenset({Basis.LINK_REP}), True)
    assert not above.offices
    assert policy.is_facilitator(here)
    assert policy.is_rep_link(here)
    assert policy.is_member_of_circle(here)
    assert not policy.is_secretary(here)
    assert not policy.is_lead_link(here)
    assert not policy.is_steward(here)
    assert not policy.is_facilitator(above)


async def test_a_guest_has_no_voice_and_an_outsider_no_place(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion, Basis.GUEST)
    await structure.person("Bilal")
    guest, outsider = await _standing(structure, "Ana"), await _standing(structure, "Bilal")
    assert (guest.basis, guest.has_voice) == (frozenset({Basis.GUEST}), False)
    assert not outsider.has_voice
    assert not outsider.basis | outsider.offices


async def test_a_suspended_member_and_the_system_stand_outside(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, RoleKind.SECRETARY), "Ana")
    ana = await structure.person("Ana")
    async with structure.write() as session:
        held = await circle_queries.person(session, ana.organisation_id, ana.id)
        await suspend(session, held, reason=None, actor=structure.steward, now=structure.now)
    standing = await _standing(structure, "Ana")
    assert not standing.has_voice
    assert not standing.offices
    async with structure.database.read() as session:
        offices = await queries.office_holders(session, ana.organisation_id, structure.gestion.id)
        nobody = await queries.standing(session, system(ana.organisation_id), structure.gestion.id)
    assert offices == {}
    assert not policy.is_member(nobody)
    assert not nobody.has_voice


async def test_offices_name_their_holders_by_pseudonym(structure: Structure) -> None:
    await structure.join("Ana", structure.gestion)
    await structure.fill(await structure.role(structure.gestion, RoleKind.FACILITATOR), "Ana")
    treasurer = await structure.role(structure.gestion)
    for name in ("Bilal", "Chloé"):
        await structure.fill(treasurer, name)
    async with structure.database.read() as session:
        offices = await queries.office_holders(session, treasurer.organisation_id, structure.gestion.id)
    known = {name: (await structure.person(name)).pseudonym for name in ("Ana", "Bilal", "Chloé")}
    assert offices == {RoleKind.FACILITATOR: [known["Ana"]], RoleKind.OTHER: [known["Bilal"], known["Chloé"]]}


@pytest.mark.parametrize("question", ["standing", "office_holders"])
async def test_each_is_one_statement(structure: Structure, question: str) -> None:
    ana = actor(await structure.person("Ana"))
    said: list[str] = []

    def listen(*told: object) -> None:
        said.append(str(told[2]))

    engine = structure.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    async with structure.write() as session:
        if question == "standing":
            await queries.standing(session, ana, structure.gestion.id)
        else:
            await queries.office_holders(session, ana.organisation_id, structure.gestion.id)
    event.remove(engine, "before_cursor_execute", listen)
    assert len([one for one in said if one.startswith("SELECT")]) == 1


async def _standing(structure: Structure, name: str, *, above: bool = False) -> policy.Standing:
    circle = structure.anchor if above else structure.gestion
    async with structure.database.read() as session:
        return await queries.standing(session, actor(await structure.person(name)), circle.id)
