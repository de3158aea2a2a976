"""The envelope around every decision: the states of a proposal and the named steps between them.

While ``deciding``, what people see is the phase that the rule has opened; the engine never looks at its kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ProposalState(StrEnum):
    """Where a proposal stands; while it is `deciding`, its phase says more."""

    DRAFT = "draft"
    FORMING = "forming"
    SUBMITTED = "submitted"
    INADMISSIBLE = "inadmissible"
    DECIDING = "deciding"
    AWAITING_SPONSOR = "awaiting_sponsor"
    NEEDS_ATTENTION = "needs_attention"
    ADOPTED = "adopted"
    NOT_ADOPTED = "not_adopted"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Appeal(StrEnum):
    """An appeal against a refusal: it can be made once, and is upheld or dismissed by the secretary."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Step(StrEnum):
    """Steps of the envelope; what may be said while deciding comes from the rule's floors."""

    EDIT = "edit"
    START_FORMING = "start_forming"
    SUBMIT = "submit"
    ADMIT = "admit"
    REFUSE = "refuse"
    APPEAL = "appeal"
    RULE_ON_APPEAL = "rule_on_appeal"
    WITHDRAW = "withdraw"
    RESUME = "resume_process"
    RECUSE = "recuse"


_S = ProposalState

ADMITTED_AFTER = timedelta(hours=24)
"""A submitted proposal that the facilitator leaves alone is admitted, or found out of domain, by lapse of time."""
APPEAL_WITHIN = timedelta(days=7)
LAPSES_AFTER = timedelta(days=14)
"""How long a proposal waits for somebody to take it over when its proposer has left."""


@dataclass(frozen=True, slots=True)
class Move:
    """From which states a step leads, and where to."""

    origins: frozenset[ProposalState]
    target: ProposalState


STEPS: Mapping[Step, Move] = {
    Step.START_FORMING: Move(frozenset({_S.DRAFT}), _S.FORMING),
    Step.SUBMIT: Move(frozenset({_S.DRAFT, _S.FORMING}), _S.SUBMITTED),
    Step.ADMIT: Move(frozenset({_S.SUBMITTED}), _S.DECIDING),
    Step.REFUSE: Move(frozenset({_S.SUBMITTED}), _S.INADMISSIBLE),
    Step.APPEAL: Move(frozenset({_S.INADMISSIBLE}), _S.INADMISSIBLE),
    Step.RULE_ON_APPEAL: Move(frozenset({_S.INADMISSIBLE}), _S.SUBMITTED),
    Step.RECUSE: Move(frozenset({_S.SUBMITTED}), _S.SUBMITTED),
    Step.RESUME: Move(frozenset({_S.NEEDS_ATTENTION}), _S.DECIDING),
    Step.WITHDRAW: Move(frozenset({_S.DRAFT, _S.FORMING, _S.SUBMITTED, _S.DECIDING, _S.NEEDS_ATTENTION}), _S.WITHDRAWN),
}
EDITABLE = frozenset({_S.DRAFT, _S.FORMING})


def is_open(step: Step, state: ProposalState) -> bool:
    """Whether the table lets ``step`` be taken in ``state``; who may take it is the charter's question."""
    return step in open_in(state)


def open_in(state: ProposalState) -> Sequence[Step]:
    """The steps that the table lets be taken in ``state``."""
    return _OPEN_IN[state]


_OPEN_IN: Mapping[ProposalState, Sequence[Step]] = {
    state: tuple(step for step in Step if state in (EDITABLE if step is Step.EDIT else STEPS[step].origins))
    for state in ProposalState
}
