"""Who named whom in a selection, and who is left to be proposed."""

from collections.abc import Mapping

from app.rules.contract import Case, Held

KEEPS = ("keep", "pass")


def nominations(case: Case) -> dict[str, str]:
    """Whom each elector who is still there named last, of those who are still there."""
    there = case.held[-1].electorate.ids
    named: dict[str, str] = {}
    for held in case.held:
        for word in held.words:
            if word.form in ("nomination", "change") and word.value not in KEEPS:
                named[word.by] = word.value
    return {by: named[by] for by in sorted(named) if by in there and named[by] in there}


def tried(case: Case) -> list[str]:
    """Who has been proposed so far, in order."""
    return list(dict.fromkeys(str(held.phase.subject) for held in case.held if held.phase.kind == "consenting"))


def candidates(case: Case) -> Mapping[str, int]:
    """How many named each person who was not yet proposed."""
    before = tried(case)
    named = [one for one in nominations(case).values() if one not in before]
    return {one: named.count(one) for one in sorted(dict.fromkeys(named))}


def best(found: Mapping[str, int]) -> list[str]:
    """Whom most named."""
    most = max(found.values())
    return [one for one, number in found.items() if number == most]


def proposed(now: Held) -> str | None:
    """Whom the facilitator proposed last."""
    return next((word.value for word in reversed(now.words) if word.form == "proposed"), None)
