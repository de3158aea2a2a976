"""The steps of a proposal's envelope over HTTP: a change of state is a resource that is posted."""

from uuid import UUID

from app.foundation.permissions import Scope
from app.foundation.routing import permits, room
from app.organisations.queries import held_member
from app.organisations.schemas import MemberView
from app.people.routes.views import member_view
from app.proposals import queries
from app.proposals.actions import admission, departures, drafts, endings, recusals
from app.proposals.policy import Permission
from app.proposals.routes.proposals import page_of
from app.proposals.routes.turns import Turn
from app.proposals.schemas import AdmissionRefusal, AppealRuling, Departure, Grounds, ProposalView, Statement

router = room("proposals", prefix="/v1")


@router.post("/proposals/{proposal_id}/forming", summary="Show a draft to the circle")
@permits(Permission.EDIT_DRAFT, Scope.PARTICIPATE)
async def start_forming(proposal_id: UUID, turn: Turn) -> ProposalView:
    """Show a draft to the circle while it is being formed."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await drafts.start_forming(turn.session, proposal, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/submission", summary="Submit a proposal")
@permits(Permission.SUBMIT, Scope.PARTICIPATE)
async def submit_proposal(proposal_id: UUID, turn: Turn) -> ProposalView:
    """Hand the text to the circle; it is admitted within a day if nobody does it before."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await drafts.submit(turn.session, proposal, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/admission", summary="Admit a proposal")
@permits(Permission.ADMIT, Scope.PARTICIPATE)
async def admit_proposal(proposal_id: UUID, turn: Turn) -> ProposalView:
    """Let the proposal in: its rule and its electorate are frozen, and the first phase opens."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await admission.admit(turn.session, proposal, actor=turn.caller, rules=turn.rules, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/refusal", summary="Refuse to admit a proposal")
@permits(Permission.REFUSE_ADMISSION, Scope.PARTICIPATE)
async def refuse_proposal(proposal_id: UUID, body: AdmissionRefusal, turn: Turn) -> ProposalView:
    """Refuse to let the proposal in, for a stated reason; the secretary can uphold an appeal within seven days."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await admission.refuse(turn.session, proposal, reason=body.reason, text=body.text, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/appeal", summary="Appeal against a refusal")
@permits(Permission.APPEAL, Scope.PARTICIPATE)
async def appeal_refusal(proposal_id: UUID, body: Grounds, turn: Turn) -> ProposalView:
    """The proposer appeals to the secretary against a refusal: once, within seven days."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await admission.appeal(turn.session, proposal, text=body.text, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/appeal-ruling", summary="Rule on an appeal")
@permits(Permission.RULE_ON_APPEAL, Scope.PARTICIPATE)
async def rule_on_appeal(proposal_id: UUID, body: AppealRuling, turn: Turn) -> ProposalView:
    """The secretary, or who stands in, upholds or dismisses the appeal; upheld, the proposal is submitted again."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await admission.rule_on_appeal(
        turn.session, proposal, upheld=body.upheld, text=body.text, actor=turn.caller, now=turn.now
    )
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/recusal", summary="Step out of a decision")
@permits(Permission.RECUSE, Scope.PARTICIPATE)
async def recuse_oneself(proposal_id: UUID, body: Grounds, turn: Turn) -> ProposalView:
    """Declare a stake of one's own before the decision opens: one takes no part in it."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await recusals.recuse(turn.session, proposal, text=body.text, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/withdrawal", summary="Withdraw a proposal")
@permits(Permission.WITHDRAW, Scope.PARTICIPATE)
async def withdraw_proposal(proposal_id: UUID, body: Statement, turn: Turn) -> ProposalView:
    """Take the proposal back before it is adopted. What was said in a round that had not closed stays sealed."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await endings.withdraw(turn.session, proposal, text=body.text, actor=turn.caller, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/proposals/{proposal_id}/resumption", summary="Resume a process")
@permits(Permission.RESUME_PROCESS, Scope.PARTICIPATE)
async def resume_process(proposal_id: UUID, turn: Turn) -> ProposalView:
    """Let a process that needed attention go on, once its rule is back."""
    proposal = await queries.held_proposal(turn.session, turn.caller, proposal_id)
    await endings.resume(turn.session, proposal, actor=turn.caller, rules=turn.rules, now=turn.now)
    return await page_of(turn, turn.session, proposal_id)


@router.post("/members/{member_id}/departure", tags=["members"], summary="Record that a member leaves")
@permits(Permission.RECORD_DEPARTURE, Scope.PARTICIPATE)
async def record_departure(member_id: UUID, body: Departure, turn: Turn) -> MemberView:
    """Record that a member has left, oneself or, for a steward, somebody else.

    Their mandates, memberships and credentials end, and their part in every open process; what they said stays.
    """
    member = await held_member(turn.session, turn.caller, member_id)
    await departures.depart(turn.session, member, reason=body.reason, actor=turn.caller, rules=turn.rules, now=turn.now)
    return member_view(member, turn.caller)
