"""How a proxy is given, refused, and how it ends."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.circles.queries import UnknownCircle
from app.circles.tables import CircleMembership
from app.delegations import actions, queries
from app.delegations.jobs import expire_when_over
from app.delegations.lifecycle import EndReason
from app.delegations.policy import SA, SCOP
from app.delegations.tables import Proxy
from app.foundation.errors import Invalid, NotFound, Refusal
from app.foundation.jobs import Job
from app.foundation.permissions import RightMissing
from app.journal.tables import JournalEvent
from app.organisations.tables import LegalForm, Organisation
from app.roles import actions as role_actions
from tests.circles.structure import Structure
from tests.delegations.giving import end, give
from tests.people.cooperative import actor


async def _between(at: Structure, giver: str, holder: str) -> list[queries.Entrusted]:
    pair = ((await at.person(giver)).id, (await at.person(holder)).id)
    async with at.database.read() as session:
        found = await queries.entrusted(session, at.gestion.organisation_id, {pair}, at.now)
    return found.get(pair, [])


async def _become(at: Structure, form: LegalForm) -> None:
    async with at.database.writer.begin() as connection:
        await connection.execute(update(Organisation).values(legal_form=form))


async def test_a_full_member_gives_their_voice_to_another(circle: Structure) -> None:
    given = await give(circle, "Ana", "Bilal")
    assert (given.given_at, given.until, given.ended_at, given.end_reason) == (circle.now, None, None, None)
    [found] = await _between(circle, "Ana", "Bilal")
    assert (found.id, found.giver) == (given.id, (await circle.person("Ana")).pseudonym)
    assert found.covers(circle.gestion.id, uuid4())
    assert not found.covers(circle.anchor.id, uuid4())
    assert await _between(circle, "Bilal", "Ana") == []
    assert len(await circle.said("proxy.given")) == 1


async def test_a_proxy_for_one_vote_covers_that_vote_alone(circle: Structure) -> None:
    vote = uuid4()
    await give(circle, "Ana", "Bilal", proposal_id=vote)
    [found] = await _between(circle, "Ana", "Bilal")
    assert found.covers(circle.gestion.id, vote)
    assert not found.covers(circle.gestion.id, uuid4())


@pytest.mark.parametrize(
    ("giver", "holder", "refusal"),
    [
        ("Ana", None, actions.BlankProxy),
        ("Ana", "Ana", actions.ProxyToOneself),
        ("Ana", "Guy", actions.HolderWithoutVoice),
        ("Ana", "Hugo", actions.HolderWithoutVoice),
        ("Guy", "Ana", RightMissing),
        ("Hugo", "Ana", RightMissing),
    ],
)
async def test_whom_a_proxy_cannot_be_given_to_or_by(
    circle: Structure, giver: str, holder: str | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as refused:
        await give(circle, giver, holder)
    assert [one.pointer for one in refused.value.faults] == ["/body/holder_id"] * (refusal is not RightMissing)


async def test_the_circle_is_one_of_ours_and_the_end_is_to_come(circle: Structure, elsewhere: Structure) -> None:
    with pytest.raises(UnknownCircle):
        await give(circle, "Ana", "Bilal", circle_id=elsewhere.gestion.id)
    with pytest.raises(Invalid) as refused:
        await give(circle, "Ana", "Bilal", until=circle.now)
    assert [one.code for one in refused.value.faults] == ["until_not_future"]


async def test_one_voice_is_in_one_pair_of_hands(circle: Structure) -> None:
    vote = uuid4()
    first = await give(circle, "Ana", "Bilal", proposal_id=vote)
    await give(circle, "Ana", "Chloé", proposal_id=uuid4())
    for scope in (vote, None):
        with pytest.raises(actions.ProxyOverlaps):
            await give(circle, "Ana", "Driss", proposal_id=scope)
    await end(circle, first, "Ana")
    await give(circle, "Ana", "Driss", proposal_id=vote)


async def test_nobody_holds_more_than_the_cap_in_one_vote(circle: Structure) -> None:
    vote = uuid4()
    await give(circle, "Ana", "Emma")
    second = await give(circle, "Bilal", "Emma", proposal_id=vote)
    for scope in (vote, None):
        with pytest.raises(actions.ProxyCap) as refused:
            await give(circle, "Chloé", "Emma", proposal_id=scope)
        assert refused.value.facts == {"cap": 2, "held": 2}
    await give(circle, "Chloé", "Emma", proposal_id=uuid4())
    await end(circle, second, "Emma")
    await give(circle, "Driss", "Emma", proposal_id=vote)


async def test_a_small_scop_allows_one(circle: Structure) -> None:
    await _become(circle, LegalForm.SCOP_SAS)
    await give(circle, "Ana", "Emma")
    with pytest.raises(actions.ProxyCap) as refused:
        await give(circle, "Bilal", "Emma")
    assert refused.value.facts == {"cap": 1, "held": 1}


@pytest.mark.parametrize("form", sorted(SA))
async def test_in_an_sa_a_proxy_spans_two_meetings_at_most(circle: Structure, form: LegalForm) -> None:
    """Commercial Code R225-79: for one meeting, or for two held within fifteen days."""
    await _become(circle, form)
    limit = circle.now + timedelta(days=15)
    with pytest.raises(actions.ProxyTooLong) as refused:
        await give(circle, "Ana", "Emma", until=limit + timedelta(microseconds=1))
    assert [(one.pointer, one.code, one.facts) for one in refused.value.faults] == [
        ("/body/until", "proxy_too_long", {"days": 15})
    ]
    assert await _between(circle, "Ana", "Emma") == []
    await give(circle, "Ana", "Emma", proposal_id=uuid4(), until=limit + timedelta(days=90))
    assert (await give(circle, "Bilal", "Chloé", until=limit)).until == limit


async def test_elsewhere_a_proxy_may_last(circle: Structure) -> None:
    until = circle.now + timedelta(days=900)
    for form, giver in zip(sorted(set(LegalForm) - SA - SCOP)[:3], ("Ana", "Bilal", "Chloé"), strict=True):
        await _become(circle, form)
        assert (await give(circle, giver, "Driss" if giver == "Ana" else "Emma", until=until)).until == until


async def test_what_one_holds_cannot_be_passed_on(circle: Structure) -> None:
    await give(circle, "Ana", "Bilal")
    await give(circle, "Bilal", "Chloé")
    assert await _between(circle, "Ana", "Chloé") == []
    [bilals] = await _between(circle, "Bilal", "Chloé")
    assert bilals.giver == (await circle.person("Bilal")).pseudonym


@pytest.mark.parametrize("who", ["Ana", "Bilal"])
async def test_the_giver_takes_it_back_or_the_holder_gives_it_up(circle: Structure, who: str) -> None:
    given = await give(circle, "Ana", "Bilal")
    ended = await end(circle, given, who)
    assert (ended.ended_at, ended.end_reason) == (circle.now, EndReason.REVOKED)
    assert await _between(circle, "Ana", "Bilal") == []
    with pytest.raises(actions.ProxyOver):
        await end(circle, given, who)
    assert len(await circle.said("proxy.ended")) == 1


async def test_nobody_else_knows_of_it_or_ends_it(circle: Structure, elsewhere: Structure) -> None:
    given = await give(circle, "Ana", "Bilal")
    for who in (await circle.person("Chloé"), circle.cooperative.steward, elsewhere.cooperative.steward):
        async with circle.database.read() as session:
            with pytest.raises(NotFound):
                await queries.proxy(session, actor(who), given.id)
    async with circle.write() as session:
        with pytest.raises(RightMissing):
            await actions.revoke(session, given, actor=actor(await circle.person("Chloé")), now=circle.now)


async def test_ones_own_proxies_are_listed_page_by_page(circle: Structure) -> None:
    first = await give(circle, "Ana", "Bilal")
    second = await give(circle, "Bilal", "Chloé")
    await give(circle, "Chloé", "Driss")
    await end(circle, first, "Ana")
    async with circle.database.read() as session:
        bilal = actor(await circle.person("Bilal"))
        listed = await queries.own(session, bilal)
        rest = await queries.own(session, bilal, after=first.id, limit=1)
        assert await queries.own(session, actor(await circle.person("Emma"))) == []
    assert [(one.proxy.id, one.giver, one.holder) for one in listed] == [
        (first.id, "Ana", "Bilal"),
        (second.id, "Bilal", "Chloé"),
    ]
    assert [one.proxy.id for one in rest] == [second.id]


async def test_who_leaves_gives_and_holds_nothing_any_more(circle: Structure) -> None:
    for giver, holder in (("Ana", "Bilal"), ("Bilal", "Chloé"), ("Chloé", "Driss")):
        await give(circle, giver, holder)
    bilal = await circle.person("Bilal")
    async with circle.write() as session:
        ended = await actions.end_proxies(
            session, bilal.organisation_id, bilal.id, actor=circle.steward, now=circle.now
        )
    assert ended == 2
    assert await _reasons(circle) == {
        ("Ana", EndReason.HOLDER_LEFT),
        ("Bilal", EndReason.GIVER_LEFT),
        ("Chloé", None),
    }


async def test_a_holder_who_left_the_circle_votes_for_nobody_there(circle: Structure) -> None:
    await give(circle, "Ana", "Bilal")
    await _leave_circle(circle, "Bilal")
    assert await _between(circle, "Ana", "Bilal") == []
    await circle.join("Bilal", circle.gestion)
    assert len(await _between(circle, "Ana", "Bilal")) == 1


async def test_its_time_passes(circle: Structure) -> None:
    until = circle.now + timedelta(days=2)
    given = await give(circle, "Ana", "Bilal", until=until)
    named = {"organisation_id": given.organisation_id, "payload": {"proxy": str(given.id)}}
    job = Job.model_validate({**named, "kind": "", "dedup_key": "", "run_at": until})
    async with circle.write() as session:
        await expire_when_over(session, job, circle.now)
    assert await _reasons(circle) == {("Ana", None)}
    circle.cooperative.clock.move_to(until)
    assert await _between(circle, "Ana", "Bilal") == [], "even before anybody has looked"
    await give(circle, "Ana", "Chloé")
    for _ in range(2):
        async with circle.write() as session:
            await expire_when_over(session, job, circle.now)
    assert await _reasons(circle) == {("Ana", EndReason.EXPIRED), ("Ana", None)}
    assert len(await circle.said("proxy.ended")) == 1


async def test_it_ends_with_the_one_vote_that_it_was_for(circle: Structure) -> None:
    vote, organisation = uuid4(), circle.gestion.organisation_id
    await give(circle, "Ana", "Emma", proposal_id=vote)
    await give(circle, "Bilal", "Emma")
    async with circle.write() as session:
        ended = await actions.end_with_vote(session, organisation, vote, actor=circle.steward, now=circle.now)
    assert ended == 1
    assert await _reasons(circle) == {("Ana", EndReason.EXPIRED), ("Bilal", None)}


async def test_a_proxy_that_is_not_there_is_not_found(circle: Structure) -> None:
    async with circle.write() as session:
        with pytest.raises(NotFound):
            await queries.held_proxy(session, circle.gestion.organisation_id, uuid4())


async def test_the_leaf_names_nobody_but_by_pseudonym(circle: Structure) -> None:
    given = await give(circle, "Ana", "Bilal")
    async with circle.database.read() as session:
        query = select(col(JournalEvent.leaf)).where(col(JournalEvent.stream) == f"proxy/{given.id}")
        leaf = (await session.execute(query)).scalar_one()
    ana = await circle.person("Ana")
    assert str(ana.pseudonym).encode() in leaf
    assert not [one for one in (str(ana.id), "Ana") if one.encode() in leaf]


async def _reasons(at: Structure) -> set[tuple[str, EndReason | None]]:
    """(giver, why it ended) of every proxy."""
    by_id: dict[UUID, str] = {member.id: name for name, member in at.people.items()}
    async with at.database.read() as session:
        rows = (await session.execute(select(Proxy))).scalars().all()
    return {(by_id[row.giver_id], row.end_reason) for row in rows}


async def _leave_circle(at: Structure, name: str) -> None:
    member = await at.person(name)
    async with at.write() as session:
        query = select(CircleMembership).where(col(CircleMembership.member_id) == member.id)
        place = (await session.execute(query)).scalar_one()
        await role_actions.leave_circle(session, place, actor=at.steward, now=at.now)
