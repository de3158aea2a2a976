"""The organisation and its register of members over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.preconditions import etag
from app.foundation.routing import Read, Write, permits, room
from app.organisations import actions, queries
from app.organisations.lifecycle import MemberStatus
from app.organisations.policy import Permission
from app.organisations.schemas import (
    CategoryEntry,
    CategoryView,
    EmailAnnouncement,
    MemberDetail,
    MemberView,
    OrganisationView,
    PlacementView,
    Reason,
)
from app.organisations.tables import Admission, MemberText
from app.people import notices
from app.people.routes.held import Held, HeldAsRead
from app.people.routes.posting import Posting
from app.people.routes.views import member_view, organisation_view
from app.people.signin import Caller, Now

router = room("members", prefix="/v1")


@router.get("/organisation", summary="Read the organisation")
@permits(Permission.READ_ORGANISATION, Scope.READ)
async def read_organisation(caller: Caller, session: Read) -> OrganisationView:
    """The organisation that your session or token belongs to."""
    return organisation_view(await queries.organisation(session, caller.organisation_id))


@router.post("/organisation/founding-end", summary="End the founding")
@permits(Permission.END_FOUNDING, Scope.STEWARD)
async def end_founding(caller: Caller, session: Write, now: Now) -> OrganisationView:
    """Hand the structure over: from now on it changes by decisions only, and there is no way back."""
    return organisation_view(await actions.end_founding(session, actor=caller, now=now))


@router.get("/members", summary="List members")
@permits(Permission.READ_MEMBERS, Scope.READ)
async def list_members(
    request: Request,
    response: Response,
    caller: Caller,
    session: Read,
    cut: Cursor,
    status: Annotated[MemberStatus | None, Query(description="Only members of that status.")] = None,
) -> Page[MemberView]:
    """The register of members, in the order of entry."""
    rows = await queries.members(session, caller, after=cut.uuid, limit=cut.limit, status=status)
    return page(request, response, rows, cut, key=lambda row: row.id, view=lambda row: member_view(row, caller))


@router.post("/members", status_code=201, summary="Admit a member")
@permits(Permission.ADMIT_MEMBER, Scope.STEWARD)
async def admit_member(
    response: Response, admission: Admission, caller: Caller, session: Write, now: Now
) -> MemberView:
    """Enter a member whom the organ named by the statutes has admitted."""
    member = await actions.admit_member(session, admission, actor=caller, now=now)
    response.headers["Location"] = f"/v1/members/{member.id}"
    etag(response, member.version)
    return member_view(member, caller)


@router.get("/members/{member_id}", summary="Read a member")
@permits(Permission.READ_MEMBERS, Scope.READ)
async def read_member(response: Response, member_id: UUID, caller: Caller, session: Read) -> MemberDetail:
    """One entry of the register, with every category and college that the member has had."""
    member = await queries.member(session, caller, member_id)
    categories = await queries.categories(session, caller, member_id)
    placements = await queries.placements(session, caller, member_id)
    etag(response, member.version)
    return MemberDetail(
        **member_view(member, caller).model_dump(),
        categories=[CategoryView(**one.model_dump()) for one in categories],
        colleges=[PlacementView(college=one.college_id, **one.model_dump()) for one in placements],
    )


@router.put("/members/{member_id}", summary="Replace a member's entry")
@permits(Permission.DESCRIBE_MEMBER, Scope.PARTICIPATE)
async def describe_member(
    response: Response, member: HeldAsRead, text: MemberText, caller: Caller, post: Posting, now: Now
) -> MemberView:
    """Replace name, representative, e-mail and language of your own entry; stewards, all but the e-mail of any."""
    former = member.email
    await actions.describe_member(post.session, member, text, actor=caller, now=now)
    post.send(await notices.email_replaced(post.session, member, former))
    etag(response, member.version)
    return member_view(member, caller)


@router.post("/members/{member_id}/email-announcement", summary="Announce another address of a member")
@permits(Permission.ANNOUNCE_EMAIL, Scope.STEWARD)
async def announce_email(
    member: Held, wanted: EmailAnnouncement, caller: Caller, post: Posting, now: Now
) -> MemberView:
    """Announce another address for somebody who has lost their mailbox. It takes effect at the end of the seventh day.

    Until then the present address stays the way in, is told so, and the member can call it off.
    """
    await actions.announce_email(post.session, member, wanted.email, actor=caller, now=now)
    post.send(await notices.email_announced(post.session, member))
    return member_view(member, caller)


@router.post("/members/{member_id}/email-announcement/withdrawal", summary="Call off an announced address")
@permits(Permission.CALL_OFF_EMAIL, Scope.PARTICIPATE)
async def call_off_email(member: Held, caller: Caller, session: Write, now: Now) -> MemberView:
    """Have an announced address take no effect: your own, or as a steward that of any member."""
    return member_view(await actions.call_off_email(session, member, actor=caller, now=now), caller)


@router.post("/members/{member_id}/suspension", summary="Suspend a member")
@permits(Permission.SUSPEND_MEMBER, Scope.STEWARD)
async def suspend_member(member: Held, why: Reason, caller: Caller, session: Write, now: Now) -> MemberView:
    """Record that the competent organ has suspended a member, who takes no part until reinstated."""
    await actions.suspend(session, member, reason=why.reason, actor=caller, now=now)
    return member_view(member, caller)


@router.post("/members/{member_id}/reinstatement", summary="Reinstate a member")
@permits(Permission.REINSTATE_MEMBER, Scope.STEWARD)
async def reinstate_member(member: Held, why: Reason, caller: Caller, session: Write, now: Now) -> MemberView:
    """Record that a suspension has ended."""
    await actions.reinstate(session, member, reason=why.reason, actor=caller, now=now)
    return member_view(member, caller)


@router.post("/members/{member_id}/categories", status_code=201, summary="Record a member's category")
@permits(Permission.RECORD_CATEGORY, Scope.STEWARD)
async def record_category(
    response: Response, member: Held, entry: CategoryEntry, caller: Caller, session: Write, now: Now
) -> CategoryView:
    """Record a member's legal category from a day on; the former one ends that day."""
    fact = await actions.set_category(
        session, member, entry.category, valid_from=entry.valid_from, actor=caller, now=now
    )
    response.headers["Location"] = f"/v1/members/{member.id}"
    return CategoryView(**fact.model_dump())
