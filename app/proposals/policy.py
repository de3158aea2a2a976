"""Who may do what around a proposal. What may be said while it is decided comes from the rule's floors."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.foundation import permissions
from app.foundation.permissions import Question, Scope, question
from app.journal.actor import Actor
from app.organisations.tables import LegalForm
from app.proposals.lifecycle import Step


class Permission(StrEnum):
    """The rights of this room."""

    READ_PROPOSALS = "read_proposals"
    SENSE_TENSION = "sense_tension"
    PROPOSE = "propose"
    EDIT_DRAFT = "edit_draft"
    SUBMIT = "submit"
    ADMIT = "admit"
    REFUSE_ADMISSION = "refuse_admission"
    APPEAL = "appeal"
    RULE_ON_APPEAL = "rule_on_appeal"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    RESUME_PROCESS = "resume_process"
    RECUSE = "recuse"
    RECORD_DEPARTURE = "record_departure"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the actor stands towards a proposal: their voice in its circle, and whether they hold its text.

    ``acts_as_facilitator`` and ``acts_as_secretary`` follow the order of surrogates: nobody guards the process of
    their own proposal, nor rules on an appeal against their own refusal, and a vacant office passes on.
    """

    actor: Actor
    has_voice: bool = False
    is_proposer: bool = False
    acts_as_facilitator: bool = False
    acts_as_secretary: bool = False
    is_oneself: bool = False


@question
def is_member(standing: Standing) -> bool:
    return standing.actor.member_id is not None


@question
def is_steward(standing: Standing) -> bool:
    return standing.actor.steward and Scope.STEWARD in standing.actor.scopes


@question
def is_system(standing: Standing) -> bool:
    return standing.actor.is_system


@question
def has_voice_in_circle(standing: Standing) -> bool:
    return standing.has_voice


@question
def is_proposer(standing: Standing) -> bool:
    return standing.is_proposer


@question
def acts_as_facilitator(standing: Standing) -> bool:
    return standing.acts_as_facilitator


@question
def acts_as_secretary(standing: Standing) -> bool:
    return standing.acts_as_secretary


@question
def is_oneself(standing: Standing) -> bool:
    return standing.is_oneself


CHARTER: Mapping[Permission, Question[Standing]] = {
    Permission.READ_PROPOSALS: is_member,
    Permission.SENSE_TENSION: is_member,
    Permission.PROPOSE: has_voice_in_circle,
    Permission.EDIT_DRAFT: is_proposer,
    Permission.SUBMIT: is_proposer & has_voice_in_circle,
    Permission.ADMIT: is_system | acts_as_facilitator,
    Permission.REFUSE_ADMISSION: is_system | acts_as_facilitator,
    Permission.APPEAL: is_proposer,
    Permission.RULE_ON_APPEAL: acts_as_secretary,
    Permission.WITHDRAW: is_proposer,
    Permission.ANSWER: is_member,
    Permission.RESUME_PROCESS: is_system | acts_as_facilitator | is_steward,
    Permission.RECUSE: has_voice_in_circle,
    Permission.RECORD_DEPARTURE: is_oneself | is_steward,
}

OUT_OF_QUORUM_TOO = frozenset({LegalForm.SCIC_SARL, LegalForm.SCOP_SARL})
"""Forms in which who is interested counts neither for the majority nor for the quorum (Commercial Code L223-19); in the
others they count for the quorum (L225-40)."""


def recusal_effect(form: LegalForm) -> str:
    """Out of what a recusal takes somebody: the vote, or the vote and the quorum."""
    return "vote_and_quorum" if form in OUT_OF_QUORUM_TOO else "vote"


STEP_NEEDS: Mapping[Step, Permission] = {
    Step.EDIT: Permission.EDIT_DRAFT,
    Step.START_FORMING: Permission.EDIT_DRAFT,
    Step.SUBMIT: Permission.SUBMIT,
    Step.ADMIT: Permission.ADMIT,
    Step.REFUSE: Permission.REFUSE_ADMISSION,
    Step.APPEAL: Permission.APPEAL,
    Step.RULE_ON_APPEAL: Permission.RULE_ON_APPEAL,
    Step.WITHDRAW: Permission.WITHDRAW,
    Step.RESUME: Permission.RESUME_PROCESS,
    Step.RECUSE: Permission.RECUSE,
}


def may(permission: Permission, standing: Standing) -> bool:
    """Whether the charter grants the permission."""
    return CHARTER[permission](standing)


def require(permission: Permission, standing: Standing) -> None:
    """Refuse what the charter does not grant. Raises RightMissing (403)."""
    permissions.require(CHARTER, permission, standing)
