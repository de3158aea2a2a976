"""Who steps in when the holder of an office may not act, is missing, or has left: a fixed order, nobody chooses."""

from collections.abc import Collection, Mapping, Sequence

from app.roles.tables import RoleKind

CHAIR = "chair"
"""Who presides over a vote; in a circle that is the facilitator."""
ORDER = (RoleKind.FACILITATOR, RoleKind.SECRETARY, RoleKind.LEAD_LINK, RoleKind.REP_LINK)


def holder(
    office_name: str,
    offices: Mapping[RoleKind, Sequence[str]],
    barring: Collection[str] = (),
) -> str | None:
    """The pseudonym of who acts in an office, else of the first surrogate who may; None when nobody is left.

    Facilitator, secretary, lead link and rep link stand in for one another in that order, beginning after the office
    itself; ``other`` has no surrogate. ``barring`` names who may not act (a proposer does not judge an objection to
    their own text). An unknown office is held by nobody.
    """
    name = RoleKind.FACILITATOR.value if office_name == CHAIR else office_name
    if name not in RoleKind.__members__.values():
        return None
    kind = RoleKind(name)
    line = (kind, *(other for other in ORDER if other is not kind)) if kind in ORDER else (kind,)
    for one in line:
        for pseudonym in offices.get(one, ()):
            if pseudonym not in barring:
                return pseudonym
    return None
