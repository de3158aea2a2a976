"""When a member leaves: their part in everything open ends in the same transaction, and what they said stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.circles.actions import end_memberships
from app.delegations.actions import end_proxies
from app.journal.actor import Actor, system
from app.journal.record import hold, record
from app.organisations.actions.members import leave
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Member
from app.people.credentials import end_credentials
from app.proposals import events, queries
from app.proposals.actions.endings import lapse
from app.proposals.deliberation import engine
from app.proposals.deliberation.ballots import nobody_is_missing
from app.proposals.deliberation.cases import Running, load_alone
from app.proposals.lifecycle import LAPSES_AFTER, ProposalState
from app.proposals.policy import Permission, Standing, require
from app.proposals.streams import stream_of
from app.proposals.tables import Elector, Proposal
from app.proposals.timing import call_for_lapse
from app.roles.actions import end_assignments
from app.roles.lifecycle import EndReason
from app.rules.catalogue import Catalogue

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]


async def depart(
    session: AsyncSession, member: Member, *, reason: str | None, actor: Actor, rules: Catalogue, now: datetime
) -> Member:
    """Record that a member has left the cooperative.

    Their mandates, memberships, proxies and credentials end; they leave the electorate of every open process, where
    words stop counting and ballots already cast stay; their own proposals wait fourteen days, then lapse; drafts are
    withdrawn from sight for good. Raises RightMissing (403).
    """
    require(Permission.RECORD_DEPARTURE, Standing(actor, is_oneself=actor.member_id == member.id))
    pseudonym = str(member.pseudonym)
    open_ = await queries.open_processes_of(session, actor.organisation_id, pseudonym)
    await hold(session, actor.organisation_id, [stream_of(process) for process in open_])
    await leave(session, member, reason=reason, actor=actor, now=now)
    await end_assignments(session, actor.organisation_id, member.id, reason=EndReason.LEFT, actor=actor, now=now)
    await end_memberships(session, actor.organisation_id, member.id, actor=actor, now=now)
    await end_proxies(session, actor.organisation_id, member.id, actor=actor, now=now)
    await end_credentials(session, actor.organisation_id, member.id, now)
    await session.flush()
    for process_id in open_:
        await _end_part(session, process_id, member, rules=rules, actor=actor, now=now)
    for proposal in await queries.unadmitted_of(session, actor.organisation_id, member.id):
        await lapse(session, proposal, reason="proposer_left", actor=system(actor.organisation_id), now=now)
    return member


async def end_part_of_suspended(
    session: AsyncSession, member: Member, *, actor: Actor, rules: Catalogue, now: datetime
) -> None:
    """Take a suspended member out of the electorate of every open process: an objection of theirs can be taken over,
    and nobody waits for an answer that cannot come. Their own proposals go on; silence keeps the text. Proxies that
    they gave or hold end."""
    open_ = await queries.open_processes_of(session, actor.organisation_id, str(member.pseudonym))
    await hold(session, actor.organisation_id, [stream_of(process) for process in open_])
    await end_proxies(session, actor.organisation_id, member.id, actor=actor, now=now)
    for process_id in open_:
        await _end_part(session, process_id, member, rules=rules, actor=actor, now=now)


async def _end_part(
    session: AsyncSession, process_id: UUID, member: Member, *, rules: Catalogue, actor: Actor, now: datetime
) -> None:
    running = await load_alone(session, actor.organisation_id, process_id)
    voter = str(member.pseudonym)
    if voter in running.case.electorate.ids - running.gone:
        number = len(running.phases)
        await session.execute(
            update(_ELECTOR)
            .where(
                _ELECTOR.c.organisation_id == actor.organisation_id,
                _ELECTOR.c.process_id == process_id,
                _ELECTOR.c.voter == voter,
            )
            .values(left_in_phase=number)
        )
        record(session, actor, events.ElectorLeft(proposal=process_id, voter=voter, phase=number), now)
        running = await load_alone(session, actor.organisation_id, process_id)
    is_carried = running.proposal.proposer_id != member.id or running.proposal.settled
    if not is_carried and member.status is MemberStatus.LEFT:
        await _await_sponsor(session, running, now)
    elif running.proposal.state is not ProposalState.DECIDING:
        return
    elif await nobody_is_missing(session, running):
        running = await load_alone(session, actor.organisation_id, process_id)  # with the ballots that were waited for
        await engine.ask(session, running, "complete", rules=rules, now=now)
    else:
        await engine.shrink(session, running, rules=rules, now=now)


async def _await_sponsor(session: AsyncSession, running: Running, now: datetime) -> None:
    proposal: Proposal = running.proposal
    lapses_at = now + LAPSES_AFTER
    proposal.state = ProposalState.AWAITING_SPONSOR
    proposal.phase_closes_at = None
    event = events.ProposerLeft(proposal=proposal.id, lapses_at=lapses_at)
    record(session, system(proposal.organisation_id), event, now)
    await session.flush()
    await call_for_lapse(session, proposal, lapses_at)
