"""Who may give, read and end a proxy, and how many one member may hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor
from app.organisations.tables import LegalForm

SCOP: Final = frozenset({LegalForm.SCOP_SA, LegalForm.SCOP_SAS, LegalForm.SCOP_SARL})
BY_STATUTES: Final = 2
"""How many proxies one member holds where the law names no number."""
SCOP_STEP: Final = 20
"""In a SCOP, one proxy for so many members."""


class Permission(StrEnum):
    """The rights of this room."""

    GIVE_PROXY = "give_proxy"
    READ_PROXIES = "read_proxies"
    END_PROXY = "end_proxy"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the actor stands: whether they have a full voice in the circle, and who gave and holds the proxy in
    question."""

    actor: Actor
    has_voice: bool = False
    giver_id: UUID | None = None
    holder_id: UUID | None = None


@question
def has_voice_in_circle(standing: Standing) -> bool:
    return standing.has_voice


@question
def gave_the_proxy(standing: Standing) -> bool:
    return standing.actor.member_id is not None and standing.actor.member_id == standing.giver_id


@question
def holds_the_proxy(standing: Standing) -> bool:
    return standing.actor.member_id is not None and standing.actor.member_id == standing.holder_id


CHARTER: Mapping[Permission, Question[Standing]] = {
    Permission.GIVE_PROXY: has_voice_in_circle,
    Permission.READ_PROXIES: gave_the_proxy | holds_the_proxy,
    Permission.END_PROXY: gave_the_proxy | holds_the_proxy,
}


def may(permission: Permission, standing: Standing) -> bool:
    """Whether the charter grants the permission."""
    return CHARTER[permission](standing)


def require(permission: Permission, standing: Standing) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, standing)


def cap(form: LegalForm, members: int) -> int:
    """How many proxies one member may hold besides their own voice, among so many who have one.

    In a SCOP one, and from twenty members on a twentieth of them, rounded down (law 78-763); two everywhere else, as
    the model statutes of a SCIC have it.
    """
    return max(1, members // SCOP_STEP) if form in SCOP else BY_STATUTES


def overlap(one: UUID | None, other: UUID | None) -> bool:
    """Whether two proxies of one circle meet in a vote; ``None`` is for every vote of the circle."""
    return one is None or other is None or one == other


def most_together(held: Iterable[UUID | None], scope: UUID | None) -> int:
    """In how many voices, at most, the proxies ``held`` in a circle come together in one vote that ``scope`` covers."""
    votes = Counter(one for one in held if overlap(one, scope))
    everywhere = votes.pop(None, 0)
    return everywhere + max(votes.values(), default=0)
