"""Proposals over HTTP: texts, lists, the page of one proposal, and what happened in its process."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.problems import language_of
from app.foundation.routing import Read, Write, permits, room
from app.people.signin import Caller, Now
from app.proposals import queries
from app.proposals.actions import drafts
from app.proposals.actions.drafts import ProposalText
from app.proposals.details import detail
from app.proposals.lifecycle import ProposalState
from app.proposals.policy import Permission
from app.proposals.schemas import NewProposal, ProposalItem, ProposalView, RevisionView, StepsView
from app.proposals.views import Reader, proposal_view, step_view

router = room("proposals", prefix="/v1/proposals")


class NewProposalText(NewProposal, ProposalText):
    """A new proposal: the tension that it answers, and its text."""


@router.post("", status_code=201)
@permits(Permission.PROPOSE, Scope.PARTICIPATE)
async def create_proposal(
    body: NewProposalText, request: Request, response: Response, caller: Caller, session: Write, now: Now
) -> ProposalView:
    """Draft a proposal. The circle that decides is computed from the domains its changes touch."""
    tension = await queries.tension(session, caller, body.tension_id)
    text = ProposalText.model_validate(body.model_dump(exclude={"tension_id"}))
    proposal = await drafts.propose(session, tension, text, actor=caller, now=now)
    response.headers["Location"] = f"/v1/proposals/{proposal.id}"
    await session.flush()
    return await page_of(request, response, session, caller, proposal.id, now)


@router.get("")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_proposals(
    request: Request,
    response: Response,
    caller: Caller,
    session: Read,
    cut: Cursor,
    state: Annotated[ProposalState | None, Query(description="Only in this state.")] = None,
    circle_id: Annotated[UUID | None, Query(description="Only those that this circle decides.")] = None,
) -> Page[ProposalItem]:
    """Proposals that the caller may know of, newest first."""
    rows = await queries.proposals(
        session, caller, after=cut.uuid, limit=cut.limit, state=state, circle_id=circle_id
    )
    return page(
        request, response, rows, cut, key=lambda row: row.id, view=lambda row: ProposalItem(**row._mapping)
    )


@router.get("/{proposal_id}")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_proposal(
    proposal_id: UUID, request: Request, response: Response, caller: Caller, session: Read, now: Now
) -> ProposalView:
    """One proposal, with exactly the steps that would succeed for the caller now."""
    return await page_of(request, response, session, caller, proposal_id, now)


@router.put("/{proposal_id}/text")
@permits(Permission.EDIT_DRAFT, Scope.PARTICIPATE)
async def replace_text(
    proposal_id: UUID,
    body: ProposalText,
    request: Request,
    response: Response,
    caller: Caller,
    session: Write,
    now: Now,
) -> ProposalView:
    """Replace the text of a draft; needs `If-Match`. The former text is kept."""
    proposal = await queries.held_proposal(session, caller, proposal_id)
    require_match(request, proposal.version)
    await drafts.edit_text(session, proposal, body, actor=caller, now=now)
    return await page_of(request, response, session, caller, proposal_id, now)


@router.get("/{proposal_id}/steps")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_steps(proposal_id: UUID, request: Request, caller: Caller, session: Read, now: Now) -> StepsView:
    """Every step around the proposal: the open ones, and the closed ones with the reason."""
    found = await detail(session, caller, proposal_id, now)
    reader = Reader(request.app.state.catalogue, language_of(request), found.row.rule_slug, found.row.rule_version)
    views = [(offer.open, step_view(offer, proposal_id, reader)) for offer in found.offers]
    return StepsView(
        available_steps=[view for is_open, view in views if is_open],
        closed_steps=[view for is_open, view in views if not is_open],
    )


@router.get("/{proposal_id}/revisions")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_revisions(proposal_id: UUID, caller: Caller, session: Read) -> list[RevisionView]:
    """Every text that the proposal has had, oldest first."""
    proposal = await queries.visible_proposal(session, caller, proposal_id)
    return [RevisionView.model_validate(row) for row in await queries.revisions(session, proposal)]


async def page_of(
    request: Request, response: Response, session: Read, caller: Caller, proposal_id: UUID, now: Now
) -> ProposalView:
    """The proposal's page with its ETag: what every step on a proposal answers."""
    found = await detail(session, caller, proposal_id, now)
    etag(response, found.row.version)
    return proposal_view(found, request.app.state.catalogue, language_of(request))
