"""Who may lay down and record the structure: circles, memberships, domains and the rules in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.foundation import permissions
from app.foundation.errors import Conflict
from app.foundation.permissions import Question, question
from app.journal.actor import Actor
from app.organisations.lifecycle import OrganisationState


class Permission(StrEnum):
    """The rights of this room."""

    READ_CIRCLES = "read_circles"
    SHAPE_CIRCLES = "shape_circles"
    RECORD_MEMBERSHIPS = "record_memberships"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the actor stands towards the structure, and how far the organisation has come."""

    actor: Actor
    state: OrganisationState


class StructureByDecision(Conflict):
    """Once founded, a cooperative changes its structure by decisions of its circles, not by its steward's hand."""

    code = "structure_by_decision"


@question
def is_member(setting: Setting) -> bool:
    return setting.actor.member_id is not None


@question
def is_steward(setting: Setting) -> bool:
    return setting.actor.steward


CHARTER: Mapping[Permission, Question[Setting]] = {
    Permission.READ_CIRCLES: is_member,
    Permission.SHAPE_CIRCLES: is_steward,
    Permission.RECORD_MEMBERSHIPS: is_steward,
}


def require(permission: Permission, setting: Setting) -> None:
    """Refuse what the charter does not grant.

    Raises RightMissing (403), and StructureByDecision (409) for a steward who comes after the founding.
    """
    permissions.require(CHARTER, permission, setting)
    if permission is Permission.SHAPE_CIRCLES and setting.state is not OrganisationState.FOUNDING:
        raise StructureByDecision
