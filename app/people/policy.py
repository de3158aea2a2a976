"""Who may do what with credentials: everybody with their own, nobody with anybody else's."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor


class Permission(StrEnum):
    """The rights of this room."""

    READ_OWN_ACCOUNT = "read_own_account"
    MAKE_OWN_TOKEN = "make_own_token"  # noqa: S105 - a right, not a secret
    END_OWN_CREDENTIAL = "end_own_credential"


@question
def is_member(actor: Actor) -> bool:
    return actor.member_id is not None


CHARTER: Final[Mapping[Permission, Question[Actor]]] = {
    Permission.READ_OWN_ACCOUNT: is_member,
    Permission.MAKE_OWN_TOKEN: is_member,
    Permission.END_OWN_CREDENTIAL: is_member,
}


def require(permission: Permission, actor: Actor) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, actor)
