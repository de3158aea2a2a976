"""The properties that a rule may claim, each as a search for a counter-example."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from app.rules.canonical import canonical_bytes
from app.rules.case import Outcome
from app.rules.driver import Process
from app.rules.variations import other_options, other_rule, rerun, turned
from app.rules.vectors import steps
from app.rules.wander import Pick, wander

Claim = Callable[[Process, Pick], None]
"""Tells one story with a process at its beginning; raises ``AssertionError`` when the property does not hold."""


def must(kept: bool, otherwise: str) -> None:
    """Raises ``AssertionError``, saying what went wrong, unless it was kept: also where assertions are switched off."""
    if not kept:
        raise AssertionError(otherwise)


def anonymous(process: Process, pick: Pick) -> None:
    """Who is named first does not matter: the same ballots in the opposite order give the same bytes."""
    wander(process, pick)
    for prefix, step in steps(process.rule, process.case):
        other = process.rule.after(turned(prefix))
        must(canonical_bytes(other) == canonical_bytes(step), f"in another order {step} became {other}")


def monotone(process: Process, pick: Pick) -> None:
    """One elector who moves in favour of the proposal never turns it from adopted into anything else."""
    must(bool(process.rule.favour), "a rule that claims to be monotone names what is favourable")
    among = {floor.form: floor.among for held in process.case.held for floor in held.phase.floors}
    favour = {
        form: [value for value in values if value in among.get(form, values)]
        for form, values in process.rule.favour.items()
    }
    names = sorted(process.electorate.ids)
    answers = {form: {name: values[pick(len(values))] for name in names} for form, values in favour.items()}
    form, lifted = sorted(favour)[pick(len(favour))], names[pick(len(names))]
    better = {**answers, form: {**answers[form], lifted: favour[form][-1]}}
    before, after = _verdict(process, answers), _verdict(process, better)
    must(before != "adopted" or after == "adopted", f"{lifted} moved in favour: {before} became {after}")


def neutral(process: Process, pick: Pick) -> None:
    """What an option is called, and where it stands on the ballot, does not matter, until lots are drawn or a tie is
    broken by the order of the ballot."""
    wander(process, pick)
    for prefix, step in steps(process.rule, process.case):
        if any(floor.who.name == "lots" for held in prefix.held for floor in held.phase.floors):
            break
        if isinstance(step, Outcome) and any(reason.code == "first_listed" for reason in step.reasons):
            break
        other_case, names = other_options(prefix)
        other = other_rule(process.rule, names).after(other_case)
        if isinstance(step, Outcome):
            winners = tuple(names.get(one, one) for one in step.winners)  # options collected later keep their names
            said = _ending(other) if isinstance(other, Outcome) else None
            meant = _ending(replace(step, winners=winners))
            must(said == meant, f"with other names for options {meant} became {said}")


CLAIMS: Final[Mapping[str, Claim]] = {"anonymous": anonymous, "monotone": monotone, "neutral": neutral}


def _ending(outcome: Outcome) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return outcome.verdict, tuple(sorted(outcome.winners)), tuple(reason.code for reason in outcome.reasons)


def _verdict(process: Process, answers: Mapping[str, Mapping[str, str]]) -> str:
    """The verdict when everybody gives the same answer whenever they are asked, and is otherwise silent."""
    fresh = rerun(process)
    while fresh.outcome is None:
        if not _answers_move_on(fresh, answers):
            fresh.deadline()
    return fresh.outcome.verdict


def _answers_move_on(process: Process, answers: Mapping[str, Mapping[str, str]]) -> bool:
    """Lets everybody answer in turn; whether that ended the phase."""
    phases = len(process.case.held)
    for person, floor, subject in process.open_floors():
        if floor.form in answers:
            process.say(person, floor.form, answers[floor.form][person], subject)
            if process.is_over or len(process.case.held) > phases:
                return True
    return False
