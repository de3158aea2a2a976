"""Who may read the register of agreements; only decisions write in it."""

from collections.abc import Mapping
from enum import StrEnum

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor


class Permission(StrEnum):
    """The rights of this room."""

    READ_AGREEMENTS = "read_agreements"


@question
def is_member(actor: Actor) -> bool:
    return actor.member_id is not None


CHARTER: Mapping[Permission, Question[Actor]] = {Permission.READ_AGREEMENTS: is_member}


def require(permission: Permission, actor: Actor) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, actor)
