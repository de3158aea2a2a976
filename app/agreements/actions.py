"""How agreements come into force, by a decision alone, and how a trial comes under review and ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.agreements import queries
from app.agreements.events import AgreementEnacted, AgreementExpired, AgreementReviewForced
from app.agreements.lifecycle import APPLIES, REVIEW_LEAD, AgreementState
from app.agreements.tables import Agreement, AgreementKind
from app.foundation import jobs
from app.journal.actor import Actor
from app.journal.record import record

REVIEW: Final = "agreement.review"
EXPIRE: Final = "agreement.expire"


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern that was said with consent: the word's reference in its proposal, and who said it (pseudonym).

    The text stays with the proposal, so that it is kept, shown and erased in one place.
    """

    word: str
    by: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What an adopted proposal puts into force. ``expires_on`` is the last day of a trial."""

    circle_id: UUID
    domain_id: UUID
    proposal_id: UUID
    title: str
    text: str
    kind: AgreementKind
    review_on: date
    expires_on: date | None = None
    concerns: Sequence[Concern] = ()


async def enact(session: AsyncSession, terms: Terms, *, actor: Actor, now: datetime) -> Agreement:
    """Put an agreement into force in the transaction that adopts its proposal; there is no other way to make one.

    The adopting decision is the authority, so nobody's rights are asked here. A trial also calls for its review and its
    end.
    """
    agreement = Agreement.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "circle_id": terms.circle_id,
            "domain_id": terms.domain_id,
            "proposal_id": terms.proposal_id,
            "title": terms.title,
            "text": terms.text,
            "kind": terms.kind,
            "in_force_from": now,
            "review_on": terms.review_on,
            "expires_on": terms.expires_on,
            "concerns": [{"word": concern.word, "by": concern.by} for concern in terms.concerns],
        }
    )
    session.add(agreement)
    await session.flush()
    if terms.expires_on is not None:
        for kind, last_day in ((REVIEW, _day_before_review(terms.expires_on)), (EXPIRE, terms.expires_on)):
            run_at = await queries.end_of(session, actor.organisation_id, last_day)
            await jobs.enqueue(
                session, actor.organisation_id, kind, key=str(agreement.id), run_at=run_at, agreement=str(agreement.id)
            )
    record(session, actor, _enacted(agreement, terms), now)
    return agreement


async def force_review(session: AsyncSession, agreement: Agreement, *, actor: Actor, now: datetime) -> bool:
    """Put a trial that nears its end under review; False when that is done already, or not due yet.

    It applies until its last day. What becomes of it is for a proposal to say; without one, it ends.
    """
    if agreement.state is not AgreementState.IN_FORCE or agreement.expires_on is None:
        return False
    if now < await queries.end_of(session, agreement.organisation_id, _day_before_review(agreement.expires_on)):
        return False
    agreement.state = AgreementState.UNDER_REVIEW
    record(session, actor, AgreementReviewForced(agreement.id, agreement.expires_on), now)
    return True


async def expire_agreement(session: AsyncSession, agreement: Agreement, *, actor: Actor, now: datetime) -> bool:
    """End a trial whose last day is over; False when there is nothing to end (any more, or yet)."""
    if agreement.state not in APPLIES or agreement.expires_on is None:
        return False
    if now < await queries.end_of(session, agreement.organisation_id, agreement.expires_on):
        return False
    agreement.state = AgreementState.EXPIRED
    record(session, actor, AgreementExpired(agreement.id, agreement.expires_on), now)
    return True


def _day_before_review(expires_on: date) -> date:
    return expires_on - REVIEW_LEAD - timedelta(days=1)


def _enacted(agreement: Agreement, terms: Terms) -> AgreementEnacted:
    return AgreementEnacted(
        agreement=agreement.id,
        circle=agreement.circle_id,
        domain=agreement.domain_id,
        proposal=agreement.proposal_id,
        kind=agreement.kind.value,
        review_on=agreement.review_on,
        expires_on=agreement.expires_on,
        concerns=[concern.word for concern in terms.concerns],
        title=agreement.title,
        text=agreement.text,
    )
