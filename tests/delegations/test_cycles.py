"""Proxies never lead, in one vote, from somebody back to themselves."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.delegations import actions
from tests.circles.structure import Structure
from tests.delegations.giving import PEOPLE, end, give

VOTE, OTHER = uuid4(), uuid4()


@pytest.mark.parametrize(
    ("scopes", "last", "leads_back"),
    [
        ([None], None, True),
        ([None], VOTE, True),
        ([VOTE], None, True),
        ([VOTE], VOTE, True),
        ([VOTE], OTHER, False),
        ([None, None, None], None, True),
        ([None, VOTE, None], None, True),
        ([VOTE, None, VOTE], VOTE, True),
        ([VOTE, OTHER], None, False),
        ([None, VOTE], OTHER, False),
    ],
)
async def test_proxies_do_not_lead_back_in_any_one_vote(
    circle: Structure, scopes: list[UUID | None], last: UUID | None, leads_back: bool
) -> None:
    """A chain of proxies with these scopes, and one from its end to its beginning."""
    for n, scope in enumerate(scopes):
        await give(circle, PEOPLE[n], PEOPLE[n + 1], proposal_id=scope)
    back = give(circle, PEOPLE[len(scopes)], "Ana", proposal_id=last)
    if not leads_back:
        await back
        return
    with pytest.raises(actions.ProxyCycle):
        await back
    assert len(await circle.said("proxy.given")) == len(scopes)


async def test_a_way_back_through_one_of_several_votes_is_found(circle: Structure) -> None:
    for holder, scope in (("Chloé", OTHER), ("Driss", VOTE)):
        await give(circle, "Bilal", holder, proposal_id=scope)
    await give(circle, "Driss", "Ana", proposal_id=VOTE)
    await give(circle, "Chloé", "Ana", proposal_id=VOTE)
    with pytest.raises(actions.ProxyCycle):
        await give(circle, "Ana", "Bilal")
    await give(circle, "Ana", "Bilal", proposal_id=OTHER)


async def test_only_what_runs_here_leads_back(circle: Structure) -> None:
    for name in ("Ana", "Bilal"):
        await circle.join(name, circle.anchor)
    await give(circle, "Bilal", "Ana", circle_id=circle.anchor.id)
    ended = await give(circle, "Bilal", "Ana")
    await end(circle, ended, "Ana")
    await give(circle, "Bilal", "Ana", until=circle.now + timedelta(days=1))
    with pytest.raises(actions.ProxyCycle):
        await give(circle, "Ana", "Bilal")
    circle.cooperative.clock.move_to(circle.now + timedelta(days=1))
    await give(circle, "Ana", "Bilal")
