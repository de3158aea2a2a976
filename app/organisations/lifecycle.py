"""The states of an organisation and of a member, and the named steps between them."""

from collections.abc import Mapping
from enum import StrEnum


class OrganisationState(StrEnum):
    """``founding``: its stewards lay down the structure; ``governed``: it changes by decisions only."""

    FOUNDING = "founding"
    GOVERNED = "governed"


class MemberStatus(StrEnum):
    """Whether a member takes part."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class MemberStep(StrEnum):
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    LEAVE = "leave"


MEMBER_STEPS: Mapping[MemberStep, tuple[frozenset[MemberStatus], MemberStatus]] = {
    MemberStep.SUSPEND: (frozenset({MemberStatus.ACTIVE}), MemberStatus.SUSPENDED),
    MemberStep.REINSTATE: (frozenset({MemberStatus.SUSPENDED}), MemberStatus.ACTIVE),
    MemberStep.LEAVE: (frozenset({MemberStatus.ACTIVE, MemberStatus.SUSPENDED}), MemberStatus.LEFT),
}
