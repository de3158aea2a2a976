"""What can be read of votes: what stands on the ballot beside the text, who stepped out, the urn of a secret one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.foundation.database import Executor
from app.foundation.paging import Cut
from app.journal.actor import PERSON
from app.organisations.tables import College, Member
from app.proposals.refusals import TooFewToList, TrackerUnknown
from app.proposals.slate import OPTION
from app.proposals.tables import CountedSlip, Proposal, Recusal, WordSaid

_COLLEGE: Table = College.__table__  # type: ignore[attr-defined]
_WORD: Table = WordSaid.__table__  # type: ignore[attr-defined]


async def options_added(session: Executor, organisation_id: UUID, process_id: UUID) -> list[dict[str, Any]]:
    """The options that members put on the ballot while they were collected, as those of a text are kept."""
    rows = await session.execute(_ADDED, {"organisation": organisation_id, "process": process_id})
    return [{"id": ref, "title": prose["title"], "body": prose.get("text")} for ref, prose in rows if "title" in prose]


_ADDED = (
    select(_WORD.c.ref, _WORD.c.prose)
    .where(
        _WORD.c.organisation_id == bindparam("organisation"),
        _WORD.c.process_id == bindparam("process"),
        _WORD.c.form == OPTION,
    )
    .order_by(_WORD.c.ref)
)


async def people_called(
    session: Executor, organisation_id: UUID, outcome: Mapping[str, Any] | None, *also: str | None
) -> dict[str, str]:
    """What those are called whom an outcome elects, and those named besides; whoever was erased is missing."""
    told = [*(outcome or {}).get("winners", ()), *also]
    people = [one for one in told if one is not None and one.startswith(PERSON)]
    if not people:
        return {}
    rows = await session.execute(_CALLED, {"organisation": organisation_id, "people": people})
    return {pseudonym: name for pseudonym, name in rows if name is not None}


_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]
_CALLED = select(_MEMBER.c.pseudonym, _MEMBER.c.name).where(
    _MEMBER.c.organisation_id == bindparam("organisation"), _MEMBER.c.pseudonym.in_(bindparam("people", expanding=True))
)


async def recused(session: AsyncSession, organisation_id: UUID, proposal_id: UUID) -> Sequence[str]:
    """The pseudonyms of those who have stepped out of a decision."""
    query = select(col(Recusal.voter)).where(
        col(Recusal.organisation_id) == organisation_id, col(Recusal.proposal_id) == proposal_id
    )
    return (await session.execute(query)).scalars().all()


async def slips(
    session: AsyncSession, proposal: Proposal, held_round: int, cut: Cut, *, least: int
) -> Sequence[CountedSlip]:
    """The ballots of a secret vote that has closed, by tracker, one more than asked for. Raises TooFewToList (409) when
    there are some, but not ``least``."""
    mine = _of_round(proposal, held_round)
    some = select(col(CountedSlip.tracker)).where(*mine).limit(least).subquery()
    number = (await session.execute(select(func.count()).select_from(some))).scalar_one()
    if 0 < number < least:
        raise TooFewToList(ballots=number, needed=least)
    if cut.uuid is not None:
        mine.append(col(CountedSlip.tracker) > cut.uuid)
    query = select(CountedSlip).where(*mine).order_by(col(CountedSlip.tracker)).limit(cut.limit + 1)
    return (await session.execute(query)).scalars().all()


async def slip(session: AsyncSession, proposal: Proposal, held_round: int, tracker: UUID) -> CountedSlip:
    """The ballot of a secret vote that has closed which has that tracker. Raises TrackerUnknown (422)."""
    query = select(CountedSlip).where(*_of_round(proposal, held_round), col(CountedSlip.tracker) == tracker)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise TrackerUnknown
    return found


def _of_round(proposal: Proposal, held_round: int) -> list[Any]:
    return [
        col(CountedSlip.organisation_id) == proposal.organisation_id,
        col(CountedSlip.process_id) == proposal.id,
        col(CountedSlip.round) == held_round,
    ]


async def college_names(session: Executor, organisation_id: UUID) -> dict[str, str]:
    """What the colleges are and were called, by the id under which votes are counted."""
    rows = await session.execute(_COLLEGES, {"organisation": organisation_id})
    return {str(college): name for college, name in rows}


_COLLEGES = select(_COLLEGE.c.id, _COLLEGE.c.name).where(_COLLEGE.c.organisation_id == bindparam("organisation"))
