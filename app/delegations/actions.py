"""How a proxy is given, taken back, and ends when the time or the people are gone; and how many one member may hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.circles import queries as circle_queries
from app.circles.deciding import Voice, voices
from app.delegations import queries
from app.delegations.events import CapSet, ProxyEnded, ProxyGiven
from app.delegations.lifecycle import EndReason
from app.delegations.policy import (
    LONGEST_IN_SA,
    Permission,
    Standing,
    is_between_two,
    most_together,
    needs_end,
    overlap,
    require,
)
from app.delegations.tables import CapInForce, Proxy
from app.foundation import jobs
from app.foundation.errors import Conflict, Fault, Invalid
from app.journal.actor import Actor
from app.journal.record import hold, record
from app.organisations.queries import organisation

EXPIRY: Final = "proxy.expiry"
"""The job that ends a proxy when its time is over."""
_HOLDER: Final = "/body/holder_id"
_UNTIL: Final = "/body/until"


class BlankProxy(Invalid):
    """A proxy names who holds it: nobody fills in somebody else's voice."""

    code = "blank_proxy"


class ProxyToOneself(Invalid):
    """A proxy is given to somebody else."""

    code = "proxy_to_oneself"


class HolderWithoutVoice(Invalid):
    """Who votes for a member of a circle is a full member of the same circle."""

    code = "holder_without_voice"


class ProxyWithoutEnd(Invalid):
    """Where the law has a proxy given for one meeting, it names the vote that it is for, or a moment when it ends."""

    code = "proxy_without_end"


class ProxyTooLong(Invalid):
    """Where a proxy is for one meeting, one that names no vote lasts as long as the law joins two meetings, at most."""

    code = "proxy_too_long"


class ProxyBetweenTwo(Conflict):
    """Of two members neither votes for the other where the law forbids it: one would decide alone."""

    code = "proxy_between_two"


class ProxyCycle(Conflict):
    """Whoever votes for somebody is there: proxies never lead back, in one vote, to who gave the first."""

    code = "proxy_cycle"


class ProxyOverlaps(Conflict):
    """One voice is in one pair of hands: two proxies of one giver never meet in a vote."""

    code = "proxy_overlaps"


class ProxyCap(Conflict):
    """Nobody gathers more proxies than the law and the statutes allow: ``held`` of ``cap`` in one vote."""

    code = "proxy_cap"


class ProxyOver(Conflict):
    """The proxy has ended; history is not ended twice."""

    code = "proxy_over"


@dataclass(frozen=True, slots=True)
class NewProxy:
    """What giving a proxy takes: who is to hold it, in which circle, for which vote alone, and until when."""

    holder_id: UUID | None
    circle_id: UUID
    proposal_id: UUID | None = None
    until: datetime | None = None


async def give(session: AsyncSession, new: NewProxy, *, actor: Actor, now: datetime) -> Proxy:
    """The actor lets another full member of the circle vote for them. What they hold from others cannot be passed on.

    Whether ``proposal_id`` names a vote of that circle has been asked elsewhere. Raises RightMissing (403) without a
    full voice in the circle, UnknownCircle, BlankProxy, ProxyToOneself, HolderWithoutVoice (422), Invalid (422) for an
    end that has passed, ProxyWithoutEnd, ProxyTooLong (422), ProxyBetweenTwo, ProxyOverlaps, ProxyCycle,
    ProxyCap (409).
    """
    circle = await circle_queries.circle_named(session, actor.organisation_id, new.circle_id)
    present = await voices(session, actor.organisation_id, circle.id, now, held=True)
    require(Permission.GIVE_PROXY, Standing(actor, has_voice=_voice(present, actor.member_id) is not None))
    holder = _holder(present, new.holder_id, actor)
    if new.until is not None and new.until <= now:
        raise Invalid(faults=[Fault(_UNTIL, "until_not_future", {})])
    form = (await organisation(session, actor.organisation_id)).legal_form
    if needs_end(form) and new.proposal_id is None:
        _require_near_end(new.until, now)
    if is_between_two(form, len(present)):
        raise ProxyBetweenTwo
    proxy = Proxy.model_validate(
        {
            "organisation_id": actor.organisation_id,
            "giver_id": actor.member_id,
            "holder_id": holder.member_id,
            "circle_id": circle.id,
            "proposal_id": new.proposal_id,
            "given_at": now,
            "until": new.until,
        }
    )
    await _refuse_too_many(session, proxy, len(present), now)
    session.add(proxy)
    await session.flush()
    event = ProxyGiven(proxy.id, circle.id, proxy.proposal_id, actor.pseudonym, holder.pseudonym, proxy.until)
    record(session, actor, event, now)
    if proxy.until is not None:
        key = str(proxy.id)
        await jobs.enqueue(session, proxy.organisation_id, EXPIRY, key=key, run_at=proxy.until, proxy=key)
    return proxy


async def set_cap(session: AsyncSession, most: int | None, *, actor: Actor, now: datetime) -> None:
    """Record how many proxies one member may hold in one vote by the statutes; ``None``: they name no number.

    It counts for proxies that are given from now on, and in votes that open from now on; the law's own limits stay.
    Raises RightMissing (403).
    """
    require(Permission.SET_PROXY_CAP, Standing(actor))
    row = {"organisation_id": actor.organisation_id, "most": most, "since": now}
    session.add(CapInForce.model_validate(row))
    record(session, actor, CapSet(most), now)
    await session.flush()


async def revoke(session: AsyncSession, proxy: Proxy, *, actor: Actor, now: datetime) -> Proxy:
    """The giver takes the proxy back, or the holder gives it up; ballots cast by it stay until the giver votes.

    Raises RightMissing (403), ProxyOver (409).
    """
    require(Permission.END_PROXY, Standing(actor, giver_id=proxy.giver_id, holder_id=proxy.holder_id))
    if proxy.ended_at is not None:
        raise ProxyOver
    await _end(session, [(proxy, EndReason.REVOKED)], actor=actor, now=now)
    return proxy


async def expire(session: AsyncSession, proxy: Proxy, *, actor: Actor, now: datetime) -> bool:
    """End a proxy whose time is over; whether it did, for it may have ended before."""
    if proxy.ended_at is not None or proxy.until is None or proxy.until > now:
        return False
    await _end(session, [(proxy, EndReason.EXPIRED)], actor=actor, now=now)
    return True


async def end_proxies(
    session: AsyncSession, organisation_id: UUID, member_id: UUID, *, actor: Actor, now: datetime
) -> int:
    """End every proxy that a member who leaves or is suspended has given or holds; returns how many."""
    running = await queries.of_member(session, organisation_id, member_id)
    left = {True: EndReason.GIVER_LEFT, False: EndReason.HOLDER_LEFT}
    await _end(session, [(one, left[one.giver_id == member_id]) for one in running], actor=actor, now=now)
    return len(running)


async def end_with_vote(
    session: AsyncSession, organisation_id: UUID, proposal_id: UUID, *, actor: Actor, now: datetime
) -> int:
    """End every proxy that was given for a vote that is over; returns how many."""
    running = await queries.of_vote(session, organisation_id, proposal_id)
    await _end(session, [(one, EndReason.EXPIRED) for one in running], actor=actor, now=now)
    return len(running)


def _voice(present: Sequence[Voice], member_id: UUID | None) -> Voice | None:
    return next((voice for voice in present if voice.member_id == member_id), None)


def _holder(present: Sequence[Voice], holder_id: UUID | None, actor: Actor) -> Voice:
    if holder_id is None:
        raise BlankProxy(faults=[Fault(_HOLDER, "blank_proxy", {})])
    if holder_id == actor.member_id:
        raise ProxyToOneself(faults=[Fault(_HOLDER, "proxy_to_oneself", {})])
    found = _voice(present, holder_id)
    if found is None:
        raise HolderWithoutVoice(faults=[Fault(_HOLDER, "holder_without_voice", {})])
    return found


def _require_near_end(until: datetime | None, now: datetime) -> None:
    """Raises ProxyWithoutEnd, ProxyTooLong."""
    if until is None:
        raise ProxyWithoutEnd(faults=[Fault(_UNTIL, "proxy_without_end", {})])
    if until > now + LONGEST_IN_SA:
        days = LONGEST_IN_SA.days
        raise ProxyTooLong(faults=[Fault(_UNTIL, "proxy_too_long", {"days": days})], days=days)


async def _refuse_too_many(session: AsyncSession, new: Proxy, members: int, now: datetime) -> None:
    """Of two that are given in the same circle at once, the second sees the first.

    Raises ProxyOverlaps, ProxyCycle, ProxyCap.
    """
    await hold(session, new.organisation_id, [f"circle/{new.circle_id}"])
    running = await queries.beside(session, new, now)
    if any(one.giver_id == new.giver_id and overlap(one.proposal_id, new.proposal_id) for one in running):
        raise ProxyOverlaps
    if await queries.comes_back(session, new, now):
        raise ProxyCycle
    held = most_together((one.proposal_id for one in running if one.holder_id == new.holder_id), new.proposal_id)
    most = await queries.most_held(session, new.organisation_id, members)
    if held >= most:
        raise ProxyCap(cap=most, held=held)


async def _end(
    session: AsyncSession, ending: Iterable[tuple[Proxy, EndReason]], *, actor: Actor, now: datetime
) -> None:
    for proxy, reason in ending:
        proxy.ended_at, proxy.end_reason = now, reason
        record(session, actor, ProxyEnded(proxy.id, reason.value), now)
    await session.flush()
