"""A process led at random by whoever calls: the same choices give the same story, so it can be told again."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from app.rules import papers
from app.rules.case import ACTS_ON_THE_ENGINE, Floor, Outcome
from app.rules.driver import Process

Pick = Callable[[int], int]
"""Chooses one of ``n``: from 0 to ``n - 1``."""

T = TypeVar("T")

STEPS: Final = 400
"""So many acts, then the clock alone goes on."""

RARE: Final = ACTS_ON_THE_ENGINE
"""Forms that begin everything anew: said too often, no story would get anywhere."""


def wander(process: Process, pick: Pick, *, speakers: frozenset[str] | None = None) -> Outcome:
    """Leads a process to its end. ``speakers``: only these say anything, and nobody leaves.

    Raises ``AssertionError`` when the process has not ended after :data:`STEPS` acts and as many deadlines.
    """
    for act in range(2 * STEPS):
        if process.outcome is not None:
            return process.outcome
        floors = [one for one in process.open_floors() if speakers is None or one[0] in speakers]
        if act >= STEPS or not floors or pick(6) == 0:
            process.deadline()
        elif speakers is None and pick(30) == 0:
            _somebody_leaves(process, pick)
        else:
            _somebody_speaks(process, pick, floors)
    raise AssertionError(f"no end after {2 * STEPS} acts: {' '.join(process.kinds[-20:])}")


def _somebody_leaves(process: Process, pick: Pick) -> None:
    there = sorted(process.electorate.ids - process.gone - {process.proposer})
    if there:
        process.leave(_one(there, pick))


def _somebody_speaks(process: Process, pick: Pick, floors: Sequence[tuple[str, Floor, str | None]]) -> None:
    person, floor, subject = _one(floors, pick)
    if floor.form in RARE and pick(4):
        return
    process.say(person, floor.form, value_on(process, floor, pick), subject, _facts(process, floor, person, pick))


def value_on(process: Process, floor: Floor, pick: Pick) -> str:
    """Something that may be said or marked on a floor."""
    if floor.paper is not None:
        return papers.some(floor.paper, floor.among, pick)
    return _one(floor.among or _values(process, floor), pick)


def _values(process: Process, floor: Floor) -> tuple[str, ...]:
    """What the form itself allows, where the floor leaves it open."""
    schema = process.rule.all_forms()[floor.form].model_json_schema()["properties"]["value"]
    return tuple(schema.get("enum", (schema.get("const", "x"),)))


def _facts(process: Process, floor: Floor, person: str, pick: Pick) -> dict[str, object]:
    """Now and then a word refers to an earlier one of the same person, as a continued objection does."""
    if "continues" not in process.rule.all_forms()[floor.form].model_fields or pick(3):
        return {}
    earlier = [word.ref for held in process.case.held for word in held.words if word.by == person]
    return {"continues": _one(earlier, pick)} if earlier else {}


def _one(choices: Sequence[T], pick: Pick) -> T:
    return choices[pick(len(choices))]
