"""Stepping out of a decision because of a stake of one's own: before it opens, with a reason on record."""

import pytest
from sqlalchemy import update

from app.organisations.tables import LegalForm, Organisation
from app.proposals.policy import recusal_effect
from tests.api.exports import replayed
from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid", "Gaëlle", "Hugo", "Inès", "Jeanne"]
STAKE = {"text": "My brother would get the contract."}


@pytest.mark.parametrize("form", sorted(LegalForm))
def test_who_is_recused_leaves_the_quorum_in_a_sarl_alone(form: LegalForm) -> None:
    """W42; Commercial Code L223-19 for a SARL, L225-40 for an SA."""
    assert recusal_effect(form) == ("vote_and_quorum" if form.value.endswith("_sarl") else "vote")


@pytest.mark.parametrize(
    ("form", "of"),
    [(LegalForm.SCIC_SAS, 10), (LegalForm.SCOP_SA, 10), (LegalForm.SCIC_SARL, 9), (LegalForm.SCOP_SARL, 9)],
)
async def test_w42_who_is_recused_does_not_vote_and_counts_for_the_quorum_but_in_a_sarl(
    world: World, form: LegalForm, of: int
) -> None:
    await _become(world, form)
    await world.circle("gestion", PEOPLE, rule="majority", options={"quorum": "1/2"})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    offered = await world.do("Jeanne", "GET", path)
    assert "recuse" in [step["name"] for step in offered["available_steps"]]
    stepped = await world.do("Jeanne", "POST", f"{path}/recusal", STAKE)
    assert "recuse" not in [step["name"] for step in stepped["available_steps"]]
    again = await world.call("Jeanne", "POST", f"{path}/recusal", STAKE)
    assert (again.status_code, again.json()["code"]) == (409, "step_closed")
    await world.do("Bilal", "POST", f"{path}/admission")
    steps = (await world.do("Jeanne", "GET", f"{path}/steps"))["closed_steps"]
    assert [one["reason"] for one in steps if one["name"] == "ballot"] == ["recused"]
    before = await contents(world)
    refused = await world.call("Jeanne", "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "recused")
    assert changed(before, await contents(world)) == []
    await world.vote(PEOPLE[:5], path, "for")
    await world.vote(PEOPLE[5:9], path, "against")
    page = await world.do("Ana", "GET", path)
    assert page["state"] == "adopted", "nobody waits for who is recused"
    facts = {reason["code"]: reason["facts"] for reason in page["outcome"]["reasons"]}
    assert (facts["reached"]["for"], facts["reached"]["base"]) == (5, 9)
    assert facts["quorum_reached"] == {"took_part": 9, "needed": 5, "of": of}
    assert (await replayed(world, path)).outcome is not None


@pytest.mark.parametrize(("form", "state"), [(LegalForm.SCIC_SA, "not_adopted"), (LegalForm.SCIC_SARL, "adopted")])
async def test_w42_a_recusal_may_settle_whether_the_quorum_is_reached(
    world: World, form: LegalForm, state: str
) -> None:
    """Six of ten are fewer than two thirds; six of nine are not."""
    await _become(world, form)
    await world.circle("gestion", PEOPLE, rule="majority", options={"quorum": "2/3"})
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    await world.do("Jeanne", "POST", f"{path}/recusal", STAKE)
    await world.do("Bilal", "POST", f"{path}/admission")
    await world.vote(PEOPLE[:6], path, "for")
    await world.pass_time(days=6)
    assert (await world.do("Ana", "GET", path))["state"] == state
    assert (await replayed(world, path)).outcome is not None


async def test_only_members_of_the_circle_and_only_before_it_opens(world: World) -> None:
    await world.circle("gestion", PEOPLE[:4])
    path = f"/v1/proposals/{(await world.draft('Ana', 'gestion'))['id']}"
    await world.do("Ana", "POST", f"{path}/submission")
    assert (await world.call("Salomé", "POST", f"{path}/recusal", STAKE)).status_code == 403
    assert (await world.call("Driss", "POST", f"{path}/recusal", {})).status_code == 422
    await world.do("Bilal", "POST", f"{path}/admission")
    assert (await world.call("Driss", "POST", f"{path}/recusal", STAKE)).status_code == 409


async def _become(world: World, form: LegalForm) -> None:
    async with world.database.writer.begin() as connection:
        await connection.execute(update(Organisation).values(legal_form=form))
