"""Whose ballot it is: one's own, or that of a member who has given whoever casts it a proxy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.delegations.queries import Entrusted, Pair, entrusted
from app.proposals.deliberation.utterances import Utterance
from app.proposals.refusals import FloorOfAnother, NoProxy, ProxiesNotAllowed
from app.rules.contract import Phase


@dataclass(frozen=True, slots=True)
class Voting:
    """A ballot and the pseudonym of whose it is.

    ``held`` are the proxies that run from that member to whoever casts it; None where they vote for themselves.
    """

    ballot: Utterance
    voter: str
    held: Sequence[Entrusted] | None = None

    @property
    def cast_by(self) -> str:
        """Who casts it for another; empty for one's own."""
        return "" if self.held is None else self.ballot.actor.pseudonym

    def proxy(self, plan: Phase, circle_id: UUID) -> UUID | None:
        """The proxy by which it is cast; None for one's own.

        Whoever is barred from a vote does not cast it for others either. Raises ProxiesNotAllowed (409),
        FloorOfAnother, NoProxy (403).
        """
        if self.held is None:
            return None
        form, holder = self.ballot.form, self.ballot.actor.pseudonym
        floors = [floor for floor in plan.floors if floor.form == form and floor.proxies]
        if not floors:
            raise ProxiesNotAllowed
        if all(holder in floor.who.barring for floor in floors):
            raise FloorOfAnother(step=form)
        found = next((one for one in self.held if one.covers(circle_id, self.ballot.proposal_id)), None)
        if found is None:
            raise NoProxy
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


def _pair(ballot: Utterance) -> Pair | None:
    """Giver and holder of a ballot that is cast for another."""
    giver, holder = getattr(ballot.body, "on_behalf_of", None), ballot.actor.member_id
    return None if giver is None or holder is None else (UUID(giver), holder)


def _for_another(ballot: Utterance, held: Sequence[Entrusted]) -> Voting:
    return Voting(ballot, held[0].giver if held else "", held)
