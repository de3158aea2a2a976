"""Who may give, read and end a proxy, and how many one member may hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor
from app.organisations.tables import LegalForm

SCOP: Final = frozenset({LegalForm.SCOP_SA, LegalForm.SCOP_SAS, LegalForm.SCOP_SARL})
SARL: Final = frozenset({LegalForm.SCIC_SARL, LegalForm.SCOP_SARL})
SA: Final = frozenset({LegalForm.SCIC_SA, LegalForm.SCOP_SA})
USUAL: Final = 2
"""How many proxies one member holds where neither law nor statutes name a number."""
SCOP_STEP: Final = 20
"""In a SCOP, one proxy for so many members."""
LONGEST_IN_SA: Final = timedelta(days=15)
"""In an SA a proxy is for one meeting, or for two held within so many days (Commercial Code R225-79)."""


class Permission(StrEnum):
    """The rights of this room."""

    GIVE_PROXY = "give_proxy"
    READ_PROXIES = "read_proxies"
    END_PROXY = "end_proxy"
    READ_PROXY_CAP = "read_proxy_cap"
    SET_PROXY_CAP = "set_proxy_cap"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the actor stands: whether they have a full voice in the circle, and who gave and holds the proxy in
    question."""

    actor: Actor
    has_voice: bool = False
    giver_id: UUID | None = None
    holder_id: UUID | None = None


@question
def is_member(standing: Standing) -> bool:
    return standing.actor.member_id is not None


@question
def is_steward(standing: Standing) -> bool:
    return standing.actor.steward


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
    Permission.READ_PROXY_CAP: is_member,
    Permission.SET_PROXY_CAP: is_steward,
}


def may(permission: Permission, standing: Standing) -> bool:
    """Whether the charter grants the permission."""
    return CHARTER[permission](standing)


def require(permission: Permission, standing: Standing) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, standing)


def cap(form: LegalForm, members: int, by_statutes: int | None = None) -> int:
    """How many proxies one member may hold besides their own voice, among so many who have one.

    In a SCOP one, and from twenty members on a twentieth of them, rounded down (law 78-763), or fewer if the statutes
    say so; elsewhere what the statutes say, and two where they are silent. None between two (:func:`is_between_two`).
    """
    if is_between_two(form, members):
        return 0
    if form not in SCOP:
        return USUAL if by_statutes is None else by_statutes
    by_law = max(1, members // SCOP_STEP)
    return by_law if by_statutes is None else min(by_law, by_statutes)


def is_between_two(form: LegalForm, members: int) -> bool:
    """Whether neither can represent the other: in a SARL of two, where one would decide alone (Commercial Code
    L223-28)."""
    return form in SARL and members <= 2  # noqa: PLR2004 - two is the law's number


def needs_end(form: LegalForm) -> bool:
    """Whether a proxy is for one meeting and never for good: in an SA (Commercial Code L225-106, R225-79)."""
    return form in SA


def overlap(one: UUID | None, other: UUID | None) -> bool:
    """Whether two proxies of one circle meet in a vote; ``None`` is for every vote of the circle."""
    return one is None or other is None or one == other


def most_together(held: Iterable[UUID | None], scope: UUID | None) -> int:
    """In how many voices, at most, the proxies ``held`` in a circle come together in one vote that ``scope`` covers."""
    votes = Counter(one for one in held if overlap(one, scope))
    everywhere = votes.pop(None, 0)
    return everywhere + max(votes.values(), default=0)
