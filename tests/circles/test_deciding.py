"""Who decides is computed: the circle that holds the domains, its voices, and the rule that is in force in it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.circles import actions, deciding, queries
from app.circles.events import RuleSet
from app.circles.tables import Basis, Circle, RuleInForce
from app.journal.record import record
from app.organisations.actions import suspend
from tests.circles.structure import Structure


async def test_the_holder_of_the_domains_decides(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    money = await structure.domain("money", structure.gestion)
    async with structure.database.read() as session:
        holder = await deciding.holder_of(session, books.organisation_id, [money.id, books.id, money.id])
    assert holder.id == structure.gestion.id


async def test_domains_of_two_circles_are_two_proposals(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    direction = await structure.domain("direction", structure.anchor)
    async with structure.database.read() as session:
        with pytest.raises(deciding.DomainsHeldApart) as refused:
            await deciding.holder_of(session, books.organisation_id, [books.id, direction.id])
    assert refused.value.facts == {"circles": "Coeur, Gestion"}
    assert [(one.pointer, one.facts) for one in refused.value.faults] == [
        ("/body/changes/0/domain_id", {"circle": "Gestion"}),
        ("/body/changes/1/domain_id", {"circle": "Coeur"}),
    ]


async def test_domains_that_nobody_here_holds_are_refused(structure: Structure, elsewhere: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    foreign = await elsewhere.domain("books", elsewhere.gestion)
    async with structure.database.read() as session:
        for asked, at in (([books.id, foreign.id], 1), ([uuid4()], 0), ([], 0)):
            with pytest.raises(deciding.UnknownDomain) as refused:
                await deciding.holder_of(session, books.organisation_id, asked)
            assert [one.pointer for one in refused.value.faults] == [f"/body/changes/{at}/domain_id"]


async def test_voices_are_active_members_once_and_never_guests(structure: Structure) -> None:
    for name in ("Ana", "Bilal", "Chloé"):
        await structure.join(name, structure.gestion)
    await structure.join("Ana", structure.gestion, Basis.ELECTED)
    await structure.join("Driss", structure.gestion, Basis.GUEST)
    await structure.join("Emma", structure.anchor)
    await _suspend(structure, "Chloé")
    ana, bilal = await structure.person("Ana"), await structure.person("Bilal")
    assert await _voices(structure) == {
        deciding.Voice(ana.id, str(ana.pseudonym), Basis.APPOINTED),
        deciding.Voice(bilal.id, str(bilal.pseudonym), Basis.APPOINTED),
    }


async def test_voices_are_those_of_the_day(structure: Structure) -> None:
    place = await structure.join("Ana", structure.gestion)
    began = structure.now
    structure.cooperative.clock.move(timedelta(days=1))
    async with structure.write() as session:
        held = await session.merge(place)
        ana = await queries.person(session, held.organisation_id, held.member_id)
        await actions.leave_circle(session, held, ana, actor=structure.steward, now=structure.now)
    assert await _voices(structure, began - timedelta(seconds=1)) == set()
    assert len(await _voices(structure, began)) == 1
    assert await _voices(structure, structure.now) == set()


async def test_a_rule_is_inherited_until_a_circle_has_its_own(structure: Structure) -> None:
    missions = await structure.circle("missions", structure.gestion)
    with pytest.raises(deciding.NoRuleInForce):
        await _rule(structure, missions)
    await _set(structure, structure.anchor, 1)
    assert await _rule(structure, missions) == 1
    await _set(structure, structure.gestion, 2)
    assert (await _rule(structure, missions), await _rule(structure, structure.anchor)) == (2, 1)
    await _set(structure, missions, 3)
    await _set(structure, missions, 4)
    await _set(structure, structure.anchor, 5)
    assert (await _rule(structure, missions), await _rule(structure, structure.gestion)) == (4, 2)


async def test_a_rule_that_has_not_begun_is_not_in_force(structure: Structure) -> None:
    await _set(structure, structure.gestion, 1)
    await _set(structure, structure.gestion, 2, in_days=3)
    assert await _rule(structure, structure.gestion) == 1
    structure.cooperative.clock.move(timedelta(days=3))
    assert await _rule(structure, structure.gestion) == 2


async def test_each_of_these_questions_is_one_statement(structure: Structure) -> None:
    books = await structure.domain("books", structure.gestion)
    await structure.join("Ana", structure.gestion)
    await _set(structure, structure.anchor, 1)
    said: list[str] = []
    listening = lambda *told: said.append(told[2])  # noqa: E731 - removed by the same name below
    engine = structure.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", listening)
    async with structure.write() as session:
        await deciding.holder_of(session, books.organisation_id, [books.id])
        await deciding.voices(session, books.organisation_id, structure.gestion.id, structure.now)
        await deciding.rule_in_force(session, books.organisation_id, structure.gestion.id, structure.now)
    event.remove(engine, "before_cursor_execute", listening)
    assert len([one for one in said if one.lstrip().upper().startswith(("SELECT", "WITH"))]) == 3


async def _voices(structure: Structure, on: datetime | None = None) -> set[deciding.Voice]:
    async with structure.database.read() as session:
        found = await deciding.voices(
            session, structure.gestion.organisation_id, structure.gestion.id, on or structure.now
        )
    assert [one.pseudonym for one in found] == sorted(one.pseudonym for one in found)
    return set(found)


async def _rule(structure: Structure, circle: Circle) -> int:
    async with structure.database.read() as session:
        found = await deciding.rule_in_force(session, circle.organisation_id, circle.id, structure.now)
    return found.rule_version


async def _set(structure: Structure, circle: Circle, version: int, in_days: int = 0) -> None:
    """A rule row, straight into the table: what a rule may be is another test's business."""
    async with structure.write() as session:
        session.add(
            RuleInForce(
                organisation_id=circle.organisation_id,
                circle_id=circle.id,
                slug="consent",
                rule_version=version,
                options={},
                since=structure.now + timedelta(days=in_days),
            )
        )
        record(session, structure.steward, RuleSet(circle.id, "consent", version, {}), structure.now)


async def _suspend(structure: Structure, name: str) -> None:
    member = await structure.person(name)
    async with structure.write() as session:
        held = await queries.person(session, member.organisation_id, member.id)
        await suspend(session, held, reason=None, actor=structure.steward, now=structure.now)
