"""What can be read of proxies: one's own, and those that a vote asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table, Uuid, and_, bindparam, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles.tables import Basis, CircleMembership
from app.delegations.policy import Permission, Standing, cap, may
from app.delegations.tables import CapInForce, Proxy
from app.foundation.asking import Asking, follow
from app.foundation.errors import NotFound
from app.journal.actor import Actor
from app.organisations.lifecycle import MemberStatus
from app.organisations.queries import organisation
from app.organisations.tables import Member, Organisation

Pair = tuple[UUID, UUID]
"""A giver and a holder."""
_PROXY: Table = Proxy.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]
_PLACE: Table = CircleMembership.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Named:
    """A proxy with the names of the two."""

    proxy: Proxy
    giver: str
    holder: str


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A running proxy as a vote looks at it; ``giver`` is the giver's pseudonym."""

    id: UUID
    holder_id: UUID
    giver_id: UUID
    giver: str
    circle_id: UUID
    proposal_id: UUID | None

    def covers(self, circle_id: UUID, proposal_id: UUID) -> bool:
        """Whether its holder may vote by it on a proposal that the circle decides."""
        return self.circle_id == circle_id and self.proposal_id in (None, proposal_id)


@dataclass(frozen=True, slots=True)
class InHand:
    """A proxy as it counts for how many its holder has; it may have ended."""

    giver_id: UUID
    circle_id: UUID
    proposal_id: UUID | None
    ended_at: datetime | None
    until: datetime | None

    def ran(self, circle_id: UUID, proposal_id: UUID, since: datetime) -> bool:
        """Whether its holder could vote by it, at ``since`` or later, on a proposal that the circle decides."""
        if self.circle_id != circle_id or self.proposal_id not in (None, proposal_id):
            return False
        return all(end is None or end >= since for end in (self.ended_at, self.until))


async def proxy(session: AsyncSession, actor: Actor, proxy_id: UUID, *, held: bool = False) -> Proxy:
    """One proxy that the actor gave or holds, running or ended; nobody else knows of it here. Raises NotFound.

    ``held`` keeps others from ending it meanwhile.
    """
    found = await _one(session, actor.organisation_id, proxy_id, held=held)
    if found is None or not may(Permission.READ_PROXIES, Standing(actor, False, found.giver_id, found.holder_id)):
        raise NotFound
    return found


async def held_proxy(session: AsyncSession, organisation_id: UUID, proxy_id: UUID) -> Proxy:
    """One proxy, whosever it is, for what time does to it. Raises NotFound."""
    found = await _one(session, organisation_id, proxy_id, held=True)
    if found is None:
        raise NotFound
    return found


async def named(session: AsyncSession, proxy: Proxy) -> Named:
    """The proxy with the names of the two."""
    [found] = await _with_names(session, _names().where(_mine(proxy.organisation_id), col(Proxy.id) == proxy.id))
    return found


async def own(session: AsyncSession, actor: Actor, *, after: UUID | None = None, limit: int = 50) -> list[Named]:
    """The proxies that the actor gave or holds, ended ones included, in the order of giving; one more than ``limit`` if
    there are more."""
    theirs = or_(col(Proxy.giver_id) == actor.member_id, col(Proxy.holder_id) == actor.member_id)
    query = _names().where(_mine(actor.organisation_id), theirs).order_by(col(Proxy.id)).limit(limit + 1)
    return await _with_names(session, query if after is None else query.where(col(Proxy.id) > after))


async def beside(session: AsyncSession, new: Proxy, now: datetime) -> Sequence[Proxy]:
    """The proxies that run in the circle of a new one and that its giver has given, or its holder holds."""
    theirs = or_(col(Proxy.giver_id) == new.giver_id, col(Proxy.holder_id) == new.holder_id)
    here = (_mine(new.organisation_id), col(Proxy.circle_id) == new.circle_id)
    return (await session.execute(select(Proxy).where(*here, theirs, *_runs(now)))).scalars().all()


async def comes_back(session: AsyncSession, new: Proxy, now: datetime) -> bool:
    """Whether the proxies that run lead, in one vote that the new one covers, from its holder back to its giver."""
    start = select(literal(new.holder_id, Uuid()).label("member"), literal(new.proposal_id, Uuid()).label("vote"))
    way = start.cte("way", recursive=True)
    meets = or_(way.c.vote.is_(None), _PROXY.c.proposal_id.is_(None), _PROXY.c.proposal_id == way.c.vote)
    step = select(_PROXY.c.holder_id, func.coalesce(way.c.vote, _PROXY.c.proposal_id)).where(
        _PROXY.c.organisation_id == new.organisation_id,
        _PROXY.c.giver_id == way.c.member,
        _PROXY.c.circle_id == new.circle_id,
        meets,
        *_runs(now),
    )
    way = way.union(step)
    return (await session.execute(select(way.c.member).where(way.c.member == new.giver_id))).first() is not None


async def of_member(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> Sequence[Proxy]:
    """The proxies that a member has given or holds and that have not ended, held."""
    theirs = or_(col(Proxy.giver_id) == member_id, col(Proxy.holder_id) == member_id)
    return await _unended(session, organisation_id, theirs)


async def of_vote(session: AsyncSession, organisation_id: UUID, proposal_id: UUID) -> Sequence[Proxy]:
    """The proxies that were given for the vote on one proposal alone and that have not ended, held."""
    return await _unended(session, organisation_id, col(Proxy.proposal_id) == proposal_id)


async def entrusted(
    session: AsyncSession, organisation_id: UUID, pairs: Collection[Pair], now: datetime
) -> dict[Pair, list[Entrusted]]:
    """The proxies that run between each giver and holder; one statement, whatever their number.

    None from a giver who takes no part any more, and none whose holder has no full voice in the circle now.
    """
    rows = await _BETWEEN.rows(session, sorted(pairs), organisation=organisation_id, now=now)
    found: dict[Pair, dict[UUID, Entrusted]] = {}
    for row in rows:
        given = found.setdefault((row.giver, row.holder), {})
        given[row.id] = Entrusted(row.id, row.holder, row.giver, row.pseudonym, row.circle_id, row.proposal_id)
    return {pair: list(given.values()) for pair, given in found.items()}


async def in_hands(
    session: AsyncSession, organisation_id: UUID, holders: Collection[UUID], since: datetime
) -> dict[UUID, list[InHand]]:
    """The proxies that each of them holds, or has held since that moment, in the order of giving; one statement,
    whatever their number."""
    asked = [(holder,) for holder in sorted(holders)]
    rows = await _IN_HANDS.rows(session, asked, organisation=organisation_id, since=since)
    found: dict[UUID, list[InHand]] = {holder: [] for holder in holders}
    for row in sorted(rows, key=lambda row: row.id):
        found[row.holder].append(InHand(row.giver_id, row.circle_id, row.proposal_id, row.ended_at, row.until))
    return found


async def caps_set(session: AsyncSession, organisation_id: UUID, *, alone: bool = False) -> tuple[int, int | None]:
    """How often a cap by the statutes has been recorded, and which is in force; ``alone`` keeps others from recording
    one meanwhile."""
    if alone:
        mine = select(col(Organisation.organisation_id)).where(col(Organisation.organisation_id) == organisation_id)
        await session.execute(mine.with_for_update(key_share=True))
    query = select(col(CapInForce.most)).where(col(CapInForce.organisation_id) == organisation_id)
    caps = (await session.execute(query.order_by(col(CapInForce.id)))).scalars().all()
    return len(caps), caps[-1] if caps else None


async def most_held(session: AsyncSession, organisation_id: UUID, members: int) -> int:
    """How many proxies one member may hold in one vote of so many who have a voice, by law and statutes of today."""
    form = (await organisation(session, organisation_id)).legal_form
    _, by_statutes = await caps_set(session, organisation_id)
    return cap(form, members, by_statutes)


async def _one(session: AsyncSession, organisation_id: UUID, proxy_id: UUID, *, held: bool) -> Proxy | None:
    query = select(Proxy).where(_mine(organisation_id), col(Proxy.id) == proxy_id)
    if held:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def _unended(session: AsyncSession, organisation_id: UUID, which: ColumnElement[bool]) -> Sequence[Proxy]:
    query = select(Proxy).where(_mine(organisation_id), which, col(Proxy.ended_at).is_(None)).order_by(col(Proxy.id))
    held = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(held)).scalars().all()


async def _with_names(session: AsyncSession, query: Select[Any]) -> list[Named]:
    return [Named(*row) for row in await session.execute(query)]


def _names() -> Select[Any]:
    giver, holder = _MEMBER.alias("giver"), _MEMBER.alias("holder")
    ours = giver.c.organisation_id == _PROXY.c.organisation_id, holder.c.organisation_id == _PROXY.c.organisation_id
    return (
        select(Proxy, giver.c.name, holder.c.name)
        .join(giver, and_(ours[0], giver.c.id == _PROXY.c.giver_id))
        .join(holder, and_(ours[1], holder.c.id == _PROXY.c.holder_id))
    )


def _mine(organisation_id: UUID) -> ColumnElement[bool]:
    return col(Proxy.organisation_id) == organisation_id


def _runs(now: datetime | ColumnElement[datetime]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _PROXY.c.ended_at.is_(None), or_(_PROXY.c.until.is_(None), _PROXY.c.until > now)


def _between(asked: FromClause) -> Select[Any]:
    now = bindparam("now", type_=_PROXY.c.until.type)
    given = and_(
        _PROXY.c.organisation_id == bindparam("organisation"),
        _PROXY.c.giver_id == asked.c.giver,
        _PROXY.c.holder_id == asked.c.holder,
        *_runs(now),
    )
    giver = and_(
        _MEMBER.c.organisation_id == _PROXY.c.organisation_id,
        _MEMBER.c.id == _PROXY.c.giver_id,
        _MEMBER.c.status == MemberStatus.ACTIVE,
    )
    voice = and_(
        _PLACE.c.organisation_id == _PROXY.c.organisation_id,
        _PLACE.c.circle_id == _PROXY.c.circle_id,
        _PLACE.c.member_id == _PROXY.c.holder_id,
        _PLACE.c.basis != Basis.GUEST,
        _PLACE.c.since <= now,
        or_(_PLACE.c.until.is_(None), _PLACE.c.until > now),
    )
    return (
        select(
            asked.c.giver,
            asked.c.holder,
            _PROXY.c.id,
            _PROXY.c.circle_id,
            _PROXY.c.proposal_id,
            _MEMBER.c.pseudonym,
        )
        .select_from(follow(asked, (_PROXY, given), (_MEMBER, giver), (_PLACE, voice)))
        .where(_PROXY.c.organisation_id == bindparam("organisation"), _MEMBER.c.pseudonym.is_not(None))
    )


def _in_hands(asked: FromClause) -> Select[Any]:
    since = bindparam("since", type_=_PROXY.c.until.type)
    held = and_(
        _PROXY.c.organisation_id == bindparam("organisation"),
        _PROXY.c.holder_id == asked.c.holder,
        or_(_PROXY.c.ended_at.is_(None), _PROXY.c.ended_at >= since),
    )
    told = (_PROXY.c[name] for name in ("id", "giver_id", "circle_id", "proposal_id", "ended_at", "until"))
    return (
        select(asked.c.holder, *told)
        .select_from(follow(asked, (_PROXY, held)))
        .where(_PROXY.c.organisation_id == bindparam("organisation"))
    )


_BETWEEN = Asking(_between, giver=UUID, holder=UUID)
_IN_HANDS = Asking(_in_hands, holder=UUID)
