"""Who may do what with members and colleges: stewards record, members read, and nobody rules by either title."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor


class Permission(StrEnum):
    """The rights of this room."""

    READ_ORGANISATION = "read_organisation"
    END_FOUNDING = "end_founding"
    READ_MEMBERS = "read_members"
    READ_EMAIL = "read_email"
    ADMIT_MEMBER = "admit_member"
    DESCRIBE_MEMBER = "describe_member"
    ANNOUNCE_EMAIL = "announce_email"
    CALL_OFF_EMAIL = "call_off_email"
    SUSPEND_MEMBER = "suspend_member"
    REINSTATE_MEMBER = "reinstate_member"
    END_MEMBERSHIP = "end_membership"
    RECORD_CATEGORY = "record_category"
    SET_COLLEGES = "set_colleges"
    PLACE_IN_COLLEGE = "place_in_college"
    WEIGH_MEMBER = "weigh_member"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the caller stands towards one member's entry in the register, or towards the register as a whole."""

    actor: Actor
    about: UUID | None = None


@question
def is_member(standing: Standing) -> bool:
    """Only active members ever become actors: sign-in turns away everybody else."""
    return standing.actor.member_id is not None


@question
def is_steward(standing: Standing) -> bool:
    return standing.actor.steward


@question
def is_oneself(standing: Standing) -> bool:
    return standing.about is not None and standing.about == standing.actor.member_id


CHARTER: Final[Mapping[Permission, Question[Standing]]] = {
    Permission.READ_ORGANISATION: is_member,
    Permission.END_FOUNDING: is_steward,
    Permission.READ_MEMBERS: is_member,
    Permission.READ_EMAIL: is_oneself | is_steward,
    Permission.ADMIT_MEMBER: is_steward,
    Permission.DESCRIBE_MEMBER: is_oneself | is_steward,
    Permission.ANNOUNCE_EMAIL: is_steward,
    Permission.CALL_OFF_EMAIL: is_oneself | is_steward,
    Permission.SUSPEND_MEMBER: is_steward,
    Permission.REINSTATE_MEMBER: is_steward,
    Permission.END_MEMBERSHIP: is_oneself | is_steward,
    Permission.RECORD_CATEGORY: is_steward,
    Permission.SET_COLLEGES: is_steward,
    Permission.PLACE_IN_COLLEGE: is_steward,
    Permission.WEIGH_MEMBER: is_steward,
}


def may(permission: Permission, actor: Actor, about: UUID | None = None) -> bool:
    """Whether the charter grants ``permission`` to ``actor``, concerning the member ``about``."""
    return CHARTER[permission](Standing(actor, about))


def require(permission: Permission, actor: Actor, about: UUID | None = None) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, Standing(actor, about))
