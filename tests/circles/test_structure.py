"""Circles are one tree, each domain has one holder, and the structure is laid down only while founding."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from app.circles import actions, queries
from app.circles.policy import StructureByDecision
from app.circles.tables import CircleKind, CircleText
from app.foundation.permissions import RightMissing
from app.journal.actor import Actor
from tests.circles.structure import Structure, found
from tests.people.cooperative import actor

TEXT = CircleText(name="Prestations", aim="Missions.")


async def test_circles_are_founded_under_one_another(structure: Structure) -> None:
    below = await structure.circle("missions", structure.gestion)
    assert structure.anchor.parent_id is None
    assert (structure.gestion.parent_id, below.parent_id) == (structure.anchor.id, structure.gestion.id)
    assert (await structure.said("circle.founded"))[-1] == {"name": "Missions", "aim": "What missions is for."}


@pytest.mark.parametrize(
    ("kind", "has_parent", "fault"),
    [
        (CircleKind.ANCHOR, False, "anchor_exists"),
        (CircleKind.ANCHOR, True, "anchor_alone_has_no_parent"),
        (CircleKind.OPERATIONAL, False, "anchor_alone_has_no_parent"),
    ],
)
async def test_a_second_tree_is_refused(structure: Structure, kind: CircleKind, has_parent: bool, fault: str) -> None:
    new = actions.NewCircle("prestations", TEXT, kind, structure.anchor.id if has_parent else None)
    with pytest.raises(actions.OneAnchor) as refused:
        async with structure.write() as session:
            await actions.found_circle(session, new, actor=structure.steward, now=structure.now)
    assert [one.code for one in refused.value.faults] == [fault]


async def test_a_parent_of_another_cooperative_does_not_exist(structure: Structure, elsewhere: Structure) -> None:
    for parent in (elsewhere.anchor.id, uuid4()):
        new = actions.NewCircle("prestations", TEXT, CircleKind.OPERATIONAL, parent)
        with pytest.raises(queries.UnknownCircle) as refused:
            async with structure.write() as session:
                await actions.found_circle(session, new, actor=structure.steward, now=structure.now)
        assert [one.pointer for one in refused.value.faults] == ["/body/parent_id"]


async def test_short_names_are_unique_in_one_cooperative_only(structure: Structure, elsewhere: Structure) -> None:
    assert elsewhere.gestion.slug == structure.gestion.slug
    with pytest.raises(actions.CircleSlugTaken):
        await structure.circle("gestion")
    await structure.domain("books", structure.gestion)
    await elsewhere.domain("books", elsewhere.gestion)
    with pytest.raises(actions.DomainSlugTaken):
        await structure.domain("books", structure.anchor)


async def test_only_a_steward_lays_down_the_structure(structure: Structure) -> None:
    ana = actor(await structure.person("Ana"))
    for attempt in _attempts(structure, ana):
        with pytest.raises(RightMissing) as refused:
            await attempt()
        assert refused.value.facts["permission"] == "shape_circles"


async def test_after_the_founding_not_even_a_steward_does(structure: Structure) -> None:
    await structure.govern()
    for attempt in _attempts(structure, structure.steward):
        with pytest.raises(StructureByDecision):
            await attempt()
    assert (await structure.join("Ana", structure.gestion)).until is None


async def test_a_circle_says_itself_in_other_words(structure: Structure) -> None:
    async with structure.write() as session:
        circle = await queries.circle(session, structure.gestion.organisation_id, structure.gestion.id)
        await actions.describe_circle(session, circle, TEXT, actor=structure.steward, now=structure.now)
    async with structure.database.read() as session:
        read = await queries.circle(session, circle.organisation_id, circle.id)
    assert (read.name, read.aim, read.version) == ("Prestations", "Missions.", 2)
    assert await structure.said("circle.described") == [{"name": "Prestations", "aim": "Missions."}]


def _attempts(structure: Structure, who: Actor) -> list[Callable[[], Awaitable[None]]]:
    async def founding() -> None:
        async with structure.write() as session:
            await found(session, "prestations", structure.anchor, actor=who, now=structure.now)

    async def describing() -> None:
        async with structure.write() as session:
            await actions.describe_circle(session, structure.gestion, TEXT, actor=who, now=structure.now)

    async def entrusting() -> None:
        new = actions.NewDomain("books", "Books", "The accounts.", None)
        async with structure.write() as session:
            await actions.entrust_domain(session, structure.gestion, new, actor=who, now=structure.now)

    return [founding, describing, entrusting]
