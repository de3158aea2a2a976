"""The phases of a selection without candidates as plain data: who may say what, for how long, and who sees it."""

from collections.abc import Mapping, Sequence

from app.rules.builtin.selection_1_names import KEEPS, nominations
from app.rules.contract import Case, Floor, Phase, Reason, Who, electors, forum, named, office, proposer

Reasons = tuple[Reason, ...]


def defining(case: Case, lasts: str) -> Phase:
    """The proposer changes the mandate as the circle talks; the facilitator confirms that it is clear."""
    floors = (
        Floor(proposer(), "amendment", among=("substantive",)),
        Floor(office("facilitator", case.proposer), "confirmation", due=True),
    )
    return Phase("defining", floors, lasts)


def nominating(case: Case, lasts: str, *, allow_pass: bool) -> Phase:
    """Everybody names one elector; nobody sees it before all have, or the time is up."""
    among = case.held[-1].electorate.voting.ids | ({"pass"} if allow_pass else set())
    floor = Floor(_voting(case), "nomination", among=tuple(sorted(among)), due=True)
    return Phase("nominating", (floor,), lasts, sight="sealed", reasons=(Reason("confirmed"),))


def sharing(case: Case, lasts: str) -> Phase:
    """Whoever named somebody says why, once."""
    floor = Floor(named(*nominations(case)), "why", among=("said", "pass"), due=True, once=True)
    return Phase("sharing", (floor,), lasts, reasons=(Reason("named", {"number": len(nominations(case))}),))


def changing(case: Case, lasts: str) -> Phase:
    """Once, and only to somebody who was named."""
    said = nominations(case)
    among = tuple(sorted({KEEPS[0], *said.values()}))
    floor = Floor(named(*said), "change", among=among, due=True, once=True)
    return Phase("changing", (floor,), lasts, reasons=(Reason("heard", {"number": len(said)}),))


def switching(others: Sequence[str], top: Sequence[str], lasts: str, reasons: Reasons) -> Phase:
    """Those who named somebody else are asked to switch to one of the tied."""
    floor = Floor(named(*others), "change", among=tuple(sorted({KEEPS[0], *top})), due=True, once=True)
    return Phase("switching", (floor,), lasts, reasons=reasons)


def drawing(reasons: Reasons) -> Phase:
    """The seed of the lots between the tied."""
    return Phase("drawing", (Floor(forum("lots"), "seed", due=True),), reasons=reasons)


def proposing(case: Case, found: Mapping[str, int], lasts: str, reasons: Reasons) -> Phase:
    """The facilitator proposes one of those who were named; whoever is among the two best named gives way."""
    second = sorted(found.values())[-2]
    barred = [one for one, number in found.items() if number >= second]
    floor = Floor(office("facilitator", *barred), "proposed", among=tuple(sorted(found)), due=True)
    return Phase("proposing", (floor,), lasts, reasons=reasons)


def consenting(case: Case, nominee: str, lasts: str, reasons: Reasons) -> Phase:
    """All are asked whether they see harm in it, the nominee too."""
    floor = Floor(_voting(case), "position", among=("consent", "consent_with_concern", "objection"), due=True)
    return Phase("consenting", (floor,), lasts, subject=nominee, sight="sealed", reasons=reasons)


def integrating(nominee: str, against: Sequence[str], lasts: str, reasons: Reasons) -> Phase:
    """The mandate is changed until those who object and the nominee call it settled."""
    floors = (
        Floor(proposer(), "amendment", among=("substantive",)),
        Floor(named(nominee, *against), "settlement", due=True),
    )
    return Phase("integrating", floors, lasts, subject=nominee, reasons=reasons)


def accepting(nominee: str, lasts: str, figures: Mapping[str, int]) -> Phase:
    """The nominee says yes or no: nobody is put into a role by silence."""
    floor = Floor(named(nominee), "acceptance", among=("accept", "refuse"), due=True)
    reason = Reason("consented_to", dict(figures))
    return Phase("accepting", (floor,), lasts, subject=nominee, reasons=(reason,))


def _voting(case: Case) -> Who:
    """The electors who may vote, the proposer among them."""
    electorate = case.held[-1].electorate
    return electors(*sorted(electorate.ids - electorate.voting.ids))
