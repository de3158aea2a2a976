"""What follows from an outcome: the verdict is recorded, and an adopted proposal changes things in the same breath."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.agreements.actions import Concern, Terms, enact
from app.delegations.actions import end_with_vote
from app.foundation.deadlines import after, local_date
from app.journal.actor import system
from app.journal.record import record
from app.organisations.queries import organisation
from app.proposals import changes, events, slate
from app.proposals.deliberation.cases import Running
from app.proposals.lifecycle import ProposalState
from app.proposals.tables import Proposal, Revision
from app.proposals.votes import options_added
from app.rules.canonical import digest, to_json
from app.rules.contract import Matter, Outcome

_STATE_OF = {
    "adopted": ProposalState.ADOPTED,
    "elected": ProposalState.ADOPTED,
    "lapsed": ProposalState.LAPSED,
}


async def apply(
    session: AsyncSession, running: Running, outcome: Outcome, matters: Sequence[Matter], *, now: datetime
) -> None:
    """End the process with ``outcome``; when it is adopted, apply every change of the text in force, or none.

    The concerns and objections that the rule kept track of travel with the agreement to its review.
    """
    proposal, process = running.proposal, running.process
    proposal.state = _STATE_OF.get(outcome.verdict, ProposalState.NOT_ADOPTED)
    proposal.verdict = outcome.verdict
    proposal.ended_at = process.ended_at = now
    proposal.phase_kind = proposal.phase_closes_at = None
    process.outcome = to_json(outcome)
    await session.flush()
    event = events.Decided(
        proposal=proposal.id,
        verdict=outcome.verdict,
        winners=list(outcome.winners),
        revision=proposal.revision,
        outcome_digest=digest(outcome),
        seed=process.seed,
        outcome=process.outcome,
    )
    actor = system(proposal.organisation_id)
    record(session, actor, event, now, rule=(process.rule_slug, process.rule_version))
    await end_with_vote(session, proposal.organisation_id, proposal.id, actor=actor, now=now)
    if proposal.state is ProposalState.ADOPTED:
        await _enact(session, proposal, outcome, matters, now)


async def text_in_force(session: AsyncSession, organisation_id: UUID, proposal: Proposal) -> Revision:
    """The latest edition of the revision in force."""
    query = select(Revision).where(
        col(Revision.organisation_id) == organisation_id,
        col(Revision.proposal_id) == proposal.id,
        col(Revision.number) == proposal.revision,
        col(Revision.edition) == proposal.edition,
    )
    return (await session.execute(query)).scalar_one()


async def _enact(
    session: AsyncSession, proposal: Proposal, outcome: Outcome, matters: Sequence[Matter], now: datetime
) -> None:
    text = await text_in_force(session, proposal.organisation_id, proposal)
    expires_on = await _expiry(session, proposal, outcome, now)
    options = [*text.options, *await options_added(session, proposal.organisation_id, proposal.id)]
    for change in changes.parse(text.changes):
        terms = Terms(
            circle_id=proposal.circle_id,
            domain_id=change.domain_id,
            proposal_id=proposal.id,
            title=text.title,
            text=slate.with_choice(text.body, options, outcome.winners),
            kind=change.agreement_kind,
            review_on=min(text.review_on, expires_on) if expires_on else text.review_on,
            expires_on=expires_on,
            concerns=[Concern(matter.ref, matter.by) for matter in matters if matter.travels],
        )
        await enact(session, terms, actor=system(proposal.organisation_id), now=now)


async def _expiry(session: AsyncSession, proposal: Proposal, outcome: Outcome, now: datetime) -> date | None:
    if outcome.lasts is None:
        return None
    zone = (await organisation(session, proposal.organisation_id)).time_zone
    return after(local_date(now, zone), outcome.lasts)
