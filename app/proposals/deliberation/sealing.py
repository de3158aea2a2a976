"""When a vote closes: a digest that no ballot can be added to, dropped from or changed under without being noticed; and
a secret vote in which too few could hide is not counted."""

from datetime import datetime
from hashlib import sha256
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.actor import system
from app.journal.leaves import canonical
from app.journal.record import heads_of, record
from app.proposals import events
from app.proposals.deliberation import cover, urns
from app.proposals.deliberation.cases import Running
from app.proposals.exported import digest_of
from app.proposals.tables import PhaseHeld
from app.rules.canonical import to_json
from app.rules.contract import Outcome, Profile


class _Place(TypedDict):
    proposal: UUID
    number: int


async def exposed(session: AsyncSession, running: Running) -> Outcome | None:
    """The outcome of the running phase when it is a secret vote that would tell too few apart, whatever its rule makes
    of it; None for any other phase."""
    row, told_apart = running.open_phase, running.process.reads
    if row is None or not told_apart or running.case.held[-1].phase.sight != "secret":
        return None
    return cover.exposed(running.case.electorate, told_apart, await urns.roll(session, row))


async def close_vote(session: AsyncSession, running: Running, now: datetime, *, is_counted: bool) -> dict[str, Any]:
    """Close the urn of the running phase and keep its count, which is empty where it is not counted; what the event of
    its end tells: how many ballots there were, and their digest; then the digest of their count, which everybody can
    repeat, or the profile of a secret vote where it is for everybody."""
    row, held = running.phases[-1], running.case.held[-1]
    if held.profile is None:
        return {}
    ballots = held.profile.heads
    profile = held.profile if is_counted else Profile()
    row.profile = to_json(profile)
    running.replace_now(profile=profile)
    if held.phase.sight != "secret":
        digest, counted = await _of_streams(session, row), sha256(canonical(row.profile)).hexdigest()
        return {"ballots": ballots, "ballots_digest": digest, "profile_digest": counted}
    of_slips = await _of_slips(session, row, now, is_counted=is_counted)
    is_told = is_counted and cover.may_be_told(held.phase, ballots)
    return {"ballots": ballots, "ballots_digest": of_slips, "profile": row.profile if is_told else None}


async def _of_streams(session: AsyncSession, row: PhaseHeld) -> str:
    """The digest over the heads of the ballots' streams."""
    return digest_of(await heads_of(session, row.organisation_id, f"ballot/{row.process_id}/{row.number}/"))


async def _of_slips(session: AsyncSession, row: PhaseHeld, now: datetime, *, is_counted: bool) -> str | None:
    """The digest over the slips of a secret vote, after its roll and its urn were closed in an event each; none where
    they are not counted, for then they are gone."""
    actor, place = system(row.organisation_id), _Place(proposal=row.process_id, number=row.number)
    roll = await urns.roll(session, row)
    record(session, actor, events.ParticipationSealed(**place, voters=len(roll), roll=roll), now)
    if not is_counted:
        await urns.discard(session, row)
        record(session, actor, events.UrnDiscarded(**place, slips=len(roll)), now)
        return None
    slips, digest = await urns.seal(session, row)
    record(session, actor, events.UrnSealed(**place, slips=slips, digest=digest), now)
    return digest
