"""What members weigh in votes that do not count heads alone: recorded as the statutes have it, and dated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.actions.days import first_day
from app.organisations.actions.members import end, require_present
from app.organisations.events import MemberWeighed
from app.organisations.policy import Permission, require
from app.organisations.queries import open_fact, present_day
from app.organisations.tables import Member, MemberWeight


@dataclass(frozen=True, slots=True)
class Weighing:
    """For which unit a member votes, exact figures by name, and from which day on: today without one."""

    unit: str
    measures: Mapping[str, str]
    valid_from: date | None = None


async def weigh(
    session: AsyncSession, member: Member, weighing: Weighing, *, actor: Actor, now: datetime
) -> MemberWeight:
    """Record for which unit a member votes and what they weigh, from a day on.

    It counts in votes that open later, and only where the rule weighs by a measure of that name. Raises RightMissing
    (403), MemberStepNotOpen (409) for somebody who has left, Invalid (422) for a day before the former entry began.
    """
    require(Permission.WEIGH_MEMBER, actor, member.id)
    require_present(member, "weigh")
    day = first_day(weighing.valid_from, await present_day(session, member.organisation_id, now), "valid_from")
    end(await open_fact(session, MemberWeight, member), day)
    weight = MemberWeight.model_validate(
        {
            "organisation_id": member.organisation_id,
            "member_id": member.id,
            "unit": weighing.unit,
            "measures": dict(sorted(weighing.measures.items())),
            "valid_from": day,
        }
    )
    session.add(weight)
    event = MemberWeighed(member=str(member.pseudonym), unit=weight.unit, measures=weight.measures, valid_from=day)
    record(session, actor, event, now)
    await session.flush()
    return weight
