"""Voting colleges over HTTP: read on any day, set as a whole, and each member's place in them."""

from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response

from app.foundation.deadlines import local_date
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag, require_match
from app.foundation.routing import Read, Write, permits, room
from app.organisations import actions, queries
from app.organisations.policy import Permission
from app.organisations.schemas import Colleges, CollegesSetting, CollegeView, Placement, PlacementView
from app.people.routes.held import Held
from app.people.signin import Caller, Now

router = room("colleges", prefix="/v1")


@router.get("/colleges", summary="Read the colleges")
@permits(Permission.READ_MEMBERS, Scope.READ)
async def read_colleges(
    response: Response,
    caller: Caller,
    session: Read,
    now: Now,
    on: Annotated[date | None, Query(description="The day; today when absent.", examples=["2026-01-01"])] = None,
) -> Colleges:
    """The colleges of a day with their exact weights; none means one member, one vote."""
    organisation = await queries.organisation(session, caller.organisation_id)
    day = on or local_date(now, organisation.time_zone)
    rows = await queries.colleges(session, caller.organisation_id, day)
    etag(response, organisation.colleges_set)
    return Colleges(on=day, colleges=[CollegeView(**row.model_dump()) for row in rows])


@router.put("/colleges", summary="Set the colleges")
@permits(Permission.SET_COLLEGES, Scope.STEWARD)
async def set_colleges(
    request: Request, response: Response, setting: CollegesSetting, caller: Caller, session: Write, now: Now
) -> Colleges:
    """Record all colleges as the general meeting has set them: at least three or none, together one."""
    organisation = await queries.organisation(session, caller.organisation_id)
    require_match(request, organisation.colleges_set)
    rows = await actions.set_colleges(session, setting.colleges, valid_from=setting.valid_from, actor=caller, now=now)
    etag(response, organisation.colleges_set)
    day = setting.valid_from or local_date(now, organisation.time_zone)
    return Colleges(on=day, colleges=[CollegeView(**row.model_dump()) for row in rows])


@router.post("/members/{member_id}/college", status_code=201, summary="Place a member in a college")
@permits(Permission.PLACE_IN_COLLEGE, Scope.STEWARD)
async def place_in_college(
    response: Response, member: Held, placement: Placement, caller: Caller, session: Write, now: Now
) -> PlacementView:
    """Place a member in a college from a day on; the former placement ends that day."""
    fact = await actions.place_in_college(
        session, member, placement.college, valid_from=placement.valid_from, actor=caller, now=now
    )
    response.headers["Location"] = f"/v1/members/{member.id}"
    return PlacementView(college=fact.college_id, valid_from=fact.valid_from, valid_to=fact.valid_to)
