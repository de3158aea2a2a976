"""Who may do what around a proposal. What may be said while it is decided comes from the rule's floors."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.foundation.permissions import Question, RightMissing, question
from app.journal.actor import Actor
from app.proposals.lifecycle import Step
from app.roles.tables import RoleKind


class Permission(StrEnum):
    """The rights of this room."""

    READ_PROPOSALS = "read_proposals"
    SENSE_TENSION = "sense_tension"
    PROPOSE = "propose"
    EDIT_DRAFT = "edit_draft"
    SUBMIT = "submit"
    ADMIT = "admit"
    REFUSE_ADMISSION = "refuse_admission"
    RULE_ON_APPEAL = "rule_on_appeal"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    RESUME_PROCESS = "resume_process"
    RECORD_DEPARTURE = "record_departure"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the actor stands towards a proposal: their place in its circle, and whether they hold its text.

    ``facilitator_is_proposer`` passes the facilitator's office to the secretary for that proposal.
    """

    actor: Actor
    has_voice: bool = False
    offices: frozenset[RoleKind] = frozenset()
    is_proposer: bool = False
    facilitator_is_proposer: bool = False


@question
def is_member(standing: Standing) -> bool:
    return standing.actor.member_id is not None


@question
def is_steward(standing: Standing) -> bool:
    return standing.actor.steward


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
def is_not_proposer(standing: Standing) -> bool:
    return not standing.is_proposer


@question
def is_facilitator(standing: Standing) -> bool:
    return RoleKind.FACILITATOR in standing.offices


@question
def is_secretary(standing: Standing) -> bool:
    return RoleKind.SECRETARY in standing.offices


@question
def facilitator_is_proposer(standing: Standing) -> bool:
    return standing.facilitator_is_proposer


_guards_the_process = (is_facilitator | (is_secretary & facilitator_is_proposer)) & is_not_proposer

CHARTER: Mapping[Permission, Question[Standing]] = {
    Permission.READ_PROPOSALS: is_member,
    Permission.SENSE_TENSION: is_member,
    Permission.PROPOSE: has_voice_in_circle,
    Permission.EDIT_DRAFT: is_proposer,
    Permission.SUBMIT: is_proposer & has_voice_in_circle,
    Permission.ADMIT: is_system | _guards_the_process,
    Permission.REFUSE_ADMISSION: is_system | _guards_the_process,
    Permission.RULE_ON_APPEAL: is_secretary & is_not_proposer,
    Permission.WITHDRAW: is_proposer,
    Permission.ANSWER: is_member,
    Permission.RESUME_PROCESS: is_system | is_facilitator | is_steward,
    Permission.RECORD_DEPARTURE: is_steward,
}

STEP_NEEDS: Mapping[Step, Permission] = {
    Step.EDIT: Permission.EDIT_DRAFT,
    Step.START_FORMING: Permission.EDIT_DRAFT,
    Step.SUBMIT: Permission.SUBMIT,
    Step.ADMIT: Permission.ADMIT,
    Step.REFUSE: Permission.REFUSE_ADMISSION,
    Step.UPHOLD_APPEAL: Permission.RULE_ON_APPEAL,
    Step.WITHDRAW: Permission.WITHDRAW,
    Step.RESUME: Permission.RESUME_PROCESS,
}


def may(permission: Permission, standing: Standing) -> bool:
    """Whether the charter grants the permission."""
    return CHARTER[permission](standing)


def require(permission: Permission, standing: Standing) -> None:
    """Raises RightMissing (403), which names the right and who has it."""
    if not may(permission, standing):
        raise RightMissing(permission=permission.value, needed=CHARTER[permission].name)
