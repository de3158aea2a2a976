"""Who may make roles and record mandates; the questions of standing are shared with the rooms above."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.circles.policy import StructureByDecision
from app.circles.tables import Basis
from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor
from app.organisations.lifecycle import OrganisationState
from app.roles.tables import RoleKind


class Permission(StrEnum):
    """The rights of this room."""

    READ_ROLES = "read_roles"
    SHAPE_ROLES = "shape_roles"
    ASSIGN_ROLES = "assign_roles"
    END_MANDATES = "end_mandates"


@dataclass(frozen=True)
class Standing:
    """Where the actor stands towards one circle: on what grounds they belong to it and which offices they hold in it.

    ``role`` and ``holder`` name the role in question and who fills it, where a question is about one.
    """

    actor: Actor
    circle_id: UUID
    basis: frozenset[Basis] = frozenset()
    offices: frozenset[RoleKind] = frozenset()
    role: RoleKind | None = None
    holder: UUID | None = None

    @property
    def has_voice(self) -> bool:
        """Whether the actor decides in the circle: a guest listens and does not."""
        return bool(self.basis - {Basis.GUEST})


@question
def is_member(standing: Standing) -> bool:
    return standing.actor.member_id is not None


@question
def is_steward(standing: Standing) -> bool:
    return standing.actor.steward


@question
def is_member_of_circle(standing: Standing) -> bool:
    return standing.has_voice


@question
def is_facilitator(standing: Standing) -> bool:
    return RoleKind.FACILITATOR in standing.offices


@question
def is_secretary(standing: Standing) -> bool:
    return RoleKind.SECRETARY in standing.offices


@question
def is_lead_link(standing: Standing) -> bool:
    return RoleKind.LEAD_LINK in standing.offices


@question
def is_rep_link(standing: Standing) -> bool:
    return RoleKind.REP_LINK in standing.offices


@question
def role_is_not_elected(standing: Standing) -> bool:
    return standing.role is RoleKind.OTHER


@question
def is_the_holder(standing: Standing) -> bool:
    return standing.actor.member_id is not None and standing.actor.member_id == standing.holder


CHARTER: Mapping[Permission, Question[Standing]] = {
    Permission.READ_ROLES: is_member,
    Permission.SHAPE_ROLES: is_steward,
    Permission.ASSIGN_ROLES: is_steward | (is_lead_link & role_is_not_elected),
    Permission.END_MANDATES: is_steward | is_the_holder | (is_lead_link & role_is_not_elected),
}


def require(permission: Permission, standing: Standing) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, standing)


def require_founding(state: OrganisationState) -> None:
    """Refuse a change of structure once the cooperative is founded. Raises StructureByDecision (409)."""
    if state is not OrganisationState.FOUNDING:
        raise StructureByDecision
