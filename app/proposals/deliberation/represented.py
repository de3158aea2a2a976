"""Whose ballot it is: one's own, or that of a member who is away and has given whoever casts it a proxy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.delegations.queries import Entrusted, InHand, Pair, entrusted, in_hands
from app.proposals.deliberation.utterances import Utterance
from app.proposals.refusals import (
    GiverHasVoted,
    GiverIsPresent,
    NoProxy,
    ProxiesNotAllowed,
    Recused,
    TooManyProxies,
)
from app.proposals.tables import Elector
from app.rules.contract import Phase

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Voting:
    """A ballot and the pseudonym of whose it is.

    ``held`` are the proxies that run from that member to whoever casts it; None where they vote for themselves.
    ``in_hand`` are all that whoever casts it for another holds, or has held lately.
    """

    ballot: Utterance
    voter: str
    held: Sequence[Entrusted] | None = None
    in_hand: Sequence[InHand] = ()

    @property
    def cast_by(self) -> str:
        """Who casts it for another; empty for one's own."""
        return "" if self.held is None else self.ballot.actor.pseudonym

    def proxy(self, plan: Phase, urn: Any) -> UUID | None:
        """The proxy by which it is cast into the urn; None for one's own.

        Whoever is barred from a vote does not cast it for others either. Proxies count in the order of giving, and also
        those that have ended since the ballot opened, for a ballot that was cast by one stays. Raises ProxiesNotAllowed
        (409), Recused, NoProxy (403), TooManyProxies (409).
        """
        if self.held is None:
            return None
        form, holder = self.ballot.form, self.ballot.actor.pseudonym
        floors = [floor for floor in plan.floors if floor.form == form and floor.proxies]
        if not floors:
            raise ProxiesNotAllowed
        if all(holder in floor.who.barring for floor in floors):
            raise Recused(step=form)
        found = next((one for one in self.held if one.covers(urn.circle_id, urn.id)), None)
        if found is None:
            raise NoProxy
        givers = dict.fromkeys(one.giver_id for one in self.in_hand if one.ran(urn.circle_id, urn.id, urn.began_at))
        if found.giver_id not in list(givers)[: urn.proxy_cap]:
            raise TooManyProxies(cap=urn.proxy_cap)
        return found.id


async def votings(session: AsyncSession, ballots: Sequence[Utterance], now: datetime) -> list[Voting]:
    """Whose each of these ballots is; one statement for all that are cast for another, and none without any."""
    pairs = [_pair(ballot) for ballot in ballots]
    asked = {pair for pair in pairs if pair is not None}
    found = await entrusted(session, ballots[0].actor.organisation_id, asked, now) if asked else {}
    return [
        Voting(ballot, ballot.actor.pseudonym) if pair is None else _for_another(ballot, found.get(pair, []))
        for ballot, pair in zip(ballots, pairs, strict=True)
    ]


async def with_all_in_hand(session: AsyncSession, asked: Sequence[Voting], urns: Iterable[Any]) -> list[Voting]:
    """The same, with what each holds who casts for another; one statement for all of them, and none without any.

    ``urns`` are those for which they are meant.
    """
    holders = {one.held[0].holder_id for one in asked if one.held}
    if not holders:
        return list(asked)
    since = min((urn.began_at for urn in urns), default=None)
    if since is None:
        return list(asked)
    found = await in_hands(session, asked[0].ballot.actor.organisation_id, holders, since)
    return [replace(one, in_hand=found[one.held[0].holder_id]) if one.held else one for one in asked]


def require_away(urn: Any) -> None:
    """That the voter for whom somebody else would vote has not turned up in this round.

    Raises GiverHasVoted, GiverIsPresent (409).
    """
    if urn.by_proxy == "":
        raise GiverHasVoted
    if urn.voted_for_another == urn.round:
        raise GiverIsPresent


async def note_present(session: AsyncSession, cast: Iterable[Mapping[str, Any]]) -> None:
    """Keep who has cast these ballots for others: they are there, and nobody votes for them in that round any more."""
    there = {tuple(row[name] for name in ("organisation_id", "process_id", "by_proxy", "round")) for row in cast}
    if there:
        names = ("organisation", "process", "there", "held_round")
        await session.execute(_PRESENT, [dict(zip(names, one, strict=True)) for one in sorted(there)])


def _pair(ballot: Utterance) -> Pair | None:
    """Giver and holder of a ballot that is cast for another."""
    giver, holder = getattr(ballot.body, "on_behalf_of", None), ballot.actor.member_id
    return None if giver is None or holder is None else (UUID(giver), holder)


def _for_another(ballot: Utterance, held: Sequence[Entrusted]) -> Voting:
    return Voting(ballot, held[0].giver if held else "", held)


_PRESENT = (
    update(_ELECTOR)
    .where(
        _ELECTOR.c.organisation_id == bindparam("organisation"),
        _ELECTOR.c.process_id == bindparam("process"),
        _ELECTOR.c.voter == bindparam("there"),
    )
    .values(voted_for_another=bindparam("held_round"))
)
