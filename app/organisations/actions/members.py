"""The register of members: stewards write down what the competent organ decided, and nothing is overwritten."""

from datetime import date, datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation import jobs
from app.foundation.errors import Conflict, Fault, Forbidden, Invalid
from app.journal.actor import Actor, new_pseudonym
from app.journal.record import record
from app.organisations.actions.days import first_day
from app.organisations.events import (
    CategoryRecorded,
    EmailCalledOff,
    MemberAdmitted,
    MemberDescribed,
    MemberLeft,
    MemberReinstated,
    MemberSuspended,
)
from app.organisations.lifecycle import MEMBER_STEPS, MemberStatus, MemberStep
from app.organisations.policy import Permission, require
from app.organisations.queries import Fact, open_fact, other_stewards, present_day
from app.organisations.tables import Admission, Category, CollegeMember, Member, MemberCategory, MemberText

SUSPENDED: Final = "member.suspended"
"""The job with which the rooms above end a suspended member's part in what is being decided."""


class EmailTaken(Conflict):
    """Somebody else of the organisation signs in with that address."""

    code = "email_taken"


class EmailNeedsSession(Forbidden):
    """Whoever holds the address can sign in as the member: a token, which carries less, must not reach more."""

    code = "email_needs_session"


class AddressOfAnother(Forbidden):
    """Whoever could change another's address at once could sign in as them: a steward announces it instead."""

    code = "address_of_another"


class MemberStepNotOpen(Conflict):
    """The member's status forbids that step: ``status`` names it, ``step`` what was asked."""

    code = "member_step_not_open"


class LastSteward(Conflict):
    """Without any active steward nobody could keep the register, nor reinstate anybody."""

    code = "last_steward"


async def admit_member(session: AsyncSession, text: Admission, *, actor: Actor, now: datetime) -> Member:
    """Enter a member whom the competent organ has admitted. Raises RightMissing (403), EmailTaken (409),
    Invalid (422) for a day more than a year ahead."""
    require(Permission.ADMIT_MEMBER, actor)
    today = await present_day(session, actor.organisation_id, now)
    member = Member.model_validate(
        {
            **text.model_dump(),
            "organisation_id": actor.organisation_id,
            "pseudonym": new_pseudonym(),
            "joined_on": first_day(text.joined_on, today, "joined_on"),
        }
    )
    session.add(member)
    await _unique_email(session)
    record(session, actor, admitted(member), now)
    return member


async def describe_member(
    session: AsyncSession, member: Member, text: MemberText, *, actor: Actor, now: datetime
) -> Member:
    """Replace what the entry says: name, representative, e-mail, language. Unchanged text changes nothing.

    The address is the member's own to replace; doing so calls off one that a steward has announced. Raises
    RightMissing, EmailNeedsSession, AddressOfAnother (403), MemberStepNotOpen (409) for somebody who has left,
    EmailTaken (409).
    """
    require(Permission.DESCRIBE_MEMBER, actor, member.id)
    require_present(member, "describe")
    wanted = {name: getattr(text, name) for name in MemberText.model_fields}
    changed = sorted(name for name, value in wanted.items() if getattr(member, name) != value)
    if not changed:
        return member
    if "email" in changed:
        _require_own_address(member, actor)
        drop_announced_email(session, member, actor=actor, now=now)
    for name in changed:
        setattr(member, name, wanted[name])
    described = MemberDescribed(
        member=str(member.pseudonym),
        changed=changed,
        name=member.name if "name" in changed else None,
        representative=member.representative if "representative" in changed else None,
    )
    record(session, actor, described, now)
    await _unique_email(session)
    return member


async def suspend(session: AsyncSession, member: Member, *, reason: str | None, actor: Actor, now: datetime) -> Member:
    """Suspend a member, who takes no part until reinstated; their part in what is being decided ends at once, by the
    job that this calls for, and does not come back: an electorate only shrinks.

    Raises RightMissing (403), MemberStepNotOpen, LastSteward (409).
    """
    require(Permission.SUSPEND_MEMBER, actor, member.id)
    _step(member, MemberStep.SUSPEND)
    if member.steward and not await other_stewards(session, member):
        raise LastSteward
    record(session, actor, MemberSuspended(member=str(member.pseudonym), reason=reason), now)
    await session.flush()
    key = f"{member.id}/{member.version}"
    await jobs.enqueue(session, member.organisation_id, SUSPENDED, key=key, run_at=now, member=str(member.id))
    return member


async def reinstate(
    session: AsyncSession, member: Member, *, reason: str | None, actor: Actor, now: datetime
) -> Member:
    """End a suspension. Raises RightMissing (403), MemberStepNotOpen (409)."""
    require(Permission.REINSTATE_MEMBER, actor, member.id)
    _step(member, MemberStep.REINSTATE)
    record(session, actor, MemberReinstated(member=str(member.pseudonym), reason=reason), now)
    await session.flush()
    return member


async def leave(session: AsyncSession, member: Member, *, reason: str | None, actor: Actor, now: datetime) -> Member:
    """The member's own part of a departure: status, day, end of college and category, no stewardship.

    Nobody is kept: even the last steward may leave. Raises RightMissing (403), MemberStepNotOpen (409).
    """
    require(Permission.END_MEMBERSHIP, actor, member.id)
    _step(member, MemberStep.LEAVE)
    today = await present_day(session, member.organisation_id, now)
    member.left_on = max(today, member.joined_on)
    member.steward = False
    drop_announced_email(session, member, actor=actor, now=now)
    for fact in (await open_fact(session, CollegeMember, member), await open_fact(session, MemberCategory, member)):
        if fact is not None:
            fact.valid_to = max(today, fact.valid_from)
    record(session, actor, MemberLeft(member=str(member.pseudonym), left_on=member.left_on, reason=reason), now)
    await session.flush()
    return member


async def set_category(
    session: AsyncSession,
    member: Member,
    category: Category,
    *,
    valid_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> MemberCategory:
    """Record the member's legal category from a day on (today without one); the former one ends that day.

    Raises RightMissing (403), MemberStepNotOpen (409) for somebody who has left, Invalid (422) for a day before the
    former category began, or more than a year ahead.
    """
    require(Permission.RECORD_CATEGORY, actor, member.id)
    require_present(member, "set_category")
    day = first_day(valid_from, await present_day(session, member.organisation_id, now), "valid_from")
    end(await open_fact(session, MemberCategory, member), day)
    fact = MemberCategory.model_validate(
        {"organisation_id": member.organisation_id, "member_id": member.id, "category": category, "valid_from": day}
    )
    session.add(fact)
    recorded = CategoryRecorded(member=str(member.pseudonym), category=category.value, valid_from=day)
    record(session, actor, recorded, now)
    await session.flush()
    return fact


def drop_announced_email(session: AsyncSession, member: Member, *, actor: Actor, now: datetime) -> None:
    """Forget the address that was announced for the member, if any, and record that it takes no effect."""
    if member.next_email_at is not None:
        member.next_email = member.next_email_at = None
        record(session, actor, EmailCalledOff(member=str(member.pseudonym)), now)


def admitted(member: Member) -> MemberAdmitted:
    """The event of an admission."""
    return MemberAdmitted(
        member=str(member.pseudonym),
        kind=member.kind.value,
        steward=member.steward,
        joined_on=member.joined_on,
        name=member.name,
        representative=member.representative,
    )


def require_present(member: Member, step: str) -> None:
    """Raises MemberStepNotOpen (409) for somebody who has left."""
    if member.status is MemberStatus.LEFT:
        raise MemberStepNotOpen(step=step, status=member.status.value)


def end(fact: Fact | None, day: date) -> None:
    """End a dated fact on ``day``. Raises Invalid (422) when it began later: dated facts never overlap."""
    if fact is None:
        return
    if day < fact.valid_from:
        raise Invalid(faults=[Fault("/body/valid_from", "dates_out_of_order", {"earliest": fact.valid_from})])
    fact.valid_to = day


def _step(member: Member, step: MemberStep) -> None:
    origins, target = MEMBER_STEPS[step]
    if member.status not in origins:
        raise MemberStepNotOpen(step=step.value, status=member.status.value)
    member.status = target


async def _unique_email(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise EmailTaken from error


def _require_own_address(member: Member, actor: Actor) -> None:
    if not actor.in_session:
        raise EmailNeedsSession
    if member.id != actor.member_id:
        raise AddressOfAnother
