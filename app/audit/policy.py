"""Who may read the log, and which of its disclosures: the log is open to every member, some words have their time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.foundation import permissions
from app.foundation.permissions import Question, question
from app.journal.actor import Actor
from app.proposals.sight import ALWAYS_OPEN


class Permission(StrEnum):
    """The rights of this room."""

    READ_LOG = "read_log"


@question
def is_member(actor: Actor) -> bool:
    return actor.member_id is not None


CHARTER: Mapping[Permission, Question[Actor]] = {Permission.READ_LOG: is_member}


def require(permission: Permission, actor: Actor) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, actor)


@dataclass(frozen=True, slots=True)
class Discretion:
    """What is not for everybody yet, of the events on one page.

    ``drafts`` names the proposals that were never put before the circle, each with its proposer's pseudonym;
    ``sealed`` the phases, as (proposal, number), whose words are not for everybody now.
    """

    drafts: Mapping[str, str | None]
    sealed: frozenset[tuple[str, int]]


def may_read(
    reader: Actor, envelope: Mapping[str, Any], name: str, subject: str | None, discretion: Discretion
) -> bool:
    """Whether ``reader`` may see the disclosure ``name`` of an event.

    Withheld are: everything of a draft, except from its proposer; every word and ballot of a sealed round
    that has not closed, except from who said it, so that nobody is pressed by what others have said; e-mail addresses
    and the reasons of a suspension or a departure, except from stewards and from whom they are about.
    """
    data = envelope["data"]
    proposal = data.get("proposal")
    if proposal in discretion.drafts and discretion.drafts[proposal] != reader.pseudonym:
        return False
    if (proposal, data.get("phase")) in discretion.sealed and data.get("form") not in ALWAYS_OPEN:
        return bool(envelope["actor"] == reader.pseudonym)
    if _is_personal(envelope["type"], name):
        return reader.steward or subject == reader.pseudonym
    return True


def _is_personal(kind: str, name: str) -> bool:
    return name == "email" or (name == "reason" and kind.startswith("member."))
