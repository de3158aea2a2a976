"""Proposals over HTTP: texts, lists, and the page of one proposal."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Response
from pydantic import ConfigDict

from app.foundation.database import Reading, Session
from app.foundation.paging import Cursor, Page, answer, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.routing import permits, room
from app.proposals import queries
from app.proposals.actions import drafts
from app.proposals.actions.drafts import ProposalText
from app.proposals.details import detail
from app.proposals.lifecycle import ProposalState
from app.proposals.lists import Lists, Wanted
from app.proposals.pages import PageRow, Pages, row_of
from app.proposals.policy import Permission
from app.proposals.reader import Pinned, Reader
from app.proposals.routes.turns import Exchange, Glance, Look, Turn
from app.proposals.schemas import NewProposal, ProposalItem, ProposalView, RevisionView, StepsView
from app.proposals.views import closed_forms, proposal_view, step_view

router = room("proposals", prefix="/v1/proposals")
_TENSION: Final = "0198c1d2-5b7e-7000-8000-000000000001"
_TEXT: Final = ProposalText.model_json_schema()["examples"][0]


class NewProposalText(NewProposal, ProposalText):
    """A new proposal: the tension that it answers, and its text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tension_id": _TENSION, **_TEXT}]})


@router.post("", status_code=201, summary="Draft a proposal")
@permits(Permission.PROPOSE, Scope.PARTICIPATE)
async def create_proposal(body: NewProposalText, turn: Turn) -> ProposalView:
    """Draft a proposal. The circle that decides is computed from the domains its changes touch."""
    tension = await queries.tension(turn.session, turn.caller, body.tension_id)
    text = ProposalText.model_validate(body.model_dump(exclude={"tension_id"}))
    proposal = await drafts.propose(turn.session, tension, text, actor=turn.caller, now=turn.now)
    turn.response.headers["Location"] = f"/v1/proposals/{proposal.id}"
    await turn.session.flush()
    return await page_of(turn, turn.session, proposal.id)


@router.get("", response_model=Page[ProposalItem], summary="List the proposals")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_proposals(
    look: Glance,
    cut: Cursor,
    state: Annotated[ProposalState | None, Query(description="Only in this state.")] = None,
    circle_id: Annotated[UUID | None, Query(description="Only those that this circle decides.")] = None,
) -> Response:
    """Proposals that the caller may know of, newest first."""
    lists: Lists = look.request.app.state.lists
    return answer(look.request, await lists.page(look.caller, Wanted(cut.limit, cut.uuid, state, circle_id)))


@router.get("/{proposal_id}", summary="Read a proposal")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_proposal(proposal_id: UUID, look: Glance) -> ProposalView:
    """One proposal, with exactly the steps that would succeed for the caller now."""
    pages: Pages = look.request.app.state.pages
    return await _page(look, look.passing, await pages.row(look.caller, proposal_id))


@router.put("/{proposal_id}/text", summary="Rewrite a draft")
@permits(Permission.EDIT_DRAFT, Scope.PARTICIPATE)
async def replace_text(proposal_id: UUID, body: ProposalText, turn: Turn) -> ProposalView:
    """Replace the text of a draft; needs `If-Match`. The former text is kept."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    require_match(turn.request, proposal.version)
    await drafts.edit_text(turn.session, proposal, body, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.get("/{proposal_id}/steps", summary="Read what can be done, and what not")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_steps(proposal_id: UUID, look: Look) -> StepsView:
    """Every step around the proposal: the open ones, and the closed ones with the reason."""
    row = await row_of(look.session, look.caller, proposal_id)
    found = await detail(look.session, look.caller, row, look.rules, look.now, closed_too=True)
    reader = Reader(look.rules, look.language, Pinned(row.rule_slug, row.rule_version, row.pinned_options))
    offers = [*found.offers, *closed_forms(found, look.rules)]
    views = [(offer.open, step_view(offer, proposal_id, reader)) for offer in offers]
    return StepsView(
        available_steps=[view for is_open, view in views if is_open],
        closed_steps=[view for is_open, view in views if not is_open],
    )


@router.get("/{proposal_id}/revisions", summary="List the texts of a proposal")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_revisions(proposal_id: UUID, look: Look, cut: Cursor) -> Page[RevisionView]:
    """Every text that the proposal has had, oldest first."""
    proposal = await queries.visible_proposal(look.session, look.caller, proposal_id)
    rows = await queries.revisions(look.session, proposal, after=cut.number, limit=cut.limit)
    return page(look.request, look.response, rows, cut, key=queries.place_of, view=RevisionView.model_validate)


async def page_of(exchange: Exchange, session: Session, proposal_id: UUID) -> ProposalView:
    """The proposal's page with its ETag: what every step on a proposal answers."""
    return await _page(exchange, session, await row_of(session, exchange.caller, proposal_id))


async def _page(exchange: Exchange, session: Reading, row: PageRow) -> ProposalView:
    found = await detail(session, exchange.caller, row, exchange.rules, exchange.now)
    etag(exchange.response, found.row.version)
    return proposal_view(found, exchange.rules, exchange.language)
