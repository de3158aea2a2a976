"""The states of a mandate and the reasons for which it ends."""

from enum import StrEnum


class AssignmentState(StrEnum):
    """Whether a mandate runs."""

    ACTIVE = "active"
    ENDED = "ended"


class EndReason(StrEnum):
    RESIGNED = "resigned"
    LEFT = "left"
    REPLACED = "replaced"
    TERM_END = "term_end"
