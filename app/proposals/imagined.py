"""A vote that nobody has held, thought up before a rule is adopted: who could vote, what they mark, what follows."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from app.foundation.errors import Fault, Invalid
from app.foundation.language import Language, text
from app.proposals.deliberation.admissible import MATTER
from app.proposals.reader import Reader
from app.proposals.refusals import BAD_BALLOTS
from app.proposals.simulated import ElectorGroup, Hypothesis, NeedView, RehearsalView
from app.proposals.simulation import further, pinned, tried
from app.proposals.views import outcome_view
from app.rules.canonical import to_json
from app.rules.catalogue import Catalogue
from app.rules.contract import Case, DecisionRule, Electorate, Floor, Held, Outcome, Phase, Profile, Voter
from app.rules.papers import BadBallot, canonical
from app.rules.profile import Cell
from app.rules.rehearsal import Incomparable, Need, Rehearsal, first_vote, needed, polled

_log = logging.getLogger("cercle.simulation")


def rehearsal(asked: Hypothesis, rule: DecisionRule, rules: Catalogue, language: Language) -> RehearsalView:
    """What follows if the vote closes on these ballots, and what those who have not voted would have to say.

    The proposer is one of the electors, as everywhere. Pure, and for many electors slow: it belongs into a thread of
    its own. Raises Invalid (422): ``rule_holds_no_vote``, ``rule_gives_no_answer``, ``not_among``,
    ``more_ballots_than_electors``, ``ballots_without_group``; and the refusals of ``BAD_BALLOTS``.
    """
    electorate = Electorate(tuple(_voters(asked.electors)))
    case = Case(electorate.voters[0].id, electorate, matter=MATTER, on_ballot=tuple(asked.on_ballot))
    try:
        found, need = _rehearsed(asked, rule, case)
    except Incomparable as reason:
        code = "rule_holds_no_vote" if reason.code == "no_vote" else "rule_gives_no_answer"
        raise Invalid(faults=[Fault("/body/rule", code, {})]) from None
    except Invalid:
        raise
    except Exception as error:
        _log.exception("rule %s failed on an imagined vote", rule.slug)
        raise Invalid(faults=[Fault("/body/rule", "rule_gives_no_answer", {})]) from error
    reader = Reader(rules, language, pinned(rule), {option: option for option in asked.on_ballot})
    step = found.step
    return RehearsalView(
        rule=tried(reader),
        outcome=outcome_view(to_json(step), reader) if isinstance(step, Outcome) else None,
        needs_more=further(step, reader) if isinstance(step, Phase) else None,
        still_needs=None if need is None else _need_view(need, reader),
    )


def _rehearsed(asked: Hypothesis, rule: DecisionRule, case: Case) -> tuple[Rehearsal, Need | None]:
    first = first_vote(rule, case)
    if isinstance(first, Outcome):
        return Rehearsal(case, first), None
    profile = _profile(asked, first.floors[0], told_apart=bool(rule.reads()))
    vote = Held(first, 1, case.electorate, profile=profile, ended="deadline")
    return polled(rule, case, vote), needed(rule, case, vote)


def _voters(groups: Iterable[ElectorGroup]) -> Iterator[Voter]:
    for place, group in enumerate(groups, start=1):
        weights = {"heads": Fraction(1)} | _weights(group)
        for number in range(1, group.number + 1):
            yield Voter(f"v{place}.{number}", group.college, group.unit, weights)


def _weights(group: ElectorGroup) -> dict[str, Fraction]:
    return {name: Fraction(figure) for name, figure in group.measures.items()}


def _profile(asked: Hypothesis, floor: Floor, *, told_apart: bool) -> Profile:
    """The ballots as a vote counts them: by what was marked, college and unit. Raises Invalid."""
    rows: dict[Cell, dict[str, Fraction]] = {}
    for place, group in enumerate(asked.electors):
        pointer = f"/body/electors/{place}/ballots"
        _require_voters(group.ballots, group.number, pointer)
        _put(rows, group.ballots, floor, group, pointer)
    if asked.ballots:
        alone = len(asked.electors) == 1
        if told_apart and not alone:
            raise Invalid(faults=[Fault("/body/ballots", "ballots_without_group", {})])
        cast = sum(number for group in asked.electors for number in group.ballots.values())
        _require_voters(asked.ballots, sum(group.number for group in asked.electors) - cast, "/body/ballots")
        _put(rows, asked.ballots, floor, asked.electors[0] if alone else ElectorGroup(number=1), "/body/ballots")
    return Profile(rows)


def _require_voters(ballots: Mapping[str, int], most: int, pointer: str) -> None:
    cast = sum(ballots.values())
    if cast > most:
        raise Invalid(faults=[Fault(pointer, "more_ballots_than_electors", {"ballots": cast, "electors": most})])


def _put(
    rows: dict[Cell, dict[str, Fraction]], ballots: Mapping[str, int], floor: Floor, group: ElectorGroup, pointer: str
) -> None:
    weights = {"heads": Fraction(1)} | _weights(group)
    for marked, number in ballots.items():
        cell = (_canonical(floor, marked, pointer), group.college, group.unit)
        row = rows.setdefault(cell, {}) if number else {}
        for measure, figure in weights.items():
            row[measure] = row.get(measure, Fraction(0)) + number * figure


def _canonical(floor: Floor, marked: str, pointer: str) -> str:
    where = f"{pointer}/{marked.replace('~', '~0').replace('/', '~1')}"
    if floor.paper is None:
        if marked not in floor.among:
            raise Invalid(faults=[Fault(where, "not_among", {"allowed": ", ".join(floor.among)})])
        return marked
    try:
        return canonical(floor.paper, floor.among, marked)
    except BadBallot as bad:
        facts: dict[str, Any] = bad.facts
        raise BAD_BALLOTS[bad.code](faults=[Fault(where, bad.code, facts)], **facts) from None


def _need_view(need: Need, reader: Reader) -> NeedView:
    values = reader.texts.get("forms", {}).get("ballot", {}).get("values", {})
    facts = {
        "left": need.left,
        "fewest": need.fewest,
        "value": values.get(need.value, need.value),
        "other": values.get(need.other, need.other),
    }
    code = "never" if need.fewest is None else "already" if need.fewest == 0 else "fewest"
    sentence = text(f"still_needs.{code}", reader.language, facts)
    return NeedView(value=need.value, left=need.left, fewest=need.fewest, sentence=sentence)
