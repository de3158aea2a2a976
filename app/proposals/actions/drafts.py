"""From a felt tension to a submitted proposal: the text is the proposer's until the circle takes it up."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.circles.deciding import holder_of
from app.foundation.deadlines import local_date
from app.foundation.errors import Fault, Invalid
from app.foundation.written import Line, Prose
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.queries import organisation
from app.proposals import changes, events, queries, slate
from app.proposals.changes import Change, Changes
from app.proposals.deliberation.amendments import write
from app.proposals.deliberation.outcomes import text_in_force
from app.proposals.lifecycle import STEPS, Step
from app.proposals.policy import Permission, Standing, require
from app.proposals.refusals import NoVoiceInCircle
from app.proposals.slate import Options
from app.proposals.steps import require_step
from app.proposals.tables import Amendment, Proposal, Revision, Tension, TensionText
from app.proposals.timing import call_for_admission
from app.roles.queries import standing as circle_standing


class ProposalText(BaseModel):
    """The text of a proposal: what is proposed, what it would change, and when it is looked at again."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "title": "Refund of expenses",
                    "body": "An expense up to 50 euros is refunded within a week.",
                    "changes": [{"kind": "adopt_agreement", "domain_id": "0198c1d2-5b7e-7000-8000-00000000d001"}],
                    "review_on": "2027-06-30",
                    "evaluation": "Nobody waits for more than a week.",
                }
            ]
        },
    )

    title: Annotated[str, Line(200)]
    body: Annotated[str, Prose(10_000)]
    changes: Changes
    review_on: date = Field(description="When the agreement is reviewed; it must lie in the future.")
    evaluation: Annotated[
        Annotated[str, Prose(2000)] | None,
        Field(description="How the circle will see whether it works."),
    ] = None
    options: Annotated[
        Options,
        Field(description="Between what the circle chooses, where its rule ranks, rates or approves options."),
    ] = []


async def sense_tension(session: AsyncSession, text: TensionText, *, actor: Actor, now: datetime) -> Tension:
    """Name a gap between what is and what could be; any member may. Raises RightMissing."""
    require(Permission.SENSE_TENSION, Standing(actor))
    row = Tension.model_validate(
        text.model_dump() | {"organisation_id": actor.organisation_id, "sensed_by": actor.member_id, "created_at": now}
    )
    session.add(row)
    await session.flush()
    event = events.TensionSensed(tension=row.id, driver=row.driver, example=row.example, requirement=row.requirement)
    record(session, actor, event, now)
    return row


async def propose(
    session: AsyncSession, tension: Tension, text: ProposalText, *, actor: Actor, now: datetime
) -> Proposal:
    """Draft a proposal that answers a tension. The circle follows from the domains that its changes touch.

    Raises NoVoiceInCircle (403) unless the actor is a full member of that circle, Invalid (422) for unknown domains,
    domains held by several circles, or a review date that is not in the future.
    """
    circle = await holder_of(session, actor.organisation_id, changes.domains(text.changes))
    if not (await circle_standing(session, actor, circle.id)).has_voice:
        raise NoVoiceInCircle(circle=circle.name)
    await _require_future(session, text, actor, now)
    row = Proposal.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "circle_id": circle.id,
            "proposer_id": actor.member_id,
            "tension_id": tension.id,
            "title": text.title,
            "created_at": now,
        }
    )
    session.add(row)
    await session.flush()
    write(session, row, _stored(text), Amendment.FIRST, actor=actor, now=now)
    return row


async def edit_text(
    session: AsyncSession, proposal: Proposal, text: ProposalText, *, actor: Actor, now: datetime
) -> Proposal:
    """Replace the text of a draft; what it was is kept as an edition. Raises RightMissing, StepClosed, Invalid."""
    require_step(Step.EDIT, proposal, await queries.standing_towards(session, actor, proposal), now)
    circle = await holder_of(session, actor.organisation_id, changes.domains(text.changes))
    if not (await circle_standing(session, actor, circle.id)).has_voice:
        raise NoVoiceInCircle(circle=circle.name)
    await _require_future(session, text, actor, now)
    proposal.circle_id = circle.id
    proposal.edition += 1
    write(session, proposal, _stored(text), Amendment.DRAFT, actor=actor, now=now)
    await session.flush()
    return proposal


async def start_forming(session: AsyncSession, proposal: Proposal, *, actor: Actor, now: datetime) -> Proposal:
    """Show a draft to the circle while it is still being formed. Raises RightMissing, StepClosed."""
    require_step(Step.START_FORMING, proposal, await queries.standing_towards(session, actor, proposal), now)
    proposal.state = STEPS[Step.START_FORMING].target
    proposal.shown_at = now
    record(session, actor, events.FormingStarted(proposal=proposal.id), now)
    await session.flush()
    return proposal


async def submit(session: AsyncSession, proposal: Proposal, *, actor: Actor, now: datetime) -> Proposal:
    """Hand the text to the circle: it can no longer be edited, and is admitted within a day if nobody does it before.

    Raises RightMissing, StepClosed, Invalid when the review date has passed meanwhile.
    """
    require_step(Step.SUBMIT, proposal, await queries.standing_towards(session, actor, proposal), now)
    text = await text_in_force(session, actor.organisation_id, proposal)
    await _require_future(session, text, actor, now)
    proposal.state = STEPS[Step.SUBMIT].target
    proposal.submitted_at = now
    proposal.shown_at = proposal.shown_at or now
    await session.flush()
    await call_for_admission(session, proposal, now)
    event = events.Submitted(proposal=proposal.id, circle=proposal.circle_id, revision=proposal.revision)
    record(session, actor, event, now)
    return proposal


async def _require_future(session: AsyncSession, text: ProposalText | Revision, actor: Actor, now: datetime) -> None:
    today = local_date(now, (await organisation(session, actor.organisation_id)).time_zone)
    if text.review_on <= today:
        raise Invalid(faults=[Fault("/body/review_on", "date_not_future", {"today": today.isoformat()})])


def _stored(text: ProposalText) -> dict[str, object]:
    given: Sequence[Change] = text.changes
    rest = text.model_dump(exclude={"changes", "options"})
    return {**rest, "changes": changes.dump(list(given)), "options": slate.dump(text.options)}
