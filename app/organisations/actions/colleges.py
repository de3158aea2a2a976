"""Voting colleges: set as a whole, so that their weights always make one, and dated, so that no past count moves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.foundation.deadlines import local_date
from app.foundation.errors import Fault, Invalid
from app.foundation.ids import uuid7
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.actions.days import first_day
from app.organisations.actions.members import end, require_present
from app.organisations.events import CollegesSet, PlacedInCollege
from app.organisations.policy import Permission, require
from app.organisations.queries import open_fact, organisation, present_day, standing_colleges
from app.organisations.tables import College, CollegeMember, CollegeSetting, Member

LEAST_COLLEGES: Final = 3
LEAST_SHARE: Final = Fraction(1, 10)
LARGEST_SHARE: Final = Fraction(1, 2)


async def set_colleges(
    session: AsyncSession,
    settings: Sequence[CollegeSetting],
    *,
    valid_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> Sequence[College]:
    """Set all colleges from a day on (today without one); an empty list returns to one member, one vote.

    At least three colleges or none, shares between a tenth and a half that make one (law 47-1775, art. 19 octies).
    A college that names another's ``id`` continues it: unchanged it stays, changed it takes over its members.
    Raises RightMissing (403), Invalid (422) with a fault for each thing wrong.
    """
    require(Permission.SET_COLLEGES, actor)
    tenant = await organisation(session, actor.organisation_id)
    day = first_day(valid_from, local_date(now, tenant.time_zone), "valid_from")
    former = {college.id: college for college in await standing_colleges(session, actor.organisation_id)}
    if faults := [*_faults(settings), *_misplaced(settings, former, day)]:
        raise Invalid(faults=faults)
    tenant.colleges_set += 1
    kept = {one.id for one in settings if one.id in former and _same(former[one.id], one)}
    for college in former.values():
        college.valid_to = college.valid_to if college.id in kept else day
    built = [former[one.id] if one.id in kept else _build(actor, one, day) for one in settings]
    session.add_all(built)
    await session.flush()
    heirs = {one.id: new.id for one, new in zip(settings, built, strict=True) if one.id is not None}
    await _move_members(session, actor, set(former) - kept, heirs, day)
    record(session, actor, _event(settings, built, day), now)
    return built


async def place_in_college(
    session: AsyncSession,
    member: Member,
    college_id: UUID,
    *,
    valid_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> CollegeMember:
    """Place a member in a college from a day on (today without one); the former placement ends that day.

    Raises RightMissing (403), MemberStepNotOpen (409) for somebody who has left, Invalid (422) for a college that
    is none on that day and for a day before the former placement began.
    """
    require(Permission.PLACE_IN_COLLEGE, actor, member.id)
    require_present(member, "place_in_college")
    day = first_day(valid_from, await present_day(session, member.organisation_id, now), "valid_from")
    college = await session.get(College, (member.organisation_id, college_id))
    if college is None or college.valid_to is not None or college.valid_from > day:
        raise Invalid(faults=[Fault("/body/college", "college_unknown", {"given": college_id})])
    end(await open_fact(session, CollegeMember, member), day)
    placed = CollegeMember.model_validate(
        {
            "organisation_id": member.organisation_id,
            "college_id": college.id,
            "member_id": member.id,
            "valid_from": day,
        }
    )
    session.add(placed)
    record(session, actor, PlacedInCollege(member=str(member.pseudonym), college=college.id, valid_from=day), now)
    await session.flush()
    return placed


def _faults(settings: Sequence[CollegeSetting]) -> Iterator[Fault]:
    """What is wrong with the setting in itself."""
    if not settings:
        return
    if len(settings) < LEAST_COLLEGES:
        yield Fault("/body/colleges", "too_few_colleges", {"least": LEAST_COLLEGES, "given": len(settings)})
    weights = [Fraction(one.weight) for one in settings]
    for n, weight in enumerate(weights):
        if not LEAST_SHARE <= weight <= LARGEST_SHARE:
            bounds = {"least": LEAST_SHARE, "largest": LARGEST_SHARE, "given": weight}
            yield Fault(f"/body/colleges/{n}/weight", "college_share", bounds)
    if sum(weights) != 1:
        yield Fault("/body/colleges", "college_sum", {"given": sum(weights)})
    names = Counter(one.name.casefold() for one in settings)
    for n, one in enumerate(settings):
        if names[one.name.casefold()] > 1:
            yield Fault(f"/body/colleges/{n}/name", "college_twice", {"given": one.name})


def _misplaced(settings: Sequence[CollegeSetting], former: dict[UUID, College], day: date) -> Iterator[Fault]:
    """What is wrong with the setting after the one before it."""
    earliest = max((college.valid_from for college in former.values()), default=day)
    if day < earliest:
        yield Fault("/body/valid_from", "dates_out_of_order", {"earliest": earliest})
    continued = Counter(one.id for one in settings if one.id is not None)
    for n, one in enumerate(settings):
        if one.id is not None and (one.id not in former or continued[one.id] > 1):
            yield Fault(f"/body/colleges/{n}/id", "college_not_continued", {"given": one.id})


def _same(college: College, setting: CollegeSetting) -> bool:
    return college.name == setting.name and Fraction(college.weight) == Fraction(setting.weight)


def _build(actor: Actor, setting: CollegeSetting, day: date) -> College:
    return College.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "name": setting.name,
            "weight": str(Fraction(setting.weight)),
            "valid_from": day,
        }
    )


async def _move_members(
    session: AsyncSession, actor: Actor, ended: set[UUID], heirs: dict[UUID, UUID], day: date
) -> None:
    """End the placements in colleges that end, and place their members in the colleges that continue these."""
    placements = (
        col(CollegeMember.organisation_id) == actor.organisation_id,
        col(CollegeMember.college_id).in_(ended),
        col(CollegeMember.valid_to).is_(None),
    )
    fact = CollegeMember
    query = select(col(fact.member_id), col(fact.college_id), col(fact.valid_from)).where(*placements)
    rows = (await session.execute(query)).all()
    if not rows:
        return
    last_day = case((col(CollegeMember.valid_from) > day, col(CollegeMember.valid_from)), else_=day)
    ending = update(CollegeMember).where(*placements).values(valid_to=last_day)
    await session.execute(ending.execution_options(synchronize_session=False))
    moved: list[dict[str, Any]] = [
        {
            "organisation_id": actor.organisation_id,
            "id": uuid7(),
            "college_id": heirs[row.college_id],
            "member_id": row.member_id,
            "valid_from": max(day, row.valid_from),
        }
        for row in rows
        if row.college_id in heirs
    ]
    if moved:
        await session.execute(insert(CollegeMember), moved)


def _event(settings: Sequence[CollegeSetting], built: Sequence[College], day: date) -> CollegesSet:
    colleges = [
        {"id": new.id, "weight": new.weight, "continues": one.id} for one, new in zip(settings, built, strict=True)
    ]
    return CollegesSet(valid_from=day, colleges=colleges, names=tuple(new.name for new in built))
