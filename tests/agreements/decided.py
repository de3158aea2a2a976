"""A decision that puts an agreement into force, as the rooms above take it."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.agreements.actions import Concern, Terms, enact
from app.agreements.tables import Agreement, AgreementKind
from app.circles.tables import Circle, Domain
from app.foundation.ids import uuid7
from app.journal.actor import system
from tests.circles.structure import Structure


def terms(circle: Circle, domain: Domain, **more: Any) -> Terms:
    """What a proposal about ``domain`` would put into force."""
    return Terms(
        **{
            "circle_id": circle.id,
            "domain_id": domain.id,
            "proposal_id": uuid7(),
            "title": "Refund of expenses",
            "text": "With a receipt, within a week.",
            "kind": AgreementKind.POLICY,
            "review_on": date(2026, 9, 2),
            **more,
        }
    )


async def adopted(structure: Structure, domain: Domain, circle: Circle | None = None, **more: Any) -> Agreement:
    """An agreement of ``circle`` (Gestion unless told) about ``domain``."""
    async with structure.write() as session:
        return await _enact(session, structure, terms(circle or structure.gestion, domain, **more))


async def _enact(session: AsyncSession, structure: Structure, wanted: Terms) -> Agreement:
    return await enact(session, wanted, actor=system(structure.gestion.organisation_id), now=structure.now)


__all__ = ["Concern", "adopted", "terms"]
