"""Draws by lot that fix what sortition means."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.rules.builtin.sortition_1 import Sortition, SortitionOptions
from app.rules.contract import Electorate, Voter
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people

JURY: Final = "2026-10-01/jury-prix/0c3f9a"


def colleges(**sizes: int) -> Electorate:
    """An electorate of so many members in each college."""
    names = iter(people(sum(sizes.values())))
    return Electorate(tuple(Voter(next(names), college) for college, size in sizes.items() for _ in range(size)))


def draw(electorate: Electorate, options: Mapping[str, Any], seed: str | None = JURY) -> Process:
    """The process when the lots have spoken."""
    rule = Sortition(SortitionOptions.model_validate(options))
    author = electorate.voters[0].id if electorate.voters else "author"
    return Process(rule, electorate, author, forums={"lots": seed} if seed else {})


def answered(process: Process, *refusing: str, silent: Sequence[str] = ()) -> Process:
    """Everybody who is asked accepts, but for those named."""
    while not process.is_over:
        for person, _, _ in process.open_floors():
            if person not in silent:
                process.say(person, "acceptance", "refuse" if person in refusing else "accept")
        if silent and not process.is_over:
            process.deadline()
    return process


def _ten() -> Electorate:
    return electors(f"M{number:03}" for number in range(1, 11))


def _replaced(*refusing: str, k: int = 3) -> Process:
    return answered(draw(_ten(), {"k": k, "acceptance": "P7D"}), *refusing)


def _leaver() -> Process:
    process = draw(_ten(), {"k": 3, "acceptance": "P7D"})
    process.say("M005", "acceptance", "accept")
    process.leave("M005")
    return answered(process)


STORIES: Final[Mapping[str, Story]] = {
    "three of ten": lambda: draw(_ten(), {"k": 3}),
    "three of ten, two refuse": lambda: _replaced("M007", "M010"),
    "three of ten, one is silent": lambda: answered(draw(_ten(), {"k": 3, "acceptance": "P7D"}), silent=["M007"]),
    "three of ten, silence accepts": lambda: answered(
        draw(_ten(), {"k": 3, "acceptance": "P7D", "silence": "accepts"}), silent=["M007"]
    ),
    "three of ten, one leaves after accepting": _leaver,
    "nine of ten, two refuse": lambda: _replaced("M007", "M010", k=9),
    "six of 31, 2 and 8 by college": lambda: draw(colleges(active=31, staff=2, idle=8), {"k": 6, "strata": "college"}),
    "four of three equal colleges": lambda: draw(colleges(active=4, staff=4, idle=4), {"k": 4, "strata": "college"}),
    "no lots": lambda: draw(_ten(), {"k": 3}, None),
    "fewer electors than places": lambda: draw(electors(people(2)), {"k": 3}),
    "the author alone": lambda: draw(electors(people(1)), {}),
}
