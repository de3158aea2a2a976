"""The HTTP face of the register of agreements; it is read here, and written by decisions alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.agreements import queries
from app.agreements.lifecycle import APPLIES, REVIEW_LEAD, AgreementState
from app.agreements.policy import Permission
from app.agreements.queries import Wanted
from app.agreements.schemas import AgreementSummary, AgreementView, ConcernView, SourceView
from app.agreements.tables import Agreement
from app.foundation.paging import Cursor, Cut, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag
from app.foundation.routing import Read, permits, room
from app.organisations.queries import MemberName, member_by_pseudonyms, present_day
from app.organisations.schemas import MemberRef
from app.people.signin import Caller, Now

router = room("agreements", prefix="/v1")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the register, and which page of it."""

    wanted: Wanted
    cut: Cut


def _asked(
    cut: Cursor,
    circle_id: Annotated[UUID | None, Query(description="Only agreements of this circle.")] = None,
    domain_id: Annotated[UUID | None, Query(description="Only agreements about this domain.")] = None,
    state: Annotated[AgreementState | None, Query(description="Only agreements in this state.")] = None,
) -> Asked:
    return Asked(Wanted(circle_id, domain_id, state), cut)


@router.get("/agreements", summary="Read the register of agreements")
@permits(Permission.READ_AGREEMENTS, Scope.READ)
async def list_agreements(
    caller: Caller,
    session: Read,
    now: Now,
    request: Request,
    response: Response,
    asked: Annotated[Asked, Depends(_asked)],
) -> Page[AgreementSummary]:
    """Every agreement that a decision has made, in the order of enactment, those no longer in force included."""
    cut = asked.cut
    rows = await queries.register(session, caller, asked.wanted, after=cut.uuid, limit=cut.limit)
    today = await present_day(session, caller.organisation_id, now)
    return page(
        request,
        response,
        rows,
        cut,
        key=lambda row: row.id,
        view=lambda row: AgreementSummary.model_validate(_summary(row, today)),
    )


@router.get("/agreements/{agreement_id}", summary="Read an agreement")
@permits(Permission.READ_AGREEMENTS, Scope.READ)
async def get_agreement(
    agreement_id: UUID, caller: Caller, session: Read, now: Now, response: Response
) -> AgreementView:
    """One agreement with its text, the decision that made it, and the concerns that its review has to look at."""
    agreement = await queries.visible_agreement(session, caller, agreement_id)
    voiced_by = [concern["by"] for concern in agreement.concerns]
    people = await member_by_pseudonyms(session, caller.organisation_id, voiced_by)
    today = await present_day(session, caller.organisation_id, now)
    etag(response, agreement.version)
    return AgreementView.model_validate(
        {
            **_summary(agreement, today),
            "text": agreement.text,
            "concerns": [_concern(concern, people) for concern in agreement.concerns],
            "proposal": SourceView(id=agreement.proposal_id, href=f"/v1/proposals/{agreement.proposal_id}"),
            "available_steps": [],
        }
    )


def _summary(agreement: Agreement, today: date) -> dict[str, Any]:
    return {
        **agreement.model_dump(include=set(AgreementSummary.model_fields)),
        "review_due": agreement.state in APPLIES and today >= agreement.review_on - REVIEW_LEAD,
    }


def _concern(concern: Mapping[str, Any], people: Mapping[str, MemberName]) -> ConcernView:
    known = people.get(concern["by"])
    return ConcernView(word=concern["word"], member=MemberRef(id=known.id, name=known.name) if known else None)
